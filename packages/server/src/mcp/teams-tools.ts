import { defineMcpTool } from '@holdfast/agents/mcp'
import type { McpTool } from '@holdfast/agents/mcp'
import type { Teams } from '@holdfast/connectors/teams'
import { z } from 'zod'
import { idempotencyKey, writeOptions } from './inputs.ts'

/** A channel of Microsoft Teams as a tool. */
export function teamsTools(teams: Teams): readonly McpTool[] {
  return [
    defineMcpTool({
      name: 'post_message',
      title: 'Post a message',
      description:
        'Posts a message in a channel of Microsoft Teams, where people read it. Only when the customer has asked for it. Text is shown as it is: no Markdown, no mentions.',
      input: z.object({
        text: z.string().min(1).max(20_000),
        title: z.string().min(1).max(200).optional(),
        facts: z
          .array(z.object({ name: z.string().min(1).max(100), value: z.string().max(1_000) }))
          .max(20)
          .optional(),
        isUrgent: z.boolean().optional(),
        idempotencyKey,
      }),
      output: z.object({ posted: z.literal(true) }),
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
      async run({ idempotencyKey: key, ...message }, { signal }) {
        await teams.post(message, writeOptions(signal, key))
        return { posted: true }
      },
    }),
  ]
}

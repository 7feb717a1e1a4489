import { defineMcpTool } from '@holdfast/agents/mcp'
import type { McpTool } from '@holdfast/agents/mcp'
import type { Mailer } from '@holdfast/connectors/email'
import { z } from 'zod'
import { idempotencyKey, writeOptions } from './inputs.ts'

const email = z.email()
const some = z.array(email).max(20).optional()

/** E-mail as a tool. Who it comes from is set up, and no model's choice. */
export function emailTools(mailer: Mailer): readonly McpTool[] {
  return [
    defineMcpTool({
      name: 'send_email',
      title: 'Send an e-mail',
      description: 'Sends an e-mail to real people. Only when the customer has asked for it.',
      input: z.object({
        to: z.array(email).min(1).max(20),
        cc: some,
        bcc: some,
        replyTo: email.optional(),
        subject: z
          .string()
          .min(1)
          .max(300)
          .regex(/^[^\r\n]*$/)
          .describe('One line'),
        text: z.string().min(1).max(50_000).describe('Plain text, without Markdown'),
        idempotencyKey,
      }),
      output: z.object({
        id: z.string(),
        rejected: z.array(z.string()).describe('Recipients that the server would not have'),
      }),
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
      async run({ idempotencyKey: key, ...message }, { signal }) {
        const { id, rejected } = await mailer.send(message, writeOptions(signal, key))
        return { id, rejected: [...rejected] }
      },
    }),
  ]
}

import type { AgentContext } from '@holdfast/ai/agent'
import { asSchema, tool } from 'ai'
import type { Schema, ToolSet } from 'ai'
import type { z } from 'zod'
import { isWithoutEffect } from './deeds.ts'
import type { Deeds } from './deeds.ts'
import { runTool } from './run-tool.ts'
import type { CharterApis, ToolName } from './run-tool.ts'
import { TOOL_DESCRIPTIONS, TOOL_INPUTS, WRITE_TOOLS } from './schemas.ts'

// The conversion to JSON schema is dear, and its result is the same for every request.
const SCHEMAS = Object.fromEntries(
  Object.entries(TOOL_INPUTS).map(([name, input]) => [name, asSchema(input as z.ZodType)]),
) as Readonly<Record<ToolName, Schema>>

/** Converts what the tools take to JSON schema, which the first request would otherwise wait for. */
export async function prepareTools(): Promise<void> {
  for (const schema of Object.values(SCHEMAS)) await schema.jsonSchema
}

/**
 * The desk's tools for one request of the agent.
 *
 * @param options.writes whether tools that change something in another system are offered. They are not when an earlier attempt
 * may have done it already.
 */
export function charterTools(
  apis: CharterApis,
  context: AgentContext,
  options: { readonly writes: boolean; readonly deeds: Deeds },
): ToolSet {
  const names = (Object.keys(TOOL_INPUTS) as ToolName[]).filter((name) => options.writes || !WRITE_TOOLS.has(name))
  return Object.fromEntries(
    names.map((name) => [
      name,
      tool({
        description: TOOL_DESCRIPTIONS[name],
        inputSchema: SCHEMAS[name] as never,
        async execute(input: unknown, { abortSignal }: { abortSignal?: AbortSignal | undefined }) {
          const call = { requestId: context.requestId, ...(abortSignal === undefined ? {} : { signal: abortSignal }) }
          if (!WRITE_TOOLS.has(name)) return runTool(apis, name, input, call)
          const wasNotDone = context.takesEffect()
          try {
            const write = (key: string, wish: unknown) => runTool(apis, name, wish, { ...call, idempotencyKey: key })
            return (await options.deeds.once(context.options, name, input, write)).result
          } catch (error) {
            if (isWithoutEffect(error)) wasNotDone()
            throw error
          }
        },
      } as never),
    ]),
  )
}

import { idempotencyKey } from '@holdfast/ai/agent'
import type { AgentContext } from '@holdfast/ai/agent'
import { asSchema, tool } from 'ai'
import type { Schema, ToolSet } from 'ai'
import type { z } from 'zod'
import { runTool } from './run-tool.ts'
import type { CharterApis, ToolName } from './run-tool.ts'
import { TOOL_DESCRIPTIONS, TOOL_INPUTS, WRITE_TOOLS } from './schemas.ts'

// The conversion to JSON schema is dear, and its result is the same for every request.
const SCHEMAS = Object.fromEntries(
  Object.entries(TOOL_INPUTS).map(([name, input]) => [name, asSchema(input as z.ZodType)]),
) as Readonly<Record<ToolName, Schema>>

/** The key of one deed: the same tool with the same input, asked for again in the same conversation, is not done twice. */
export function deedKey(
  context: Pick<AgentContext, 'requestId' | 'tenant' | 'sessionId'>,
  name: ToolName,
  input: unknown,
): Promise<string> {
  return idempotencyKey({ tenant: context.tenant, requestId: context.sessionId ?? context.requestId }, name, input)
}

/**
 * The desk's tools for one request of the agent.
 *
 * @param options.writes whether tools that change something in another system are offered. They are not when an earlier attempt
 * may have done it already.
 */
export function charterTools(apis: CharterApis, context: AgentContext, options: { readonly writes: boolean }): ToolSet {
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
          const key = await deedKey(context, name, input)
          context.takesEffect()
          return runTool(apis, name, input, { ...call, idempotencyKey: key })
        },
      } as never),
    ]),
  )
}

import { CATEGORY_RULES, HoldfastError } from '@holdfast/core'
import type { CallLabels } from '@holdfast/core'
import type { ToolSet } from 'ai'
import { checkNames, wholeFrom } from '../shared/invalid.ts'
import { McpToolError } from './failures.ts'
import type { GuardedServer } from './guarded-server.ts'
import type { ListedTool } from './tool-list.ts'

/** Which tools an agent gets, and how. */
export interface McpToolSetOptions extends CallLabels {
  /** Default: all. */
  readonly servers?: readonly string[] | undefined
  /** Which of their tools. Default: all. */
  readonly filter?: ((tool: ListedTool['description']) => boolean) | undefined
  /** Of a result, or of what a failed tool says, a model gets so much, in characters; the rest is cut off, and said to be. 100 to 1,000,000. Default: 20,000. */
  readonly maxChars?: number | undefined
  /** Ends the reading of lists; the calls have the signal of their own generation. */
  readonly signal?: AbortSignal | undefined
  /** Time for the lists, in ms. Default: each server's own. */
  readonly deadlineMs?: number | undefined
}

/** Defaults of {@link McpToolSetOptions}. */
export const MCP_TOOL_SET_DEFAULTS: { readonly maxChars: number } = Object.freeze({ maxChars: 20_000 })

/** What providers take as the name of a tool. */
const MAX_NAME = 64

/** Of a description from outside, so much goes into every prompt. */
const MAX_DESCRIPTION = 4_000

/** What a failed tool says, for the model: it prints without the name of a class. */
class ToolFailure extends Error {
  override readonly name = ''
}

/** Makes the AI SDK's tools of what the servers have. */
export async function createToolSet(
  servers: ReadonlyMap<string, GuardedServer>,
  serverOf: (name: string) => GuardedServer,
  options: McpToolSetOptions,
): Promise<ToolSet> {
  const { servers: names = [...servers.keys()], filter = () => true, signal, deadlineMs, maxChars, ...labels } = options
  checkNames('tools', labels, ['requestId', 'tenant', 'session', 'operation'])
  const most = wholeFrom('tools.maxChars', maxChars ?? MCP_TOOL_SET_DEFAULTS.maxChars, 100, 1_000_000)
  const call = { ...labels, signal, deadlineMs }
  const lists = await Promise.all(
    names.map(async (name) => {
      const server = serverOf(name)
      return { server, tools: await knownTools(server, call) }
    }),
  )
  // Who only calls tools by name need not load it.
  const sdk = await import('ai')
  const set: ToolSet = {}
  for (const { server, tools } of lists) {
    for (const tool of tools) {
      if (!filter(tool.description)) continue
      const name = nameFor(server.server.name, tool.description.name)
      if (Object.hasOwn(set, name)) throw collision(name)
      set[name] = toolOf(sdk, server, tool, most, labels)
    }
  }
  return set
}

/** A server that cannot be asked takes nothing from the others. */
async function knownTools(
  server: GuardedServer,
  call: { signal: AbortSignal | undefined },
): Promise<readonly ListedTool[]> {
  try {
    return await server.tools(call)
  } catch (error) {
    if (call.signal?.aborted === true || !HoldfastError.isInstance(error)) throw error
    return []
  }
}

function toolOf(
  { dynamicTool, jsonSchema }: typeof import('ai'),
  server: GuardedServer,
  { description }: ListedTool,
  maxChars: number,
  labels: CallLabels,
): ToolSet[string] {
  return dynamicTool({
    description: (description.description ?? description.title ?? description.name).slice(0, MAX_DESCRIPTION),
    inputSchema: jsonSchema(description.inputSchema),
    async execute(input, { abortSignal }) {
      try {
        const { text, content } = await server.callTool(description.name, (input ?? {}) as Record<string, unknown>, {
          ...labels,
          signal: abortSignal,
        })
        const other = content.filter(({ type }) => type !== 'text' && type !== 'resource').map(({ type }) => type)
        return cut(other.length === 0 ? text : `${text}\n[not shown: ${other.join(', ')}]`.trim(), maxChars)
      } catch (error) {
        // That what is behind a tool does not work is for whoever leads the agent; what else a tool says, for the model.
        if (!McpToolError.isInstance(error) || CATEGORY_RULES[error.category].fallback) throw error
        throw new ToolFailure(cut(error.text === '' ? error.message : error.text, maxChars), { cause: error })
      }
    },
    toModelOutput: ({ output }) => ({ type: 'text', value: String(output) }),
  })
}

function nameFor(server: string, tool: string): string {
  return `${server}_${tool}`.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, MAX_NAME)
}

function cut(text: string, maxChars: number): string {
  return text.length <= maxChars
    ? text
    : `${text.slice(0, maxChars)}\n[cut off: ${text.length - maxChars} more characters]`
}

function collision(name: string): HoldfastError {
  return new HoldfastError({
    code: 'MCP_TOOL_COLLISION',
    category: 'configuration',
    message: `two tools would both be named ${name}: rename a server, or leave one out with filter`,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

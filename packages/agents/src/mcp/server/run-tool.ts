import { HoldfastError } from '@holdfast/core'
import type { CallToolResult, ServerContext } from '@modelcontextprotocol/server'
import { ERROR_META, errorMeta } from '../shared/error-meta.ts'
import type { McpTool, McpToolContext } from './tool.ts'

/** What holds for every call of a tool. */
export interface ToolLimits {
  readonly timeoutMs: number
  readonly maxResultBytes: number
  readonly onError: (error: unknown, tool: string) => void
}

/** Runs a tool and makes a result of whatever becomes of it. Never rejects. */
export async function runTool(
  tool: McpTool,
  input: unknown,
  request: ServerContext,
  limits: ToolLimits,
): Promise<CallToolResult> {
  const expired = new AbortController()
  const timer = setTimeout(() => expired.abort(tookTooLong(tool.name, limits.timeoutMs)), limits.timeoutMs)
  const signal = AbortSignal.any([request.mcpReq.signal, expired.signal])
  try {
    signal.throwIfAborted()
    const output = await orAborted(Promise.resolve(tool.run(input, contextOf(request, signal))), signal)
    return resultOf(tool, output, limits)
  } catch (error) {
    // Of a caller who has left, nobody has to hear.
    if (!request.mcpReq.signal.aborted) limits.onError(error, tool.name)
    return failureOf(error)
  } finally {
    clearTimeout(timer)
  }
}

/** The result that says that a tool failed, in words for a model and in terms for a program; nothing of an error that is not ours. */
export function failureOf(error: unknown): CallToolResult {
  if (!HoldfastError.isInstance(error)) return { isError: true, content: [{ type: 'text', text: 'The tool failed.' }] }
  const { message, retryAfterMs, retryable, mayHaveTakenEffect, category } = error
  const hints = [
    retryAfterMs === undefined ? '' : `Try again in ${Math.ceil(retryAfterMs / 1_000)} s, not sooner.`,
    // Whoever did not do what it was asked to, as far as anybody knows, should not be asked again by a model that means well.
    mayHaveTakenEffect && category !== 'validation'
      ? 'It may have taken effect all the same: do not repeat it unchecked.'
      : '',
    retryable && !mayHaveTakenEffect && retryAfterMs === undefined ? 'Nothing was done; it can be tried again.' : '',
  ]
  return {
    isError: true,
    content: [{ type: 'text', text: [message, ...hints].filter((line) => line !== '').join('\n') }],
    _meta: { [ERROR_META]: errorMeta(error) },
  }
}

function resultOf(tool: McpTool, output: unknown, { maxResultBytes }: ToolLimits): CallToolResult {
  if (tool.output === undefined && typeof output === 'string')
    return textResult(tool, output, undefined, maxResultBytes)
  const structured: unknown = output ?? {}
  if (typeof structured !== 'object' || Array.isArray(structured)) throw wrongOutput(tool.name, 'it is no object')
  const checked = tool.output === undefined ? undefined : tool.output.safeParse(structured)
  if (checked?.success === false) {
    throw wrongOutput(
      tool.name,
      checked.error.issues
        .map(({ path }) => path.join('.') || 'it')
        .slice(0, 10)
        .join(', '),
    )
  }
  const data = (checked?.data ?? structured) as Record<string, unknown>
  return textResult(tool, JSON.stringify(data), data, maxResultBytes)
}

function textResult(
  { name }: McpTool,
  text: string,
  structuredContent: Record<string, unknown> | undefined,
  maxResultBytes: number,
): CallToolResult {
  const bytes = Buffer.byteLength(text)
  if (bytes > maxResultBytes) {
    throw toolError(
      'MCP_RESULT_TOO_LARGE',
      'malformed',
      `The result of ${name} has ${bytes} bytes; at most ${maxResultBytes} are sent. Ask for less.`,
    )
  }
  return { content: [{ type: 'text', text }], ...(structuredContent === undefined ? {} : { structuredContent }) }
}

function contextOf({ mcpReq }: ServerContext, signal: AbortSignal): McpToolContext {
  const progressToken = mcpReq._meta?.progressToken
  return {
    signal,
    progress(done, total, message) {
      if (progressToken === undefined || signal.aborted) return
      const params = {
        progressToken,
        progress: done,
        ...(total === undefined ? {} : { total }),
        ...(message === undefined ? {} : { message }),
      }
      mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined)
    },
  }
}

function tookTooLong(tool: string, limitMs: number): HoldfastError {
  return new HoldfastError({
    code: 'MCP_TOOL_TIMEOUT',
    category: 'timeout',
    message: `${tool} did not end within ${limitMs} ms.`,
    retryable: true,
  })
}

function wrongOutput(tool: string, what: string): HoldfastError {
  return toolError('MCP_INVALID_OUTPUT', 'malformed', `${tool} made a result of the wrong shape: ${what}.`)
}

function toolError(code: string, category: 'malformed', message: string): HoldfastError {
  return new HoldfastError({ code, category, message, retryable: false })
}

/** A tool that does not heed its signal is left behind. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    work.finally(() => signal.removeEventListener('abort', leave)).then(resolve, reject)
  })
}

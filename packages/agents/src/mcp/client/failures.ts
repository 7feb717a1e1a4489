import { classify, HoldfastError } from '@holdfast/core'
import type { HoldfastErrorOptions } from '@holdfast/core'
import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client'
import type { ErrorMeta } from '../shared/error-meta.ts'
import type { Exchange } from './exchange.ts'

const marker: unique symbol = Symbol.for('holdfast.mcp-tool-error')

/**
 * A tool that says of itself that it failed (`isError`). Its own words are in `text`, apart from the message: they come from outside, so they go
 * to a model or into a page only with care, and into no log.
 */
export class McpToolError extends HoldfastError {
  readonly #text: string

  static {
    Object.defineProperty(this.prototype, marker, { value: true })
  }

  constructor(options: HoldfastErrorOptions & { readonly text: string }) {
    super(options)
    this.name = 'McpToolError'
    this.#text = options.text
  }

  /** What the tool says, at most 8,000 characters. */
  get text(): string {
    return this.#text
  }

  static override isInstance(value: unknown): value is McpToolError {
    return HoldfastError.isInstance(value) && (value as { readonly [marker]?: unknown })[marker] === true
  }
}

/** A failed tool's own words that are kept, in characters. */
const MAX_ERROR_TEXT = 8_000

type Made = Pick<HoldfastErrorOptions, 'code' | 'category' | 'message' | 'retryable'> & Partial<HoldfastErrorOptions>

function made(server: string, options: Made): HoldfastError {
  return new HoldfastError({ integration: `mcp-${server}`, ...options })
}

/** What never reached the server. */
function unsent(server: string, options: Omit<Made, 'mayHaveTakenEffect'>): HoldfastError {
  return made(server, { ...options, mayHaveTakenEffect: false })
}

export function notConnected(server: string, cause: HoldfastError): HoldfastError {
  const { code, category, retryable, retryAfterMs, status } = cause
  return unsent(server, {
    code,
    category,
    message: `no connection to the MCP server ${server}: ${cause.message}`,
    retryable,
    retryAfterMs,
    status,
    cause,
  })
}

export function connectTimeout(server: string, limitMs: number): HoldfastError {
  return unsent(server, {
    code: 'MCP_CONNECT_TIMEOUT',
    category: 'timeout',
    message: `the MCP server ${server} was not ready within ${Math.round(limitMs)} ms`,
    retryable: true,
  })
}

export function listTimeout(server: string, limitMs: number): HoldfastError {
  return unsent(server, {
    code: 'DEADLINE_EXCEEDED',
    category: 'timeout',
    message: `the MCP server ${server} did not say within ${Math.round(limitMs)} ms what tools it has`,
    retryable: true,
  })
}

export function respawnDelayed(server: string, waitMs: number): HoldfastError {
  return unsent(server, {
    code: 'MCP_RESPAWN_DELAYED',
    category: 'network',
    message: `the MCP server ${server} has died and is not started again yet`,
    retryable: true,
    retryAfterMs: waitMs,
  })
}

export function spawnFailed(server: string, cause: unknown): HoldfastError {
  const { code } = (cause ?? {}) as { code?: unknown }
  // A program that is not there, or may not be run, will not be there a moment later either.
  const isMissing = code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR'
  return unsent(server, {
    code: 'MCP_SPAWN_FAILED',
    category: isMissing ? 'configuration' : 'network',
    message: `the program of the MCP server ${server} could not be started${isMissing ? `: ${code}` : ''}`,
    retryable: !isMissing,
    cause,
  })
}

export function headersFailed(server: string, cause: unknown): HoldfastError {
  const { category, retryable, retryAfterMs } = classify(cause)
  return unsent(server, {
    code: 'MCP_HEADERS_FAILED',
    category,
    message: `the headers for the MCP server ${server} could not be had`,
    retryable,
    retryAfterMs,
    cause,
  })
}

export function registryClosed(server: string): HoldfastError {
  return unsent(server, {
    code: 'MCP_CLOSED',
    category: 'rejected',
    message: `the MCP server ${server} was not called: the registry is closed`,
    retryable: false,
  })
}

export function unknownServer(server: string, names: readonly string[]): HoldfastError {
  return new HoldfastError({
    code: 'MCP_UNKNOWN_SERVER',
    category: 'validation',
    message: `there is no MCP server ${shown(server)}; there are ${listed(names)}`,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

export function unknownTool(server: string, tool: string, names: readonly string[]): HoldfastError {
  return unsent(server, {
    code: 'MCP_UNKNOWN_TOOL',
    category: 'validation',
    message: `the MCP server ${server} has no tool ${shown(tool)}; it has ${listed(names)}`,
    retryable: false,
  })
}

export function invalidArguments(server: string, tool: string, problem: string): HoldfastError {
  return unsent(server, {
    code: 'MCP_INVALID_ARGUMENTS',
    category: 'validation',
    message: `${server}.${tool} was not called: ${problem}`,
    retryable: false,
  })
}

export function invalidOutput(server: string, tool: string, problem: string): HoldfastError {
  return made(server, {
    code: 'MCP_INVALID_OUTPUT',
    category: 'malformed',
    message: `${server}.${tool} answered in a shape that is not the one it announces: ${problem}`,
    retryable: true,
  })
}

/** Whether an output did not fit what was known of the tool. */
export function isInvalidOutput(error: unknown): boolean {
  return HoldfastError.isInstance(error) && error.code === 'MCP_INVALID_OUTPUT'
}

export function resultTooLarge(server: string, limitBytes: number): HoldfastError {
  return made(server, {
    code: 'MCP_RESULT_TOO_LARGE',
    category: 'malformed',
    message: `the MCP server ${server} answered with more than the allowed ${limitBytes} bytes`,
    retryable: false,
  })
}

export function tooManyTools(server: string, limit: number): HoldfastError {
  return made(server, {
    code: 'MCP_TOO_MANY_TOOLS',
    category: 'malformed',
    message: `the MCP server ${server} lists more than the allowed ${limit} tools, or never ends its list`,
    retryable: false,
  })
}

export function inputBacklog(server: string): HoldfastError {
  return unsent(server, {
    code: 'MCP_NOT_READING',
    category: 'overloaded',
    message: `the MCP server ${server} does not read what it is sent`,
    retryable: true,
  })
}

/** A tool that says that it failed. Where it is one of ours, it also says how; else it is taken for its caller's fault, which says nothing about the server. */
export function toolFailed(server: string, tool: string, text: string, meta: ErrorMeta | undefined): McpToolError {
  const { code = 'MCP_TOOL_FAILED', category = 'client', retryable = false, retryAfterMs } = meta ?? {}
  return new McpToolError({
    integration: `mcp-${server}`,
    code,
    category,
    message: `${server}.${tool} says that it failed${meta === undefined ? '' : ` with ${code}`}`,
    retryable,
    retryAfterMs,
    mayHaveTakenEffect: meta?.mayHaveTakenEffect ?? true,
    text: text.slice(0, MAX_ERROR_TEXT),
  })
}

/** Whether the server has forgotten who we are, and so has not looked at the request itself. */
export function isSessionLost(error: unknown, mayBe: boolean): boolean {
  if (!(error instanceof SdkHttpError) || !mayBe) return false
  if (error.status === 404) return true
  const { text } = error.data as { text?: unknown }
  return error.status === 400 && typeof text === 'string' && /session|not initialized/i.test(text.slice(0, 2_000))
}

/** Whether the server has turned a request away because it speaks another version now. */
export function isOtherVersion(error: unknown): boolean {
  return error instanceof ProtocolError && error.code === -32_022
}

/**
 * What the SDK throws, as one of ours. Nothing of a reply goes into the message.
 * @param exchange what the transport knows beside it.
 */
export function mcpFailure(server: string, thrown: unknown, exchange: Exchange = {}): HoldfastError {
  const error = exchange.failure ?? thrown
  if (HoldfastError.isInstance(error)) return error
  if (error instanceof SdkHttpError) return ofStatus(server, error, exchange)
  if (error instanceof ProtocolError) return ofProtocol(server, error)
  if (error instanceof SdkError) return ofSdk(server, error, exchange)
  // The SDK's plain error for a call after the connection was lost.
  if (error instanceof Error && error.message === 'Not connected') return disconnected(server, error, false)
  return ofClassify(server, error)
}

function ofClassify(server: string, error: unknown, shape: unknown = error): HoldfastError {
  const { says, ...verdict } = classify(shape)
  return made(server, { ...verdict, message: `the MCP server ${server} ${says}`, cause: error })
}

function ofStatus(server: string, error: SdkHttpError, { retryAfter }: Exchange): HoldfastError {
  const { status } = error
  if (status >= 300 && status < 400) {
    return unsent(server, {
      code: 'UNEXPECTED_REDIRECT',
      category: 'configuration',
      message: `the MCP server ${server} answered with a redirect (${status}), which is not followed: is the address right?`,
      retryable: false,
      status,
      cause: error,
    })
  }
  // One address takes every call: that nothing is there is a matter of how it is set up.
  if (status === 404 || status === 405 || status === 410) {
    return unsent(server, {
      code: `HTTP_${status}`,
      category: 'configuration',
      message: `nothing that speaks MCP is at the address of the server ${server} (${status})`,
      retryable: false,
      status,
      cause: error,
    })
  }
  const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter }
  return ofClassify(server, error, { statusCode: status, responseHeaders: headers })
}

/** A JSON-RPC error. Those that the specification keeps for requests that are wrong have not been carried out. */
function ofProtocol(server: string, error: ProtocolError): HoldfastError {
  const { code } = error
  if (code === -32_700 || (code <= -32_600 && code >= -32_602) || (code <= -32_020 && code >= -32_022)) {
    return unsent(server, {
      code: 'REQUEST_REFUSED',
      category: 'client',
      message: `the MCP server ${server} refused the request (${code})`,
      retryable: false,
      cause: error,
    })
  }
  if (code === -32_603 || code === -32_000 || code === -32_001) return ofClassify(server, error, { code })
  return made(server, {
    code: 'SERVICE_ERROR',
    category: 'server',
    message: `the MCP server ${server} failed (${code})`,
    retryable: true,
    cause: error,
  })
}

function ofSdk(server: string, error: SdkError, exchange: Exchange): HoldfastError {
  switch (error.code) {
    case SdkErrorCode.NotConnected:
      return disconnected(server, error, false)
    case SdkErrorCode.ConnectionClosed:
    case SdkErrorCode.SendFailed:
      return disconnected(server, error, true)
    case SdkErrorCode.RequestTimeout:
      return made(server, {
        code: 'REPLY_TIMEOUT',
        category: 'timeout',
        message: `the MCP server ${server} did not answer in time`,
        retryable: true,
        cause: error,
      })
    case SdkErrorCode.InvalidResult:
    case SdkErrorCode.ClientHttpUnexpectedContent:
      return made(server, {
        code: 'MALFORMED_REPLY',
        category: 'malformed',
        message: `the MCP server ${server} sent a reply of the wrong shape`,
        retryable: true,
        cause: error,
      })
    case SdkErrorCode.UnsupportedResultType:
    case SdkErrorCode.InputRequiredRoundsExceeded:
      return made(server, {
        code: 'MCP_INPUT_REQUIRED',
        category: 'client',
        message: `the MCP server ${server} asks for input that nobody is here to give`,
        retryable: false,
        cause: error,
      })
    default:
      // What went wrong while the version was negotiated is behind it.
      if (error.cause !== undefined) return mcpFailure(server, error.cause, exchange)
      return made(server, {
        code: 'MCP_NEGOTIATION_FAILED',
        category: 'network',
        message: `the MCP server ${server} and we did not come to speak the same version`,
        retryable: true,
        cause: error,
      })
  }
}

function disconnected(server: string, cause: unknown, mayHaveTakenEffect: boolean): HoldfastError {
  return made(server, {
    code: 'CONNECTION_LOST',
    category: 'network',
    message: `the connection to the MCP server ${server} was lost`,
    retryable: true,
    mayHaveTakenEffect,
    cause,
  })
}

/** The same error of a call that changes nothing, whatever became of it. */
export function withoutEffect(error: unknown): unknown {
  if (!HoldfastError.isInstance(error) || !error.mayHaveTakenEffect) return error
  const { code, category, message, retryable, retryAfterMs, status, integration, labels, cause } = error
  const options = { code, category, message, retryable, retryAfterMs, status, integration, labels, cause }
  return McpToolError.isInstance(error)
    ? new McpToolError({ ...options, mayHaveTakenEffect: false, text: error.text })
    : new HoldfastError({ ...options, mayHaveTakenEffect: false })
}

/** Names from outside, made fit for a message. */
function shown(name: string): string {
  return JSON.stringify(name.slice(0, 64))
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none'
  const some = names.slice(0, 20).map((name) => name.slice(0, 64))
  return names.length > some.length ? `${some.join(', ')} and ${names.length - some.length} more` : some.join(', ')
}

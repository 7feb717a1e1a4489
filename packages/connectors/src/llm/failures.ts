import { HoldfastError, toHoldfastError } from '@holdfast/core'
import type { ErrorCategory } from '@holdfast/core'
import { networkError } from '../http/index.ts'

/** A reply that says success and cannot be used. */
export function malformed(code: string, service: string, what: string): HoldfastError {
  return new HoldfastError({ code, category: 'malformed', message: `${service} answered ${what}`, retryable: true, status: 200 })
}

/** What the endpoint's own error object says. Its `message` is never passed on: it may quote the prompt or a part of the key. */
interface WireError {
  readonly code?: unknown
  readonly type?: unknown
  readonly status?: unknown
}

const CODES: readonly (readonly [pattern: RegExp, category: ErrorCategory, code: string])[] = [
  [/context_length|context_window|too_many_tokens|string_above_max_length/, 'context-length', 'CONTEXT_LENGTH'],
  [/insufficient_quota|billing|credit|quota_exceeded/, 'quota', 'QUOTA_EXCEEDED'],
  [/rate_limit|too_many_requests|tokens_per_/, 'rate-limit', 'RATE_LIMITED_BY_SERVICE'],
  [/invalid_api_key|authentication|unauthorized|permission/, 'auth', 'AUTH_REJECTED'],
  [/model_not_found|unknown_model|deployment/, 'configuration', 'MODEL_NOT_FOUND'],
  [/overloaded|unavailable|capacity/, 'overloaded', 'OVERLOADED'],
  [/invalid_request|bad_request/, 'client', 'INVALID_REQUEST'],
]

/** The error for an error object in a reply that said 200, or in the middle of a stream. */
export function saidFailure(error: unknown, service: string, status = 200): HoldfastError {
  const { code, type, status: inner } = (typeof error === 'object' && error !== null ? error : {}) as WireError
  const named = byName(`${String(code)} ${String(type)}`, service, status)
  if (named !== undefined) return named
  const number = [code, inner].map(Number).find((value) => Number.isInteger(value) && value >= 400 && value <= 599)
  if (number !== undefined) return withStatus(number, {}, service)
  return new HoldfastError({
    code: 'PROVIDER_ERROR',
    category: 'server',
    message: `${service} said success and then that it failed`,
    retryable: true,
    status,
  })
}

function byName(name: string, service: string, status: number): HoldfastError | undefined {
  const found = CODES.find(([pattern]) => pattern.test(name.toLowerCase()))
  if (found === undefined) return undefined
  const [, category, code] = found
  return new HoldfastError({
    code,
    category,
    message: `${service} refused the request (${code})`,
    retryable: category === 'rate-limit' || category === 'overloaded',
    status,
  })
}

/** The parts of an AI SDK `APICallError` and its kin that are read, by shape: installs of the SDK may be several. */
interface SdkError {
  readonly name?: unknown
  readonly statusCode?: unknown
  readonly responseHeaders?: unknown
  readonly responseBody?: unknown
  readonly cause?: unknown
}

/**
 * Makes one of our errors of whatever the AI SDK or the network threw. It keeps no reference to the SDK's error: that one holds
 * the prompt and the reply.
 */
export function llmFailure(error: unknown, service: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason
  const ours = findOurs(error)
  if (ours !== undefined) return ours
  if (typeof error !== 'object' || error === null) return saidFailure(error, service)
  const { name, statusCode, responseHeaders, responseBody, cause } = error as SdkError
  if (typeof statusCode === 'number' && statusCode >= 400) {
    const headers = (responseHeaders ?? {}) as Record<string, string>
    return named(responseBody, headers, statusCode, service) ?? withStatus(statusCode, headers, service)
  }
  if (typeof name === 'string' && name.startsWith('AI_')) {
    // "Cannot connect to API" hides the network's own error one deeper.
    if (name === 'AI_APICallError' && cause !== undefined && statusCode === undefined) return networkError(service, cause)
    const incomplete = name === 'AI_InvalidResponseDataError'
    return malformed(
      incomplete ? 'STREAM_INCOMPLETE' : 'MALFORMED_REPLY',
      service,
      incomplete ? 'with a stream that ended before its finish' : 'with something that is no chat completion',
    )
  }
  return error instanceof Error ? networkError(service, error) : saidFailure(error, service)
}

function findOurs(error: unknown): HoldfastError | undefined {
  for (let at = error, depth = 0; at !== undefined && at !== null && depth < 5; depth++) {
    if (HoldfastError.isInstance(at)) return at
    at = (at as { cause?: unknown }).cause
  }
  return undefined
}

/** The error that the body of a failed reply names, with what the headers say about waiting. */
function named(
  body: unknown,
  headers: Record<string, string>,
  status: number,
  service: string,
): HoldfastError | undefined {
  if (typeof body !== 'string') return undefined
  let error: WireError
  try {
    error = (JSON.parse(body) as { error?: WireError }).error ?? {}
  } catch {
    return undefined
  }
  const { code, type } = error
  const found = byName(`${String(code)} ${String(type)}`, service, status)
  // A status that says more than the name wins: only these names change what a status means.
  if (found === undefined || !['context-length', 'quota', 'configuration'].includes(found.category)) return undefined
  const { retryAfterMs } = withStatus(status, headers, service)
  if (retryAfterMs === undefined) return found
  return new HoldfastError({ ...fields(found), retryAfterMs })
}

function fields(error: HoldfastError): ConstructorParameters<typeof HoldfastError>[0] {
  const { code, category, message, retryable, status, mayHaveTakenEffect } = error
  return { code, category, message, retryable, mayHaveTakenEffect, ...(status === undefined ? {} : { status }) }
}

function withStatus(status: number, headers: Record<string, string>, service: string): HoldfastError {
  const known = toHoldfastError({ statusCode: status, responseHeaders: headers }, service)
  return new HoldfastError({
    ...fields(known),
    message: `${service} answered ${status}`,
    status,
    ...(known.retryAfterMs === undefined ? {} : { retryAfterMs: known.retryAfterMs }),
  })
}

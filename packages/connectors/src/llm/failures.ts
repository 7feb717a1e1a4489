import { HoldfastError, toHoldfastError } from '@holdfast/core'
import { malformedReply, saysWrongAddress } from '../http/index.ts'

/** A reply that says success and cannot be used. */
export function malformed(code: string, service: string, what: string): HoldfastError {
  return malformedReply(service, code, `answered ${what}`, 200)
}

/** The error for an error object in a reply that said 200, or in the middle of a stream. */
export function saidFailure(error: unknown, service: string): HoldfastError {
  const known = detached(error, service)
  if (known.category !== 'unknown') return known
  return new HoldfastError({
    code: 'PROVIDER_ERROR',
    category: 'server',
    message: `${service} said success and then that it failed`,
    retryable: true,
  })
}

/** Makes one of our errors of whatever the AI SDK or the network threw; the caller's reason when it was the caller. */
export function llmFailure(error: unknown, service: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason
  const name = (error as { name?: unknown } | null | undefined)?.name
  if (name === 'AI_InvalidResponseDataError') {
    return malformed('STREAM_INCOMPLETE', service, 'with a stream that ended before its finish')
  }
  return error instanceof Error ? detached(error, service) : saidFailure(error, service)
}

/**
 * Classified by core, and without the `cause`: the SDK's errors hold the prompt and the reply, and the endpoint's message may quote
 * a part of the key.
 */
function detached(error: unknown, service: string): HoldfastError {
  const { code, category, message, retryable, mayHaveTakenEffect, status, retryAfterMs } =
    ours(error) ?? toHoldfastError(error, service)
  return new HoldfastError({
    code,
    // A wrong path or an unknown model: not this question's fault, so it counts against the endpoint.
    category: category === 'client' && saysWrongAddress(status) ? 'configuration' : category,
    message,
    retryable,
    mayHaveTakenEffect,
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

/** The SDK wraps what `fetch` throws, ours too. */
function ours(error: unknown): HoldfastError | undefined {
  for (let at = error, depth = 0; at !== undefined && at !== null && depth < 5; depth++) {
    if (HoldfastError.isInstance(at)) return at
    at = (at as { cause?: unknown }).cause
  }
  return undefined
}

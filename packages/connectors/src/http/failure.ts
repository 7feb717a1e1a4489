import { HoldfastError, toHoldfastError } from '@holdfast/core'
import type { HoldfastErrorOptions } from '@holdfast/core'

/** The headers and the start of the body of a reply that says failure, for a connector that knows what its service means by it. */
export interface FailedReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** At most 64 KiB of the body. */
  readonly text: string
}

/** What a connector knows better about a failure than its status alone says. Never put a part of the body in `message`. */
export type FailureHint = Partial<
  Pick<HoldfastErrorOptions, 'code' | 'category' | 'message' | 'retryable' | 'retryAfterMs' | 'mayHaveTakenEffect'>
>

/**
 * Whether a status says that nothing to call is at this address. Where one address takes every call, that is a matter of how the
 * connector is set up, and no call will do better.
 */
export function saysWrongAddress(status: number | undefined): boolean {
  return status === 404 || status === 405 || status === 410
}

/** The error for a reply with a status that is not 2xx. */
export function replyFailure(
  service: string,
  reply: Pick<FailedReply, 'status' | 'headers'>,
  hint: FailureHint = {},
): HoldfastError {
  const { status, headers } = reply
  if (status >= 300 && status < 400) {
    return new HoldfastError({
      code: 'UNEXPECTED_REDIRECT',
      category: 'configuration',
      message: `${service} answered with a redirect (${status}), which is not followed: is the address right?`,
      retryable: false,
      status,
      mayHaveTakenEffect: false,
      ...hint,
    })
  }
  const known = toHoldfastError({ statusCode: status, responseHeaders: headers }, service)
  return new HoldfastError({
    code: known.code,
    category: known.category,
    message: `${service} answered ${status}`,
    retryable: known.retryable,
    mayHaveTakenEffect: known.mayHaveTakenEffect,
    ...(known.retryAfterMs === undefined ? {} : { retryAfterMs: known.retryAfterMs }),
    ...hint,
    status,
  })
}

/** The error for a request that got no whole reply. A HoldfastError comes back as it is. */
export function networkFailure(service: string, error: unknown): HoldfastError {
  if (HoldfastError.isInstance(error)) return error
  const known = toHoldfastError(error, service)
  return new HoldfastError({
    code: known.code,
    category: known.category,
    message: known.message,
    retryable: known.retryable,
    mayHaveTakenEffect: known.mayHaveTakenEffect,
    cause: error,
  })
}

/** The error for a reply that says success and cannot be used. */
export function malformedReply(
  service: string,
  code: string,
  what: string,
  status: number,
  retryable = true,
): HoldfastError {
  return new HoldfastError({
    code,
    category: 'malformed',
    message: `${service} ${what}`,
    retryable,
    status,
  })
}

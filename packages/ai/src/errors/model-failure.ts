import { HoldfastError, toHoldfastError } from '@holdfast/core'
import type { Clock, ErrorCategory } from '@holdfast/core'
import { shouldRetry } from './reply-headers.ts'
import { saidInWords } from './said-in-words.ts'

/** Statuses with which a model that cannot be had is refused: another one may be had. */
const GONE = [404, 405, 410]

/**
 * Makes a HoldfastError of what a model threw or sent as an error. What core knows from status, code and body stays; on top of it, from experience with language
 * models: a refusal that is the matter of this model or account only is recognised by the provider's code and words ({@link saidInWords}), a model or path that is
 * not there is the `configuration`'s fault and not the request's, and an abort nobody has asked for is the provider's (`network`). Where the reply says whether to ask again, it is so.
 *
 * Nothing of the original comes along, since the SDK's errors hold the prompt, the reply, and headers.
 *
 * @param servedBy for the message.
 */
export function modelFailure(error: unknown, servedBy: string, clock?: Pick<Clock, 'wallTime'>): HoldfastError {
  const known = ours(error) ?? toHoldfastError(error, servedBy, clock)
  const { code, category, message, mayHaveTakenEffect, status, retryAfterMs } = known
  const told = shouldRetry(error)
  const retryable = told ?? known.retryable
  const given = {
    code,
    message,
    retryable,
    mayHaveTakenEffect,
    integration: servedBy,
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
  // A word of core's own, such as `context_length_exceeded`, is surer than ours.
  const said = category === 'client' || category === 'unknown' ? saidInWords(error) : undefined
  if (said !== undefined) {
    const { says, ...meant } = said
    return again(known, said.category, { ...given, ...meant, message: `${servedBy} ${says}`, retryable: false })
  }
  // Asking again helps, so it is not the request that is wrong.
  if (category === 'client' && told === true) return again(known, 'server', given)
  // What the model itself was to ask has failed.
  if (category === 'client' && status === 424) return again(known, 'server', given)
  if (category === 'client' && GONE.includes(status ?? 0)) return again(known, 'configuration', given)
  return again(known, category, given)
}

/** The SDK wraps what a `fetch` of ours has thrown. */
function ours(error: unknown): HoldfastError | undefined {
  for (let at = error, depth = 0; at !== undefined && at !== null && depth < 5; depth++) {
    if (HoldfastError.isInstance(at)) return at
    at = (at as { cause?: unknown }).cause
  }
  return undefined
}

function again(
  known: HoldfastError,
  category: ErrorCategory,
  given: Omit<ConstructorParameters<typeof HoldfastError>[0], 'category'>,
): HoldfastError {
  // A list of tiers says more than its code, and holds nothing of the provider's.
  if (known.category === category && known.retryable === given.retryable && known.cause === undefined) return known
  return new HoldfastError({ ...given, category, stack: false })
}

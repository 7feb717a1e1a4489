import type { Clock } from '../clock/clock.ts'
import { ruleOf } from './category-rules.ts'
import { classify } from './classify.ts'
import { HoldfastError } from './holdfast-error.ts'
import type { Verdict } from './verdict.ts'

/**
 * What somebody who knows a dependency makes of its errors: what it gives goes over what {@link classify} tells; `undefined` leaves that as it is. A `category` given
 * without `retryable` is retried as its {@link CATEGORY_RULES | rule} says. One that throws has said nothing.
 */
export type Classify = (error: unknown) => Partial<Verdict> | undefined

/**
 * Makes a {@link HoldfastError} of anything that can be thrown, as {@link classify} tells it. One of ours comes back as it is, unless `own` has something to say of it. The message
 * is our own: nothing of the original text goes into it, since that may hold a body, a URL or a key; the original is the `cause`.
 *
 * @example
 * ```ts
 * import { toHoldfastError } from '@holdfast/core'
 *
 * const error = toHoldfastError(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'crm')
 * console.log(error.code, error.category, error.retryable, error.mayHaveTakenEffect)
 * ```
 *
 * An `AbortError` is taken for the other side's (`ABORTED`, category `network`): ask the caller's signal first.
 *
 * @param integration the name of the integration whose call failed.
 * @param clock for a `Retry-After` that names a date. Default: the system clock.
 * @param own asked first.
 */
export function toHoldfastError(
  error: unknown,
  integration?: string,
  clock?: Pick<Clock, 'wallTime'>,
  own?: Classify,
): HoldfastError {
  const said = own === undefined ? undefined : saidBy(own, error)
  const isOurs = HoldfastError.isInstance(error)
  if (isOurs && (said === undefined || said === null)) return error
  const verdict = { ...classify(error, clock), ...said }
  const message = `${integration ?? 'the service'} ${verdict.says}`
  // Where an error comes from, its own stack tells; ours would only show who caught it.
  return new HoldfastError({
    ...verdict,
    message,
    integration,
    cause: error,
    stack: !hasStack(error),
    ...(isOurs ? { labels: error.labels } : {}),
  })
}

function saidBy(own: Classify, error: unknown): Partial<Verdict> | undefined {
  try {
    const said = own(error)
    return said?.category === undefined ? said : { retryable: ruleOf(said.category).retry, ...said }
  } catch {
    return undefined
  }
}

function hasStack(error: unknown): boolean {
  try {
    return error instanceof Error
  } catch {
    // A proxy, whose handler throws or is gone.
    return false
  }
}

import type { Clock } from '../clock/clock.ts'
import { type Complete, type Some, withDefaults } from '../validation/defaults.ts'
import { CATEGORY_RULES, ruleOf } from './category-rules.ts'
import { classify } from './classify.ts'
import { HoldfastError } from './holdfast-error.ts'
import type { Verdict } from './verdict.ts'

/**
 * What somebody who knows a dependency makes of its errors: what it gives goes over what {@link classify} tells; `undefined` leaves that as it is. A `category` given
 * without `retryable` is retried as its {@link CATEGORY_RULES | rule} says. One that throws or gives no object has said nothing;
 * a category that there is not and a `retryAfterMs` that is negative or no number do not count.
 */
export type Classify = (error: unknown) => Some<Verdict> | undefined

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
  const said = own && saidBy(own, error)
  const isOurs = HoldfastError.isInstance(error)
  if (said === undefined && isOurs) return error
  const verdict = withDefaults<Partial<Verdict>>(classify(error, clock) as Complete<Verdict>, said ?? {})
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

/** Of what somebody's own verdict says, what can be used. */
function saidBy(own: Classify, error: unknown): Partial<Verdict> | undefined {
  try {
    const given: unknown = own(error)
    // One that is asynchronous has said nothing, whatever it says later.
    if (given instanceof Promise) given.catch(() => undefined)
    const said: { -readonly [Key in keyof Verdict]?: Verdict[Key] } = typeof given === 'object' ? { ...given } : {}
    const { category, retryAfterMs = NaN } = said
    if (category !== undefined && Object.hasOwn(CATEGORY_RULES, category)) said.retryable ??= ruleOf(category).retry
    else delete said.category
    if (!(retryAfterMs >= 0)) delete said.retryAfterMs
    return Object.values(said).some((value) => value !== undefined) ? said : undefined
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

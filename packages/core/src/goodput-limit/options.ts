import { type Complete, withDefaults } from '../validation/defaults.ts'
import { numberFrom, positiveShare, type Rules, validate, wholeFrom } from '../validation/validate.ts'

/** When less is sent to a dependency that no longer answers in time, and how much less. */
export interface GoodputLimitOptions {
  /** How long callers wait for an answer, in ms; a response that takes more than a quarter of it, and twice the usual, is on its way to a timeout. 1 to 86,400,000. Default: 10,000. */
  readonly timeoutMs?: number | undefined
  /** No limit before this share of the responses of the last quarter of `timeoutMs` failed, or half of them failed or were slow. 0 < share <= 1. Default: 0.2. */
  readonly badShare?: number | undefined
  /** Never fewer under way at once. 1 to 1,000. Default: 5. */
  readonly minLimit?: number | undefined
}

/** How the goodput limit works when nothing else is said. */
export const GOODPUT_LIMIT_DEFAULTS: Complete<GoodputLimitOptions> = Object.freeze({
  timeoutMs: 10_000,
  badShare: 0.2,
  minLimit: 5,
})

export const GOODPUT_LIMIT_RULES: Rules<GoodputLimitOptions> = {
  timeoutMs: numberFrom(1, 86_400_000),
  badShare: positiveShare,
  minLimit: wholeFrom(1, 1_000),
}

/** @throws HoldfastError `INVALID_OPTION` */
export function resolveGoodputLimitOptions(owner: string, options: GoodputLimitOptions): Complete<GoodputLimitOptions> {
  validate(owner, options, GOODPUT_LIMIT_RULES)
  return withDefaults(GOODPUT_LIMIT_DEFAULTS, options)
}

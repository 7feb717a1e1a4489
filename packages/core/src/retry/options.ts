import { withDefaults } from '../validation/defaults.ts'
import { invalidOption, numberFrom, oneOf, type Rules, validate, wholeFrom } from '../validation/validate.ts'

/** When to try again, and after how long. */
export interface RetryOptions {
  /** Tries after the first. 0 to 100. Default: 2. */
  readonly maxRetries?: number
  /** Base of the exponential backoff in ms. 0 to 86,400,000. Default: 200. */
  readonly backoffMs?: number
  /** Growth per retry. 1 to 10. Default: 2. */
  readonly factor?: number
  /** Upper bound of one wait, in ms. Default: 10,000, or `backoffMs` if that is more. */
  readonly maxBackoffMs?: number
  /** `full`: a random wait between 0 and the backoff (AWS, "Exponential Backoff and Jitter"). Default: `full`. */
  readonly jitter?: 'full' | 'none'
  /** Retries may be at most this share of the calls of the last ten seconds … 0 to 1. Default: 0.2. */
  readonly budgetRatio?: number
  /** … but this many per ten seconds are always allowed. 0 to 1,000,000. Default: 10. */
  readonly budgetFloor?: number
}

/** How calls are retried when nothing else is said. */
export const RETRY_DEFAULTS: Readonly<Required<RetryOptions>> = Object.freeze({
  maxRetries: 2,
  backoffMs: 200,
  factor: 2,
  maxBackoffMs: 10_000,
  jitter: 'full',
  budgetRatio: 0.2,
  budgetFloor: 10,
})

const DAY_MS = 86_400_000

const RETRY_RULES: Rules<RetryOptions> = {
  maxRetries: wholeFrom(0, 100),
  backoffMs: numberFrom(0, DAY_MS),
  factor: numberFrom(1, 10),
  maxBackoffMs: numberFrom(0, DAY_MS),
  jitter: oneOf('full', 'none'),
  budgetRatio: numberFrom(0, 1),
  budgetFloor: wholeFrom(0, 1_000_000),
}

/** Checked options with every default filled in. @throws HoldfastError `INVALID_OPTION` */
export function resolveRetryOptions(owner: string, options: RetryOptions): Required<RetryOptions> {
  validate(owner, options, RETRY_RULES)
  const resolved = withDefaults(RETRY_DEFAULTS, options)
  if (options.maxBackoffMs === undefined) {
    return { ...resolved, maxBackoffMs: Math.max(resolved.backoffMs, RETRY_DEFAULTS.maxBackoffMs) }
  }
  if (resolved.maxBackoffMs < resolved.backoffMs) {
    throw invalidOption(`${owner}.maxBackoffMs`, `at least backoffMs (${resolved.backoffMs})`, resolved.maxBackoffMs)
  }
  return resolved
}

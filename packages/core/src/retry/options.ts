import type { Backoff } from '../backoff/backoff.ts'
import { longestWait } from '../backoff/backoff.ts'
import type { ErrorCategory } from '../errors/category.ts'
import { withDefaults } from '../validation/defaults.ts'
import { invalidOption, numberFrom, oneOf, type Rules, validate, wholeFrom } from '../validation/validate.ts'

/** What a retry is decided on: what an error says of itself, as a {@link HoldfastError} does. */
export interface Retryable {
  /** Whether the same call may succeed if it is made again. */
  readonly retryable: boolean
  readonly category?: ErrorCategory
  /** How long the dependency asks to wait, in ms. */
  readonly retryAfterMs?: number | undefined
  /** Whether the request may have taken effect: if so, only an idempotent operation is made again. */
  readonly mayHaveTakenEffect?: boolean
}

/** When to try again, and after how long. */
export interface RetryOptions {
  /** Tries after the first. 0 to 100. Default: 2. */
  readonly maxRetries?: number
  /** Base of the backoff in ms. 0 to 86,400,000. Default: 200. */
  readonly backoffMs?: number
  /** How the waits grow. Default: `exponential`. */
  readonly growth?: Backoff['growth']
  /** Growth per retry, where it is exponential. 1 to 10. Default: 2. */
  readonly factor?: number
  /** Upper bound of one wait, in ms. Default: 10,000, or `backoffMs` if that is more. */
  readonly maxBackoffMs?: number
  /** How the waits are spread. Default: `full`. */
  readonly jitter?: Backoff['jitter']
  /** Retries may be at most this share of the calls of the last ten seconds … 0 to 1. Default: 0.2. */
  readonly budgetRatio?: number
  /** … but this many per ten seconds are always allowed. 0 to 1,000,000. Default: 10. */
  readonly budgetFloor?: number
  /**
   * Which errors are tried again, of those that say they can be: a list of categories, or a function of the error. Default: all
   * but what a policy refused (category `rejected`); in an integration those that `CATEGORY_RULES` retries.
   */
  readonly when?: readonly ErrorCategory[] | ((error: Retryable) => boolean)
}

/** How calls are retried when nothing else is said. */
export const RETRY_DEFAULTS: Readonly<Required<Omit<RetryOptions, 'when'>>> = Object.freeze({
  maxRetries: 2,
  backoffMs: 200,
  growth: 'exponential',
  factor: 2,
  maxBackoffMs: 10_000,
  jitter: 'full',
  budgetRatio: 0.2,
  budgetFloor: 10,
})

/** Options that are checked and complete; `when` may be missing. */
export type ResolvedRetryOptions = Readonly<Required<Omit<RetryOptions, 'when'>>> & Pick<RetryOptions, 'when'>

const DAY_MS = 86_400_000

const RETRY_RULES: Rules<RetryOptions> = {
  maxRetries: wholeFrom(0, 100),
  backoffMs: numberFrom(0, DAY_MS),
  growth: oneOf('constant', 'linear', 'exponential'),
  factor: numberFrom(1, 10),
  maxBackoffMs: numberFrom(0, DAY_MS),
  jitter: oneOf('none', 'full', 'equal', 'decorrelated', 'smooth'),
  budgetRatio: numberFrom(0, 1),
  budgetFloor: wholeFrom(0, 1_000_000),
  when: {
    allowed: 'a list of error categories, or a function',
    accepts: (value) => Array.isArray(value) || typeof value === 'function',
  },
}

/**
 * Checked options with every default filled in.
 * @param deadlineMs the time that all attempts share. When the waits were chosen and alone would take all of it, the last tries could
 * never be made: that is refused.
 * @throws HoldfastError `INVALID_OPTION`
 */
export function resolveRetryOptions(
  owner: string,
  options: RetryOptions,
  deadlineMs: number = Infinity,
): ResolvedRetryOptions {
  validate(owner, options, RETRY_RULES)
  const { backoffMs = RETRY_DEFAULTS.backoffMs } = options
  const maxBackoffMs = Math.max(backoffMs, RETRY_DEFAULTS.maxBackoffMs)
  const resolved: ResolvedRetryOptions = withDefaults({ ...RETRY_DEFAULTS, maxBackoffMs } as never, options)
  if (resolved.maxBackoffMs < backoffMs) {
    throw invalidOption(`${owner}.maxBackoffMs`, `at least backoffMs (${backoffMs})`, resolved.maxBackoffMs)
  }
  const waitsMs = options.maxRetries === undefined && options.backoffMs === undefined ? 0 : longestWaits(resolved)
  if (waitsMs >= deadlineMs) {
    const waits = `${owner}.maxRetries with waits of up to ${Math.round(waitsMs)} ms in all`
    throw invalidOption(waits, `such that they end before the deadline of ${deadlineMs} ms`, resolved.maxRetries)
  }
  return resolved
}

/** All the waits of a call that uses every retry, without jitter, in ms. */
function longestWaits(options: ResolvedRetryOptions): number {
  let sum = 0
  for (let retry = 1; retry <= options.maxRetries; retry++) sum += longestWait(options, retry)
  return sum
}

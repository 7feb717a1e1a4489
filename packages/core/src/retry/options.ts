import type { Backoff } from '../backoff/backoff.ts'
import { longestWait } from '../backoff/backoff.ts'
import type { ErrorCategory } from '../errors/category.ts'
import { type Complete, withDefaults } from '../validation/defaults.ts'
import {
  aFunction,
  check,
  invalidOption,
  numberFrom,
  oneOf,
  type Rule,
  type Rules,
  validate,
  wholeFrom,
} from '../validation/validate.ts'

/** What a retry is decided on: what an error says of itself, as a {@link HoldfastError} does. */
export interface Retryable {
  /** Whether the same call may succeed if it is made again. */
  readonly retryable: boolean
  readonly category?: ErrorCategory | undefined
  /** How long the dependency asks to wait, in ms. */
  readonly retryAfterMs?: number | undefined
  /** Whether the request may have taken effect: if so, only an idempotent operation is made again. */
  readonly mayHaveTakenEffect?: boolean | undefined
}

/** When to try again, and after how long. */
export interface RetryOptions {
  /** Tries after the first. 0 to 100. Default: 2. */
  readonly maxRetries?: number | undefined
  /** Base of the backoff in ms. 0 to 86,400,000. Default: 200. */
  readonly backoffMs?: number | undefined
  /** How the waits grow. Default: `exponential`. */
  readonly growth?: Backoff['growth'] | undefined
  /** Growth per retry, where it is exponential. 1 to 10. Default: 2. */
  readonly factor?: number | undefined
  /** Upper bound of one wait, in ms. Default: 10,000, or `backoffMs` if that is more. */
  readonly maxBackoffMs?: number | undefined
  /** How the waits are spread. Default: `full`. */
  readonly jitter?: Backoff['jitter'] | undefined
  /** Retries may be at most this share of the calls of the last ten seconds … 0 to 1. Default: 0.2. */
  readonly budgetRatio?: number | undefined
  /** … but this many per ten seconds are always allowed. 0 to 1,000,000. Default: 10. */
  readonly budgetFloor?: number | undefined
  /**
   * Which errors are tried again, of those that say they can be: a list of categories, or a function of the error. Default: all
   * but what a policy refused (category `rejected`); in an integration those that `CATEGORY_RULES` retries.
   */
  readonly when?: readonly ErrorCategory[] | ((error: Retryable) => boolean) | undefined
}

/** How calls are retried when nothing else is said. */
export const RETRY_DEFAULTS: Complete<Omit<RetryOptions, 'when'>> = Object.freeze({
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
export type ResolvedRetryOptions = Complete<Omit<RetryOptions, 'when'>> &
  Pick<RetryOptions, 'when'> & {
    /** What the waits of a call come to that uses every retry, without jitter, in ms; 0 where nobody chose them. */
    readonly waitsMs: number
  }

const waitRule = numberFrom(0, 86_400_000)

/** Not the keys of `CATEGORY_RULES`: a retry on its own would carry the whole table for them. */
const A_CATEGORY: Rule = /* @__PURE__ */ oneOf(
  ...'timeout network rate-limit quota overloaded server malformed client validation auth configuration context-length cancelled rejected exhausted unknown'.split(
    ' ',
  ),
)

export const RETRY_RULES: Rules<RetryOptions> = {
  maxRetries: wholeFrom(0, 100),
  backoffMs: waitRule,
  growth: oneOf('constant', 'linear', 'exponential'),
  factor: numberFrom(1, 10),
  maxBackoffMs: waitRule,
  jitter: oneOf('none', 'full', 'equal', 'decorrelated', 'smooth'),
  budgetRatio: numberFrom(0, 1),
  budgetFloor: wholeFrom(0, 1_000_000),
  when: {
    allowed: 'a list of error categories, or a function',
    accepts: (value, option) =>
      aFunction.accepts(value) ||
      (Array.isArray(value) && value.every((word, index) => check(`${option}[${index}]`, word, A_CATEGORY))),
  },
}

/**
 * Checked options with every default filled in.
 * @param rules for more options than every retry has; those that were given are kept.
 * @throws HoldfastError `INVALID_OPTION`
 */
export function resolveRetryOptions<Options extends RetryOptions>(
  owner: string,
  options: Options,
  rules: Rules<Options> = RETRY_RULES as never,
): ResolvedRetryOptions & Options {
  validate(owner, options, rules)
  const { maxRetries, backoffMs = RETRY_DEFAULTS.backoffMs } = options
  const maxBackoffMs = Math.max(backoffMs, RETRY_DEFAULTS.maxBackoffMs)
  const defaults = { ...RETRY_DEFAULTS, maxBackoffMs, waitsMs: 0 }
  const resolved = withDefaults<Partial<typeof defaults>>(defaults, options as object) as typeof defaults
  if (resolved.maxBackoffMs < backoffMs) {
    throw invalidOption(`${owner}.maxBackoffMs`, `at least backoffMs (${backoffMs})`, resolved.maxBackoffMs)
  }
  if (maxRetries !== undefined || options.backoffMs !== undefined) {
    for (let retry = resolved.maxRetries; retry > 0; retry--) resolved.waitsMs += longestWait(resolved, retry)
  }
  return resolved as never
}

/**
 * Refuses waits that alone would take all the time there is: the last tries could never be made.
 * @throws HoldfastError `INVALID_OPTION`
 */
export function checkWaits(owner: string, { waitsMs, maxRetries }: ResolvedRetryOptions, deadlineMs: number): void {
  if (waitsMs < deadlineMs) return
  const allowed = `such that waits of up to ${Math.round(waitsMs)} ms in all end before the deadline of ${deadlineMs} ms`
  throw invalidOption(`${owner}.maxRetries`, allowed, maxRetries)
}

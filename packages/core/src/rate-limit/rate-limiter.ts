import type { AdmissionPolicy } from '../policy/admission.ts'

/** A frozen copy of what a rate limiter knows. */
export interface RateLimiterSnapshot {
  readonly name: string
  /** Calls that wait for their turn. */
  readonly waiting: number
  /** In how many ms a call that came now might go; 0: at once. */
  readonly nextInMs: number
  /**
   * Since the beginning. Every call that asked is `admitted`, `rejected`, `abandoned` (its caller gave up waiting), or
   * waits.
   */
  readonly totals: { readonly admitted: number; readonly rejected: number; readonly abandoned: number }
}

/**
 * Bounds how many calls begin in a time. A refusal is `RATE_LIMIT_EXCEEDED`, retryable, and its `retryAfterMs` is
 * exact: a call that is made then is let in, if no other one was made meanwhile. What was taken is taken, however the
 * call ends; only {@link Permit.undo} gives it back.
 */
export interface RateLimiter extends AdmissionPolicy {
  readonly name: string
  snapshot(): RateLimiterSnapshot
}

/** A rate limiter for each key. */
export interface RateLimiters {
  readonly name: string
  /** Keys that are remembered now. */
  readonly size: number
  /**
   * The limiter of a key. Ask for it at each call, and do not keep it: the least recently used key is forgotten when
   * there are more than `maxKeys`, with all that it has used up.
   */
  for(key: string): RateLimiter
}

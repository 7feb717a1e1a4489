import type { Random } from '../clock/clock.ts'

/** What decides the waits between attempts. */
export interface Backoff {
  readonly backoffMs: number
  readonly factor: number
  readonly maxBackoffMs: number
  readonly jitter: 'full' | 'none'
}

/**
 * The wait before retry `retry` (1 is the first), in ms: `backoffMs * factor ** (retry - 1)`, at most `maxBackoffMs`, and with
 * full jitter a random share of that (AWS Architecture Blog, "Exponential Backoff and Jitter"). Finite for every retry.
 */
export function backoffDelay(options: Backoff, retry: number, random: Random): number {
  const { backoffMs, factor, maxBackoffMs, jitter } = options
  // 0 * Infinity would be NaN.
  const bounded = backoffMs === 0 ? 0 : Math.min(maxBackoffMs, backoffMs * factor ** (retry - 1))
  return jitter === 'full' ? bounded * random() : bounded
}

/** Retry-After is a promise: the wait is never shorter, and up to a tenth longer so that many callers do not return as one. */
const RETRY_AFTER_SPREAD = 0.1

/**
 * The wait before a retry, in ms.
 * @param retryAfterMs what the dependency asked to wait; 0 when it asked for nothing.
 */
export function retryDelay(options: Backoff, retry: number, retryAfterMs: number, random: Random): number {
  const delay = backoffDelay(options, retry, random)
  return retryAfterMs > 0 ? Math.max(delay, retryAfterMs * (1 + RETRY_AFTER_SPREAD * random())) : delay
}

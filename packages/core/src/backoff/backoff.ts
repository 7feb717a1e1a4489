import type { Random } from '../clock/clock.ts'

/** How the waits between attempts grow: always the same, by the same step, or by the same factor. */
export type BackoffGrowth = 'constant' | 'linear' | 'exponential'

/**
 * How a wait is spread at random, `d` being the backoff of its retry.
 *
 * - `none`: `d`.
 * - `full`: from 0 to `d`; `equal`: from `d / 2` to `d`; `decorrelated`: from `backoffMs` to three times the wait before (`backoffMs` before the
 *   first), whatever the growth (all three: AWS Architecture Blog, "Exponential Backoff and Jitter").
 * - `smooth`: Polly's "decorrelated jitter backoff V2": the differences of a curve read at random places, so that the waits of many callers
 *   have no peaks and grow by `factor` on average, whatever the growth. Made for a factor of 2: with one near 1, waits after the first are short.
 */
export type Jitter = 'none' | 'full' | 'equal' | 'decorrelated' | 'smooth'

/** What decides the waits between attempts. */
export interface Backoff {
  readonly backoffMs: number
  readonly growth: BackoffGrowth
  readonly factor: number
  readonly maxBackoffMs: number
  readonly jitter: Jitter
}

/** Retry-After is a promise: the wait is never shorter, and up to a tenth longer so that many callers do not return as one. */
const RETRY_AFTER_SPREAD = 0.1

/** Polly's scale: with it the median of the first wait is about `backoffMs`. */
const SMOOTH_SCALE = 1 / 1.4

/** The waits of one call, one after the other. */
export class Waits {
  readonly #options: Backoff
  readonly #random: Random
  #retry = 0
  /** `decorrelated`: the wait before. `smooth`: the place on the curve that the wait before ended at. */
  #previous = 0

  constructor(options: Backoff, random: Random) {
    this.#options = options
    this.#random = random
  }

  /**
   * The wait before the next retry, in ms. Finite and within `maxBackoffMs` for every retry, unless the dependency asked for more.
   * @param retryAfterMs what the dependency asked to wait, if anything.
   */
  next(retryAfterMs = 0): number {
    const { backoffMs, factor, maxBackoffMs, jitter } = this.#options
    const longest = longestWait(this.#options, ++this.#retry)
    const draw = jitter === 'none' ? 1 : this.#random()
    const before = this.#previous
    let delay = longest * draw
    if (jitter === 'equal') delay = (longest + delay) / 2
    if (jitter === 'decorrelated') {
      const spread = (before || backoffMs) * 3 - backoffMs
      this.#previous = delay = Math.min(maxBackoffMs, backoffMs + spread * draw)
    }
    if (jitter === 'smooth') {
      const place = this.#retry - 1 + draw
      this.#previous = factor ** place * Math.tanh(Math.sqrt(4 * place))
      // The curve ends where numbers do (Infinity - Infinity), and is flat at its end with a factor of 1.
      delay = Math.min(maxBackoffMs, backoffMs * (this.#previous - before) * SMOOTH_SCALE || longest)
    }
    return retryAfterMs > 0 ? Math.max(delay, retryAfterMs * (1 + RETRY_AFTER_SPREAD * this.#random())) : delay
  }
}

/** The wait before retry `retry` (1 is the first) without jitter, in ms. */
export function longestWait({ backoffMs, growth, factor, maxBackoffMs }: Backoff, retry: number): number {
  const steps = growth === 'constant' ? 1 : growth === 'linear' ? retry : factor ** (retry - 1)
  // 0 * Infinity would be NaN.
  return backoffMs && Math.min(maxBackoffMs, backoffMs * steps)
}

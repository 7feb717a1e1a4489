import type { Random } from '../clock/clock.ts'

/** How the waits between attempts grow: always the same, by the same step, or by the same factor. */
export type BackoffGrowth = 'constant' | 'linear' | 'exponential'

/**
 * How a wait is spread at random, `d` being the backoff of its retry.
 *
 * - `none`: `d`.
 * - `full`: from 0 to `d`; `equal`: from `d / 2` to `d`; `decorrelated`: from `backoffMs` to three times the wait before, whatever the growth (all
 *   three: AWS Architecture Blog, "Exponential Backoff and Jitter").
 * - `smooth`: Polly's "decorrelated jitter backoff V2": the differences of a curve read at random places, so that the waits of many callers
 *   have no peaks and grow by `factor` on average.
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
   * @param retryAfterMs what the dependency asked to wait; 0 when it asked for nothing.
   */
  next(retryAfterMs: number): number {
    this.#retry += 1
    const delay = this.#backoff()
    return retryAfterMs > 0 ? Math.max(delay, retryAfterMs * (1 + RETRY_AFTER_SPREAD * this.#random())) : delay
  }

  #backoff(): number {
    const { backoffMs, factor, maxBackoffMs, jitter } = this.#options
    // 0 * Infinity would be NaN.
    if (backoffMs === 0) return 0
    const draw = jitter === 'none' ? 1 : this.#random()
    const before = this.#previous
    if (jitter === 'decorrelated') {
      const spread = Math.max(backoffMs, before * 3) - backoffMs
      return (this.#previous = Math.min(maxBackoffMs, backoffMs + spread * draw))
    }
    if (jitter === 'smooth') {
      const place = this.#retry - 1 + draw
      // Bounded, since Infinity - Infinity would be NaN.
      this.#previous = Math.min(Number.MAX_VALUE, factor ** place * Math.tanh(Math.sqrt(4 * place)))
      const step = this.#previous - before || Number.MAX_VALUE
      return Math.min(maxBackoffMs, backoffMs * step * SMOOTH_SCALE)
    }
    const longest = longestWait(this.#options, this.#retry)
    return jitter === 'equal' ? (longest / 2) * (1 + draw) : longest * draw
  }
}

/** The wait before retry `retry` (1 is the first) without jitter, in ms. */
export function longestWait({ backoffMs, growth, factor, maxBackoffMs }: Backoff, retry: number): number {
  const steps = growth === 'constant' ? 1 : growth === 'linear' ? retry : factor ** (retry - 1)
  return backoffMs === 0 ? 0 : Math.min(maxBackoffMs, backoffMs * steps)
}

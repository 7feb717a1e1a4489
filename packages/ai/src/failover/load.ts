import type { Clock } from '@holdfast/core'

/** After this long an observation weighs a third of a new one, in ms. */
const MEMORY_MS = 10_000

/** A failure counts as if it had taken at least so long, in ms: who fails at once must not look quick. */
const FAILURE_MS = 5_000

/** What a model costs that has been asked and has not answered yet; more than any that has. */
const UNKNOWN = 1e12

/**
 * How busy one model is: what is under way, and how long a first output takes lately. A time that is longer than the average is taken up at once, a shorter one
 * little by little, so that a model which becomes slow is left alone quickly (peak EWMA, as in Twitter's Finagle).
 */
export class Load {
  #underWay: number = 0
  #averageMs: number = 0
  #at: number

  constructor(clock: Clock) {
    this.#at = clock.now()
  }

  /** The cost of asking it now; less is better. One that nobody has asked yet costs nothing; one that has not answered yet is not asked more. */
  get cost(): number {
    if (this.#averageMs === 0 && this.#underWay > 0) return UNKNOWN + this.#underWay
    return this.#averageMs * (this.#underWay + 1)
  }

  begin(): void {
    this.#underWay += 1
  }

  /** @param durationMs to its first output; `Infinity` for a failure; `undefined` for one that says nothing about it. @param now monotonic, in ms. */
  end(tookMs: number | undefined, now: number): void {
    this.#underWay -= 1
    if (tookMs === undefined) return
    const durationMs = Math.min(tookMs, Math.max(FAILURE_MS, this.#averageMs))
    const kept = Math.exp(-Math.max(0, now - this.#at) / MEMORY_MS)
    this.#at = now
    this.#averageMs = durationMs > this.#averageMs ? durationMs : durationMs + (this.#averageMs - durationMs) * kept
  }
}

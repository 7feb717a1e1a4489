import { RollingCount } from './rolling-count.ts'

/** What a rolling window has counted. */
export interface WindowCounts {
  readonly calls: number
  readonly failures: number
  readonly slow: number
}

/** Calls of the last `windowMs` by how they went; after any idle time the counts are right at once. */
export class RollingWindow {
  readonly #good: RollingCount
  readonly #failures: RollingCount
  readonly #slow: RollingCount

  constructor(windowMs: number) {
    this.#good = new RollingCount(windowMs)
    this.#failures = new RollingCount(windowMs)
    this.#slow = new RollingCount(windowMs)
  }

  add(outcome: 'success' | 'failure' | 'slow', now: number): void {
    if (outcome === 'success') this.#good.add(now)
    else if (outcome === 'failure') this.#failures.add(now)
    else this.#slow.add(now)
  }

  counts(now: number): WindowCounts {
    const failures = this.#failures.total(now)
    const slow = this.#slow.total(now)
    return { calls: this.#good.total(now) + failures + slow, failures, slow }
  }
}

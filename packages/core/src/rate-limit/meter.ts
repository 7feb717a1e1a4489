/** Counts calls against a limit. Time only ever goes on from one use to the next. */
export interface Meter {
  /**
   * When the next call may go, if `ahead` others go before it as soon as they may; not later than `now` if it may go at
   * once. All times are monotonic, in ms.
   */
  freeAt(now: number, ahead: number): number
  /** Counts one call. @returns what {@link giveBack} needs to know of it. */
  take(now: number): number
  /** Takes a count back. */
  giveBack(mark: number): void
}

/**
 * A token bucket that keeps one number instead of tokens: the time at which the bucket will be full again (GCRA, the
 * "virtual scheduling" of ITU-T I.371, which calls it the theoretical arrival time). Nothing is filled in, so an idle
 * week is worth one burst.
 */
export class TokenBucket implements Meter {
  readonly #tokenMs: number
  readonly #slackMs: number
  #fullAt = -Infinity

  constructor(limit: number, intervalMs: number, burst: number) {
    this.#tokenMs = intervalMs / limit
    this.#slackMs = (burst - 1) * this.#tokenMs
  }

  freeAt(now: number, ahead: number): number {
    return Math.max(this.#fullAt, now) - this.#slackMs + ahead * this.#tokenMs
  }

  take(now: number): number {
    this.#fullAt = Math.max(this.#fullAt, now) + this.#tokenMs
    return 0
  }

  giveBack(): void {
    this.#fullAt -= this.#tokenMs
  }
}

/** A power of two, so that `&` finds the place of any slice. */
const SLICES = 16

/**
 * Counts the calls of the last `intervalMs` in slices of a fifteenth of it, and of the slice that the window's far end
 * lies in counts all. So it errs to one side only: never more than `limit` calls in any `intervalMs`, and a call is
 * counted for up to a fifteenth longer. (.NET's SlidingWindowRateLimiter works in segments too; the usual counter of
 * two weighted windows can let nearly `2 * limit` through.)
 */
export class SlidingWindow implements Meter {
  readonly #limit: number
  readonly #sliceMs: number
  readonly #counts: number[] = new Array<number>(SLICES).fill(0)
  #total = 0
  /** The current slice, counted from the clock's origin. */
  #slice = -Infinity

  constructor(limit: number, intervalMs: number) {
    this.#limit = limit
    // A multiple of a power of two, so that the beginning of every slice is a number that can be written exactly.
    this.#sliceMs = Math.ceil((intervalMs / (SLICES - 1)) * 1_024) / 1_024
  }

  freeAt(now: number, ahead: number): number {
    this.#moveTo(now)
    // Who waits will be counted too: after `limit` of them it is their calls that must leave the window.
    const rounds = Math.floor(ahead / this.#limit)
    let excess = this.#total + (ahead % this.#limit) - this.#limit
    let at = now
    if (excess >= 0) {
      let slice = this.#slice - SLICES
      while (excess >= 0) excess -= this.#countOf(++slice)
      at = (slice + SLICES) * this.#sliceMs
    }
    return rounds === 0 ? at : (this.#sliceOf(at) + rounds * SLICES) * this.#sliceMs
  }

  take(now: number): number {
    this.#moveTo(now)
    this.#add(this.#slice, 1)
    return this.#slice
  }

  giveBack(slice: number): void {
    if (this.#slice - slice < SLICES) this.#add(slice, -1)
  }

  #moveTo(now: number): void {
    const slice = this.#sliceOf(now)
    if (slice <= this.#slice) return
    const first = Math.max(this.#slice + 1, slice - SLICES + 1)
    for (let passed = first; passed <= slice; passed++) this.#add(passed, -this.#countOf(passed))
    this.#slice = slice
  }

  #add(slice: number, calls: number): void {
    this.#counts[slice & (SLICES - 1)] = this.#countOf(slice) + calls
    this.#total += calls
  }

  #countOf(slice: number): number {
    return this.#counts[slice & (SLICES - 1)] ?? 0
  }

  #sliceOf(time: number): number {
    return Math.floor(time / this.#sliceMs)
  }
}

/** Response times may be longer than the baseline by this share before the limit is lowered: Envoy's default. */
const BUFFER = 1.25

/** One window lowers the limit to this share of what is used, at most. */
const LEAST_GRADIENT = 0.5

/** What is left of the limit after a window in which a tenth of the calls or more were dropped. */
const AFTER_DROPS = 0.8

/** Share of the estimated capacity that is used while the baseline is measured, so that nothing queues. */
const PROBE_SHARE = 0.7

/** A measurement that differs by more than this share replaces the baseline; another one is averaged with it. */
const MEASURED_ANEW = 0.25

/** Most windows from one measurement to the next, while the limit is used up and the baseline stays as it is. */
const LONGEST_INTERVAL = 64

/** The limit is at most so many times what is used. */
const HEADROOM = 5

/** A response counts as so many times the baseline at most: a single one that takes a hundred times as long must not outweigh the rest. */
const SLOWEST = 4

/** So many results for each call of the limit are enough for a window; a small limit would need for ever otherwise. */
const SAMPLES_PER_CALL = 5

/** A drop weighs as much as so many results when it is decided whether there are enough of them: it may have taken a whole timeout to come. */
const DROP_WEIGHT = 5

/** A clock may be too coarse for less than this, in ms, and nothing takes longer than a day. */
const SHORTEST_MS = 1
const LONGEST_MS = 86_400_000

/** Within what a limit moves, and how often. */
export interface LimitBounds {
  readonly initialLimit: number
  readonly minLimit: number
  readonly maxLimit: number
  readonly windowMs: number
  readonly minimumSamples: number
}

/**
 * The limit that suits what was seen with `used` calls at once: the part of them that was served rather than queued, and room
 * for their square root more, so that growth is tried (the gradient of Envoy's adaptive concurrency filter).
 */
export function gradientLimit(used: number, baselineMs: number, responseMs: number): number {
  const gradient = Math.min(1, Math.max(LEAST_GRADIENT, (BUFFER * baselineMs) / responseMs))
  return used * gradient + Math.sqrt(used)
}

/**
 * A concurrency limit that follows the capacity of a dependency, from response times. Every window compares their mean with a
 * baseline: the mean when nothing queues. The baseline is measured, not averaged: while the limit is used up it is lowered for
 * a moment, now and then, to below the capacity that Little's law gives, as BBR does for the round trip of a connection. So an
 * overload that lasts never turns into the baseline.
 */
export class AdaptiveLimit {
  /** Monotonic time from which calls must have begun to count. */
  #countsFrom = -Infinity
  readonly #bounds: LimitBounds
  #limit: number
  #baselineMs: number | undefined
  /** The limit to go back to, while the baseline is measured. */
  #restored: number | undefined
  /** Windows since the last measurement, and until the next. */
  #age = 0
  #interval = 1
  #limitAtProbe = 0
  #closesAt = -Infinity
  #peak = 0
  #samples = 0
  #sumMs = 0
  #drops = 0

  constructor(bounds: LimitBounds) {
    this.#bounds = bounds
    this.#limit = bounds.initialLimit
  }

  /** With fractions. */
  get limit(): number {
    return this.#limit
  }

  /** `undefined` before the first window. */
  get baselineMs(): number | undefined {
    return this.#baselineMs
  }

  /** Whether the limit is lowered to measure the baseline. */
  get probing(): boolean {
    return this.#restored !== undefined
  }

  /**
   * Counts a call that has ended.
   * @param responseMs how long it took; `undefined` for one that was dropped: it timed out or was turned away.
   * @param inFlight calls that were under way when it began, itself included.
   */
  add(now: number, startedAt: number, responseMs: number | undefined, inFlight: number): void {
    if (startedAt < this.#countsFrom) return
    this.#peak = Math.max(this.#peak, inFlight)
    if (responseMs === undefined) {
      this.#drops += 1
    } else {
      this.#samples += 1
      const ms = responseMs > SHORTEST_MS ? responseMs : SHORTEST_MS
      this.#sumMs += Math.min(ms, SLOWEST * (this.#baselineMs ?? LONGEST_MS))
    }
    const { windowMs, minimumSamples } = this.#bounds
    const enough = Math.min(minimumSamples, SAMPLES_PER_CALL * this.#limit)
    if (now < this.#closesAt || this.#samples + DROP_WEIGHT * this.#drops < enough) return
    this.#close(now)
    this.#closesAt = now + windowMs
    this.#peak = 0
    this.#samples = 0
    this.#sumMs = 0
    this.#drops = 0
  }

  #close(now: number): void {
    const restored = this.#restored
    if (restored !== undefined) {
      this.#restored = undefined
      this.#countsFrom = -Infinity
      this.#limit = restored
    }
    if (this.#drops * 9 >= this.#samples) {
      this.#set(this.#limit * AFTER_DROPS)
      return
    }
    const responseMs = this.#sumMs / this.#samples
    if (restored === undefined) this.#adapt(now, responseMs)
    else this.#measured(responseMs)
  }

  #adapt(now: number, responseMs: number): void {
    const limit = this.#limit
    const peak = this.#peak
    const baselineMs = (this.#baselineMs ??= responseMs)
    const isFull = peak >= Math.floor(limit)
    const target = gradientLimit(Math.min(peak, limit), baselineMs, responseMs)
    // What is not used up shows nothing about more, and so does not grow (RFC 7661); it falls when less is too much already.
    const isLess = responseMs > BUFFER * baselineMs && target < limit
    const ceiling = Math.max(HEADROOM * peak, limit - Math.sqrt(limit))
    this.#set(Math.min(isFull || isLess ? target : limit, ceiling))
    this.#age += 1
    if (isFull && (this.#age >= this.#interval || this.#limit < this.#limitAtProbe / 2)) {
      this.#restored = this.#limit
      this.#countsFrom = now
      this.#set(PROBE_SHARE * peak * Math.min(1, baselineMs / responseMs))
    }
  }

  #measured(responseMs: number): void {
    const baselineMs = this.#baselineMs ?? responseMs
    const isNew = Math.abs(responseMs / baselineMs - 1) > MEASURED_ANEW
    this.#baselineMs = isNew ? responseMs : (baselineMs + responseMs) / 2
    this.#interval = isNew ? 1 : Math.min(LONGEST_INTERVAL, this.#interval * 2)
    this.#age = 0
    this.#limitAtProbe = this.#limit
  }

  #set(limit: number): void {
    this.#limit = Math.min(this.#bounds.maxLimit, Math.max(this.#bounds.minLimit, limit))
  }
}

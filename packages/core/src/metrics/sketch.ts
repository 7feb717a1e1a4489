import { check, numberFrom } from '../validation/validate.ts'
import { resolveSketchOptions, type SketchOptions } from './options.ts'

/** Values below this share the bin of zero: for milliseconds, a microsecond. */
const LOWEST = 1e-3
/** Values above this count as this: for milliseconds, eleven days. */
const HIGHEST = 1e9
/** Bins are added so many at a time. */
const CHUNK = 32

/** What a sketch holds, as plain JSON. */
export interface SketchSnapshot {
  readonly relativeError: number
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
  /** Values too small for a bin. */
  readonly zeros: number
  /** Index of the first of `bins`: bin i holds the values from gamma^(i-1) (excluded) to gamma^i. */
  readonly first: number
  readonly bins: readonly number[]
}

/** Quantiles of any number of values in bounded memory. */
export interface Sketch {
  readonly count: number
  readonly sum: number
  /** The smallest value, exactly; 0 when there is none. */
  readonly min: number
  /** The largest value, exactly; 0 when there is none. */
  readonly max: number
  /** Takes a value in. What is no finite number from 0 on is left out. */
  record(value: number): void
  /**
   * The value that the share `q` of all values (rank `q * (count - 1)`, rounded down) lies below, with at most the
   * relative error; `undefined` when there is none.
   * @throws HoldfastError `INVALID_OPTION` when `q` is not from 0 to 1.
   */
  quantile(q: number): number | undefined
  /**
   * Takes in all that another sketch, or a snapshot of one, has: the result is as if this one had recorded every value
   * itself. Where the relative errors are not the same, they add up.
   */
  merge(other: Sketch | SketchSnapshot): void
  /** A copy that JSON keeps whole. An empty sketch that merges it is the same again. */
  snapshot(): SketchSnapshot
}

/** One for all: an array costs some 200 bytes beside what is in it. */
const NO_BINS = /* @__PURE__ */ new Float64Array(0)

const aShare = /* @__PURE__ */ numberFrom(0, 1)

export class LogSketch implements Sketch {
  count = 0
  sum = 0
  max = 0
  readonly #relativeError: number
  readonly #gamma: number
  readonly #perLog: number
  #min = Infinity
  #zeros = 0
  #first = 0
  #bins = NO_BINS

  constructor(relativeError: number) {
    this.#relativeError = relativeError
    this.#gamma = gammaOf(relativeError)
    this.#perLog = 1 / Math.log(this.#gamma)
  }

  get min(): number {
    return this.count === 0 ? 0 : this.#min
  }

  record(value: number): void {
    if (!(value >= 0 && value < Infinity)) return
    this.sum += value
    if (value < this.#min) this.#min = value
    if (value > this.max) this.max = value
    this.#add(value, 1)
  }

  quantile(q: number): number | undefined {
    check('quantile', q, aShare)
    if (this.count === 0) return undefined
    const rank = q * (this.count - 1)
    let at = -1
    for (let seen = this.#zeros; seen <= rank;) seen += this.#bins[++at] ?? Infinity
    const value = at < 0 ? 0 : middle(this.#gamma, this.#first + at)
    return Math.min(Math.max(value, this.#min), this.max)
  }

  merge(other: Sketch | SketchSnapshot): void {
    const { relativeError, count, sum, min, max, zeros, first, bins } = 'snapshot' in other ? other.snapshot() : other
    if (count === 0) return
    this.sum += sum
    this.#min = Math.min(this.#min, min)
    this.max = Math.max(this.max, max)
    this.#add(0, zeros)
    const gamma = gammaOf(relativeError)
    bins.forEach((times, i) => {
      if (times > 0) this.#add(Math.max(middle(gamma, first + i), LOWEST), times)
    })
  }

  snapshot(): SketchSnapshot {
    const { count, sum, min, max } = this
    const bins = [...this.#bins]
    return { relativeError: this.#relativeError, count, sum, min, max, zeros: this.#zeros, first: this.#first, bins }
  }

  #add(value: number, times: number): void {
    this.count += times
    if (value < LOWEST) {
      this.#zeros += times
      return
    }
    const index = Math.ceil(Math.log(Math.min(value, HIGHEST)) * this.#perLog)
    if (index < this.#first || index >= this.#first + this.#bins.length) this.#grow(index)
    const at = index - this.#first
    this.#bins[at] = (this.#bins[at] ?? 0) + times
  }

  #grow(index: number): void {
    const bins = this.#bins
    const chunk = Math.floor(index / CHUNK) * CHUNK
    const before = bins.length === 0 ? chunk : this.#first
    this.#first = Math.min(chunk, before)
    this.#bins = new Float64Array(Math.max(chunk + CHUNK, before + bins.length) - this.#first)
    this.#bins.set(bins, before - this.#first)
  }
}

function gammaOf(relativeError: number): number {
  return (1 + relativeError) / (1 - relativeError)
}

/** The value that is off by the same share from both ends of a bin. */
function middle(gamma: number, index: number): number {
  return (2 * gamma ** index) / (gamma + 1)
}

/**
 * Makes a sketch: DDSketch (Masson, Rim, Lee: "DDSketch", VLDB 2019). Each value falls into the bin
 * `ceil(log_gamma(value))` with `gamma = (1 + a) / (1 - a)`, so that the middle of a bin is off by at most the share
 * `a`, the relative error, of any value in it. Taking a value in costs the same however many there are. Memory: 8 bytes
 * for each bin between the smallest and the largest value, at most 11 kB with the default. It holds values from 0.001
 * to 1,000,000,000; smaller ones count as 0, larger ones as the largest.
 *
 * @example
 * ```ts
 * import { createSketch } from '@holdfast/core/metrics'
 *
 * const latency = createSketch({ relativeError: 0.01 })
 * for (let ms = 1; ms <= 1_000; ms++) latency.record(ms)
 * const sum = createSketch()
 * sum.merge(latency)
 * sum.merge(JSON.parse(JSON.stringify(latency.snapshot())))
 * console.log(sum.count, sum.quantile(0.5), sum.quantile(0.99), sum.max)
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createSketch(options: SketchOptions = {}): Sketch {
  return new LogSketch(resolveSketchOptions(options).relativeError)
}

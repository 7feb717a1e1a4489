/** How far one value can move the estimate, as a share of it. */
const STEP = 0.05

/**
 * Follows a quantile of values that keep coming, in constant time and memory: each value above the estimate raises it by a share
 * of itself, each below lowers it by a smaller one, so that it rests where the quantile is (stochastic approximation: Robbins and Monro, 1951).
 * It moves by factors, so it follows a change of scale within a few dozen values; it wavers by a few per cent.
 */
export class MovingQuantile {
  #up = 1
  #down = 1
  #estimate = 0
  #count = 0

  /** @param quantile 0 to 1. */
  constructor(quantile: number) {
    this.follow(quantile)
  }

  /** Moves towards another quantile from now on, 0 to 1, starting where it is. */
  follow(quantile: number): void {
    this.#up = 1 + STEP * quantile
    this.#down = 1 - STEP * (1 - quantile)
  }

  get count(): number {
    return this.#count
  }

  /** 0 before the first value. */
  get estimate(): number {
    return this.#estimate
  }

  add(value: number): void {
    this.#count += 1
    // It could never grow out of 0.
    if (this.#estimate <= Number.MIN_VALUE) this.#estimate = value
    else this.#estimate *= value > this.#estimate ? this.#up : this.#down
  }
}

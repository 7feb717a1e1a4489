import { RetryBudget } from '../retry/budget.ts'
import { MovingQuantile } from '../window/moving-quantile.ts'
import { type HedgeOptions, type ResolvedHedgeOptions, resolveHedgeOptions } from './options.ts'

/** When to make a second attempt beside a slow one, for a {@link pipeline}. It has no way to be used by hand. */
export interface Hedge {
  /** What it waits for an attempt now, in ms; `undefined` while too few calls have been seen. */
  readonly delayMs: number | undefined
}

/** The hedge itself; what is not in {@link Hedge} is for the engine around it. */
export class HedgePolicy implements Hedge {
  options: ResolvedHedgeOptions
  /** For where there is no retry whose budget it shares. */
  readonly budget: RetryBudget
  readonly #typical: MovingQuantile

  constructor(options: ResolvedHedgeOptions) {
    this.options = options
    this.budget = new RetryBudget(options)
    this.#typical = new MovingQuantile(options.quantile)
  }

  /** Replaces its options by some that are checked and complete; what it has learnt stays. */
  use(options: ResolvedHedgeOptions): void {
    this.options = options
    this.budget.options = options
    this.#typical.follow(options.quantile)
  }

  get delayMs(): number | undefined {
    const { delayMs, minimumCalls } = this.options
    if (delayMs !== undefined) return delayMs
    return this.#typical.count < minimumCalls ? undefined : this.#typical.estimate
  }

  /** Learns how long a call took that ended well, in ms. */
  observe(durationMs: number): void {
    if (this.options.delayMs === undefined) this.#typical.add(durationMs)
  }
}

/**
 * A hedge: when an attempt takes longer than most do, another one is made beside it, and the first to answer wins; the other is
 * cancelled (Dean and Barroso, "The Tail at Scale", 2013). It cuts the tail of a dependency that is slow now and then. Only for operations that are safe to
 * repeat: a {@link pipeline} hedges calls that are `idempotent` and no others.
 *
 * @example
 * ```ts
 * import { createHedge, pipeline } from '@holdfast/core'
 *
 * const quick = pipeline([createHedge({ delayMs: 20 })], { idempotent: true })
 * console.log(await quick.execute(({ attempt }) => (attempt === 1 ? new Promise<never>(() => undefined) : `attempt ${attempt}`)))
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createHedge(options: HedgeOptions = {}): Hedge {
  return new HedgePolicy(resolveHedgeOptions('hedge', options))
}

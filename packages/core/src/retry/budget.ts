import { RollingCount } from '../window/rolling-count.ts'

const BUDGET_WINDOW_MS = 10_000

/** How many retries an integration may make, whoever asks for them. */
export interface BudgetOptions {
  readonly budgetRatio: number
  readonly budgetFloor: number
}

/**
 * Keeps retries from multiplying an outage: over the last ten seconds there may be at most `budgetRatio` times as many
 * retries as calls, or `budgetFloor` if that is more (after Finagle's and Envoy's retry budgets).
 */
export class RetryBudget {
  readonly #options: BudgetOptions
  readonly #calls = new RollingCount(BUDGET_WINDOW_MS)
  readonly #retries = new RollingCount(BUDGET_WINDOW_MS)

  constructor(options: BudgetOptions) {
    this.#options = options
  }

  /** Counts a call's first attempt. */
  deposit(now: number): void {
    this.#calls.add(now)
  }

  /** Takes one retry out of the budget, if it holds one. */
  tryWithdraw(now: number): boolean {
    const { budgetRatio, budgetFloor } = this.#options
    const allowed = Math.max(budgetFloor, Math.floor(budgetRatio * this.#calls.total(now)))
    if (this.#retries.total(now) >= allowed) return false
    this.#retries.add(now)
    return true
  }
}

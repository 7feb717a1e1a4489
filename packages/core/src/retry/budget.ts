/** After this long a call weighs a third of a new one, in ms. */
const MEMORY_MS = 10_000

/** How many retries an integration may make, whoever asks for them. */
export interface BudgetOptions {
  readonly budgetRatio: number
  readonly budgetFloor: number
}

/**
 * Keeps retries from multiplying an outage: of the last ten seconds there may be at most `budgetRatio` times as many retries as calls, or
 * `budgetFloor` if that is more (after Finagle's and Envoy's retry budgets). Both are counted with exponential decay, so that what is older weighs less and
 * nothing is kept but two numbers.
 */
export class RetryBudget {
  options: BudgetOptions
  #calls = 0
  #retries = 0
  /** Monotonic time of the counts. */
  #at = -Infinity

  constructor(options: BudgetOptions) {
    this.options = options
  }

  /** Counts a call's first attempt. */
  deposit(now: number): void {
    this.#decay(now)
    this.#calls += 1
  }

  /**
   * Takes a retry out of the budget, if it holds one.
   * @param retries 0 only to ask whether it does.
   */
  tryWithdraw(now: number, retries: 0 | 1 = 1): boolean {
    this.#decay(now)
    const { budgetRatio, budgetFloor } = this.options
    if (this.#retries + 1 > Math.max(budgetFloor, budgetRatio * this.#calls)) return false
    this.#retries += retries
    return true
  }

  #decay(now: number): void {
    // Nothing grows where a time is earlier than the one before: two clocks, and the budget would be without end.
    const kept = Math.exp(Math.min(0, this.#at - now) / MEMORY_MS)
    this.#calls *= kept
    this.#retries *= kept
    this.#at = now
  }
}

import type { BudgetAmounts, BudgetPeriod, BudgetSubject, BudgetUnit } from './options.ts'

/** What was set aside for one attempt. It ends once; what is said after that changes nothing. */
export interface BudgetReservation {
  /** The attempt has ended: what it has really used takes the place of what was set aside. Nothing, without an amount. */
  settle(used?: BudgetAmounts): void
}

/** One account, as it stands. */
export interface BudgetAccount {
  /** The name of its limit. */
  readonly budget: string
  /** Whose it is; empty for the only account of a limit without `per`. */
  readonly of: BudgetSubject
  /** True for what newcomers begin with after accounts had to make room. */
  readonly isFloor?: true
  readonly period: BudgetPeriod
  readonly window: 'fixed' | 'rolling'
  readonly used: BudgetAmounts
  /** Set aside for attempts under way. */
  readonly reserved: BudgetAmounts
  /** Refusals since the account was opened; a request that no model has room for is refused for each of them. */
  readonly refused: number
  /** When what counts now will no longer count. Wall time in milliseconds since the Unix epoch. */
  readonly resetsAt: number
  /** What was used and is set aside, by the wall time at which that part of the period began. */
  readonly slices: readonly (BudgetAmounts & { readonly startsAt: number })[]
}

/** What somebody else has used of an account in one part of its period, such as another server; of {@link BudgetAccount} and its `slices`. */
export interface BudgetSpending extends BudgetAmounts, Pick<BudgetAccount, 'budget' | 'of' | 'period' | 'window'> {
  /** The wall time at which the part began. */
  readonly startsAt: number
}

/** One account beside its limit, as it stands. */
export interface BudgetStanding extends Omit<BudgetAccount, 'slices'> {
  readonly max: { readonly [Unit in BudgetUnit]?: number }
  readonly soft: { readonly [Unit in BudgetUnit]?: number }
  /** What others have used of it, as they have told; left out where they have not. */
  readonly elsewhere?: BudgetAmounts
  /**
   * - `hard`: nothing is left, or not enough for the request that was refused last.
   * - `soft`: a soft limit is reached.
   */
  readonly state: 'ok' | 'soft' | 'hard'
}

/** All accounts with anything in them; plain data, for a file or a database. */
export interface BudgetSnapshot {
  readonly version: 1
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  readonly accounts: readonly BudgetAccount[]
}

/** Budgets that any number of failovers share; see {@link createBudgets}. */
export interface Budgets {
  /** Tokens of answer that are reserved for a request that does not say how many it may have. */
  readonly expectedOutputTokens: number
  /** Whether a limit in money may be for this model, so that its price must be known. */
  needsPrice(model: BudgetSubject): boolean
  /** Whether there is room for it now; nothing is set aside. */
  hasRoom(subject: BudgetSubject, amounts: BudgetAmounts): boolean
  /** Whether a soft limit that asks for cheaper models has been reached. */
  prefersCheaper(subject: BudgetSubject): boolean
  /**
   * Sets an amount aside in every account it is for, or in none.
   * @throws HoldfastError BUDGET_EXCEEDED, with `retryAfterMs` until there is room for it (left out when there never will be).
   */
  reserve(subject: BudgetSubject, amounts: BudgetAmounts): BudgetReservation
  snapshot(): BudgetSnapshot
  /** Grows with each change to what some account has used or set aside. */
  readonly revision: number
  /**
   * The accounts that have changed since {@link Budgets.revision} was this, each as it stands when it comes: it may be read in parts, with other work in between. Read the
   * revision before, and what changes in the meantime is of the next time. 0 gives all.
   */
  changes(since: number): Iterable<BudgetAccount>
  /** Calls it at each change, in the midst of it: it must do next to nothing, and not throw. @returns what ends that */
  onChange(listener: () => void): () => void
  /**
   * From now on what others have used counts beside what was used here. It takes the place of what was said before of the same part of the same account, or with `isAll` of everything that was said before. It is in no
   * snapshot and no change: whoever has used it keeps it. Of no more accounts than `maxAccounts`; beyond, those that have used least are not known.
   * @throws HoldfastError INVALID_OPTION for what is no spending; then nothing has changed.
   */
  heed(spending: readonly BudgetSpending[], options?: { readonly isAll?: boolean }): void
  /** All accounts with anything in them, and those that in this period had nothing but refusals; for people. */
  standings(): readonly BudgetStanding[]
  /**
   * Adds what a snapshot holds to what there is: call it once, at start. Limits that no longer exist, or have another period, are left out, and so is what no longer counts.
   * @throws HoldfastError INVALID_OPTION for what is no snapshot; then nothing has changed.
   */
  restore(snapshot: BudgetSnapshot): void
}

import type { BudgetSubject, BudgetUnit } from './options.ts'

/** An account has reached its soft limit (`budget-soft-reached`), or a request was refused for want of room (`budget-exceeded`): told once in a period. */
export interface BudgetReported {
  readonly type: 'budget-soft-reached' | 'budget-exceeded'
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  /** The name of the limit. */
  readonly budget: string
  /** Whose account it is; empty for the only one of a limit without `per`. */
  readonly of: BudgetSubject
  readonly unit: BudgetUnit
  /** What was used; for `budget-exceeded` with what is set aside for attempts under way. */
  readonly used: number
  readonly limit: number
}

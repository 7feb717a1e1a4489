import type { BudgetStanding, BudgetSubject } from '@holdfast/ai'

type Amounts = Partial<BudgetStanding['used']>

/** One account as `GET /admin/budgets` shows it. */
export interface BudgetAccountReport {
  /** The name of its limit. */
  readonly budget: string
  /** Whose it is: `{"tenant":"acme"}`; empty for the only account of a limit without `per`. */
  readonly of: BudgetSubject
  /** True for what newcomers begin with after accounts had to make room. */
  readonly isFloor?: true
  readonly state: BudgetStanding['state']
  readonly period: BudgetStanding['period']
  readonly window: BudgetStanding['window']
  /** When what counts now no longer counts: wall time, ISO 8601. */
  readonly windowEndsAt: string
  readonly used: Amounts
  /** What other servers have used and set aside, as they have told; left out where they have not. */
  readonly elsewhere?: Amounts
  /** Set aside for attempts under way. */
  readonly reserved: Amounts
  readonly soft: Amounts
  readonly max: Amounts
  readonly refused: number
}

/** The body of `GET /admin/budgets`. */
export interface BudgetsReport {
  readonly at: string
  /** Whether they are on the disk, so that a restart finds them; left out where nothing is limited. */
  readonly kept?: boolean
  readonly accounts: readonly BudgetAccountReport[]
}

const URGENCY: readonly BudgetStanding['state'][] = ['hard', 'soft', 'ok']

/** Those without room first. */
export function budgetsReport(
  standings: readonly BudgetStanding[],
  wallTime: number,
  kept: boolean | undefined,
): BudgetsReport {
  return {
    at: new Date(wallTime).toISOString(),
    ...(kept === undefined ? {} : { kept }),
    accounts: standings.map(reportOf).toSorted((a, b) => URGENCY.indexOf(a.state) - URGENCY.indexOf(b.state)),
  }
}

function reportOf(standing: BudgetStanding): BudgetAccountReport {
  const { budget, of, isFloor, state, period, window, resetsAt, used, elsewhere, reserved, soft, max, refused } =
    standing
  return {
    budget,
    of,
    ...(isFloor === undefined ? {} : { isFloor }),
    state,
    period,
    window,
    windowEndsAt: new Date(resetsAt).toISOString(),
    used: rounded(used),
    ...(elsewhere === undefined ? {} : { elsewhere: rounded(elsewhere) }),
    reserved: rounded(reserved),
    soft,
    max,
    refused,
  }
}

function rounded(amounts: Amounts): Amounts {
  return Object.fromEntries(Object.entries(amounts).map(([unit, amount]) => [unit, roundedAmount(amount)]))
}

/** Without the crumbs that sums of fractions leave: 0.3, not 0.30000000000000004. */
export function roundedAmount(amount: number): number {
  return Number(amount.toPrecision(12))
}

/** `tenant acme, key acme.1`; `everybody` for the only account of a limit. */
export function whoIs(of: BudgetSubject): string {
  const parts = Object.entries(of).flatMap(([dimension, name]) => (name === undefined ? [] : [`${dimension} ${name}`]))
  return parts.length === 0 ? 'everybody' : parts.join(', ')
}

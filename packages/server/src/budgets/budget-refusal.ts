import type { TierAttempt } from '@holdfast/ai'
import { HoldfastError } from '@holdfast/core'

const EXCEEDED = 'BUDGET_EXCEEDED'

/** A tier that had nothing to say stands in nobody's way. */
const NOTHING_TO_SAY: readonly (string | undefined)[] = ['NOTHING_REMEMBERED', 'NO_TEMPLATE', 'NOT_AN_EMERGENCY']

/** A question that only budgets have kept from being answered. */
export interface BudgetRefusal {
  /** Until some model has room for it; `undefined` when none ever will. */
  readonly retryAfterMs: number | undefined
}

/**
 * Whether nothing but budgets stood in the way of an answer. Not when some tier was down as well, which may be over sooner, and never when an
 * attempt may have done something: whoever reads "too many requests" sends the same again, and it would be done twice.
 */
export function budgetRefusal(error: unknown): BudgetRefusal | undefined {
  if (!HoldfastError.isInstance(error) || error.mayHaveTakenEffect) return undefined
  if (error.code === EXCEEDED) return { retryAfterMs: error.retryAfterMs }
  const { attempts = [] } = error as { readonly attempts?: readonly TierAttempt[] }
  if (attempts.some(({ mayHaveTakenEffect }) => mayHaveTakenEffect === true)) return undefined
  // A list inside a tier is told by what is in it: `direct/agent`.
  const ends = attempts.filter(({ tier }) => !attempts.some((other) => other.tier.startsWith(`${tier}/`)))
  const exceeded = ends.filter(({ code }) => code === EXCEEDED)
  if (exceeded.length === 0) return undefined
  if (!ends.every(({ code }) => code === EXCEEDED || NOTHING_TO_SAY.includes(code))) return undefined
  const waits = exceeded.flatMap(({ retryAfterMs }) => retryAfterMs ?? [])
  return { retryAfterMs: waits.length === 0 ? undefined : Math.min(...waits) }
}

import { DAY_MS } from '../../errors/invalid-options.ts'
import type { BudgetPeriod } from './options.ts'

const MINUTE_MS = 60_000

const LENGTH_MS: Readonly<Record<BudgetPeriod, number>> = {
  minute: MINUTE_MS,
  hour: 60 * MINUTE_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 30 * DAY_MS,
}

/** Into how many parts a rolling period is divided. */
const SLICES = 30

/** 1 January 1970 was a Thursday. */
const FIRST_MONDAY_MS = 4 * DAY_MS

/** A part of a period: what is booked in it counts until `endsAt`. Wall time in milliseconds since the Unix epoch. */
export interface Span {
  readonly startsAt: number
  readonly endsAt: number
}

export const PERIODS: readonly BudgetPeriod[] = Object.keys(LENGTH_MS) as BudgetPeriod[]

export function lengthMsOf(period: BudgetPeriod): number {
  return LENGTH_MS[period]
}

/** The part of a period in which a moment lies. */
export function spanAt(period: BudgetPeriod, window: 'fixed' | 'rolling', wallTime: number): Span {
  const lengthMs = LENGTH_MS[period]
  if (window === 'rolling') {
    const startsAt = floor(wallTime, lengthMs / SLICES)
    return { startsAt, endsAt: startsAt + lengthMs / SLICES + lengthMs }
  }
  if (period === 'month') {
    const date = new Date(wallTime)
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
    return { startsAt: Date.UTC(year, month), endsAt: Date.UTC(year, month + 1) }
  }
  const startsAt =
    period === 'week' ? floor(wallTime - FIRST_MONDAY_MS, lengthMs) + FIRST_MONDAY_MS : floor(wallTime, lengthMs)
  return { startsAt, endsAt: startsAt + lengthMs }
}

function floor(value: number, step: number): number {
  return Math.floor(value / step) * step
}

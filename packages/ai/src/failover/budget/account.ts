import type { BudgetAmounts, BudgetSubject, BudgetUnit } from './options.ts'
import type { Span } from './period.ts'

export const UNITS: readonly BudgetUnit[] = ['cost', 'tokens', 'requests']

export const NOTHING: BudgetAmounts = Object.freeze({ cost: 0, tokens: 0, requests: 0 })

type Writable = { -readonly [Unit in BudgetUnit]: number }

/** What was booked in one part of the period. */
export interface Slice {
  startsAt: number
  endsAt: number
  used: Writable
  reserved: Writable
  /** Reservations that have not been settled. */
  open: number
}

/** What one tenant, key or model has used. An attempt belongs to the part of the period in which it began, however long it takes. */
export class Account {
  readonly of: BudgetSubject
  refused: number = 0
  /** Of all changes to accounts, the number of the last one to what this one has used or set aside; 0 before the first. */
  revision: number = 0
  /** What others have used of it, who count for themselves and have told. */
  elsewhere: Account | undefined
  /** What was refused last, and until when that is of the same period: wall time. */
  lastRefused: { readonly amounts: BudgetAmounts; readonly until: number } | undefined
  /** Until when it is not told again that a soft limit was reached, or a limit: wall time. */
  readonly quietUntil: { soft: number; max: number } = { soft: -Infinity, max: -Infinity }
  /** The oldest first. */
  #slices: Slice[] = []

  constructor(of: BudgetSubject) {
    this.of = of
  }

  get slices(): readonly Slice[] {
    return this.#slices
  }

  get isBusy(): boolean {
    return this.#slices.some(({ open }) => open > 0)
  }

  /** Lets go of what no longer counts. */
  advance(wallTime: number, span: Span): void {
    const slices = this.#slices
    const last = slices.at(-1)
    // The clock was set back: what was used counts as used now, so that nothing is forgotten, and nothing counts for longer than it should.
    if (last !== undefined && last.startsAt > span.startsAt) {
      for (const slice of slices) if (slice.startsAt > span.startsAt) Object.assign(slice, span)
    }
    if (slices.length > 0 && slices[0]!.endsAt <= wallTime)
      this.#slices = slices.filter(({ endsAt }) => endsAt > wallTime)
    this.elsewhere?.advance(wallTime, span)
  }

  /** What was used and is set aside, here and elsewhere. */
  total(unit: BudgetUnit): number {
    let total = this.elsewhere?.total(unit) ?? 0
    for (const { used, reserved } of this.#slices) total += used[unit] + reserved[unit]
    return total
  }

  used(unit: BudgetUnit): number {
    let total = this.elsewhere?.used(unit) ?? 0
    for (const { used } of this.#slices) total += used[unit]
    return total
  }

  /** When so much less will count than now: wall time. `undefined` when never. */
  freeAt(unit: BudgetUnit, excess: number): number | undefined {
    let freed = 0
    const others = this.elsewhere?.slices ?? []
    const slices = others.length === 0 ? this.#slices : [...this.#slices, ...others].sort((a, b) => a.endsAt - b.endsAt)
    for (const { used, reserved, endsAt } of slices) {
      freed += used[unit] + reserved[unit]
      if (freed >= excess) return endsAt
    }
    return undefined
  }

  reserve(span: Span, amounts: BudgetAmounts): Slice {
    const slice = this.slice(span)
    const { reserved } = slice
    slice.open += 1
    reserved.cost += amounts.cost
    reserved.tokens += amounts.tokens
    reserved.requests += amounts.requests
    return slice
  }

  /** The part of the period that is now, or was then. */
  slice({ startsAt, endsAt }: Span): Slice {
    const last = this.#slices.at(-1)
    if (last?.startsAt === startsAt) return last
    const found = this.#slices.find((slice) => slice.startsAt === startsAt)
    if (found !== undefined) return found
    const slice: Slice = { startsAt, endsAt, used: { ...NOTHING }, reserved: { ...NOTHING }, open: 0 }
    this.#slices.push(slice)
    this.#slices.sort((a, b) => a.startsAt - b.startsAt)
    return slice
  }
}

/** Puts what was really used in the place of what was set aside. */
export function settle(slice: Slice, reserved: BudgetAmounts, used: BudgetAmounts): void {
  slice.open -= 1
  for (const unit of UNITS) {
    // Sums of fractions leave crumbs.
    slice.reserved[unit] = slice.open === 0 ? 0 : Math.max(0, slice.reserved[unit] - reserved[unit])
    slice.used[unit] += used[unit]
  }
}

import type { BudgetAccount, BudgetSpending, BudgetStanding } from './budgets.ts'
import { Account, UNITS } from './account.ts'
import type { Slice } from './account.ts'
import type { ResolvedLimit } from './limit.ts'
import { keyOf, subjectOf } from './limit.ts'
import type { BudgetAmounts, BudgetSubject, BudgetUnit } from './options.ts'
import { spanAt } from './period.ts'
import type { Span } from './period.ts'

/** How full the accounts are left when some had to make room. */
const KEPT_SHARE = 0.9

/** The accounts of one limit. */
export class Ledger {
  readonly limit: ResolvedLimit
  readonly #maxAccounts: number
  readonly #nextRevision: () => number
  readonly #accounts: Map<string, Account> = new Map()
  /**
   * The most that any account which had to make room had used, by parts of the period. Every new account begins with it: so none that comes back
   * has less than it had, and an exhausted one stays exhausted (the idea of Space-Saving: Metwally, Agrawal and El Abbadi, 2005).
   */
  readonly #floor: Account = new Account({})
  /** What others have used of accounts, of those that are here and those that are not. */
  readonly #elsewhere: Map<string, Account> = new Map()
  #span: Span = { startsAt: 0, endsAt: 0 }
  /** Who was asked for last, and the account: one attempt asks several times. Unset when accounts had to make room. */
  #latest: { readonly subject: BudgetSubject; readonly account: Account } | undefined

  constructor(limit: ResolvedLimit, maxAccounts: number, nextRevision: () => number) {
    this.limit = limit
    this.#maxAccounts = maxAccounts
    this.#nextRevision = nextRevision
  }

  /** The part of the period that is now. */
  spanAt(wallTime: number): Span {
    const { startsAt, endsAt } = this.#span
    // Within one part it is the same; a rolling part ends long before it stops counting.
    const until = this.limit.window === 'fixed' ? endsAt : endsAt - this.limit.periodMs
    if (wallTime < startsAt || wallTime >= until) this.#span = spanAt(this.limit.period, this.limit.window, wallTime)
    return this.#span
  }

  /** The account of a subject, as it stands now. */
  account(subject: BudgetSubject, wallTime: number): Account {
    const span = this.spanAt(wallTime)
    const account = this.#latest?.subject === subject ? this.#latest.account : this.#accountOf(subject, wallTime)
    account.advance(wallTime, span)
    return account
  }

  #accountOf(subject: BudgetSubject, wallTime: number): Account {
    const key = keyOf(this.limit, subject)
    const account = this.#accounts.get(key) ?? this.#openOnFloor(key, subject, wallTime)
    // Another could be changed by who gave it.
    if (Object.isFrozen(subject)) this.#latest = { subject, account }
    return account
  }

  list(wallTime: number): BudgetAccount[] {
    const span = this.spanAt(wallTime)
    const listed: BudgetAccount[] = []
    for (const account of [...this.#accounts.values(), this.#floor]) {
      account.advance(wallTime, span)
      if (account.slices.some(isInUse)) listed.push(this.#describe(account, span))
    }
    return listed
  }

  /** Those that have changed since, one by one. One that has nothing left in it after all is one of them. */
  *changes(since: number, wallTime: () => number): Iterable<BudgetAccount> {
    for (const account of this.#accounts.values()) yield* this.#changed(account, since, wallTime)
    // The last: what had to make room meanwhile is in it.
    yield* this.#changed(this.#floor, since, wallTime)
  }

  standings(wallTime: number): BudgetStanding[] {
    const span = this.spanAt(wallTime)
    const { max, soft } = this.limit
    const standings: BudgetStanding[] = []
    const absent = [...this.#elsewhere].filter(([key]) => !this.#accounts.has(key))
    const elsewhereOnly = absent.map(([, elsewhere]) => Object.assign(new Account(elsewhere.of), { elsewhere }))
    for (const account of [...this.#accounts.values(), ...elsewhereOnly, this.#floor]) {
      account.advance(wallTime, span)
      const others = account.elsewhere?.slices.some(isInUse) === true
      const isRefused = wallTime < (account.lastRefused?.until ?? -Infinity)
      if (!others && !isRefused && !account.slices.some(isInUse)) continue
      const { slices: _, ...described } = this.#describe(account, span)
      const elsewhere = others ? { elsewhere: sumOf(account.elsewhere!.slices, ({ used }) => used) } : {}
      standings.push({ ...described, ...elsewhere, max, soft, state: this.#stateOf(account) })
    }
    return standings
  }

  /** Puts what others have used of an account in one part of its period in place of what they had. */
  heed({ of, startsAt, cost, tokens, requests }: BudgetSpending, wallTime: number): void {
    const { period, window } = this.limit
    const span = spanAt(period, window, startsAt)
    if (span.endsAt <= wallTime) return
    this.#othersOf(of, wallTime).slice(span).used = { cost, tokens, requests }
  }

  forgetElsewhere(): void {
    this.#elsewhere.clear()
    for (const account of this.#accounts.values()) account.elsewhere = undefined
  }

  /** Adds what an account of a snapshot holds. */
  restore({ of, isFloor, slices }: BudgetAccount, wallTime: number): void {
    const { period, window } = this.limit
    const current = this.spanAt(wallTime)
    const key = keyOf(this.limit, of)
    // Without the floor, of which it has its part already if it had any.
    const account =
      isFloor === true ? this.#floor : (this.#accounts.get(key) ?? this.#open(key, subjectOf(this.limit, of), wallTime))
    for (const amounts of slices) {
      const span = spanAt(period, window, amounts.startsAt)
      if (span.endsAt > wallTime) add(account.slice(span), amounts)
    }
    account.advance(wallTime, current)
    account.revision = this.#nextRevision()
  }

  #openOnFloor(key: string, subject: BudgetSubject, wallTime: number): Account {
    const account = this.#open(key, subjectOf(this.limit, subject), wallTime)
    this.#floor.advance(wallTime, this.#span)
    for (const slice of this.#floor.slices) add(account.slice(slice), slice.used)
    return account
  }

  #open(key: string, of: BudgetSubject, wallTime: number): Account {
    if (this.#accounts.size >= this.#maxAccounts) this.#makeRoom(wallTime)
    const account = new Account(of)
    account.elsewhere = this.#elsewhere.get(key)
    this.#accounts.set(key, account)
    return account
  }

  /** Those without anything that counts go first, then the least used. One with an attempt under way stays. */
  #makeRoom(wallTime: number): void {
    this.#latest = undefined
    for (const [key, account] of this.#accounts) {
      account.advance(wallTime, this.#span)
      if (!account.slices.some(isInUse)) this.#accounts.delete(key)
    }
    const kept = Math.floor(this.#maxAccounts * KEPT_SHARE)
    const idle = [...this.#accounts].filter(([, account]) => !account.isBusy)
    const byUse = idle.map(([key, account]) => ({ key, account, share: this.#shareOf(account) }))
    byUse.sort((a, b) => a.share - b.share)
    for (const { key, account } of byUse.slice(0, Math.max(0, this.#accounts.size - kept))) {
      this.#accounts.delete(key)
      for (const slice of account.slices) raise(this.#floor.slice(slice), slice.used)
      this.#floor.revision = this.#nextRevision()
    }
  }

  #othersOf(of: BudgetSubject, wallTime: number): Account {
    const key = keyOf(this.limit, of)
    const found = this.#elsewhere.get(key)
    if (found !== undefined) return found
    if (this.#elsewhere.size >= this.#maxAccounts) this.#forgetLeastElsewhere(wallTime)
    const others = new Account(subjectOf(this.limit, of))
    this.#elsewhere.set(key, others)
    const account = this.#accounts.get(key)
    if (account !== undefined) account.elsewhere = others
    return others
  }

  #forgetLeastElsewhere(wallTime: number): void {
    const span = this.spanAt(wallTime)
    for (const others of this.#elsewhere.values()) others.advance(wallTime, span)
    const byUse = [...this.#elsewhere].map(([key, others]) => ({ key, share: this.#shareOf(others) }))
    byUse.sort((a, b) => a.share - b.share)
    for (const { key } of byUse.slice(0, byUse.length - Math.floor(this.#maxAccounts * KEPT_SHARE))) {
      this.#elsewhere.delete(key)
      const account = this.#accounts.get(key)
      if (account !== undefined) account.elsewhere = undefined
    }
  }

  *#changed(account: Account, since: number, wallTime: () => number): Iterable<BudgetAccount> {
    if (account.revision <= since) return
    const now = wallTime()
    const span = this.spanAt(now)
    account.advance(now, span)
    if (account.slices.length > 0) yield this.#describe(account, span)
  }

  /** How much of its limits an account has used, of that which it has used most of. */
  #shareOf(account: Account): number {
    let share = 0
    for (const unit of UNITS) {
      const limit = this.limit.max[unit] ?? this.limit.soft[unit]
      if (limit !== undefined) share = Math.max(share, limit === 0 ? 1 : account.total(unit) / limit)
    }
    return share
  }

  #stateOf(account: Account): BudgetStanding['state'] {
    const { max } = this.limit
    const refused = account.lastRefused?.amounts
    const isFull = UNITS.some((unit) => {
      const limit = max[unit]
      if (limit === undefined) return false
      const total = account.total(unit)
      return total >= limit || (refused !== undefined && refused[unit] > 0 && total + refused[unit] > limit)
    })
    if (isFull) return 'hard'
    return softReached(this.limit, account) === undefined ? 'ok' : 'soft'
  }

  #describe(account: Account, span: Span): BudgetAccount {
    const { name: budget, period, window } = this.limit
    const { of, refused, slices } = account
    return {
      budget,
      of,
      ...(account === this.#floor ? { isFloor: true as const } : {}),
      period,
      window,
      used: sumOf(slices, ({ used }) => used),
      reserved: sumOf(slices, ({ reserved }) => reserved),
      refused,
      resetsAt: (slices.at(-1) ?? span).endsAt,
      slices: slices.map((slice) => ({ startsAt: slice.startsAt, ...sumOf([slice], totalOf) })),
    }
  }
}

/** Which soft limit an account has reached. */
export function softReached({ soft }: Pick<ResolvedLimit, 'soft'>, account: Account): BudgetUnit | undefined {
  return UNITS.find((unit) => soft[unit] !== undefined && account.used(unit) >= soft[unit])
}

function isInUse({ used, reserved, open }: Slice): boolean {
  return open > 0 || UNITS.some((unit) => used[unit] + reserved[unit] > 0)
}

function totalOf({ used, reserved }: Slice): BudgetAmounts {
  return {
    cost: used.cost + reserved.cost,
    tokens: used.tokens + reserved.tokens,
    requests: used.requests + reserved.requests,
  }
}

function sumOf(slices: readonly Slice[], amountsOf: (slice: Slice) => BudgetAmounts): BudgetAmounts {
  const sum = { cost: 0, tokens: 0, requests: 0 }
  for (const slice of slices) for (const unit of UNITS) sum[unit] += amountsOf(slice)[unit]
  return sum
}

function add(slice: Slice, amounts: BudgetAmounts): void {
  for (const unit of UNITS) slice.used[unit] += amounts[unit]
}

function raise(slice: Slice, amounts: BudgetAmounts): void {
  for (const unit of UNITS) slice.used[unit] = Math.max(slice.used[unit], amounts[unit])
}

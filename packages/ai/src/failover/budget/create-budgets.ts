import { systemClock } from '@holdfast/core'
import type { Clock, Events, HoldfastError } from '@holdfast/core'
import { budgetExceeded } from '../../errors/failures.ts'
import { between, invalid } from '../../errors/invalid-options.ts'
import type { AiEvent } from '../../events/events.ts'
import { NOTHING, settle, UNITS } from './account.ts'
import type { Account, Slice } from './account.ts'
import type {
  BudgetAccount,
  BudgetReservation,
  Budgets,
  BudgetSnapshot,
  BudgetSpending,
  BudgetStanding,
} from './budgets.ts'
import { Ledger, softReached } from './ledger.ts'
import { covers, mayCover, resolveLimit } from './limit.ts'
import { BUDGET_DEFAULTS } from './options.ts'
import type { BudgetAmounts, BudgetsOptions, BudgetSubject, BudgetUnit } from './options.ts'
import { checkSnapshot, checkSpending } from './snapshot.ts'

/** What stands in the way of a request. */
interface Refusal {
  readonly ledger: Ledger
  readonly account: Account
  readonly unit: BudgetUnit
  readonly limit: number
  /** Until there is room, in ms; `Infinity` when there never will be. */
  readonly waitMs: number
}

/** What an attempt has set aside in one account, once that is done. */
interface Booking {
  readonly ledger: Ledger
  readonly account: Account
  slice: Slice | undefined
}

/**
 * Budgets in money, tokens and requests, by tenant, key, provider, model and credential, for any number of failovers. Before a model is asked, what the attempt
 * may use is set aside; at its end what it has really used takes that place. So many requests at once cannot all slip through the rest of a
 * budget: it is passed by no more than what attempts under way use above what was set aside for them.
 *
 * @throws HoldfastError INVALID_OPTION when an option is wrong.
 * @example
 * ```ts
 * import { createBudgets } from '@holdfast/ai'
 *
 * const budgets = createBudgets({
 *   limits: [
 *     { name: 'everything', period: 'month', softCost: 800, maxCost: 1_000 },
 *     { name: 'each-tenant', per: ['tenant'], period: 'day', maxTokens: 200_000, except: { tenant: 'acme' } },
 *     { name: 'per-minute', per: ['key'], period: 'minute', window: 'rolling', maxRequests: 60 },
 *   ],
 * })
 * const reservation = budgets.reserve({ tenant: 'globex', key: 'web' }, { cost: 0.02, tokens: 1_500, requests: 1 })
 * reservation.settle({ cost: 0.01, tokens: 700, requests: 1 })
 * console.log(budgets.snapshot().accounts)
 * ```
 */
export function createBudgets(options: BudgetsOptions): Budgets {
  return new LedgerBudgets(options)
}

class LedgerBudgets implements Budgets {
  readonly expectedOutputTokens: number
  readonly #ledgers: readonly Ledger[]
  readonly #mayPreferCheaper: boolean
  readonly #clock: Clock
  readonly #events: Events<AiEvent> | undefined
  readonly #listeners = new Set<() => void>()
  #revision = 0

  constructor({ limits, clock = systemClock, events, ...options }: BudgetsOptions) {
    if (!Array.isArray(limits) || limits.length === 0 || limits.length > 100) {
      throw invalid('limits', 'a list of 1 to 100 limits', limits)
    }
    const maxAccounts = between('maxAccounts', options.maxAccounts ?? BUDGET_DEFAULTS.maxAccounts, 10, 1_000_000)
    const nextRevision = (): number => (this.#revision += 1)
    this.#ledgers = limits.map(
      (limit, index) => new Ledger(resolveLimit(limit, `limits[${index}]`), maxAccounts, nextRevision),
    )
    this.#mayPreferCheaper = this.#ledgers.some(({ limit }) => limit.isSoft && limit.onSoft === 'cheapest')
    const names = this.#ledgers.map(({ limit }) => limit.name)
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    if (twice !== undefined) throw invalid('limits', 'limits of different names', twice)
    const expected = options.expectedOutputTokens ?? BUDGET_DEFAULTS.expectedOutputTokens
    this.expectedOutputTokens = between('expectedOutputTokens', expected, 0, 10_000_000)
    this.#clock = clock
    this.#events = events
  }

  needsPrice(model: BudgetSubject): boolean {
    return this.#ledgers.some(
      ({ limit }) => (limit.max.cost !== undefined || limit.soft.cost !== undefined) && mayCover(limit, model),
    )
  }

  hasRoom(subject: BudgetSubject, amounts: BudgetAmounts): boolean {
    const now = this.#clock.wallTime()
    for (const ledger of this.#ledgers) {
      if (!covers(ledger.limit, subject)) continue
      if (refusalOf(ledger, ledger.account(subject, now), amounts, now) !== undefined) return false
    }
    return true
  }

  prefersCheaper(subject: BudgetSubject): boolean {
    if (!this.#mayPreferCheaper) return false
    const now = this.#clock.wallTime()
    return this.#ledgers.some((ledger) => {
      const { limit } = ledger
      if (limit.onSoft !== 'cheapest' || !covers(limit, subject)) return false
      return softReached(ledger.limit, ledger.account(subject, now)) !== undefined
    })
  }

  reserve(subject: BudgetSubject, amounts: BudgetAmounts): BudgetReservation {
    const now = this.#clock.wallTime()
    let refusals: Refusal[] | undefined
    const booked: Booking[] = []
    for (const ledger of this.#ledgers) {
      if (!covers(ledger.limit, subject)) continue
      const account = ledger.account(subject, now)
      const refusal = refusalOf(ledger, account, amounts, now)
      if (refusal !== undefined) (refusals ??= []).push(refusal)
      booked.push({ ledger, account, slice: undefined })
    }
    if (refusals !== undefined) throw this.#refuse(refusals, amounts, now)
    for (const booking of booked) booking.slice = booking.account.reserve(booking.ledger.spanAt(now), amounts)
    this.#changed(booked)
    let isOpen = true
    return {
      settle: (used = NOTHING) => {
        if (!isOpen) return
        isOpen = false
        for (const { ledger, account, slice } of booked) {
          settle(slice!, amounts, used)
          this.#tellSoft(ledger, account)
        }
        this.#changed(booked)
      },
    }
  }

  get revision(): number {
    return this.#revision
  }

  *changes(since: number): Iterable<BudgetAccount> {
    for (const ledger of this.#ledgers) yield* ledger.changes(since, () => this.#clock.wallTime())
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  snapshot(): BudgetSnapshot {
    const at = this.#clock.wallTime()
    return { version: 1, at, accounts: this.#ledgers.flatMap((ledger) => ledger.list(at)) }
  }

  standings(): readonly BudgetStanding[] {
    const at = this.#clock.wallTime()
    return this.#ledgers.flatMap((ledger) => ledger.standings(at))
  }

  restore(snapshot: BudgetSnapshot): void {
    checkSnapshot(snapshot)
    const now = this.#clock.wallTime()
    for (const account of snapshot.accounts) this.#ledgerOf(account)?.restore(account, now)
  }

  heed(spending: readonly BudgetSpending[], { isAll = false }: { readonly isAll?: boolean } = {}): void {
    checkSpending(spending)
    const now = this.#clock.wallTime()
    if (isAll) for (const ledger of this.#ledgers) ledger.forgetElsewhere()
    for (const one of spending) this.#ledgerOf(one)?.heed(one, now)
  }

  /** `undefined` where the limit is no longer there, or is another one. */
  #ledgerOf({ budget, period, window }: Pick<BudgetAccount, 'budget' | 'period' | 'window'>): Ledger | undefined {
    return this.#ledgers.find(
      ({ limit }) => limit.name === budget && limit.period === period && limit.window === window,
    )
  }

  #changed(booked: readonly { readonly account: Account }[]): void {
    const revision = (this.#revision += 1)
    for (const { account } of booked) account.revision = revision
    for (const listener of this.#listeners) listener()
  }

  /** Of all that stand in the way, the one that does so for longest is named. */
  #refuse(refusals: readonly Refusal[], amounts: BudgetAmounts, now: number): HoldfastError {
    const longest = refusals.reduce((a, b) => (b.waitMs > a.waitMs ? b : a))
    for (const { ledger, account, unit, limit } of refusals) {
      account.refused += 1
      account.lastRefused = { amounts, until: quietUntil(ledger, now) }
      if (now < account.quietUntil.max) continue
      account.quietUntil.max = quietUntil(ledger, now)
      this.#tell('budget-exceeded', ledger, account, unit, account.total(unit), limit)
    }
    const { limit } = longest.ledger
    return budgetExceeded(limit.name, longest.unit, longest.waitMs)
  }

  #tellSoft(ledger: Ledger, account: Account): void {
    if (!ledger.limit.isSoft) return
    const now = this.#clock.wallTime()
    account.advance(now, ledger.spanAt(now))
    const unit = softReached(ledger.limit, account)
    if (unit === undefined) return
    if (now < account.quietUntil.soft) return
    account.quietUntil.soft = quietUntil(ledger, now)
    this.#tell('budget-soft-reached', ledger, account, unit, account.used(unit), ledger.limit.soft[unit]!)
  }

  #tell(
    type: 'budget-soft-reached' | 'budget-exceeded',
    ledger: Ledger,
    account: Account,
    unit: BudgetUnit,
    used: number,
    limit: number,
  ): void {
    const at = this.#clock.wallTime()
    this.#events?.emit({ type, at, budget: ledger.limit.name, of: account.of, unit, used, limit })
  }
}

/** What of one limit stands in the way. */
function refusalOf(ledger: Ledger, account: Account, amounts: BudgetAmounts, now: number): Refusal | undefined {
  for (const unit of UNITS) {
    const limit = ledger.limit.max[unit]
    if (limit === undefined || amounts[unit] === 0) continue
    const excess = account.total(unit) + amounts[unit] - limit
    if (excess <= 0) continue
    const waitMs = (account.freeAt(unit, excess) ?? Infinity) - now
    return { ledger, account, unit, limit, waitMs }
  }
  return undefined
}

/** When it may be told again. */
function quietUntil(ledger: Ledger, now: number): number {
  const { window, periodMs } = ledger.limit
  return window === 'fixed' ? ledger.spanAt(now).endsAt : now + periodMs
}

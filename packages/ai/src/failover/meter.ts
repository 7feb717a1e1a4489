import type { HeadersLike, HoldfastError } from '@holdfast/core'
import { invalid } from '../errors/invalid-options.ts'
import { headersOf } from '../errors/reply-headers.ts'
import type { RequestContext } from '../provenance/request-context.ts'
import type { Meter, MeteredAttempt, MeteredRequest, ModelAbout } from '../tiers/plan.ts'
import type { BudgetReservation, Budgets } from './budget/budgets.ts'
import { boundedName, keyLabelOf } from './budget/limit.ts'
import type { BudgetAmounts, BudgetSubject } from './budget/options.ts'
import { costOf } from './price.ts'
import type { AttemptUsage } from './price.ts'
import type { Allowance, SentRequest } from './rate-limits/allowance.ts'

/** What one model of a failover uses up: budgets, where there are any, and what its provider lets through. */
export class ModelMeter implements Meter {
  readonly #about: ModelAbout
  readonly #maxOutputTokens: number
  readonly #budgets: Budgets | undefined
  readonly #allowance: Allowance | undefined
  #latest: { readonly tenant: string; readonly key: string | undefined; readonly subject: BudgetSubject } | undefined

  constructor(
    about: ModelAbout,
    maxOutputTokens: number | undefined,
    budgets: Budgets | undefined,
    allowance: Allowance | undefined,
  ) {
    this.#about = about
    this.#maxOutputTokens = maxOutputTokens ?? Infinity
    this.#budgets = budgets
    this.#allowance = allowance
  }

  roomInMs(request: MeteredRequest): number {
    return this.#allowance?.roomInMs(() => request.inputTokens) ?? 0
  }

  /** Whether it may not spend whatever it likes. */
  get isBudgeted(): boolean {
    return this.#budgets !== undefined
  }

  hasRoom(request: MeteredRequest): boolean {
    return this.#budgets?.hasRoom(this.subjectOf(request.context), this.estimate(request)) ?? true
  }

  /** @throws HoldfastError BUDGET_EXCEEDED, which counts as a refusal. */
  checkRoom(request: MeteredRequest): void {
    this.#budgets?.reserve(this.subjectOf(request.context), this.estimate(request)).settle()
  }

  /** Whether a soft limit that asks for cheaper models has been reached. */
  prefersCheaper(context: RequestContext): boolean {
    return this.#budgets?.prefersCheaper(this.subjectOf(context)) ?? false
  }

  /** Whose request it is, and this model: the same object for the same tenant and key. */
  subjectOf({ tenant = 'default', key }: RequestContext): BudgetSubject {
    const latest = this.#latest
    if (latest !== undefined && latest.tenant === tenant && latest.key === key) return latest.subject
    const { provider, modelId: model, credential } = this.#about
    const of = { tenant: boundedName(tenant), key: keyLabelOf(key), provider, model, credential }
    const subject: BudgetSubject = Object.freeze(of)
    this.#latest = { tenant, key, subject }
    return subject
  }

  /** What an attempt may use: the prompt by its length, the answer as long as it may become. */
  estimate({ options, inputTokens }: Omit<MeteredRequest, 'context'>): BudgetAmounts {
    const expected = options.maxOutputTokens ?? this.#budgets?.expectedOutputTokens ?? 0
    return this.amountsOf({ inputTokens, outputTokens: Math.min(expected, this.#maxOutputTokens) })
  }

  begin(request: MeteredRequest): MeteredAttempt {
    const reservation = this.#budgets?.reserve(this.subjectOf(request.context), this.estimate(request))
    return new Metered(
      this,
      reservation,
      this.#allowance?.send(() => request.inputTokens),
    )
  }

  /** What an attempt has used, as budgets count it. */
  amountsOf(usage: AttemptUsage): BudgetAmounts {
    const { price } = this.#about
    const cost = price === undefined ? 0 : costOf(usage, price)
    return { cost, tokens: usage.inputTokens + usage.outputTokens, requests: 1 }
  }
}

class Metered implements MeteredAttempt {
  readonly #meter: ModelMeter
  readonly #reservation: BudgetReservation | undefined
  readonly #request: SentRequest | undefined
  #wasSent: boolean = false

  constructor(meter: ModelMeter, reservation: BudgetReservation | undefined, request: SentRequest | undefined) {
    this.#meter = meter
    this.#reservation = reservation
    this.#request = request
  }

  sent(): void {
    this.#wasSent = true
  }

  heard(headers: HeadersLike | undefined): void {
    this.#request?.heard(headers)
  }

  failed(thrown: unknown, { category }: HoldfastError): void {
    if (this.#wasSent) this.#request?.refused(headersOf(thrown), category === 'rate-limit')
  }

  end(usage: AttemptUsage | undefined): void {
    this.#request?.forget(this.#wasSent)
    if (usage === undefined) this.#reservation?.settle()
    else this.#reservation?.settle(this.#meter.amountsOf(usage))
  }
}

/** Budgets that can count what a model costs. @throws HoldfastError INVALID_OPTION when its price must be known, and is not. */
export function budgetsFor(
  { provider, modelId: model, credential, price }: ModelAbout,
  budgets: Budgets | undefined,
  option: string,
): Budgets | undefined {
  if (price === undefined && budgets?.needsPrice({ provider, model, credential }) === true) {
    throw invalid(option, 'given, since a budget in money is for this model', price)
  }
  return budgets
}

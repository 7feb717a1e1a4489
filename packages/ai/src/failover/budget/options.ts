import type { Clock, Events } from '@holdfast/core'
import type { AiEvent } from '../../events/events.ts'

/** What a budget can be told apart by. `key` is the label of the caller's API key, `model` the `modelId`. */
export type BudgetDimension = 'tenant' | 'key' | 'provider' | 'model' | 'credential'

/** Whose request it is, and which model is asked. */
export type BudgetSubject = { readonly [Dimension in BudgetDimension]?: string | undefined }

/** For which requests a limit is; what is left out is for all. */
export type BudgetScope = { readonly [Dimension in BudgetDimension]?: string | readonly string[] | undefined }

/** `week` begins on Monday. A rolling `month` has 30 days. */
export type BudgetPeriod = 'minute' | 'hour' | 'day' | 'week' | 'month'

/** What is counted: money (in the currency of the prices), tokens of prompt and answer, requests to providers. */
export type BudgetUnit = 'cost' | 'tokens' | 'requests'

/** So much of each unit. */
export type BudgetAmounts = { readonly [Unit in BudgetUnit]: number }

/** How much may be used in a period, and by whom. At least one of the `max…` and `soft…`. */
export interface BudgetLimit {
  /** In events, errors and the snapshot. 1 to 64 of `a-z`, `0-9`, `-`. */
  readonly name: string
  /** Only requests of, or to, these. */
  readonly only?: BudgetScope | undefined
  /** Not those of, or to, any of these; they may have a limit of their own. */
  readonly except?: BudgetScope | undefined
  /** Counted apart for each of these: `['tenant']` gives every tenant its own account. Default: one account for all. */
  readonly per?: readonly BudgetDimension[] | undefined
  readonly period: BudgetPeriod
  /** `fixed`: by the calendar, in UTC. `rolling`: the time up to now, in thirtieths (one is counted up to a thirtieth longer than it has to). Default: `fixed`. */
  readonly window?: 'fixed' | 'rolling' | undefined
  /** Money that may be spent; 0 to 1,000,000,000. Needs the price of every model it is for. */
  readonly maxCost?: number | undefined
  /** Money after which it is told (`budget-soft-reached`), and `onSoft` holds. 0 to 1,000,000,000. */
  readonly softCost?: number | undefined
  /** Tokens of prompt and answer. 0 to 1e15. */
  readonly maxTokens?: number | undefined
  /** 0 to 1e15. */
  readonly softTokens?: number | undefined
  /** Requests to providers: every attempt that may have reached one. 0 to 1e15. */
  readonly maxRequests?: number | undefined
  /** 0 to 1e15. */
  readonly softRequests?: number | undefined
  /** After a soft limit it is only told (`tell`), or cheaper models are asked first as well (`cheapest`). Default: `tell`. */
  readonly onSoft?: 'tell' | 'cheapest' | undefined
}

/** What {@link createBudgets} is made from. */
export interface BudgetsOptions {
  /** 1 to 100. All that are for a request must have room for it. */
  readonly limits: readonly BudgetLimit[]
  /** Accounts of one limit. When there are more, the least used make room, and who comes (back) begins with the most that any of them had used. 10 to 1,000,000. Default: 10,000. */
  readonly maxAccounts?: number | undefined
  /** Tokens of answer that are reserved for a request that does not say `maxOutputTokens`. 0 to 10,000,000. Default: 1,000. */
  readonly expectedOutputTokens?: number | undefined
  readonly events?: Events<AiEvent> | undefined
  readonly clock?: Clock | undefined
}

/** What {@link BudgetsOptions} and {@link BudgetLimit} fall back to. */
export const BUDGET_DEFAULTS: Readonly<{
  window: 'fixed'
  onSoft: 'tell'
  maxAccounts: number
  expectedOutputTokens: number
}> = Object.freeze({ window: 'fixed', onSoft: 'tell', maxAccounts: 10_000, expectedOutputTokens: 1_000 })

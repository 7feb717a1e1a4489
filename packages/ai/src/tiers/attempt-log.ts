import type { HoldfastError } from '@holdfast/core'
import { attemptsOf } from '../errors/all-tiers-failed.ts'
import { isBlameless } from '../errors/failures.ts'
import type { TierAttempt, TierReport } from '../provenance/provenance.ts'
import { nestedAttempts } from '../provenance/report.ts'
import { costOf } from '../failover/price.ts'
import type { AttemptUsage } from '../failover/price.ts'
import type { ModelAbout, PlannedTier } from './plan.ts'
import type { Writable } from './writable.ts'

/** One tier's entry in the log of a request, open until the tier has settled. */
export interface LogEntry {
  readonly tier: string
  /** Since the request began, in ms. */
  readonly startMs: number
  readonly about: ModelAbout | undefined
  /** Its tokens, as far as they are told or estimated. */
  usage: AttemptUsage | undefined
  settled: TierAttempt | undefined
  nested: readonly TierAttempt[]
}

/** What was tried for one request, in the order in which it was started. */
export class AttemptLog {
  #entries: readonly LogEntry[] = []

  open({ name: tier, about }: Pick<PlannedTier, 'name' | 'about'>, startMs: number): LogEntry {
    const entry: LogEntry = { tier, startMs, about, usage: undefined, settled: undefined, nested: [] }
    // A list that is pushed to takes room for more at once.
    this.#entries = this.#entries.length === 0 ? [entry] : [...this.#entries, entry]
    return entry
  }

  served(entry: LogEntry, nowMs: number, firstOutputMs: number, report: TierReport, servedBy: string): void {
    const settled: Writable<TierAttempt> = {
      tier: entry.tier,
      servedBy,
      outcome: 'served',
      startMs: entry.startMs,
      durationMs: nowMs - entry.startMs,
      firstOutputMs,
    }
    addModel(settled, entry)
    if (report.mayHaveTakenEffect === true) settled.mayHaveTakenEffect = true
    entry.settled = settled
    entry.nested = nestedAttempts(entry.tier, entry.startMs, report.attempts)
  }

  failed(entry: LogEntry, nowMs: number, error: HoldfastError, firstOutputMs?: number): void {
    const skipped = isSkipped(error)
    const settled: Writable<TierAttempt> = {
      tier: entry.tier,
      outcome: skipped ? 'skipped' : 'failed',
      code: error.code,
      category: error.category,
      mayHaveTakenEffect: error.mayHaveTakenEffect,
      startMs: entry.startMs,
      durationMs: nowMs - entry.startMs,
    }
    if (skipped && error.retryAfterMs !== undefined) settled.retryAfterMs = error.retryAfterMs
    if (firstOutputMs !== undefined) settled.firstOutputMs = firstOutputMs
    addModel(settled, entry)
    entry.settled = settled
    entry.nested = nestedAttempts(entry.tier, entry.startMs, attemptsOf(error))
  }

  /** The tier had no time left, and was not asked. */
  passedOver(entry: LogEntry, error: HoldfastError): void {
    entry.settled = {
      tier: entry.tier,
      outcome: 'skipped',
      code: error.code,
      category: error.category,
      mayHaveTakenEffect: false,
      startMs: entry.startMs,
      durationMs: 0,
    }
  }

  lost(entry: LogEntry, nowMs: number, outcome: 'overtaken' | 'cancelled'): void {
    entry.settled = unanswered(entry, nowMs, outcome)
  }

  /** All attempts, with those inside a tier behind it. One still at work counts as overtaken: nobody knows what it has done. */
  list(nowMs: number, except?: LogEntry): TierAttempt[] {
    const list: TierAttempt[] = []
    for (const entry of this.#entries) {
      if (entry === except) continue
      list.push(entry.settled ?? unanswered(entry, nowMs, 'overtaken'))
      if (entry.nested.length > 0) list.push(...entry.nested)
    }
    return list
  }

  /** How many attempts {@link AttemptLog.list} would have. */
  get count(): number {
    let count = this.#entries.length
    for (const entry of this.#entries) count += entry.nested.length
    return count
  }
}

function unanswered(entry: LogEntry, nowMs: number, outcome: 'overtaken' | 'cancelled'): TierAttempt {
  const settled: Writable<TierAttempt> = {
    tier: entry.tier,
    outcome,
    mayHaveTakenEffect: true,
    startMs: entry.startMs,
    durationMs: nowMs - entry.startMs,
  }
  if (outcome === 'overtaken') Object.assign(settled, { code: 'OVERTAKEN', category: 'timeout' })
  addModel(settled, entry)
  return settled
}

/** Whether a policy refused before the tier was asked, or it had nothing to offer. */
export function isSkipped(error: HoldfastError): boolean {
  return error.category === 'rejected' && !isBlameless(error)
}

/** Adds which model an attempt went to, and what it used. */
function addModel(settled: Writable<TierAttempt>, { about, usage }: LogEntry): void {
  if (about === undefined) return
  const { provider, modelId, credential, price } = about
  settled.provider = provider
  settled.modelId = modelId
  if (credential !== undefined) settled.credential = credential
  if (usage === undefined) return
  settled.usage = usage
  if (price !== undefined) settled.cost = costOf(usage, price)
}

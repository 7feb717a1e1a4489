import type { LanguageModelV4StreamPart, SharedV4Headers } from '@ai-sdk/provider'
import type { HoldfastError } from '@holdfast/core'
import type { Provenance, TierReport } from '../provenance/provenance.ts'
import { provenanceHeaders, reportOf, reportOfHeaders } from '../provenance/report.ts'
import type { Writable } from './writable.ts'
import type { Attempt, Finish } from './attempt.ts'
import type { AnswerRequest } from './answer-request.ts'

/** An attempt that has committed: what is known about its answer, and what is told about it. */
export class Serving {
  readonly #request: AnswerRequest
  #attempt: Attempt
  #early: TierReport & { readonly attemptCount: number }
  #remembers: boolean
  /** Since the request began, in ms. */
  readonly #firstOutputMs: number
  #resumed: Provenance['resumed']
  #text: string = ''
  #rememberable: boolean = true

  constructor(request: AnswerRequest, attempt: Attempt) {
    this.#request = request
    this.#attempt = attempt
    this.#early = reportOfHeaders(attempt.result.response?.headers)
    this.#remembers = request.plan.memory !== undefined && attempt.tier.remember
    this.#firstOutputMs = attempt.entry.startMs + (attempt.firstOutputMs ?? 0)
    const report = this.#report()
    request.report({
      type: 'tier-served',
      tier: attempt.tier.name,
      servedBy: this.#servedBy(report),
      degraded: this.#degraded,
      stale: report.stale ?? false,
      firstOutputMs: this.#firstOutputMs,
    })
  }

  /** The answer has broken off, and another tier has taken it over. */
  resume(attempt: Attempt, how: 'continue' | 'restart'): void {
    this.#attempt = attempt
    this.#early = reportOfHeaders(attempt.result.response?.headers)
    this.#remembers &&= attempt.tier.remember
    this.#resumed = how
    if (how === 'restart') {
      this.#text = ''
      this.#rememberable = true
    }
    const servedBy = this.#servedBy(this.#report())
    this.#request.report({ type: 'answer-resumed', tier: attempt.tier.name, servedBy, how })
  }

  /** What can be said at the commit. A tier that is not whole yet may still name itself at its finish. */
  headers(): SharedV4Headers {
    const report = this.#report()
    const { log, idHeader } = this.#request
    const attemptCount = log.count + (report.attempts?.length ?? this.#early.attemptCount)
    const headers = provenanceHeaders(idHeader, this.#attempt.tier.shown, attemptCount, report)
    const own = this.#attempt.result.response?.headers
    return own === undefined ? headers : { ...own, ...headers }
  }

  /** Notes what the reader is given, for the memory. */
  note(part: LanguageModelV4StreamPart): void {
    if (!this.#remembers) return
    if (part.type === 'text-delta') this.#text += part.delta
    // What cannot be told again as text is not remembered at all.
    else if (part.type === 'tool-call' || part.type === 'file') this.#rememberable = false
  }

  /** The answer is whole: returns its finish part with the provenance, and remembers it. */
  end(finish: Finish): Finish {
    const { log } = this.#request
    const report = this.#report()
    const servedBy = this.#servedBy(report)
    const { entry, firstOutputMs = 0, finishMs } = this.#attempt
    log.served(entry, finishMs, firstOutputMs, report, servedBy)
    const provenance = this.#provenance(report, servedBy, finishMs)
    this.#remember(finish, report, servedBy)
    this.#request.close()
    this.#request.report({ type: 'answer-served', provenance })
    return withProvenance(finish, provenance)
  }

  /** The answer broke off after its commit: returns a finish part that says so. */
  breakOff(error: HoldfastError, finish: Finish): Finish {
    const nowMs = this.#request.elapsedMs()
    const report = this.#report()
    const servedBy = this.#servedBy(report)
    this.#request.log.failed(this.#attempt.entry, nowMs, error, this.#attempt.firstOutputMs)
    this.#request.close()
    this.#request.reportFailed(error)
    return withProvenance(finish, this.#provenance(report, servedBy, nowMs))
  }

  get #degraded(): boolean {
    const { tier } = this.#attempt
    if (tier.exceptional) return false
    for (const first of this.#request.order) if (!first.exceptional) return tier !== first
    return true
  }

  #report(): TierReport {
    const late = reportOf(this.#attempt.finish?.providerMetadata)
    return late === undefined ? this.#early : { ...this.#early, ...late }
  }

  #servedBy(report: TierReport): string {
    return report.servedBy ?? this.#attempt.tier.servedBy
  }

  #provenance(report: TierReport, servedBy: string, nowMs: number): Provenance {
    const attempts = this.#request.log.list(nowMs)
    let total: number | undefined
    for (const { cost } of attempts) if (cost !== undefined) total = (total ?? 0) + cost
    const provenance: Writable<Provenance> = {
      requestId: this.#request.id,
      assistant: this.#request.plan.name,
      tier: this.#attempt.tier.name,
      servedBy,
      degraded: this.#degraded,
      stale: report.stale ?? false,
      hedged: this.#request.hedged,
      durationMs: nowMs,
      firstOutputMs: this.#firstOutputMs,
      attempts,
    }
    if (report.ageMs !== undefined) provenance.ageMs = report.ageMs
    if (report.similarity !== undefined) provenance.similarity = report.similarity
    if (this.#resumed !== undefined) provenance.resumed = this.#resumed
    if (total !== undefined) provenance.cost = total
    return provenance
  }

  #remember(finish: Finish, report: TierReport, servedBy: string): void {
    const { memory, name, clock } = this.#request.plan
    if (memory === undefined || !this.#remembers || !this.#rememberable) return
    if (finish.finishReason.unified !== 'stop' || this.#text.trim() === '') return
    if (report.stale === true || report.rememberable === false) return
    try {
      memory.remember(name, this.#request.options, {
        text: this.#text,
        tier: this.#attempt.tier.name,
        servedBy,
        at: clock.wallTime(),
      })
    } catch {
      // The answer is more important than the memory of it.
    }
  }
}

function withProvenance(finish: Finish, provenance: Provenance): Finish {
  const holdfast = provenance as unknown as Record<string, string>
  const { providerMetadata: own } = finish
  return { ...finish, providerMetadata: own === undefined ? { holdfast } : { ...own, holdfast } }
}

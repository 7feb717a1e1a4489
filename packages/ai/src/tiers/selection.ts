import { overtaken } from '@holdfast/core'
import type { HoldfastError, ScheduledTask } from '@holdfast/core'
import { AllTiersFailedError } from '../errors/all-tiers-failed.ts'
import { budgetSpent, noRoomYet, noTimeLeft, notNeeded, TOOL_HAS_RUN, toolHasRun } from '../errors/failures.ts'
import { RequestRefusedError } from '../errors/request-refused.ts'
import { isTrouble } from '../failover/extra-attempts.ts'
import { Attempt } from './attempt.ts'
import type { AttemptListener } from './attempt.ts'
import { isSkipped } from './attempt-log.ts'
import type { PlannedTier } from './plan.ts'
import type { AnswerRequest } from './answer-request.ts'
import { sliceOf } from './slice.ts'

/** Whoever finds out whether a tier works again need not wait for it longer than this, in ms. */
const PROBE_HEDGE_MS = 1_000

/**
 * Finds the tier that answers one request: asks one after another, the next one beside a slow one where that is allowed,
 * until an attempt commits.
 *
 * @param begin begins the request.
 * @param use makes the result of the attempt that committed, at once: another round of promises would cost each answer more than all that is done here.
 * @throws AllTiersFailedError when none did; the caller's own reason when the caller gave up; what the two functions throw.
 */
export function select<Result>(
  begin: () => AnswerRequest,
  use: (request: AnswerRequest, attempt: Attempt) => Result,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const request = begin()
    request.plan.extras?.asked(request.startedAt)
    const outcome: Outcome = {
      committed: (attempt) => {
        try {
          resolve(use(request, attempt))
        } catch (error) {
          reject(error)
        }
      },
      failed: (error) => {
        request.reportFailed(error)
        request.close()
        reject(error)
      },
      aborted: reject,
    }
    selectFrom(request, request.order, 0, outcome, request.isRepeated ? 1 : 0)
  })
}

/** The same in the middle of an answer: of these tiers, and without an end of the request when none can go on. */
export function selectAnother(request: AnswerRequest, tiers: readonly PlannedTier[]): Promise<Attempt> {
  return new Promise((resolve, reject) =>
    selectFrom(request, tiers, request.elapsedMs(), { committed: resolve, failed: reject, aborted: reject }, 1),
  )
}

function selectFrom(
  request: AnswerRequest,
  tiers: readonly PlannedTier[],
  beganMs: number,
  outcome: Outcome,
  failures: number,
): void {
  // Whoever listens to the events may abort in the midst of one: here and after each of them it is looked at again.
  request.options.abortSignal?.throwIfAborted()
  const selection = new Selection(request, tiers, beganMs, outcome, failures)
  selection.stopWhereInVain()
  selection.advance(beganMs)
}

interface Outcome {
  committed(attempt: Attempt): void
  failed(error: HoldfastError): void
  aborted(reason: unknown): void
}

const NOBODY: readonly PlannedTier[] = Object.freeze([])

class Selection implements AttemptListener {
  readonly #request: AnswerRequest
  readonly #outcome: Outcome
  /** When it began, since the request began, in ms. */
  readonly #beganMs: number
  #queue: PlannedTier[]
  /** In the order of their start: the first is the slow one, the second was started beside it. */
  #running: readonly Attempt[] = []
  /** Tiers that lost to an attempt which has not committed yet: if it fails, they are asked again. */
  #losers: readonly PlannedTier[] = NOBODY
  /** Every tier that was asked, as often as it was. */
  #started: readonly PlannedTier[] = []
  /** Those that had no room when their turn came, and how long until they have, in ms. */
  #full: Map<PlannedTier, number> | undefined
  /** The wait before a tier is asked again. */
  #waiting: ScheduledTask | undefined
  #lastError: HoldfastError | undefined
  /** How many attempts for this answer have failed as others may. */
  #failures: number

  /** @param failures of this answer before. */
  constructor(
    request: AnswerRequest,
    tiers: readonly PlannedTier[],
    beganMs: number,
    outcome: Outcome,
    failures: number,
  ) {
    this.#request = request
    this.#outcome = outcome
    this.#beganMs = beganMs
    this.#failures = failures
    this.#queue = [...tiers]
    request.onAbort((reason) => {
      this.#waiting?.cancel()
      for (const attempt of this.#running) attempt.stop(reason)
      this.#running = []
      outcome.aborted(reason)
    })
  }

  /** Starts the next tier that still has time; gives up when there is none and nothing is at work. @param elapsedMs since the request began. */
  advance(elapsedMs: number = this.#request.elapsedMs()): void {
    const { plan, log, options } = this.#request
    for (let tier = this.#queue.shift(); tier !== undefined; tier = this.#queue.shift()) {
      if (options.abortSignal?.aborted === true) return
      if (this.#putBack(tier)) continue
      const slice = sliceOf(
        tier,
        this.#queue,
        plan.deadlineMs - (elapsedMs - this.#beganMs),
        plan.deadlineMs,
        plan.asksLast && this.#queue.length === 0,
      )
      const entry = log.open(tier, elapsedMs)
      if (slice === undefined) {
        const error = noTimeLeft(tier.name)
        log.passedOver(entry, error)
        this.#reportFailure(tier.name, 'tier-skipped', error, 0)
        continue
      }
      const attempt = new Attempt(this.#request, tier, entry, this)
      this.#running = [...this.#running, attempt]
      this.#started = [...this.#started, tier]
      this.#armHedge(attempt)
      void attempt.run(slice)
      return
    }
    if (this.#running.length === 0 && options.abortSignal?.aborted !== true) this.#giveUp()
  }

  /** Whether a tier has no room now, and waits behind those that may have some. Nobody waits twice: the last ones are asked all the same. */
  #putBack(tier: PlannedTier): boolean {
    const request = this.#request
    const waitMs = this.#queue.length === 0 ? 0 : (tier.meter?.roomInMs(request) ?? 0)
    if (waitMs === 0 || this.#full?.has(tier) === true) return false
    const full = (this.#full ??= new Map())
    const at = this.#queue.findIndex((other) => (full.get(other) ?? 0) > waitMs)
    this.#queue.splice(at < 0 ? this.#queue.length : at, 0, tier)
    full.set(tier, waitMs)
    this.#passOver(tier, noRoomYet(tier.name, waitMs))
    return true
  }

  began(attempt: Attempt): void {
    if (this.#running.length > 1) this.#leaveOthers(attempt)
    attempt.tier.hedging?.took(attempt.firstOutputMs ?? 0)
  }

  #leaveOthers(attempt: Attempt): void {
    const nowMs = this.#request.elapsedMs()
    const slow = this.#running[0]
    for (const other of this.#running) {
      if (other === attempt) continue
      this.#losers = [...this.#losers, other.tier]
      if (other === slow) other.tier.hedging?.took(nowMs - slow.entry.startMs)
      other.stop(other === slow ? overtaken(nowMs - slow.entry.startMs) : notNeeded())
      this.#request.log.lost(other.entry, nowMs, other === slow ? 'overtaken' : 'cancelled')
    }
    this.#running = [attempt]
  }

  committed(attempt: Attempt): void {
    // It stays among those at work, so that an abort before anybody has taken it over still stops it.
    this.#request.left = this.#losers.length === 0 ? this.#queue : [...this.#losers, ...this.#queue]
    if (this.#failures > 0) this.#request.plan.extras?.helped()
    this.#outcome.committed(attempt)
  }

  failed(attempt: Attempt, error: HoldfastError): void {
    const nowMs = this.#request.elapsedMs()
    this.#running = this.#running.filter((other) => other !== attempt)
    this.#lastError = error
    if (isTrouble(error)) this.#failures += 1
    this.#request.log.failed(attempt.entry, nowMs, error, attempt.firstOutputMs)
    const type = isSkipped(error) ? 'tier-skipped' : 'tier-failed'
    const tookMs = nowMs - attempt.entry.startMs
    this.#reportFailure(attempt.tier.name, type, error, tookMs)
    this.#queue.unshift(...this.#losers)
    this.#losers = NOBODY
    // A list inside says by its error what has run there.
    if (error.code === TOOL_HAS_RUN && !attempt.tier.isSafeToRepeat(this.#request.options, true)) {
      this.#request.toolHasRun = true
    }
    const { plan, toolHasRun: mustEnd } = this.#request
    if (mustEnd) this.#queue = this.#queue.filter(({ runsNothing }) => runsNothing)
    const [other] = this.#running
    if (other !== undefined) {
      this.#hedge(other)
      return
    }
    if (mustEnd) {
      if (this.#queue.length === 0) this.#refuse(error.code === TOOL_HAS_RUN ? error : toolHasRun(error))
      else this.advance()
      return
    }
    const retryInMs = this.#isInVain ? undefined : plan.retryIn(error, this.#triesOf(attempt.tier), tookMs)
    if (retryInMs !== undefined && nowMs - this.#beganMs + retryInMs < plan.deadlineMs) {
      this.#retry(attempt.tier, retryInMs)
      return
    }
    const left = plan.after(error, attempt.tier, this.#queue)
    if (left === undefined) {
      this.#refuse(error)
      return
    }
    this.#queue = [...left]
    this.stopWhereInVain()
    this.advance()
  }

  /** Whether it has failed already, and asking on has helped nobody lately. */
  get #isInVain(): boolean {
    return this.#failures > 0 && this.#request.plan.extras?.isSpent === true
  }

  /** Leaves it at that where asking on is in vain. */
  stopWhereInVain(): void {
    if (!this.#isInVain) return
    for (const tier of this.#queue.splice(0)) this.#passOver(tier, budgetSpent(tier.name))
  }

  #passOver(tier: PlannedTier, error: HoldfastError): void {
    const { log } = this.#request
    log.passedOver(log.open(tier, this.#request.elapsedMs()), error)
    this.#reportFailure(tier.name, 'tier-skipped', error, 0)
  }

  #triesOf(tier: PlannedTier): number {
    return this.#started.filter((other) => other === tier).length
  }

  #retry(tier: PlannedTier, afterMs: number): void {
    this.#waiting = this.#request.plan.clock.schedule(afterMs, () => {
      this.#waiting = undefined
      this.#queue.unshift(tier)
      this.advance()
    })
  }

  #armHedge(attempt: Attempt): void {
    const { guard, hedging } = attempt.tier
    if (this.#started.length === 1) hedging?.asked()
    const state = guard?.circuit.state
    attempt.isProbe = state === 'half-open' || state === 'open'
    const afterMs = hedging?.delayMs ?? (attempt.isProbe ? PROBE_HEDGE_MS : undefined)
    if (afterMs === undefined || !attempt.tier.isSafeToRepeat(this.#request.options)) return
    attempt.after(afterMs, () => {
      attempt.hedgeDue = true
      this.#hedge(attempt)
    })
  }

  /** Starts the next tier beside a slow one, but never a third; a last resort only when its own time has come. */
  #hedge(slow: Attempt): void {
    const next = this.#queue[0]
    if (!slow.hedgeDue || slow.firstOutputMs !== undefined || this.#running.length !== 1 || next === undefined) return
    const afterMs = this.#request.elapsedMs() - slow.entry.startMs
    if (afterMs < next.lastResortAfterMs) {
      slow.after(next.lastResortAfterMs - afterMs, () => this.#hedge(slow))
      return
    }
    // Who finds out whether it works again does so for all.
    if (!slow.isProbe && this.#request.plan.extras?.isSpent === true) return
    if (!slow.isProbe && slow.tier.hedging?.tryHedge() === false) return
    this.#request.hedged = true
    this.#request.report({ type: 'tier-hedged', tier: slow.tier.name, next: next.name, afterMs })
    this.advance()
  }

  #giveUp(): void {
    const { log, plan, id } = this.#request
    if (this.#failures > 1) plan.extras?.inVain(this.#failures - 1)
    this.#outcome.failed(new AllTiersFailedError(plan.name, id, log.list(this.#request.elapsedMs()), this.#lastError))
  }

  /** Nobody else is asked: all would say the same. */
  #refuse(error: HoldfastError): void {
    const { log, id } = this.#request
    this.#outcome.failed(new RequestRefusedError(error, id, log.list(this.#request.elapsedMs())))
  }

  #reportFailure(tier: string, type: 'tier-failed' | 'tier-skipped', error: HoldfastError, durationMs: number): void {
    this.#request.report({ type, tier, code: error.code, category: error.category, durationMs })
  }
}

import { Waits } from '../backoff/backoff.ts'
import type { Clock, Random } from '../clock/clock.ts'
import { Deadlines } from '../clock/deadlines.ts'
import { type CallLabels, type LabelCarrier, labelsOf } from '../context/labels.ts'
import { ruleOf } from '../errors/category-rules.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import type { AttemptOutcome, CoreEvent, Events, RetryDenied } from '../events/events.ts'
import type { Admission, Permit, Rejection } from '../policy/admission.ts'
import type { Operation } from '../policy/operation.ts'
import { invalidOption } from '../validation/validate.ts'
import { type Attempt, type AttemptHost, type AttemptRecord, CallAttempt, cancellation } from './attempt.ts'
import { Call, type CallOptions, type CallRecord } from './call.ts'
import { RateLimitGate } from './gate.ts'
import { HedgedTry } from './hedged-try.ts'
import { acquireAll, giveBack, Leave, NO_PERMITS, tryAcquireAll } from './leave.ts'
import type { Parts } from './parts.ts'
import { Reporter } from './reporter.ts'
import { StreamAttempt } from './stream-attempt.ts'
import type { StreamRules } from './stream-rules.ts'

const NO_OPTIONS: CallOptions = {}

/** How much the latest success changes what is known of the usual duration. */
const TYPICAL_WEIGHT = 0.1

/** What an engine is made with. */
export interface EngineEnvironment {
  readonly clock: Clock
  readonly random: Random
  readonly events: Events<CoreEvent>
  readonly carrier: LabelCarrier | undefined
}

/**
 * Leads calls through the policies there are, in the one order there is: total deadline, admissions, retry, hedge, circuit breaker, attempt timeout.
 * Admissions are asked before every attempt and given back after it, so that nothing is held while a call waits for its next try.
 */
export class Engine implements AttemptHost {
  readonly name: string
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly reporter: Reporter
  readonly totals = { calls: 0, succeeded: 0, failed: 0, rejected: 0, attempts: 0, retries: 0, hedges: 0 }
  readonly gate: RateLimitGate
  /** Replaced as a whole; each step of a call takes what holds when it is made. */
  parts: Parts
  readonly #random: Random
  readonly #carrier: LabelCarrier | undefined
  /** What a success took lately, in ms: a moving average. */
  #typicalMs = 0

  constructor(name: string, parts: Parts, { clock, random, events, carrier }: EngineEnvironment) {
    this.name = name
    this.parts = parts
    this.clock = clock
    this.deadlines = new Deadlines(clock)
    this.reporter = new Reporter(name, clock, events)
    this.gate = new RateLimitGate(name)
    this.#random = random
    this.#carrier = carrier
  }

  call<T>(operation: Operation<T>, options?: CallOptions): Promise<T> {
    return this.#run(options, operation, undefined)
  }

  stream<Chunk>(
    operation: Operation<ReadableStream<Chunk>>,
    rules: StreamRules<Chunk>,
    options?: CallOptions,
  ): Promise<ReadableStream<Chunk>> {
    return this.#run(options, operation, rules)
  }

  /** Makes an attempt, which its owner has to start. */
  attempt<Result>(call: Call<Result>, leave: Leave, now: number): Attempt<Result> {
    call.attempts += 1
    this.totals.attempts += 1
    this.reporter.attemptStarted(call)
    const { rules } = call
    return rules === undefined
      ? new CallAttempt(this, call, leave, now)
      : (new StreamAttempt<never>(this, call as never, leave, now, rules) as never)
  }

  /** Leave for one more attempt beside those under way, if nothing at all speaks against it. */
  tryHedge(call: CallRecord, now: number): Leave | undefined {
    const { hedge, retry, breaker } = this.parts
    const budget = retry?.budget ?? hedge?.budget
    const isTroubled = this.#refusal(call, now) !== undefined || (breaker !== undefined && breaker.state !== 'closed')
    if (isTroubled || budget?.tryWithdraw(now) !== true) return undefined
    const permits = tryAcquireAll(this.#admissionsFor(call), call)
    const leave = 'admitted' in permits ? permits : this.#askCircuit(now, permits)
    if (!leave.admitted) return undefined
    this.totals.hedges += 1
    return leave
  }

  succeeded(attempt: AttemptRecord, now: number, measuredMs: number, firstOutputMs: number | undefined): void {
    const { call, leave, number, startedAt } = attempt
    const { breaker, hedge } = this.parts
    const outcome = breaker === undefined ? 'success' : breaker.judge('success', measuredMs)
    this.#typicalMs += (measuredMs - this.#typicalMs) * TYPICAL_WEIGHT
    hedge?.observe(measuredMs)
    this.beforeCounting(now, outcome, undefined)
    this.totals.succeeded += 1
    this.reporter.attemptSucceeded(call, number, now - startedAt, firstOutputMs, outcome)
    leave.end(outcome, now, measuredMs, undefined, undefined)
    this.afterCounting(now, outcome)
    this.reporter.callSucceeded(call, now)
  }

  failed(attempt: AttemptRecord, now: number, error: HoldfastError, outcome: AttemptOutcome): void {
    const { call, leave, number, startedAt, work } = attempt
    const durationMs = now - startedAt
    const judged = this.parts.breaker?.judge(outcome, durationMs) ?? outcome
    this.beforeCounting(now, judged, error)
    const { category, retryAfterMs } = error
    if (category === 'rate-limit' && retryAfterMs !== undefined) this.gate.close(now, retryAfterMs, error)
    this.reporter.attemptFailed(call, number, durationMs, error, judged)
    leave.end(judged, now, durationMs, error, work)
    this.afterCounting(now, judged)
  }

  callFailed(call: CallRecord, now: number, error: HoldfastError): void {
    if (error.category !== 'cancelled') this.totals.failed += 1
    this.reporter.callFailed(call, now, error)
  }

  /** Tries again, or brings the failure out. */
  afterFailure<Result>(call: Call<Result>, isCancelled: boolean, reason: unknown): void {
    if (isCancelled) {
      call.reject(this.#cancelled(call, reason))
      return
    }
    const failure = reason as HoldfastError
    call.lastFailure = failure
    const delayMs = this.#delayBeforeRetry(call, failure, this.clock.now())
    if (delayMs === undefined) {
      call.reject(this.#gaveUp(call, failure))
      return
    }
    this.reporter.retryScheduled(call, delayMs)
    this.clock
      .sleep(delayMs, call.signal)
      .then(
        () => this.#enter(call, this.clock.now()),
        (abort: unknown) => call.reject(this.#cancelled(call, abort)),
      )
      // An admission of somebody else's may throw, and must not leave the call waiting.
      .catch(call.reject)
  }

  /** Called when an attempt has ended and before that counts, for whoever watches over the whole. */
  protected beforeCounting(_now: number, _outcome: AttemptOutcome, _error: HoldfastError | undefined): void {}

  /** Called when it has counted. */
  protected afterCounting(_now: number, _outcome: AttemptOutcome): void {}

  #run<Result>(
    options: CallOptions | undefined,
    operation: Operation<Result>,
    rules: StreamRules<never> | undefined,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (options?.signal?.aborted === true) throw options.signal.reason
      const now = this.clock.now()
      const call = this.#newCall(options ?? NO_OPTIONS, operation, rules, resolve, reject, now)
      this.totals.calls += 1
      this.#enter(call, now)
    })
  }

  /** @throws HoldfastError `INVALID_OPTION` */
  #newCall<Result>(
    options: CallOptions,
    operation: Operation<Result>,
    rules: StreamRules<never> | undefined,
    resolve: (result: Result) => void,
    reject: (reason: unknown) => void,
    now: number,
  ): Call<Result> {
    const { deadlineMs = Infinity, idempotent = this.parts.idempotent } = options
    if (typeof deadlineMs !== 'number' || Number.isNaN(deadlineMs)) {
      throw invalidOption(`${this.name}: call.deadlineMs`, 'a number of milliseconds', deadlineMs)
    }
    const carried = this.#carrier?.getStore()
    const labels: CallLabels = carried === undefined ? options : labelsOf(options, carried)
    const limitMs = Math.min(deadlineMs, this.parts.deadlineMs)
    return new Call(this, operation, rules, resolve, reject, now, limitMs, idempotent, labels, options)
  }

  /** Asks for leave to make a try, and makes it. */
  #enter<Result>(call: Call<Result>, now: number): void {
    const leave = this.#ask(call, now)
    if (leave instanceof Promise) {
      leave.then(
        (answer) => this.#entered(call, answer, this.clock.now()),
        (abort: unknown) => call.reject(this.#cancelled(call, abort)),
      )
    } else {
      this.#entered(call, leave, now)
    }
  }

  #ask<Result>(call: Call<Result>, now: number): Leave | Rejection | Promise<Leave | Rejection> {
    const refusal = this.#refusal(call, now)
    if (refusal !== undefined) return refusal
    const { admissions, breaker } = this.parts
    if (admissions.length === 0) return this.#askCircuit(now)
    // An open circuit refuses before anybody queues for it.
    if (breaker !== undefined && !breaker.wouldAdmit()) {
      const answer = breaker.acquireAt(now)
      if (!answer.admitted) return answer
      answer.settle('ignored')
    }
    const permits = acquireAll(this.#admissionsFor(call), call)
    if (permits instanceof Promise) {
      return permits.then((given) => {
        if ('admitted' in given) return given
        const later = this.clock.now()
        const late = this.#refusal(call, later)
        if (late === undefined) return this.#askCircuit(later, given)
        giveBack(given)
        return late
      })
    }
    return 'admitted' in permits ? permits : this.#askCircuit(now, permits)
  }

  /** Whom to ask for the next attempt; those that decide about calls have done so at the first. */
  #admissionsFor({ tries }: CallRecord): readonly Admission[] {
    const { admissions } = this.parts
    return tries === 0 ? admissions : admissions.filter((admission) => admission.perCall !== true)
  }

  #askCircuit(now: number, permits: readonly Permit[] = NO_PERMITS): Leave | Rejection {
    const { breaker, goodput } = this.parts
    if (goodput !== undefined && !goodput.enter()) {
      giveBack(permits)
      return goodput.refusal()
    }
    const leave = new Leave(breaker, now, permits, goodput)
    const rejection = breaker?.admit(leave, now)
    if (rejection === undefined) return leave
    goodput?.undo()
    giveBack(permits)
    return rejection
  }

  /** Why no try may be made now, whoever has room. */
  #refusal(call: CallRecord, now: number): Rejection | undefined {
    if (call.deadlineAt - this.parts.reserveMs <= now) return { admitted: false, error: noTimeLeft(this.name) }
    return this.gate.isClosed(now) ? { admitted: false, error: this.gate.rejection(now) } : undefined
  }

  #entered<Result>(call: Call<Result>, leave: Leave | Rejection, now: number): void {
    const { retry, hedge } = this.parts
    if (!leave.admitted) {
      const { signal, reject } = call
      // What the dependency did says more than that our policy then refused.
      const last = call.lastFailure as HoldfastError | undefined
      // It may have aborted between the end of a wait and now.
      if (signal?.aborted === true) reject(this.#cancelled(call, signal.reason))
      else reject(last === undefined ? this.#rejected(call, now, leave.error) : this.#gaveUp(call, last))
      return
    }
    call.tries += 1
    if (call.tries === 1) {
      ;(retry ?? hedge)?.budget.deposit(now)
      this.reporter.callStarted(call)
    } else {
      this.totals.retries += 1
    }
    const hedgeAfterMs = call.idempotent ? hedge?.delayMs : undefined
    if (hedge === undefined || hedgeAfterMs === undefined) this.attempt(call, leave, now).start(call)
    else new HedgedTry(call, hedge, hedgeAfterMs).begin(leave, now)
  }

  /** How long to wait before the next try; `undefined` when there must be none. */
  #delayBeforeRetry<Result>(call: Call<Result>, failure: HoldfastError, now: number): number | undefined {
    const { retry, breaker } = this.parts
    if (retry === undefined || !retry.allows(failure)) return undefined
    const { maxRetries, when } = retry.options
    if (maxRetries === 0 || (when === undefined && !ruleOf(failure.category).retry)) return undefined
    const isSafe = retry.isSafe(failure, call.idempotent)
    // Of what is not safe to repeat only that is said, and only where nothing else stands in the way.
    const denied = (reason: RetryDenied['reason']): undefined => this.#denied(call, isSafe ? reason : undefined)
    if (call.tries > maxRetries) return denied('attempts')
    if (breaker?.state === 'open' || breaker?.state === 'isolated') return denied('circuit')
    // Another call may have been told to wait longer.
    const retryAfterMs = Math.max(failure.retryAfterMs ?? 0, this.gate.closedForMs(now))
    call.waits ??= new Waits(retry.options, this.#random)
    const delayMs = call.waits.next(retryAfterMs)
    const leftMs = call.deadlineAt - this.parts.reserveMs - now
    if (delayMs + this.#typicalMs >= leftMs) return denied('deadline')
    if (!retry.budget.tryWithdraw(now, isSafe ? 1 : 0)) return denied('budget')
    return isSafe ? delayMs : this.#denied(call, 'not-idempotent')
  }

  #denied(call: CallRecord, reason: RetryDenied['reason'] | undefined): undefined {
    if (reason !== undefined) this.reporter.retryDenied(call, reason)
  }

  /** Reports a call that a policy refused. @returns what to throw. */
  #rejected(call: CallRecord, now: number, error: HoldfastError): HoldfastError {
    this.totals.rejected += 1
    this.reporter.callRejected(call, error)
    this.reporter.callFailed(call, now, error)
    return error
  }

  /** Reports a call whose last try failed. @returns what to throw. */
  #gaveUp(call: CallRecord, error: HoldfastError): HoldfastError {
    this.callFailed(call, this.clock.now(), error)
    return error
  }

  /** Reports a call that its caller gave up. @returns what to throw. */
  #cancelled(call: CallRecord, reason: unknown): unknown {
    this.callFailed(call, this.clock.now(), cancellation(reason, this.name))
    return reason
  }
}

function noTimeLeft(name: string): HoldfastError {
  return new HoldfastError({
    code: 'DEADLINE_EXCEEDED',
    category: 'timeout',
    message: `no time was left to call ${name}`,
    retryable: false,
    mayHaveTakenEffect: false,
    integration: name,
    stack: false,
  })
}

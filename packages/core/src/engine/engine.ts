import { Waits } from '../backoff/backoff.ts'
import type { Clock, Random } from '../clock/clock.ts'
import { Deadlines } from '../clock/deadlines.ts'
import type { LabelCarrier } from '../context/labels.ts'
import { ruleOf } from '../errors/category-rules.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import type { AttemptOutcome, CoreEvent, Events, RetryDenied } from '../events/events.ts'
import type { HedgePolicy } from '../hedge/hedge.ts'
import type { Admission, Permit, Rejection } from '../policy/admission.ts'
import type { Operation } from '../policy/operation.ts'
import { refuse } from '../policy/refuse.ts'
import type { RetryPolicy } from '../retry/retry.ts'
import { type Attempt, type AttemptOwner, type AttemptRecord, cancellation } from './attempt.ts'
import { Call, type CallOptions, type CallRecord, forCall, StreamCall } from './call.ts'
import { RateLimitGate } from './gate.ts'
import { HedgedTry } from './hedged-try.ts'
import type { Parts } from './parts.ts'
import { acquireAll, NO_PERMIT, noTimeLeft, takeBack, takeBackLater, tryAcquireAll } from './permits.ts'
import { Reporter } from './reporter.ts'
import type { StreamRules } from './stream-rules.ts'

/** How much the latest success changes what is known of the usual duration. */
const TYPICAL_WEIGHT = 0.1

/** What an engine is made with. */
export interface EngineEnvironment {
  readonly clock: Clock
  readonly random: Random
  readonly events: Events<CoreEvent>
  readonly carrier: LabelCarrier | undefined
}

/** Whoever watches over all attempts of an engine. */
export interface AttemptWatch {
  /** An attempt has ended, and does not count yet. */
  ended(now: number, outcome: AttemptOutcome, error: HoldfastError | undefined): void
  /** It has counted. */
  counted(now: number, outcome: AttemptOutcome): void
}

/**
 * Leads calls through the policies there are, in the one order there is: total deadline, admissions, retry, hedge, circuit breaker, attempt timeout.
 * Admissions are asked before every attempt (those that are `perCall` before the first) and given back after it, so that nothing is held while a call waits for its next try.
 */
export class Engine {
  readonly name: string
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly reporter: Reporter
  readonly carrier: LabelCarrier | undefined
  readonly totals = { calls: 0, succeeded: 0, failed: 0, rejected: 0, attempts: 0, retries: 0, hedges: 0 }
  readonly gate: RateLimitGate
  /** Replaced as a whole; each try of a call takes what holds when it is made, and its hedges with it. */
  parts: Parts
  readonly #random: Random
  readonly #watch: AttemptWatch | undefined
  /** What a success took lately, in ms: a moving average. */
  #typicalMs = 0

  constructor(
    name: string,
    parts: Parts,
    { clock, random, events, carrier }: EngineEnvironment,
    gate: RateLimitGate = new RateLimitGate(name),
    watch?: AttemptWatch,
  ) {
    this.name = name
    this.parts = parts
    this.clock = clock
    this.deadlines = new Deadlines(clock)
    this.reporter = new Reporter(name, clock, events)
    this.gate = gate
    this.carrier = carrier
    this.#random = random
    this.#watch = watch
  }

  call<T>(operation: Operation<T>, options?: CallOptions): Promise<T> {
    const promise = new Promise<T>(forCall)
    try {
      this.begin(new Call(this, operation, options))
      return promise
    } catch (error) {
      return Promise.reject(error)
    }
  }

  stream<Chunk>(
    operation: Operation<ReadableStream<Chunk>>,
    rules: StreamRules<Chunk>,
    options?: CallOptions,
  ): Promise<ReadableStream<Chunk>> {
    const promise = new Promise<ReadableStream<Chunk>>(forCall)
    try {
      this.begin(new StreamCall(this, operation, rules, options))
      return promise
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** One more attempt beside those under way, which its owner has to start; `undefined` if anything at all speaks against it. */
  tryHedge<Result>(owner: AttemptOwner<Result>, now: number): Attempt<Result> | undefined {
    const { call } = owner
    const { hedge, retry, breaker, goodput } = call.parts
    const isTroubled = this.#refusal(call, now) !== undefined || (breaker !== undefined && breaker.state !== 'closed')
    if (isTroubled) return undefined
    const permit = this.#tryAcquire(call)
    if (permit === undefined) return undefined
    if (lastRefusal(call, now) !== undefined) {
      takeBack(permit)
      return undefined
    }
    // The budget last: what is withdrawn from it does not come back.
    if ((retry?.budget ?? hedge?.budget)?.tryWithdraw(now) !== true) {
      goodput?.undo()
      takeBack(permit)
      return undefined
    }
    this.totals.hedges += 1
    return letThrough(owner, permit, now)
  }

  /** An admission that refuses, or throws, is no reason to end what is under way. */
  #tryAcquire(call: CallRecord): Permit | undefined {
    try {
      const answer = tryAcquireAll(admissionsFor(call), call)
      if (answer instanceof Promise) takeBackLater(answer)
      else if (answer.admitted) return answer
    } catch {
      // As if it had refused.
    }
    return undefined
  }

  attemptStarted(attempt: AttemptRecord): void {
    this.totals.attempts += 1
    this.reporter.attemptStarted(attempt)
  }

  /** The attempt, and with it the call, ended well. `firstOutputMs`, of a stream, is what is compared with `slowCallMs` in place of its whole time. */
  succeeded(attempt: AttemptRecord, now: number, firstOutputMs: number | undefined): void {
    const { breaker, hedge } = attempt.call.parts
    const measuredMs = firstOutputMs ?? now - attempt.startedAt
    const outcome = breaker === undefined ? 'success' : breaker.judge('success', measuredMs)
    this.#typicalMs += (measuredMs - this.#typicalMs) * TYPICAL_WEIGHT
    hedge?.observe(measuredMs)
    this.#watch?.ended(now, outcome, undefined)
    this.totals.succeeded += 1
    this.reporter.attemptSucceeded(attempt, now - attempt.startedAt, firstOutputMs, outcome)
    attempt.settle(outcome, now, measuredMs, undefined)
    this.#watch?.counted(now, outcome)
    this.reporter.callSucceeded(attempt.call, now)
  }

  /** The attempt failed, or was cancelled. */
  failed(attempt: AttemptRecord, now: number, error: HoldfastError, outcome: AttemptOutcome): void {
    const durationMs = now - attempt.startedAt
    const judged = attempt.call.parts.breaker?.judge(outcome, durationMs) ?? outcome
    this.#watch?.ended(now, judged, error)
    const { category, retryAfterMs } = error
    if (category === 'rate-limit' && retryAfterMs !== undefined) this.gate.close(now, retryAfterMs, error)
    this.reporter.attemptFailed(attempt, durationMs, error, judged)
    attempt.settle(judged, now, durationMs, error)
    this.#watch?.counted(now, judged)
  }

  /** The call is over without another attempt. */
  callFailed(call: CallRecord, now: number, error: HoldfastError): void {
    if (error.category !== 'cancelled') this.totals.failed += 1
    this.reporter.callFailed(call, now, error)
  }

  /** Tries again after a while, or brings the failure out; that also where a clock, a randomness or an admission of somebody else fails. */
  async afterFailure<Result>(call: Call<Result>, failure: HoldfastError): Promise<void> {
    try {
      call.follow(this.parts)
      const next = this.#decideRetry(call, failure, this.clock.now())
      if (typeof next === 'number') {
        this.reporter.retryScheduled(call, next)
        await this.clock.sleep(next, call.signal)
        this.#try(call, this.clock.now())
        return
      }
      if (next !== undefined) this.reporter.retryDenied(call, next)
    } catch {
      if (call.signal?.aborted === true) {
        this.cancelled(call, call.signal.reason)
        return
      }
    }
    this.#gaveUp(call, failure)
  }

  /** Ends a call whose caller has left. */
  cancelled<Result>(call: Call<Result>, reason: unknown): void {
    this.#gaveUp(call, cancellation(reason, this.name), reason)
  }

  /** Begins a call whose promise has been made with `forCall`. */
  begin<Result>(call: Call<Result>): void {
    if (call.signal?.aborted === true) throw call.signal.reason
    this.totals.calls += 1
    try {
      this.#try(call, call.startedAt)
    } catch (thrown) {
      this.#broke(call, thrown)
    }
  }

  /** An admission of somebody else's threw, or left its answer out; that must not leave the call waiting. */
  #broke<Result>(call: Call<Result>, thrown: unknown): void {
    this.#refused(call, admissionFailed(this.name, thrown), this.clock.now())
  }

  /** Asks whether a try may be made, and makes it. */
  #try<Result>(call: Call<Result>, now: number): void {
    call.follow(this.parts)
    const answer = this.#ask(call, now)
    if (answer instanceof Promise) void this.#tryWith(call, answer)
    else this.#go(call, answer, now)
  }

  /** Makes a try once the admissions have answered. */
  async #tryWith<Result>(call: Call<Result>, answer: Promise<Permit | Rejection>): Promise<void> {
    try {
      const given = await answer
      const now = this.clock.now()
      call.follow(this.parts)
      const late = given.admitted ? this.#refusal(call, now) : undefined
      if (given.admitted && late !== undefined) takeBack(given)
      this.#go(call, late ?? given, now)
    } catch (reason) {
      this.#broke(call, reason)
    }
  }

  /** Asks the admissions, after what refuses without them. */
  #ask(call: CallRecord, now: number): Permit | Rejection | Promise<Permit | Rejection> {
    const refusal = this.#refusal(call, now)
    if (refusal !== undefined) return refusal
    const { admissions, breaker } = call.parts
    if (admissions.length === 0) return NO_PERMIT
    // An open circuit refuses before anybody queues for it.
    const open = breaker?.wouldAdmitAt(now) === false ? breaker.admit(now) : undefined
    return open ?? acquireAll(admissionsFor(call), call)
  }

  /** Why no try may be made now, whoever has room. */
  #refusal(call: CallRecord, now: number): Rejection | undefined {
    if (call.deadlineAt > now) return this.gate.isClosed(now) ? this.gate.refusal(now) : undefined
    return noTimeLeft(this.name)
  }

  /** Makes a try with what the admissions have answered, if the rest lets it through. */
  #go<Result>(call: Call<Result>, answer: Permit | Rejection, now: number): void {
    if (!answer.admitted) {
      this.#refused(call, answer.error, now)
      return
    }
    const refusal = lastRefusal(call, now)
    if (refusal !== undefined) {
      takeBack(answer)
      this.#refused(call, refusal.error, now)
      return
    }
    const { retry, hedge } = call.parts
    const hedged = hedge === undefined ? undefined : hedgedTry(call, hedge)
    const attempt = letThrough(hedged ?? call, answer, now)
    if (call.failures === undefined) {
      ;(retry ?? hedge)?.budget.deposit(now)
      this.reporter.callStarted(call)
    } else {
      this.totals.retries += 1
    }
    if (hedged === undefined) attempt.start()
    else hedged.begin(attempt)
  }

  #refused<Result>(call: Call<Result>, error: HoldfastError, now: number): void {
    const { signal, failures } = call
    // It may have aborted between the end of a wait and now.
    if (signal?.aborted === true) this.cancelled(call, signal.reason)
    // What the dependency did says more than that our policy then refused.
    else if (failures !== undefined) this.#gaveUp(call, failures.last)
    else this.#rejected(call, error, now)
  }

  /** How long to wait before the next try, or why there must be none; `undefined` where that need not be told. */
  #decideRetry<Result>(
    call: Call<Result>,
    failure: HoldfastError,
    now: number,
  ): number | RetryDenied['reason'] | undefined {
    const { retry } = call.parts
    if (retry === undefined || !retry.allows(failure)) return undefined
    const { maxRetries, when } = retry.options
    if (maxRetries === 0 || (when === undefined && !ruleOf(failure.category).retry)) return undefined
    const isSafe = retry.isSafe(failure, call.idempotent)
    const next = this.#delayBeforeRetry(call, retry, failure, isSafe, now)
    if (isSafe) return next
    // Of what is not safe to repeat only that is said, and only where nothing else stands in the way.
    return typeof next === 'number' ? 'not-idempotent' : undefined
  }

  /** The same for a failure after which another try makes sense. Takes that out of the budget, if it `isSafe`. */
  #delayBeforeRetry<Result>(
    call: Call<Result>,
    retry: RetryPolicy,
    failure: HoldfastError,
    isSafe: boolean,
    now: number,
  ): number | RetryDenied['reason'] {
    const { breaker } = call.parts
    const { tries, waits } = call.failures ?? { tries: 0, waits: new Waits(retry.options, this.#random) }
    if (tries >= retry.options.maxRetries) return 'attempts'
    if (breaker?.state === 'open' || breaker?.state === 'isolated') return 'circuit'
    // Another call may have been told to wait longer.
    const delayMs = waits.next(Math.max(failure.retryAfterMs ?? 0, this.gate.closedForMs(now)))
    if (now + delayMs + this.#typicalMs >= call.deadlineAt) return 'deadline'
    if (!retry.budget.tryWithdraw(now, isSafe ? 1 : 0)) return 'budget'
    call.failures = { tries: tries + 1, last: failure, waits }
    return delayMs
  }

  /** Ends a call that a policy refused. */
  #rejected<Result>(call: Call<Result>, error: HoldfastError, now: number): void {
    // Its message names the policy; whoever reads it wants to know whose call it was.
    if (error.integration !== this.name && Object.isExtensible(error)) Object.assign(error, { integration: this.name })
    this.totals.rejected += 1
    this.reporter.callRejected(call, error)
    this.reporter.callFailed(call, now, error)
    call.reject(error)
  }

  /** Ends a call whose last try failed, with its error or with the caller's own `reason`. */
  #gaveUp<Result>(call: Call<Result>, error: HoldfastError, reason: unknown = error): void {
    this.callFailed(call, this.clock.now(), error)
    call.reject(reason)
  }
}

function admissionFailed(name: string, cause: unknown): HoldfastError {
  return refuse(name, 'ADMISSION_FAILED', 'was not called: an admission failed', undefined, { cause }).error
}

/** Asks who is asked last, once every admission has agreed. */
function lastRefusal({ parts: { breaker, goodput } }: CallRecord, now: number): Rejection | undefined {
  if (goodput?.enter() === false) return goodput.refusal()
  const refusal = breaker?.admit(now)
  if (refusal !== undefined) goodput?.undo()
  return refusal
}

/** Makes an attempt which all have agreed to; its owner has to start it. */
function letThrough<Result>(owner: AttemptOwner<Result>, permit: Permit, now: number): Attempt<Result> {
  const { call } = owner
  const attempt = call.attempt(owner, permit, now)
  call.parts.breaker?.enter(attempt, now)
  return attempt
}

/** Whom to ask for the next attempt; those that decide about calls have done so at the first. */
function admissionsFor({ attempts, parts: { admissions } }: CallRecord): readonly Admission[] {
  return attempts === 0 ? admissions : admissions.filter((admission) => admission.perCall !== true)
}

/** `undefined` for a call that may not be made twice, and while it is not known when to hedge. */
function hedgedTry<Result>(call: Call<Result>, hedge: HedgePolicy): HedgedTry<Result> | undefined {
  const { delayMs } = hedge
  return delayMs === undefined || !call.idempotent ? undefined : new HedgedTry(call, hedge, delayMs)
}

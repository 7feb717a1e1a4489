import type { Rejection } from '../policy/admission.ts'
import { breakerOf, type CircuitBreaker, type GivenPermit } from '../breaker/create-breaker.ts'
import { BREAKER_DEFAULTS, type BreakerOptions } from '../breaker/options.ts'
import { retryDelay } from '../backoff/backoff.ts'
import type { Clock, Random } from '../clock/clock.ts'
import { Deadlines } from '../clock/deadlines.ts'
import { systemClock, systemRandom } from '../clock/system-clock.ts'
import { ruleOf } from '../errors/category-rules.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { createEvents } from '../events/channel.ts'
import type { AttemptOutcome, CircuitState, CoreEvent } from '../events/events.ts'
import { RetryBudget } from '../retry/budget.ts'
import { invalidOption } from '../validation/validate.ts'
import { type Attempt, type AttemptHost, type AttemptRecord, CallAttempt, cancellation } from './attempt.ts'
import type { Call } from './call.ts'
import { RateLimitGate } from './gate.ts'
import { type HealthLimits, healthStatus } from './health.ts'
import type {
  CallOptions,
  CircuitControl,
  HealthStatus,
  Integration,
  IntegrationKind,
  IntegrationSnapshot,
  Operation,
  StreamRules,
} from './integration.ts'
import { type IntegrationOptions, type ResolvedIntegrationOptions, resolveIntegrationOptions } from './options.ts'
import { Reporter } from './reporter.ts'
import { StreamAttempt } from './stream-attempt.ts'

/** Without a breaker a circuit never opens by itself; it can still be switched by hand. */
const NEVER_OPENS: Required<BreakerOptions> = { ...BREAKER_DEFAULTS, minimumCalls: Infinity, slowCallMs: Infinity }

const NO_OPTIONS: CallOptions = {}

type MakeAttempt<Result> = (call: Call, permit: GivenPermit, now: number) => Attempt<Result>

/** One call, with the way to make an attempt of it and the way back to its caller. */
interface Run<Result> {
  readonly call: Call
  readonly make: MakeAttempt<Result>
  readonly resolve: (result: Result) => void
  readonly reject: (reason: unknown) => void
}

class GuardedIntegration implements Integration, AttemptHost {
  readonly name: string
  readonly kind: IntegrationKind
  readonly circuit: CircuitControl
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly attemptTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly #options: ResolvedIntegrationOptions
  readonly #random: Random
  readonly #reporter: Reporter
  readonly #breaker: CircuitBreaker
  readonly #limits: HealthLimits
  readonly #gate: RateLimitGate
  readonly #budget: RetryBudget
  readonly #totals = { calls: 0, succeeded: 0, failed: 0, rejected: 0, attempts: 0, retries: 0 }
  #lastError: IntegrationSnapshot['lastError']
  /** Monotonic, because reading the wall time would cost every call. */
  #lastSuccess: number | undefined
  #troubledSince: number | undefined
  #refusedInARow = 0

  constructor(options: IntegrationOptions) {
    const resolved = resolveIntegrationOptions(options)
    const clock = options.clock ?? systemClock
    const random = options.random ?? systemRandom
    const events = options.events ?? createEvents<CoreEvent>()
    this.name = resolved.name
    this.kind = resolved.kind
    this.clock = clock
    this.deadlines = new Deadlines(clock)
    this.attemptTimeoutMs = resolved.attemptTimeoutMs
    this.idleTimeoutMs = resolved.idleTimeoutMs
    this.#options = resolved
    this.#random = random
    this.#reporter = new Reporter(resolved.name, clock, events)
    this.#gate = new RateLimitGate(resolved.name)
    this.#budget = new RetryBudget(resolved.retry)
    this.#limits = resolved.breaker === false ? BREAKER_DEFAULTS : resolved.breaker
    this.#breaker = breakerOf(resolved.name, resolved.breaker === false ? NEVER_OPENS : resolved.breaker, {
      clock,
      random,
      events,
    })
    this.circuit = this.#circuitControl()
  }

  call<T>(operation: Operation<T>, options?: CallOptions): Promise<T> {
    return this.#run(options, (call, permit, now) => new CallAttempt(this, call, permit, now, operation))
  }

  stream<Chunk>(
    operation: Operation<ReadableStream<Chunk>>,
    rules: StreamRules<Chunk>,
    options?: CallOptions,
  ): Promise<ReadableStream<Chunk>> {
    return this.#run(options, (call, permit, now) => new StreamAttempt(this, call, permit, now, operation, rules))
  }

  wouldAdmit(): boolean {
    return !this.#gate.isClosed(this.clock.now()) && this.#breaker.wouldAdmit()
  }

  snapshot(): IntegrationSnapshot {
    const now = this.clock.now()
    const status = this.#noteHealth(now)
    const { state, admittedShare, window, nextProbeInMs } = this.#breaker.snapshot()
    return Object.freeze({
      name: this.name,
      kind: this.kind,
      status,
      circuit: state,
      admittedShare,
      window,
      totals: Object.freeze({ ...this.#totals }),
      ...(this.#troubledSince === undefined ? {} : { troubledSince: this.#troubledSince }),
      ...(nextProbeInMs === undefined ? {} : { nextProbeInMs }),
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
      ...(this.#lastSuccess === undefined
        ? {}
        : { lastSuccessAt: Math.round(this.clock.wallTime() - (now - this.#lastSuccess)) }),
    })
  }

  succeeded(attempt: AttemptRecord, now: number, measuredMs: number, firstOutputMs: number | undefined): void {
    const { call, permit, number, startedAt } = attempt
    const outcome = this.#breaker.judge('success', measuredMs)
    if (outcome !== 'success') this.#noteHealth(now)
    this.#totals.succeeded += 1
    this.#lastSuccess = now
    this.#refusedInARow = 0
    this.#reporter.attemptSucceeded(call, number, now - startedAt, firstOutputMs, outcome)
    permit.settleAt(outcome, now, undefined)
    if (outcome !== 'success') this.#noteHealth(now)
    this.#reporter.callSucceeded(call, now)
  }

  failed(attempt: AttemptRecord, now: number, error: HoldfastError, outcome: AttemptOutcome): void {
    const { call, permit, number, startedAt } = attempt
    const { code, category, message, retryAfterMs } = error
    const durationMs = now - startedAt
    const judged = this.#breaker.judge(outcome, durationMs)
    // Once before the attempt counts, so that a trouble that has passed meanwhile is not taken for the beginning of this one.
    this.#noteHealth(now)
    if (category !== 'cancelled') this.#lastError = Object.freeze({ code, message, at: this.clock.wallTime() })
    if (category === 'client') this.#refusedInARow += 1
    if (category === 'rate-limit' && retryAfterMs !== undefined) this.#gate.close(now, retryAfterMs, error)
    this.#reporter.attemptFailed(call, number, durationMs, error, judged)
    permit.settleAt(judged, now, error)
    this.#noteHealth(now)
  }

  callFailed(call: Call, now: number, error: HoldfastError): void {
    if (error.category !== 'cancelled') this.#totals.failed += 1
    this.#reporter.callFailed(call, now, error)
  }

  #run<Result>(options: CallOptions | undefined, make: MakeAttempt<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const signal = options?.signal
      if (signal?.aborted === true) throw signal.reason
      const now = this.clock.now()
      const call = this.#newCall(options, now)
      this.#totals.calls += 1
      const admission = this.#admit(now, call)
      if (!admission.admitted) throw this.#rejected(call, now, admission.error)
      this.#budget.deposit(now)
      this.#reporter.callStarted(call)
      this.#attempt({ call, make, resolve, reject }, admission, now)
    })
  }

  #attempt<Result>(run: Run<Result>, permit: GivenPermit, now: number): void {
    const { call } = run
    call.attempts += 1
    this.#totals.attempts += 1
    this.#reporter.attemptStarted(call)
    const attempt = run.make(call, permit, now)
    attempt.start(run.resolve, (reason) => {
      this.#afterFailure(run, attempt.cancelled, reason).catch(run.reject)
    })
  }

  /** Tries again, or brings the failure out. @throws what the call is to reject with. */
  async #afterFailure<Result>(run: Run<Result>, isCancelled: boolean, reason: unknown): Promise<void> {
    const { call } = run
    if (isCancelled) throw this.#cancelled(call, reason)
    const failure = reason as HoldfastError
    call.lastFailure = failure
    const delayMs = this.#delayBeforeRetry(call, failure, this.clock.now())
    if (delayMs === undefined) throw this.#gaveUp(call, failure)
    await this.#wait(call, delayMs)
    const now = this.clock.now()
    const admission = this.#admit(now, call)
    // What the dependency did says more than that our policy then refused.
    if (!admission.admitted) throw this.#gaveUp(call, failure)
    this.#totals.retries += 1
    this.#attempt(run, admission, now)
  }

  /** @throws HoldfastError `INVALID_OPTION` */
  #newCall(options: CallOptions | undefined, now: number): Call {
    const { deadlineMs = Infinity, idempotent = this.#options.idempotent, signal, requestId } = options ?? NO_OPTIONS
    if (typeof deadlineMs !== 'number' || Number.isNaN(deadlineMs)) {
      throw invalidOption(`${this.name}: call.deadlineMs`, 'a number of milliseconds', deadlineMs)
    }
    return {
      startedAt: now,
      deadlineAt: now + Math.min(deadlineMs, this.#options.deadlineMs),
      signal,
      requestId,
      idempotent,
      attempts: 0,
      lastFailure: undefined,
    }
  }

  #admit(now: number, call: Call): GivenPermit | Rejection {
    if (call.deadlineAt <= now) return { admitted: false, error: noTimeLeft(this.name) }
    if (this.#gate.isClosed(now)) return { admitted: false, error: this.#gate.rejection(now) }
    return this.#breaker.acquireAt(now)
  }

  /** How long to wait before the next attempt; `undefined` when there must be none. */
  #delayBeforeRetry(call: Call, failure: HoldfastError, now: number): number | undefined {
    const { retry } = this.#options
    if (call.attempts > retry.maxRetries || !failure.retryable || !ruleOf(failure.category).retry) return undefined
    if (!call.idempotent && failure.mayHaveTakenEffect) return undefined
    if (this.#breaker.state === 'open' || this.#breaker.state === 'isolated') return undefined
    // Another call may have been told to wait longer.
    const retryAfterMs = Math.max(failure.retryAfterMs ?? 0, this.#gate.closedForMs(now))
    const delayMs = retryDelay(retry, call.attempts, retryAfterMs, this.#random)
    if (delayMs >= call.deadlineAt - now || !this.#budget.tryWithdraw(now)) return undefined
    return delayMs
  }

  /** Sleeps until the next attempt. @throws the caller's reason, when it aborts meanwhile. */
  async #wait(call: Call, delayMs: number): Promise<void> {
    this.#reporter.retryScheduled(call, delayMs)
    try {
      await this.clock.sleep(delayMs, call.signal)
    } catch (reason) {
      throw this.#cancelled(call, reason)
    }
  }

  /** Reports a call that a policy refused. @returns what to throw. */
  #rejected(call: Call, now: number, error: HoldfastError): HoldfastError {
    this.#totals.rejected += 1
    this.#reporter.callRejected(call, error)
    this.#reporter.callFailed(call, now, error)
    return error
  }

  /** Reports a call whose last attempt failed. @returns what to throw. */
  #gaveUp(call: Call, error: HoldfastError): HoldfastError {
    this.callFailed(call, this.clock.now(), error)
    return error
  }

  /** Reports a call that its caller gave up. @returns what to throw. */
  #cancelled(call: Call, reason: unknown): unknown {
    this.callFailed(call, this.clock.now(), cancellation(reason, this.name))
    return reason
  }

  /** Looks at the health and remembers since when it is not good. */
  #noteHealth(now: number): HealthStatus {
    const { state: circuit, window } = this.#breaker.snapshot()
    const signs = { circuit, window, isRateLimited: this.#gate.isClosed(now), refusedInARow: this.#refusedInARow }
    const status = healthStatus(signs, this.#limits)
    if (status === 'healthy') this.#troubledSince = undefined
    else this.#troubledSince ??= this.clock.wallTime()
    return status
  }

  #circuitControl(): CircuitControl {
    const breaker = this.#breaker
    const change = (action: () => void): void => {
      action()
      this.#noteHealth(this.clock.now())
    }
    return Object.freeze({
      get state(): CircuitState {
        return breaker.state
      },
      open: () => change(() => breaker.open()),
      close: () => change(() => breaker.close()),
      isolate: () => change(() => breaker.isolate()),
      reset: () =>
        change(() => {
          this.#gate.open()
          breaker.reset()
        }),
    })
  }
}

function noTimeLeft(integration: string): HoldfastError {
  return new HoldfastError({
    code: 'DEADLINE_EXCEEDED',
    category: 'timeout',
    message: `no time was left to call ${integration}`,
    retryable: false,
    mayHaveTakenEffect: false,
    integration,
    stack: false,
  })
}

/**
 * Puts one dependency under guard.
 *
 * @example
 * ```ts
 * import { createIntegration } from '@holdfast/core'
 *
 * const crm = createIntegration({ name: 'crm', deadlineMs: 5_000, retry: { maxRetries: 1 } })
 * const answer = await crm.call(({ timeLeftMs }) => `answered with ${timeLeftMs} ms to spare`, { idempotent: true })
 * console.log(answer, crm.snapshot().totals.succeeded)
 * ```
 * @throws HoldfastError `INVALID_OPTION`, when an option is unknown or out of its range.
 */
export function createIntegration(options: IntegrationOptions): Integration {
  return new GuardedIntegration(options)
}

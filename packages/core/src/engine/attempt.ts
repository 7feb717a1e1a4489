import type { Passenger } from '../breaker/permit.ts'
import type { TimeLimited } from '../clock/deadlines.ts'
import { ruleOf } from '../errors/category-rules.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { isOvertaken, isTooSlow } from '../errors/overtaken.ts'
import { toHoldfastError } from '../errors/to-holdfast-error.ts'
import type { AttemptOutcome } from '../events/events.ts'
import type { Due } from '../list/due-lists.ts'
import type { Permit } from '../policy/admission.ts'
import type { AttemptContext } from '../policy/operation.ts'
import { aborted, controllerOf, type SignalState } from '../signal/lazy-signal.ts'
import type { Call, CallRecord } from './call.ts'
import { NO_PERMIT, settle } from './permits.ts'

/** What is known of one attempt while it runs. */
export interface AttemptRecord {
  readonly call: CallRecord
  readonly startedAt: number
  /** 1 is the first of its call. */
  readonly number: number
  /** Says how it went to all who have let it through. */
  settle(outcome: AttemptOutcome, now: number, durationMs: number, error: HoldfastError | undefined): void
}

/** Who an attempt belongs to. Hears of its end once. */
export interface AttemptOwner<Result> {
  readonly call: Call<Result>
  /** The attempt has ended well, and nobody knows yet. */
  attemptDecides(): void
  attemptSucceeded(attempt: Attempt<Result>, result: Result): void
  /** @param reason a HoldfastError, or the caller's own reason when the attempt is `cancelled`. */
  attemptFailed(attempt: Attempt<Result>, reason: unknown): void
}

/** Aborts the signal of an attempt's context. */
let abortContext: (context: OperationContext, reason: unknown) => void

/** A {@link LazySignal} of an attempt; without a base class, since it is made for each. */
class OperationContext implements AttemptContext {
  #state: SignalState
  readonly attempt: number
  readonly timeLeftMs: number

  static {
    abortContext = (context, reason) => void (context.#state = aborted(context.#state, reason))
  }

  constructor(attempt: number, timeLeftMs: number) {
    this.attempt = attempt
    this.timeLeftMs = timeLeftMs
  }

  get signal(): AbortSignal {
    const controller = controllerOf(this.#state)
    this.#state = controller
    return controller.signal
  }
}

/**
 * One attempt, which has been let through by the circuit, every admission and the goodput limit. It ends exactly once, at the first of: its operation's end,
 * its time limit, the caller's abort. What comes later changes nothing, and a late rejection is not left unhandled.
 */
export class Attempt<Result> implements AttemptRecord, Passenger, TimeLimited {
  dueAt = 0
  previous: Due | undefined = undefined
  next: Due | undefined = undefined
  readonly owner: AttemptOwner<Result>
  readonly permit: Permit
  readonly context: OperationContext
  generation = 0
  /** The work, when it goes on after the attempt has ended, and something is held until it ends. */
  work: PromiseLike<unknown> | 'starting' | ((work: unknown) => void) | undefined = undefined
  /** When it started, unless its call began with it. */
  readonly #startedAt: number | undefined
  #ending: 'cancelled' | 'over' | undefined = undefined

  constructor(owner: AttemptOwner<Result>, permit: Permit, now: number) {
    this.owner = owner
    this.permit = permit
    const { call } = owner
    this.#startedAt = now === call.startedAt ? undefined : now
    this.context = new OperationContext(++call.attempts, Math.min(call.deadlineAt - now, call.parts.attemptTimeoutMs))
  }

  get call(): Call<Result> {
    return this.owner.call
  }

  get startedAt(): number {
    return this.#startedAt ?? this.call.startedAt
  }

  get ended(): boolean {
    return this.#ending !== undefined
  }

  /** Whether it ended by its caller's abort; then it failed with the caller's own reason. */
  get cancelled(): boolean {
    return this.#ending === 'cancelled'
  }

  get number(): number {
    return this.context.attempt
  }

  /** Whether the goodput limit has been told how it went. */
  protected get answered(): boolean {
    return false
  }

  /** Whether its owner has been given a result that may still fail. */
  protected get handedOver(): boolean {
    return false
  }

  /** Makes the attempt. */
  start(): void {
    const { engine, signal } = this.call
    const { timeLeftMs } = this.context
    engine.attemptStarted(this)
    if (signal?.aborted === true) {
      // It aborted between two steps of the call, and will not say so again.
      this.cancel(signal.reason)
      return
    }
    if (timeLeftMs !== Infinity) engine.deadlines.watch(this, this.startedAt + timeLeftMs)
    signal?.addEventListener('abort', this)
    this.begin()
  }

  /** Starts the operation. */
  begin(): void {
    let result: Result | PromiseLike<Result>
    let promise: Promise<Result> | undefined
    try {
      result = this.perform()
      promise = promiseOf(result)
    } catch (error) {
      this.fail(error)
      return
    }
    if (promise === undefined) {
      this.workSucceeded(result as Result)
      return
    }
    if (this.permit !== NO_PERMIT) this.work = promise
    // A bound function is smaller than a closure, and no slower.
    promise.then(this.workSucceeded.bind(this), this.workFailed.bind(this))
  }

  /** The operation gave its value. */
  workSucceeded(value: Result): void {
    if (this.ended) return
    this.work = undefined
    const now = this.end()
    this.owner.attemptDecides()
    this.call.engine.succeeded(this, now, undefined)
    this.owner.attemptSucceeded(this, value)
  }

  abortContext(reason: unknown): void {
    abortContext(this.context, reason)
  }

  /** The time limit is over. */
  expire(): void {
    this.failWith(this.timeoutError(), true)
  }

  /** The caller's signal aborted. */
  handleEvent(): void {
    this.cancel(this.call.signal?.reason)
  }

  /** Ends the attempt for the caller. */
  cancel(reason: unknown): void {
    if (this.ended) return
    const { engine } = this.call
    // Ended first: who hears its signal abort may abort the caller's too.
    const now = this.end('cancelled')
    abortContext(this.context, reason)
    const outcome = isTooSlow(reason, now - this.startedAt) ? 'slow' : 'ignored'
    engine.failed(this, now, cancellation(reason, engine.name), outcome)
    this.#tell(reason)
  }

  /** The operation failed, and nothing of its work goes on. */
  workFailed(thrown: unknown): void {
    this.work = undefined
    this.fail(thrown)
  }

  /** Ends the attempt with what its operation threw, as the dependency's own rules and the general ones tell it. */
  fail(thrown: unknown): void {
    if (this.ended) return
    const { engine, parts } = this.call
    this.failWith(toHoldfastError(thrown, engine.name, engine.clock, parts.classify), false)
  }

  /** Ends the attempt with an error. @param aborts whether its operation has to be told. */
  failWith(error: HoldfastError, aborts: boolean): void {
    if (this.ended) return
    const { engine, signal } = this.call
    if (signal?.aborted === true) {
      this.cancel(signal.reason)
      return
    }
    const now = this.end()
    if (aborts) abortContext(this.context, error)
    engine.failed(this, now, error, ruleOf(error.category).breaker)
    this.#tell(error)
  }

  #tell(reason: unknown): void {
    if (!this.handedOver) this.owner.attemptFailed(this, reason)
  }

  /** Marks the end and stops listening. @param now where it is known. @returns the time. */
  end(how: 'cancelled' | 'over' = 'over', now?: number): number {
    const { engine, signal } = this.call
    this.#ending = how
    engine.deadlines.forget(this)
    signal?.removeEventListener('abort', this)
    return now ?? engine.clock.now()
  }

  settle(outcome: AttemptOutcome, now: number, durationMs: number, error: HoldfastError | undefined): void {
    const { breaker, goodput } = this.call.parts
    const { permit } = this
    if (!this.answered) goodput?.leave(outcome, durationMs, now)
    breaker?.count(this, outcome, now, error)
    if (permit === NO_PERMIT) return
    const { work } = this
    if (work === undefined) settle(permit, outcome, { durationMs, error })
    else settle(permit, outcome, { durationMs, error, until: typeof work === 'object' ? work : this.#workToCome() })
  }

  /** The work of an operation that has not come back yet: it ended its attempt from within. */
  #workToCome(): Promise<unknown> {
    const work = new Promise((resolve) => (this.work = resolve))
    // Nobody has to look at it.
    work.catch(() => undefined)
    return work
  }

  timeoutError(): HoldfastError {
    const { call, context } = this
    const { engine, parts, failures } = call
    const { name } = engine
    const endsWithCall = context.timeLeftMs < parts.attemptTimeoutMs
    const what = endsWithCall ? 'the whole call' : 'one attempt'
    const limitMs = endsWithCall ? call.deadlineAt - call.startedAt : context.timeLeftMs
    return new HoldfastError({
      code: endsWithCall ? 'DEADLINE_EXCEEDED' : 'ATTEMPT_TIMEOUT',
      category: 'timeout',
      message: `${name} did not answer within the ${Math.round(limitMs)} ms of ${what}`,
      retryable: true,
      integration: name,
      cause: failures?.last,
      stack: false,
    })
  }

  /** Starts the operation; faults that were switched on for a rehearsal come in here, at the innermost place. */
  protected perform(): Result | PromiseLike<Result> {
    const { operation, parts } = this.call
    const { chaos } = parts
    let work: Result | PromiseLike<Result> | undefined
    this.work = 'starting'
    try {
      work = chaos === undefined ? operation(this.context) : chaos.perform(operation, this.context)
      return work
    } finally {
      const tell = this.work as Attempt<Result>['work']
      this.work = undefined
      if (typeof tell === 'function') tell(work)
    }
  }
}

/** The error that stands for a caller's abort in events; the caller gets its own reason. */
export function cancellation(reason: unknown, integration: string): HoldfastError {
  if (isOvertaken(reason)) return reason as HoldfastError
  return new HoldfastError({
    code: 'CANCELLED',
    category: 'cancelled',
    message: `the caller gave up on ${integration}`,
    retryable: false,
    integration,
    cause: reason,
    stack: false,
  })
}

/** @returns nothing for what is no promise. @throws what a property of the value throws. */
function promiseOf<T>(value: T | PromiseLike<T>): Promise<T> | undefined {
  if (value instanceof Promise) return value as Promise<T>
  const mayBe = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return mayBe && typeof (value as { then?: unknown }).then === 'function' ? Promise.resolve(value) : undefined
}

import { TimeLimited, type Deadlines } from '../clock/deadlines.ts'
import type { Clock } from '../clock/clock.ts'
import { ruleOf } from '../errors/category-rules.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { isOvertaken, isTooSlow } from '../errors/overtaken.ts'
import { toHoldfastError } from '../errors/to-holdfast-error.ts'
import type { AttemptOutcome } from '../events/events.ts'
import { abortContext, LazySignal } from '../signal/lazy-signal.ts'
import type { AttemptContext, Operation } from '../policy/operation.ts'
import type { Call, CallRecord } from './call.ts'
import type { Leave } from './leave.ts'
import type { Parts } from './parts.ts'

/** What an engine is told about one of its attempts. */
export interface AttemptRecord {
  readonly call: CallRecord
  readonly leave: Leave
  readonly startedAt: number
  /** 1 is the first. */
  readonly number: number
  /** The work, when it goes on after the attempt has ended, and something is held until it ends. */
  readonly work: PromiseLike<unknown> | undefined
}

/** Who an attempt belongs to. Hears of its end once. */
export interface AttemptSink<Result> {
  attemptSucceeded(attempt: Attempt<Result>, result: Result): void
  /** @param reason a HoldfastError, or the caller's own reason when the attempt is `cancelled`. */
  attemptFailed(attempt: Attempt<Result>, reason: unknown): void
}

/** What an attempt needs of the engine that makes it. */
export interface AttemptHost {
  readonly name: string
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly parts: Parts
  /** The attempt, and with it the call, ended well. `measuredMs` is what is compared with `slowCallMs`. */
  succeeded(attempt: AttemptRecord, now: number, measuredMs: number, firstOutputMs: number | undefined): void
  /** The attempt failed, or was cancelled. */
  failed(attempt: AttemptRecord, now: number, error: HoldfastError, outcome: AttemptOutcome): void
  /** The call is over without another attempt, after its stream was handed over. */
  callFailed(call: CallRecord, now: number, error: HoldfastError): void
}

class OperationContext extends LazySignal implements AttemptContext {
  readonly attempt: number
  readonly timeLeftMs: number

  constructor(attempt: number, timeLeftMs: number) {
    super()
    this.attempt = attempt
    this.timeLeftMs = timeLeftMs
  }
}

/**
 * One attempt. It ends exactly once, at the first of: its operation's end, its time limit, the caller's abort. What comes
 * later changes nothing, and a late rejection is not left unhandled.
 */
export abstract class Attempt<Result> extends TimeLimited implements AttemptRecord {
  readonly host: AttemptHost
  readonly call: Call<Result>
  readonly leave: Leave
  readonly startedAt: number
  readonly number: number
  readonly context: OperationContext
  readonly timeoutMs: number
  /** Whether the time limit is the call's deadline rather than the attempt timeout. */
  readonly endsWithCall: boolean
  ended = false
  /** Whether it ended by its caller's abort; then it failed with the caller's own reason. */
  cancelled = false
  work: PromiseLike<unknown> | undefined = undefined
  /** Whom to tell of the end; nobody any more once it has been told. */
  sink: AttemptSink<Result> | undefined = undefined

  constructor(host: AttemptHost, call: Call<Result>, leave: Leave, now: number) {
    super()
    const { attemptTimeoutMs, reserveMs } = host.parts
    const leftMs = call.deadlineAt - now - reserveMs
    this.host = host
    this.call = call
    this.leave = leave
    this.startedAt = now
    this.number = call.attempts
    this.endsWithCall = leftMs < attemptTimeoutMs
    this.timeoutMs = this.endsWithCall ? leftMs : attemptTimeoutMs
    this.context = new OperationContext(this.number, this.timeoutMs)
  }

  /** Makes the attempt. */
  start(sink: AttemptSink<Result>): void {
    this.sink = sink
    if (this.call.signal?.aborted === true) {
      // It aborted between two steps of the call, and will not say so again.
      this.cancel(this.call.signal.reason)
      return
    }
    if (this.timeoutMs !== Infinity) this.host.deadlines.watch(this, this.startedAt + this.timeoutMs)
    this.call.signal?.addEventListener('abort', this)
    this.begin()
  }

  /** Starts the operation. */
  abstract begin(): void

  /** The time limit is over. */
  expire(): void {
    const error = this.timeoutError()
    abortContext(this.context, error)
    this.fail(error)
  }

  /** The caller's signal aborted. */
  handleEvent(): void {
    this.cancel(this.call.signal?.reason)
  }

  /** Ends the attempt for the caller. */
  cancel(reason: unknown): void {
    if (this.ended) return
    this.cancelled = true
    // Ended first: who hears its signal abort may abort the caller's too.
    const now = this.end()
    abortContext(this.context, reason)
    const outcome = isTooSlow(reason, now - this.startedAt) ? 'slow' : 'ignored'
    this.host.failed(this, now, cancellation(reason, this.host.name), outcome)
    this.#tell(reason)
  }

  /** The operation failed, and nothing of its work goes on. */
  workFailed(thrown: unknown): void {
    this.work = undefined
    this.fail(thrown)
  }

  /** Ends the attempt with an error. */
  fail(thrown: unknown): void {
    if (this.ended) return
    if (this.call.signal?.aborted === true) {
      this.cancel(this.call.signal.reason)
      return
    }
    const now = this.end()
    const error = toHoldfastError(thrown, this.host.name, this.host.clock)
    this.host.failed(this, now, error, outcomeOf(error))
    this.#tell(error)
  }

  #tell(reason: unknown): void {
    const { sink } = this
    this.sink = undefined
    sink?.attemptFailed(this, reason)
  }

  /** Marks the end and stops listening. @returns the time. */
  end(): number {
    this.ended = true
    this.host.deadlines.forget(this)
    this.call.signal?.removeEventListener('abort', this)
    return this.host.clock.now()
  }

  timeoutError(): HoldfastError {
    const { name } = this.host
    const what = this.endsWithCall ? 'the whole call' : 'one attempt'
    const limitMs = this.endsWithCall ? this.call.deadlineAt - this.call.startedAt : this.timeoutMs
    return new HoldfastError({
      code: this.endsWithCall ? 'DEADLINE_EXCEEDED' : 'ATTEMPT_TIMEOUT',
      category: 'timeout',
      message: `${name} did not answer within the ${Math.round(limitMs)} ms of ${what}`,
      retryable: true,
      integration: name,
      cause: this.call.lastFailure,
      stack: false,
    })
  }
}

/** An attempt whose result is a value. */
export class CallAttempt<T> extends Attempt<T> {
  begin(): void {
    let result: T | PromiseLike<T>
    try {
      result = perform(this.host, this.call.operation, this.context)
    } catch (error) {
      this.fail(error)
      return
    }
    if (isThenable(result)) {
      const promise = result instanceof Promise ? (result as Promise<T>) : Promise.resolve(result)
      if (this.leave.holds) this.work = promise
      promise.then(
        (value) => this.#succeed(value),
        (error: unknown) => this.workFailed(error),
      )
    } else {
      this.#succeed(result)
    }
  }

  #succeed(value: T): void {
    if (this.ended) return
    this.work = undefined
    const now = this.end()
    this.host.succeeded(this, now, now - this.startedAt, undefined)
    const { sink } = this
    this.sink = undefined
    sink?.attemptSucceeded(this, value)
  }
}

/** Starts an operation; faults that were switched on for a rehearsal come in here, at the innermost place. */
export function perform<T>(host: AttemptHost, operation: Operation<T>, context: AttemptContext): T | PromiseLike<T> {
  const { chaos } = host.parts
  return chaos === undefined ? operation(context) : chaos.perform(operation, context)
}

/** How the breaker counts an attempt that ended with this error. */
function outcomeOf(error: HoldfastError): AttemptOutcome {
  return ruleOf(error.category).breaker
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

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

import { TimeLimited, type Deadlines } from '../clock/deadlines.ts'
import type { Clock } from '../clock/clock.ts'
import type { GivenPermit } from '../breaker/create-breaker.ts'
import { ruleOf } from '../errors/category-rules.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { isOvertaken, isTooSlow } from '../errors/overtaken.ts'
import { toHoldfastError } from '../errors/to-holdfast-error.ts'
import type { AttemptOutcome } from '../events/events.ts'
import { abortContext, LazySignal } from '../signal/lazy-signal.ts'
import type { Call } from './call.ts'
import type { AttemptContext, Operation } from './integration.ts'

/** What an integration is told about one of its attempts. */
export interface AttemptRecord {
  readonly call: Call
  readonly permit: GivenPermit
  readonly startedAt: number
  /** 1 is the first. */
  readonly number: number
}

/** What an attempt needs of the integration it belongs to. */
export interface AttemptHost {
  readonly name: string
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly attemptTimeoutMs: number
  readonly idleTimeoutMs: number
  /** The attempt, and with it the call, ended well. `measuredMs` is what is compared with `slowCallMs`. */
  succeeded(attempt: AttemptRecord, now: number, measuredMs: number, firstOutputMs: number | undefined): void
  /** The attempt failed, or was cancelled. */
  failed(attempt: AttemptRecord, now: number, error: HoldfastError, outcome: AttemptOutcome): void
  /** The call is over without another attempt, after its stream was handed over. */
  callFailed(call: Call, now: number, error: HoldfastError): void
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
  readonly call: Call
  readonly permit: GivenPermit
  readonly startedAt: number
  readonly number: number
  readonly context: OperationContext
  /** Whether the time limit is the call's deadline rather than the attempt timeout. */
  readonly endsWithCall: boolean
  ended = false
  /** Whether it ended by the caller's abort; then the rejection is the caller's own reason. */
  cancelled = false
  resolve: ((result: Result) => void) | undefined = undefined
  reject: ((reason: unknown) => void) | undefined = undefined

  constructor(host: AttemptHost, call: Call, permit: GivenPermit, now: number) {
    super()
    this.host = host
    this.call = call
    this.permit = permit
    this.startedAt = now
    this.number = call.attempts
    this.endsWithCall = call.deadlineAt < now + host.attemptTimeoutMs
    this.context = new OperationContext(this.number, this.endsWithCall ? call.deadlineAt - now : host.attemptTimeoutMs)
  }

  /**
   * Makes the attempt.
   * @param reject called with a HoldfastError, or with the caller's reason when `cancelled`.
   */
  start(resolve: (result: Result) => void, reject: (reason: unknown) => void): void {
    this.resolve = resolve
    this.reject = reject
    if (this.call.signal?.aborted === true) {
      // It aborted between two steps of the call, and will not say so again.
      this.cancel(this.call.signal.reason)
      return
    }
    this.host.deadlines.watch(this, this.startedAt + this.context.timeLeftMs)
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
    abortContext(this.context, reason)
    const now = this.end()
    const outcome = isTooSlow(reason, now - this.startedAt) ? 'slow' : 'ignored'
    this.host.failed(this, now, cancellation(reason, this.host.name), outcome)
    this.reject?.(reason)
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
    this.reject?.(error)
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
    const limitMs = this.endsWithCall ? this.call.deadlineAt - this.call.startedAt : this.host.attemptTimeoutMs
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
  readonly #operation: Operation<T>

  constructor(host: AttemptHost, call: Call, permit: GivenPermit, now: number, operation: Operation<T>) {
    super(host, call, permit, now)
    this.#operation = operation
  }

  begin(): void {
    let result: T | PromiseLike<T>
    try {
      result = this.#operation(this.context)
    } catch (error) {
      this.fail(error)
      return
    }
    if (isThenable(result)) {
      const promise = result instanceof Promise ? (result as Promise<T>) : Promise.resolve(result)
      promise.then(
        (value) => this.#succeed(value),
        (error: unknown) => this.fail(error),
      )
    } else {
      this.#succeed(result)
    }
  }

  #succeed(value: T): void {
    if (this.ended) return
    const now = this.end()
    this.host.succeeded(this, now, now - this.startedAt, undefined)
    this.resolve?.(value)
  }
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

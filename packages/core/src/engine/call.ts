import type { Waits } from '../backoff/backoff.ts'
import { type CallLabels, labelsOf } from '../context/labels.ts'
import type { AdmissionRequest, Permit, Priority } from '../policy/admission.ts'
import type { Operation } from '../policy/operation.ts'
import { invalidOption } from '../validation/validate.ts'
import { type Attempt, type AttemptSink, CallAttempt } from './attempt.ts'
import type { Engine } from './engine.ts'
import type { Parts } from './parts.ts'
import { StreamAttempt } from './stream-attempt.ts'
import type { StreamRules } from './stream-rules.ts'

const NO_OPTIONS: CallOptions = {}

const nothing = (): void => undefined

/** What the executor of a promise was given. One executor for all promises spares each call a closure; what it was given does not stay here. */
const given: { resolve: (result: never) => void; reject: (reason: unknown) => void } = {
  resolve: nothing,
  reject: nothing,
}

function executor(resolve: (result: never) => void, reject: (reason: unknown) => void): void {
  given.resolve = resolve
  given.reject = reject
}

/** What one call may say for itself. */
export interface CallOptions extends CallLabels {
  /** The caller's own abort. Honoured at once, everywhere; its reason comes back unchanged. */
  readonly signal?: AbortSignal
  /** Total time for this call in ms, if shorter than the deadline there is. */
  readonly deadlineMs?: number
  /**
   * Whether the operation may be made twice without harm. `false` allows a retry only after an error that says
   * nothing can have taken effect (`mayHaveTakenEffect: false`), and no hedge. Default: the integration's `idempotent`.
   */
  readonly idempotent?: boolean
  /** What is shed last, and what first, when not all calls can be taken. Default: `medium`. */
  readonly priority?: Priority
}

/** What is known of one call while it runs. */
export interface CallRecord extends AdmissionRequest {
  /** Monotonic. */
  readonly startedAt: number
  readonly deadlineAt: number
  readonly idempotent: boolean
  /** With the labels that are carried along. */
  readonly options: CallOptions
  /** Attempts made so far, hedges included. */
  readonly attempts: number
  /** Tries made so far: the first, and each retry. */
  readonly tries: number
  /** What the latest try failed with. */
  readonly lastFailure: unknown
}

/** One call while it runs: what it may do, how far it has come, and the way back to its caller. */
export class Call<Result> implements CallRecord, AttemptSink<Result> {
  readonly engine: Engine
  readonly operation: Operation<Result>
  readonly options: CallOptions
  readonly signal: AbortSignal | undefined
  readonly idempotent: boolean
  readonly promise: Promise<Result>
  readonly resolve: (result: Result) => void
  readonly reject: (reason: unknown) => void
  readonly startedAt: number
  readonly deadlineAt: number
  attempts = 0
  tries = 0
  lastFailure: unknown = undefined
  /** Made when it is needed: most calls never wait. */
  waits: Waits | undefined = undefined

  /** @throws HoldfastError `INVALID_OPTION` */
  constructor(engine: Engine, operation: Operation<Result>, options: CallOptions = NO_OPTIONS) {
    const { parts, carrier } = engine
    const { deadlineMs = Infinity, idempotent = parts.idempotent, signal } = options
    if (typeof deadlineMs !== 'number' || Number.isNaN(deadlineMs)) {
      throw invalidOption(`${engine.name}: call.deadlineMs`, 'a number of milliseconds', deadlineMs)
    }
    const carried = carrier?.getStore()
    this.engine = engine
    this.operation = operation
    this.options = carried === undefined ? options : { ...options, ...labelsOf(options, carried) }
    this.signal = signal
    this.idempotent = idempotent
    this.startedAt = engine.clock.now()
    this.deadlineAt = this.startedAt + Math.min(deadlineMs, parts.deadlineMs)
    this.promise = new Promise(executor)
    this.resolve = given.resolve as (result: Result) => void
    this.reject = given.reject
    given.resolve = given.reject = nothing
  }

  get priority(): Priority | undefined {
    return this.options.priority
  }

  get caller(): string | undefined {
    return this.options.tenant
  }

  get session(): string | undefined {
    return this.options.session
  }

  attempt(parts: Parts, permit: Permit, now: number): Attempt<Result> {
    return new CallAttempt(this, parts, permit, now)
  }

  attemptSucceeded(_attempt: Attempt<Result>, result: Result): void {
    this.resolve(result)
  }

  attemptFailed(attempt: Attempt<Result>, reason: unknown): void {
    this.engine.afterFailure(this, attempt.cancelled, reason)
  }
}

/** A call whose result is a stream. */
export class StreamCall<Chunk> extends Call<ReadableStream<Chunk>> {
  readonly #rules: StreamRules<Chunk>

  constructor(
    engine: Engine,
    operation: Operation<ReadableStream<Chunk>>,
    rules: StreamRules<Chunk>,
    options?: CallOptions,
  ) {
    super(engine, operation, options)
    this.#rules = rules
  }

  override attempt(parts: Parts, permit: Permit, now: number): StreamAttempt<Chunk> {
    return new StreamAttempt(this, parts, permit, now, this.#rules)
  }
}

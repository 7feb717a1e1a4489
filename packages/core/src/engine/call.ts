import type { Waits } from '../backoff/backoff.ts'
import type { CallLabels } from '../context/labels.ts'
import type { HoldfastError } from '../errors/holdfast-error.ts'
import type { AdmissionRequest, Permit, Priority } from '../policy/admission.ts'
import type { Operation } from '../policy/operation.ts'
import { rankOf } from '../policy/priority.ts'
import { aFunction, aSignal, check, invalidOption } from '../validation/validate.ts'
import { Attempt, type AttemptOwner } from './attempt.ts'
import type { Engine } from './engine.ts'
import type { Parts } from './parts.ts'
import { StreamAttempt } from './stream-attempt.ts'
import type { StreamRules } from './stream-rules.ts'

const NO_OPTIONS: CallOptions = Object.freeze({})

const nothing = (): void => undefined

/** How the promise that was made last is settled, until a call takes it over. */
const latest: { resolve: (result: never) => void; reject: (reason: unknown) => void } = {
  resolve: nothing,
  reject: nothing,
}

/** The executor for the promise of a call, which is to be made right before the call. One for all spares each of them a closure. */
export function forCall(resolve: (result: never) => void, reject: (reason: unknown) => void): void {
  latest.resolve = resolve
  latest.reject = reject
}

/** What one call may say for itself. */
export interface CallOptions extends CallLabels {
  /** The caller's own abort. Honoured at once, everywhere; its reason comes back unchanged. */
  readonly signal?: AbortSignal | undefined
  /** Total time for this call in ms, if shorter than the deadline there is. */
  readonly deadlineMs?: number | undefined
  /**
   * Whether the operation may be made twice without harm. `false` allows a retry only after an error that says
   * nothing can have taken effect (`mayHaveTakenEffect: false`), and no hedge. Default: the integration's `idempotent`.
   */
  readonly idempotent?: boolean | undefined
  /** What is shed last, and what first, when not all calls can be taken. Default: `medium`. */
  readonly priority?: Priority | undefined
}

/** What is known of one call while it runs. */
export interface CallRecord extends AdmissionRequest {
  /** Who leads it. */
  readonly engine: Engine
  /** What held when its latest try was made; but its deadline, and whether it may be made twice, are those it began with. */
  readonly parts: Parts
  /** A copy, with the labels that are carried along. */
  readonly options: CallOptions
  /** Monotonic. */
  readonly startedAt: number
  /** When nobody waits for it any more: the end of its time, less the reserve. */
  readonly deadlineAt: number
  readonly idempotent: boolean
  /** Attempts made so far, hedges included. */
  readonly attempts: number
}

/** What is known of a call that has failed before. */
export interface Failures {
  /** Tries that failed. */
  readonly tries: number
  /** What the latest one failed with. */
  readonly last: HoldfastError
  readonly waits: Waits
}

/** One call while it runs: what it may do, how far it has come, and the way back to its caller. */
export class Call<Result> implements CallRecord, AttemptOwner<Result> {
  readonly engine: Engine
  parts: Parts
  readonly operation: Operation<Result>
  readonly options: CallOptions
  readonly resolve: (result: Result) => void
  reject: (reason: unknown) => void
  readonly startedAt: number
  attempts = 0
  failures: Failures | undefined = undefined

  /** @throws HoldfastError `INVALID_OPTION` */
  constructor(engine: Engine, operation: Operation<Result>, options: CallOptions | undefined, now?: number) {
    // First of all: what comes next may be somebody else's code, and make calls of its own.
    this.resolve = latest.resolve as (result: Result) => void
    this.reject = latest.reject
    latest.resolve = latest.reject = nothing
    if (typeof operation !== 'function') throw invalidOption(`${engine.name}: operation`, aFunction.allowed, operation)
    const carried = engine.carrier?.getStore()
    this.engine = engine
    this.parts = engine.parts
    this.operation = operation
    this.options =
      options === undefined && carried === undefined ? NO_OPTIONS : optionsOf(engine.name, options, carried)
    this.startedAt = now ?? engine.clock.now()
  }

  /** Takes what holds now, between two of its tries. */
  follow(parts: Parts): void {
    if (this.parts === parts) return
    const { deadlineMs, idempotent } = this.parts
    this.parts = { ...parts, deadlineMs, idempotent }
  }

  /** As the owner of its attempts, where there are none beside each other. */
  get call(): this {
    return this
  }

  get signal(): AbortSignal | undefined {
    return this.options.signal
  }

  get deadlineAt(): number {
    const { deadlineMs = Infinity } = this.options
    const { parts } = this
    return this.startedAt + Math.min(deadlineMs, parts.deadlineMs) - parts.reserveMs
  }

  get idempotent(): boolean {
    return this.options.idempotent ?? this.parts.idempotent
  }

  get settlesOnce(): true {
    return true
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

  attempt(owner: AttemptOwner<Result>, permit: Permit, now: number): Attempt<Result> {
    return new Attempt(owner, permit, now)
  }

  attemptDecides(): void {}

  attemptSucceeded(_attempt: Attempt<Result>, result: Result): void {
    this.resolve(result)
  }

  attemptFailed(attempt: Attempt<Result>, reason: unknown): void {
    if (attempt.cancelled) this.engine.cancelled(this, reason)
    else void this.engine.afterFailure(this, reason as HoldfastError)
  }
}

/**
 * A copy of what a call says, which its caller may use again for another call, with the labels that are carried along.
 * @throws HoldfastError `INVALID_OPTION`
 */
function optionsOf(name: string, options: CallOptions = NO_OPTIONS, carried: CallLabels = NO_OPTIONS): CallOptions {
  const { signal, deadlineMs, idempotent, priority } = options
  // Looked at closely where it is of another kind than the platform's own.
  if (signal !== undefined && !(signal instanceof AbortSignal)) check(`${name}: call.signal`, signal, aSignal)
  if (deadlineMs !== undefined && (typeof deadlineMs !== 'number' || Number.isNaN(deadlineMs))) {
    throw invalidOption(`${name}: call.deadlineMs`, 'a number of milliseconds', deadlineMs)
  }
  if (priority !== undefined) rankOf(priority)
  const requestId = options.requestId ?? carried.requestId
  const tenant = options.tenant ?? carried.tenant
  const session = options.session ?? carried.session
  const operation = options.operation ?? carried.operation
  return { signal, deadlineMs, idempotent, priority, requestId, tenant, session, operation }
}

/** A call whose result is a stream. */
export class StreamCall<Chunk> extends Call<ReadableStream<Chunk>> {
  readonly #rules: StreamRules<Chunk>

  constructor(
    engine: Engine,
    operation: Operation<ReadableStream<Chunk>>,
    rules: StreamRules<Chunk>,
    options: CallOptions | undefined,
  ) {
    super(engine, operation, options)
    this.#rules = rules
  }

  override attempt(owner: AttemptOwner<ReadableStream<Chunk>>, permit: Permit, now: number): StreamAttempt<Chunk> {
    return new StreamAttempt(owner, permit, now, this.#rules)
  }
}

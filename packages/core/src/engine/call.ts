import type { Waits } from '../backoff/backoff.ts'
import type { CallLabels } from '../context/labels.ts'
import type { AdmissionRequest, Priority } from '../policy/admission.ts'
import type { Operation } from '../policy/operation.ts'
import type { Attempt, AttemptSink } from './attempt.ts'
import type { Engine } from './engine.ts'
import type { StreamRules } from './stream-rules.ts'

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
  readonly labels: CallLabels
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
  /** For a call whose result is a stream. */
  readonly rules: StreamRules<never> | undefined
  readonly resolve: (result: Result) => void
  readonly reject: (reason: unknown) => void
  readonly startedAt: number
  readonly deadlineAt: number
  readonly signal: AbortSignal | undefined
  readonly idempotent: boolean
  readonly priority: Priority | undefined
  readonly labels: CallLabels
  attempts = 0
  tries = 0
  lastFailure: unknown = undefined
  /** Made when it is needed: most calls never wait. */
  waits: Waits | undefined = undefined

  constructor(
    engine: Engine,
    operation: Operation<Result>,
    rules: StreamRules<never> | undefined,
    resolve: (result: Result) => void,
    reject: (reason: unknown) => void,
    now: number,
    deadlineMs: number,
    idempotent: boolean,
    labels: CallLabels,
    options: CallOptions,
  ) {
    this.engine = engine
    this.operation = operation
    this.rules = rules
    this.resolve = resolve
    this.reject = reject
    this.startedAt = now
    this.deadlineAt = now + deadlineMs
    this.signal = options.signal
    this.idempotent = idempotent
    this.priority = options.priority
    this.labels = labels
  }

  get caller(): string | undefined {
    return this.labels.tenant
  }

  get session(): string | undefined {
    return this.labels.session
  }

  attemptSucceeded(_attempt: Attempt<Result>, result: Result): void {
    this.resolve(result)
  }

  attemptFailed(attempt: Attempt<Result>, reason: unknown): void {
    this.engine.afterFailure(this, attempt.cancelled, reason)
  }
}

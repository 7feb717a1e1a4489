import type { CircuitBreaker } from '../breaker/create-breaker.ts'
import type { Classify } from '../errors/to-holdfast-error.ts'
import type { Goodput } from '../goodput-limit/goodput-limit.ts'
import type { HedgePolicy } from '../hedge/hedge.ts'
import type { Admission } from '../policy/admission.ts'
import type { AttemptContext, Operation } from '../policy/operation.ts'
import type { RetryPolicy } from '../retry/retry.ts'

/** Performs operations, perhaps badly: see `@holdfast/core/chaos`. */
export interface Chaos {
  perform<T>(operation: Operation<T>, context: AttemptContext): T | PromiseLike<T>
}

/** What a call goes through. The order is the engine's; what is missing is left out. Times are in ms, `Infinity` for none. */
export interface Parts {
  readonly deadlineMs: number
  /** Kept back from the deadline, so that a caller hears of the last attempt's end in time. */
  readonly reserveMs: number
  readonly admissions: readonly Admission[]
  readonly retry: RetryPolicy | undefined
  readonly hedge: HedgePolicy | undefined
  readonly goodput: Goodput | undefined
  readonly breaker: CircuitBreaker | undefined
  readonly attemptTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly idempotent: boolean
  readonly chaos: Chaos | undefined
  readonly classify: Classify | undefined
}

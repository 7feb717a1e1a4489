import type { OperationFailed } from '../context/events.ts'
import type { ChaosInjected } from '../chaos/events.ts'
import type { CallLabels } from '../context/labels.ts'
import type { BulkheadEvent, SlotReclaimed } from '../bulkhead/events.ts'
import type { CacheEvent } from '../cache/events.ts'
import type { CapacityEvent } from '../capacity/events.ts'
import type { LimitChanged } from '../adaptive-concurrency/events.ts'
import type { ThrottleEvent } from '../throttle/events.ts'
import type { FallbackServed } from '../fallback/events.ts'
import type { FeatureChanged, HealthEvent } from '../health/events.ts'
import type { GoodputLimited } from '../goodput-limit/events.ts'
import type { ErrorCategory } from '../errors/category.ts'
import type { RateLimitEvent } from '../rate-limit/events.ts'
import type { SessionEvent } from '../sessions/events.ts'

/** States of a circuit breaker. `ramping` is closed, with a growing share of the traffic let through. */
export type CircuitState = 'closed' | 'open' | 'half-open' | 'ramping' | 'isolated'

/** How one attempt ended, as the breaker counts it. `ignored` touches no count. */
export type AttemptOutcome = 'success' | 'slow' | 'failure' | 'ignored'

/** What every event of an integration or pipeline carries; the labels of its call where the caller gave any. */
interface IntegrationEvent<Type extends string> extends CallLabels {
  readonly type: Type
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  readonly integration: string
}

/** A call was accepted and its first attempt is about to begin. */
export interface CallStarted extends IntegrationEvent<'call-started'> {}
/** A call has ended well. */
export interface CallSucceeded extends IntegrationEvent<'call-succeeded'> {
  readonly durationMs: number
  readonly attempts: number
}
/** A call has ended with an error (also when a policy rejected it). */
export interface CallFailed extends IntegrationEvent<'call-failed'> {
  readonly durationMs: number
  readonly attempts: number
  readonly code: string
  readonly category: ErrorCategory
}
/** A policy refused the call before it reached the dependency. */
export interface CallRejected extends IntegrationEvent<'call-rejected'> {
  readonly code: string
  readonly retryAfterMs?: number
}
/** One attempt was sent. Attempt 1 is the first. */
export interface AttemptStarted extends IntegrationEvent<'attempt-started'> {
  readonly attempt: number
}
/** One attempt ended well (possibly slowly: `outcome`). */
export interface AttemptSucceeded extends IntegrationEvent<'attempt-succeeded'> {
  readonly attempt: number
  readonly durationMs: number
  /** Streams only: time from sending to the first output. */
  readonly firstOutputMs?: number
  readonly outcome: AttemptOutcome
}
/** One attempt ended badly, or was cancelled by the caller (`outcome: 'ignored'`). */
export interface AttemptFailed extends IntegrationEvent<'attempt-failed'> {
  readonly attempt: number
  readonly durationMs: number
  readonly code: string
  readonly category: ErrorCategory
  readonly status?: number
  readonly outcome: AttemptOutcome
}
/** Another attempt will be made after `delayMs`. It has not been made yet. */
export interface RetryScheduled extends IntegrationEvent<'retry-scheduled'> {
  /** The number of the attempt to come. */
  readonly attempt: number
  readonly delayMs: number
}
/** A failure that could have been tried again is not, and comes out. */
export interface RetryDenied extends IntegrationEvent<'retry-denied'> {
  /** Attempts made. */
  readonly attempts: number
  /**
   * `attempts`: all retries are used up. `deadline`: too little time is left. `budget`: too many of the latest calls were retried. `circuit`: it has
   * opened. `not-idempotent`: it would have been tried again if the call were `idempotent`; that alone stood in the way.
   */
  readonly reason: 'attempts' | 'deadline' | 'budget' | 'circuit' | 'not-idempotent'
}
/** Another attempt is made beside one that takes long. */
export interface HedgeStarted extends IntegrationEvent<'hedge-started'> {
  /** The number of the attempt. */
  readonly attempt: number
  /** How long was waited for the one before. */
  readonly afterMs: number
}
/** A call that was hedged ended well. */
export interface HedgeWon extends IntegrationEvent<'hedge-won'> {
  /** The number of the attempt that was first. */
  readonly attempt: number
}
/** The circuit changed its state. */
export interface CircuitChanged extends IntegrationEvent<
  'circuit-opened' | 'circuit-half-opened' | 'circuit-ramping' | 'circuit-closed' | 'circuit-isolated'
> {
  readonly from: CircuitState
  readonly to: CircuitState
  /** Why: `failures`, `slow-calls`, `probe-failed`, `probe-expired`, `probes-passed`, `ramp-complete`, `waited`, `manual`, `restored`. */
  readonly reason: CircuitChangeReason
  /** For an opened circuit: how long until it lets a probe through. */
  readonly openMs?: number
}
export type CircuitChangeReason =
  | 'failures'
  | 'slow-calls'
  | 'probe-failed'
  | 'probe-expired'
  | 'probes-passed'
  | 'ramp-complete'
  | 'waited'
  | 'manual'
  | 'restored'

/** Everything core reports. Logs, metrics, traces, alerts and the console are listeners to these and nothing else. */
export type CoreEvent =
  | CallStarted
  | CallSucceeded
  | CallFailed
  | CallRejected
  | AttemptStarted
  | AttemptSucceeded
  | AttemptFailed
  | RetryScheduled
  | RetryDenied
  | HedgeStarted
  | HedgeWon
  | CircuitChanged
  | ChaosInjected
  | GoodputLimited
  | FallbackServed
  | CacheEvent
  | OperationFailed
  | BulkheadEvent
  | SlotReclaimed
  | RateLimitEvent
  | CapacityEvent
  | ThrottleEvent
  | LimitChanged
  | HealthEvent
  | FeatureChanged
  | SessionEvent

/** Receives events. What it throws is swallowed: a listener never touches a call. */
export type Listener<Event> = (event: Event) => void

/** A channel of events. `active` is false while nobody listens, so that no event object need be built. */
export interface Events<Event> {
  readonly active: boolean
  emit(event: Event): void
  /** Adds a listener; the function that comes back removes it. */
  on(listener: Listener<Event>): () => void
}

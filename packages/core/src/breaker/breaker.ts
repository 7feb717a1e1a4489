import type { HoldfastError } from '../errors/holdfast-error.ts'
import type { AttemptOutcome, CircuitState } from '../events/events.ts'
import type { CircuitControl, Environment } from '../integration/integration.ts'
import type { WindowCounts } from '../window/rolling-window.ts'
import type { BreakerOptions } from './options.ts'

/** A breaker on its own needs a name, for its errors and events. */
export interface BreakerConfiguration extends BreakerOptions, Environment {
  /** 1 to 64 characters: lower-case letters, digits, `-`. */
  readonly name: string
}

/** How an attempt went, for {@link Permit.settle}. */
export interface Settlement {
  /** What is compared with `slowCallMs`. Default: the time since the permit was given. */
  readonly durationMs?: number
  /** What failed; it becomes the `cause` of later rejections, and its `retryAfterMs` a floor of the open time. */
  readonly error?: unknown
}

/** The leave to make one call. It must be settled, once, however the call ends; settling it again does nothing. */
export interface Permit {
  readonly admitted: true
  /** The state of the circuit it was given in; after any change of state its result changes nothing. */
  readonly generation: number
  /**
   * Says how the call went, and gives the permit back. A success slower than `slowCallMs` counts as `slow`.
   * `ignored` is for a call that says nothing about the dependency, such as one its caller cancelled.
   * @returns the outcome as it was counted.
   */
  settle(outcome: AttemptOutcome, settlement?: Settlement): AttemptOutcome
  /** Says that the call is going on well: the lease of a probe begins anew. For work that goes on as long as it makes progress. */
  renew(): void
}

/** No leave: the call must not be made. */
export interface Rejection {
  readonly admitted: false
  /** `CIRCUIT_OPEN`, `CIRCUIT_RAMPING` or `CIRCUIT_ISOLATED`, of category `rejected`; a new one each time. */
  readonly error: HoldfastError
}

/** A frozen copy of what a breaker knows. */
export interface BreakerSnapshot {
  readonly state: CircuitState
  readonly generation: number
  readonly window: WindowCounts
  /** Open: ms until the next probe may go. */
  readonly nextProbeInMs?: number
  /** Share of the calls let through now, 0 to 1; half-open counts as 0. */
  readonly admittedShare: number
}

/** A circuit breaker. It sets no timers: what time changes is seen, and reported, at the next access. */
export interface Breaker extends CircuitControl {
  readonly name: string
  /** Asks for leave to make one call. */
  tryAcquire(): Permit | Rejection
  /** Whether {@link tryAcquire} would give leave now; takes none. */
  wouldAdmit(): boolean
  snapshot(): BreakerSnapshot
}

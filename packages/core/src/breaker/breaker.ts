import type { CircuitState } from '../events/events.ts'
import type { CircuitControl, Environment } from '../integration/integration.ts'
import type { AdmissionPolicy, Permit, Rejection } from '../policy/admission.ts'
import type { WindowCounts } from '../window/rolling-window.ts'
import type { BreakerOptions } from './options.ts'

/** A breaker on its own needs a name, for its errors and events. */
export interface BreakerConfiguration extends BreakerOptions, Environment {
  /** 1 to 64 characters: lower-case letters, digits, `-`. */
  readonly name: string
}

/** The leave to make one call through a circuit. A success slower than `slowCallMs` counts as `slow`. */
export interface BreakerPermit extends Permit {
  /** The state of the circuit it was given in; after any change of state its result changes nothing. */
  readonly generation: number
  /**
   * Says that the call is being answered, and goes on well. For work that goes on as long as it makes progress: until it is settled it counts among the calls that have not
   * failed; the first time ends a row of failures; and the lease of a probe begins anew.
   */
  renew(): void
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
export interface Breaker extends CircuitControl, AdmissionPolicy {
  readonly name: string
  /** Asks for leave to make one call: `CIRCUIT_OPEN`, `CIRCUIT_RAMPING` or `CIRCUIT_ISOLATED` where there is none. */
  tryAcquire(): BreakerPermit | Rejection
  /** The same; nobody ever waits at a circuit. */
  acquire(): BreakerPermit | Rejection
  /** Whether {@link tryAcquire} would give leave now; takes none. */
  wouldAdmit(): boolean
  snapshot(): BreakerSnapshot
  /**
   * Replaces its options; what is left out is at its default. State, reopenings and permits stay; a window of another length starts empty.
   * @throws HoldfastError `INVALID_OPTION`; then everything stays as it was.
   */
  reconfigure(options: BreakerOptions): void
}

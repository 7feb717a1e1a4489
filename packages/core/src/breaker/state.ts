import type { CountWindow } from '../window/count-window.ts'
import type { RollingWindow } from '../window/rolling-window.ts'
import type { CreditAdmission } from './ramp-up.ts'

/** All of the traffic goes through. */
export interface Closed {
  readonly kind: 'closed'
  readonly since: number
  readonly window: RollingWindow | CountWindow
  /** Failures and slow calls in a row. */
  badInARow: number
}

/** Nothing goes through until `until`. */
export interface Open {
  readonly kind: 'open'
  readonly since: number
  readonly until: number
}

/** One call of a half-open circuit. */
export interface Probe {
  leaseEnd: number
  /** How many reliefs there had been: once one hangs so long that another is sent, what becomes of it says nothing about now. */
  readonly reliefs: number
}

/** A few probes go through; each has a lease. */
export interface HalfOpen {
  readonly kind: 'half-open'
  readonly since: number
  readonly probes: Map<object, Probe>
  /** When another probe goes beside those that hang, and how long after that the next one does. */
  reliefAt: number
  reliefMs: number
  /** How often that has happened. */
  reliefs: number
  passed: number
}

/** Closed, with a growing share of the traffic let through. */
export interface Ramping {
  readonly kind: 'ramping'
  readonly since: number
  readonly window: RollingWindow | CountWindow
  readonly admission: CreditAdmission
  badInARow: number
}

/** Nothing goes through until somebody says so. */
export interface Isolated {
  readonly kind: 'isolated'
  readonly since: number
}

/** The state of a circuit; each kind owns only its own data. All times are monotonic. */
export type BreakerState = Closed | Open | HalfOpen | Ramping | Isolated

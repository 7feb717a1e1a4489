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

/** A few probes go through; each has a lease. */
export interface HalfOpen {
  readonly kind: 'half-open'
  readonly since: number
  /** When each probe's lease ends, by probe. */
  readonly probes: Map<object, number>
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

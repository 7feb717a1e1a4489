import type { AdmissionPolicy } from '../policy/admission.ts'

/** A frozen copy of what a throttle knows. */
export interface ThrottleSnapshot {
  readonly name: string
  /** Requests in the window that have their verdict, those that were turned away, and those without a verdict for more than half the window. */
  readonly requests: number
  /** Requests that the dependency accepted in the window. */
  readonly accepted: number
  /** The share of requests of medium priority that is turned away now, 0 to 1. */
  readonly rejectedShare: number
}

/** Sends a dependency fewer requests while it does not accept them. Nobody ever waits at it. */
export interface Throttle extends AdmissionPolicy {
  readonly name: string
  snapshot(): ThrottleSnapshot
}

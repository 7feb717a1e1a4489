import type { AdmissionPolicy } from '../policy/admission.ts'

/** A frozen copy of what a capacity knows. */
export interface CapacitySnapshot {
  readonly name: string
  readonly share: number
  /** While it was reduced, since the beginning. */
  readonly totals: { readonly admitted: number; readonly rejected: number }
}

/**
 * Lets a share of the calls in, so that a system in trouble serves a part of its callers well rather than all of them
 * badly.
 */
export interface Capacity extends AdmissionPolicy {
  readonly name: string
  /** Share of the calls that is let in now, 0 to 1. */
  readonly share: number
  /**
   * Changes the share. When it falls, sessions that were let in are decided anew, and those that were kept out stay
   * out; when it rises, the other way round.
   * @param share 0 to 1.
   * @throws HoldfastError `INVALID_OPTION`
   */
  set(share: number): void
  /** Back to all of the calls; forgets all sessions. */
  reset(): void
  snapshot(): CapacitySnapshot
}

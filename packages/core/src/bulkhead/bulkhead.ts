import type { AttemptOutcome } from '../events/events.ts'
import type { AdmissionPolicy } from '../policy/admission.ts'

/** A frozen copy of what a bulkhead knows. */
export interface BulkheadSnapshot {
  readonly name: string
  readonly maxConcurrent: number
  /** Slots that are taken. */
  readonly running: number
  /** Of these, those whose verdict is known and whose work goes on all the same (`settle(outcome, { until })`), for `maxLingerMs` at most. */
  readonly lingering: number
  readonly queued: number
  /**
   * Since the beginning. Every call that asked is `admitted`, `rejected`, `abandoned` (its caller gave up in the queue)
   * or still queued; every admitted one ends with an outcome, or runs and is not lingering. `reclaimed`: slots that were given
   * back while their work went on.
   */
  readonly totals: Readonly<Record<'admitted' | 'rejected' | 'abandoned' | 'reclaimed' | AttemptOutcome, number>>
}

/** Bounds how many calls run at once, so that one slow dependency cannot take everything up. */
export interface Bulkhead extends AdmissionPolicy {
  readonly name: string
  readonly maxConcurrent: number
  /** Slots that are taken. More than `maxConcurrent` only after {@link resize} made it smaller. */
  readonly running: number
  readonly queued: number
  /**
   * Changes how many calls may run at once: at once where it grows, and as permits come back where it shrinks.
   * @param maxConcurrent 0 to 1,000,000.
   * @throws HoldfastError `INVALID_OPTION`
   */
  resize(maxConcurrent: number): void
  snapshot(): BulkheadSnapshot
}

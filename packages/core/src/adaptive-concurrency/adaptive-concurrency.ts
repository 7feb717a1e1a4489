import type { BulkheadSnapshot } from '../bulkhead/bulkhead.ts'
import type { AdmissionPolicy } from '../policy/admission.ts'

/** A frozen copy of what an adaptive limit knows. */
export interface AdaptiveConcurrencySnapshot {
  readonly name: string
  /** Calls that may run at once. */
  readonly limit: number
  /** Slots that are taken. */
  readonly inFlight: number
  /** Of these, those whose verdict is known and whose work goes on all the same, for `maxLingerMs` at most. */
  readonly lingering: number
  readonly queued: number
  readonly totals: BulkheadSnapshot['totals']
  /** Whether the limit is lowered for a moment, to measure the response time without a queue. */
  readonly probing: boolean
  /** That time, in ms; `undefined` before the first window. */
  readonly baselineMs: number | undefined
}

/** Bounds how many calls run at once by what their dependency can take, which it finds out from their response times. */
export interface AdaptiveConcurrency extends AdmissionPolicy {
  readonly name: string
  /** Calls that may run at once. */
  readonly limit: number
  snapshot(): AdaptiveConcurrencySnapshot
}

import type { Priority } from '../policy/admission.ts'

/**
 * What a bulkhead did with a call that it did not let in at once. Each `call-queued` is followed by one `call-dequeued`
 * (it has its slot), `call-shed` (refused: see `code`) or `call-abandoned` (its caller gave up).
 */
export interface BulkheadEvent {
  readonly type: 'call-queued' | 'call-dequeued' | 'call-shed' | 'call-abandoned'
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  readonly bulkhead: string
  readonly priority: Priority
  /** Calls in the queue, after this. */
  readonly queued: number
  /** How long it was in the queue, in ms. 0 for one that was refused on arrival. */
  readonly waitedMs: number
  /** `call-shed` only: `BULKHEAD_FULL`, `QUEUE_TIMEOUT`, or `SHED` when it made room for another. */
  readonly code?: string
}

/** A slot was given back although its work still runs: it went on for `maxLingerMs` after its verdict. */
export interface SlotReclaimed {
  readonly type: 'slot-reclaimed'
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  readonly bulkhead: string
  /** How long the work has gone on since its verdict, in ms: `maxLingerMs`, or longer where nobody asked for a slot. */
  readonly lingeredMs: number
}

import type { ErrorCategory, HoldfastError } from '@holdfast/core'
import type { JournalRecord } from '../journal/journal.ts'

/** What a sender is told besides the record. */
export interface SendContext {
  /** Aborts at the end of the attempt's time, and when the delivery stops. */
  readonly signal: AbortSignal
  /** The same each time this record is sent, also after a restart, and fit for a header: by it the receiver knows a repetition. */
  readonly idempotencyKey: string
}

/** Sends one record, once. Resolves when the receiver has confirmed it. */
export type Send = (record: JournalRecord, context: SendContext) => Promise<unknown>

export interface DeliverySnapshot {
  readonly name: string
  /** `waiting`: until a failed record is sent again. */
  readonly state: 'idle' | 'sending' | 'waiting' | 'stopped'
  /** Records that the receiver has not confirmed, those given up included. */
  readonly undelivered: number
  /** Records that are not sent again before the next start. */
  readonly givenUp: number
  /** Wall time in milliseconds since the Unix epoch. */
  readonly lastFailure?: { readonly code: HoldfastError['code']; readonly category: ErrorCategory; readonly at: number }
  readonly lastSuccessAt?: number
}

/** Sends what waits in a journal, until each record is confirmed. */
export interface Delivery {
  readonly name: string
  /** Says that there is something to send. Returns at once. */
  wake(): void
  snapshot(): DeliverySnapshot
  /** Starts nothing new but what waits already; after `stopGraceMs` that is aborted too. What was not confirmed stays in the journal. */
  stop(): Promise<void>
}

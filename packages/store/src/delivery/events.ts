import type { ErrorCategory } from '@holdfast/core'

interface DeliveryEventOf<Type extends string> {
  readonly type: Type
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  readonly delivery: string
  readonly sequence: number
  readonly kind: string
  readonly tenant: string
}

/** The receiver has confirmed a record. */
export interface DeliverySucceeded extends DeliveryEventOf<'delivery-succeeded'> {
  /** From when the record was accepted, by the wall clock. */
  readonly waitedMs: number
}

/** A record was sent, with all retries, and not confirmed. It is sent again. */
export interface DeliveryFailed extends DeliveryEventOf<'delivery-failed'> {
  readonly code: string
  readonly category: ErrorCategory
  readonly retryInMs: number
}

/** The receiver has refused this record for `giveUpAfterMs`. It stays in the journal, and is sent again after the next start. */
export interface DeliveryGivenUp extends DeliveryEventOf<'delivery-given-up'> {
  readonly code: string
  readonly category: ErrorCategory
}

/** Everything a delivery reports. */
export type DeliveryEvent = DeliverySucceeded | DeliveryFailed | DeliveryGivenUp

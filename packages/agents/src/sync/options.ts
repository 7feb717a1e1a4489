import type { Clock } from '@holdfast/core'
import type { Store } from '@holdfast/store/database'
import type { EntityKind } from './kind.ts'
import type { JsonValue, SourceRecord } from './record.ts'

/** Some records, and where to go on after them. */
export interface SourcePage {
  readonly records: readonly SourceRecord[]
  /** What {@link Source.read} is given the next time; at most 10,000 characters as JSON. */
  readonly cursor: JsonValue
}

/** Where records come from. */
export interface Source {
  /**
   * Pages after a cursor, each asked for when the one before it is kept. The calls that it makes outside go through an integration of its own.
   * @param cursor that of the last page that was kept; `undefined` at the very first.
   */
  read(
    cursor: JsonValue | undefined,
    context: { readonly tenant: string; readonly signal: AbortSignal },
  ): AsyncIterable<SourcePage>
}

/** How a synchronisation is made. */
export interface SyncOptions {
  readonly store: Store
  /** 1 to 50, by names of 1 to 64 lower-case letters, digits and `-`. */
  readonly kinds: Readonly<Record<string, EntityKind>>
  /** What can be pulled, by the names that are in its records. Default: none; records are brought by `ingest`. */
  readonly sources?: Readonly<Record<string, Source>> | undefined
  /** How long it is known that a record was deleted, in ms. 0 to 315,360,000,000. Default: 7,776,000,000, which are 90 days. */
  readonly keepDeletedMs?: number | undefined
  /** How far in the future a record may be said to be observed, in ms: clocks differ. 0 to 86,400,000. Default: 300,000. */
  readonly maxAheadMs?: number | undefined
  /** Default: the system's. */
  readonly clock?: Clock | undefined
}

/** What {@link SyncOptions} fall back to. */
export const SYNC_DEFAULTS: Readonly<{ keepDeletedMs: number; maxAheadMs: number }> = Object.freeze({
  keepDeletedMs: 7_776_000_000,
  maxAheadMs: 300_000,
})

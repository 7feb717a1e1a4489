import type { Conflict, Entity } from './entity.ts'
import type { FieldValues } from './kind.ts'
import type { JsonValue, RecordName, SourceRecord } from './record.ts'

/** What may be said beside records. */
export interface IngestOptions {
  /** Kept with the records, in the same transaction. */
  readonly cursor?:
    | {
        readonly source: string
        readonly value: JsonValue
        /** The cursor that must be there before: otherwise somebody else has gone on. Default: not looked at. */
        readonly after?: JsonValue | undefined
      }
    | undefined
  readonly signal?: AbortSignal | undefined
}

/** A record that was not taken. */
export interface RefusedRecord {
  /** Its place among those that came. */
  readonly index: number
  readonly problem: string
}

/** What came of records. */
export interface IngestResult {
  /** That told something new. */
  readonly changed: number
  /** That were known. */
  readonly unchanged: number
  /** Older than a deletion that is no longer known of: they stay out. */
  readonly late: number
  /** That must not come back. */
  readonly forgotten: number
  /** That were wrong; the others were taken. */
  readonly refused: readonly RefusedRecord[]
}

/** What came of a pull. */
export interface PullResult extends IngestResult {
  readonly pages: number
  /** Whether the source had no more. */
  readonly complete: boolean
}

/** A conflict in the queue. */
export interface QueuedConflict extends Conflict {
  /** Milliseconds since the Unix epoch. */
  readonly openedAt: number
}

/** What a person says of a conflict. */
export interface Resolution {
  readonly kind: string
  /** The id of the conflict. */
  readonly conflict: string
  /** Who says so: 1 to 200 characters. */
  readonly by: string
  /** Of a field any value, also one that no source has, or `null` for none; of a deletion `true` or `false`. Not beside `candidate`. */
  readonly value?: JsonValue | undefined
  /** Of a field or a deletion, in place of `value`: what this record says. */
  readonly candidate?: RecordName | undefined
  /** Of a match: all its records, those in one group that are the same thing. */
  readonly groups?: readonly (readonly RecordName[])[] | undefined
}

/** What came of a decision. */
export interface ResolveResult {
  /** Whether it had been decided so before, by whomever. */
  readonly repeated: boolean
}

/** The same things, known from several sources. */
export interface Sync {
  /**
   * Takes at most 1,000 records, and what follows from them, in one transaction. The same again changes nothing.
   *
   * @throws HoldfastError `INVALID_RECORDS` for a list that is none or too long, `CURSOR_MOVED` when `after` is not what is there, `SYNC_TOO_LARGE` when more than 20,000 records hang together with these; those of the store.
   */
  ingest(tenant: string, records: readonly SourceRecord[], options?: IngestOptions): Promise<IngestResult>
  /**
   * Reads a source from where the last pull ended, page by page, each in a transaction with its cursor. A pull that breaks off goes on there.
   *
   * @param options `maxPages`: 1 to 1,000,000. Default: 10,000.
   * @throws HoldfastError as {@link Sync.ingest}; what the source throws; the reason of an abort, at once.
   */
  pull(
    tenant: string,
    source: string,
    options?: { readonly maxPages?: number | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<PullResult>
  /** How far a source was read. */
  cursor(tenant: string, source: string): Promise<JsonValue | undefined>
  /** One thing, by its id or by one of its records. */
  get(tenant: string, kind: string, name: string | RecordName): Promise<Entity | undefined>
  /** Things that have a key of these fields: of a client, by `{ email }`. One, unless it waits for a person which records are the same. */
  find(tenant: string, kind: string, fields: FieldValues): Promise<readonly Entity[]>
  /** What waits for a person, by id. @param options `limit`: 1 to 1,000. Default: 100. `after`: the id of the last that was seen. */
  conflicts(
    tenant: string,
    kind: string,
    options?: { readonly limit?: number | undefined; readonly after?: string | undefined },
  ): Promise<readonly QueuedConflict[]>
  /** One that waits, of whatever kind; `undefined` when it is not, or no longer, there. */
  conflict(tenant: string, id: string): Promise<QueuedConflict | undefined>
  /**
   * Ends a conflict by what a person says, which is kept as a fact and written to the audit. It holds until a source says, later than that, what the person had not seen. The same again, also from somebody else, changes nothing.
   *
   * @throws HoldfastError `CONFLICT_RESOLVED` when it was ended otherwise; `CONFLICT_NOT_FOUND` when it is not, or no longer, there; `INVALID_RESOLUTION`.
   */
  resolve(tenant: string, resolution: Resolution): Promise<ResolveResult>
  /** Drops records that have been deleted for `keepDeletedMs`; older ones of their source that are not known stay out from then on. At most 1,000 at once. @returns how many. */
  purge(tenant: string): Promise<number>
  /**
   * Erases one thing with all its records, whatever was decided on them, and what waits of it; its records do not come back, of which nothing but a hash of their names is kept. Written to the audit, without their names.
   *
   * @returns how many records. 0 when there is none.
   */
  forget(tenant: string, kind: string, name: string | RecordName, options: { readonly by: string }): Promise<number>
}

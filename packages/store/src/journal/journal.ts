import type { Damage } from './events.ts'

/** What is to be kept. */
export interface NewRecord {
  /** What it is: `ticket`, `lead`, `mail`. 1 to 64 lower-case letters, digits and `-`. */
  readonly kind: string
  /** Stands for this one thing among those of its kind and tenant, however often it is appended: 1 to 200 characters. */
  readonly key: string
  /** Anything that JSON can hold; kept as JSON holds it. */
  readonly data: unknown
  /** Whose it is: 1 to 200 characters. Default: `default`. */
  readonly tenant?: string | undefined
}

/** A record as it was kept. */
export interface JournalRecord {
  /** Its number: grows with each record, and is never given twice. */
  readonly sequence: number
  /** When it was accepted: wall time in milliseconds since the Unix epoch. */
  readonly at: number
  readonly tenant: string
  readonly kind: string
  readonly key: string
  readonly data: unknown
}

export interface Appended {
  readonly sequence: number
  /** Whether the same record had been appended before, and has this number. It may have been handled meanwhile. */
  readonly repeated: boolean
}

export interface AppendOptions {
  /** Ends the waiting, not the writing: whether the record is kept, appending it again tells. */
  readonly signal?: AbortSignal | undefined
}

/** What becomes of one record. Resolves when it is handled; a rejection leaves it in the journal. */
export type RecordHandler = (record: JournalRecord, context: { readonly signal: AbortSignal }) => unknown

export interface ReplayOptions {
  readonly signal?: AbortSignal | undefined
  /**
   * What to do when a record could not be handled: `stop` keeps the order, `continue` goes on with the next one. A function
   * may decide by the error: stop when the store is away, go on when only this record is at fault. Default: `stop`.
   */
  readonly onFailure?:
    FailureRule | ((error: unknown, failed: { readonly sequence: number }) => FailureRule) | undefined
  /**
   * How many records are handled at once, those of one tenant one after the other all the same; with more than one, the next of a tenant need not wait for the mark of the one before.
   * 1 to 1,000. Default: 1.
   */
  readonly concurrency?: number | undefined
}

export type FailureRule = 'stop' | 'continue'

export interface ReplayResult {
  readonly handled: number
  readonly failed: number
  /** The first hundred of those that failed. */
  readonly failures: readonly { readonly sequence: number; readonly error: unknown }[]
  /** Whether it went through all that were there when it began. */
  readonly complete: boolean
}

/** What a journal found when it was opened. */
export interface JournalOpening {
  readonly pending: number
  /** Bytes of a write that a crash had cut off, and that were dropped: never a whole record. */
  readonly tornBytes: number
  /** What can no longer be read. Empty unless the disk, or somebody, damaged a file. */
  readonly damage: readonly Damage[]
}

export interface JournalSnapshot {
  readonly name: string
  /** `failed`: the disk does not take what is written; records that are kept can be handled all the same. */
  readonly state: 'open' | 'failed' | 'closing' | 'closed'
  /** Records that wait to be handled. */
  readonly pending: number
  readonly pendingBytes: number
  /** Handled records whose keys are remembered. */
  readonly remembered: number
  /** What the files take. */
  readonly diskBytes: number
  readonly segments: number
  /** The latest number that was given. 0: none yet. */
  readonly lastSequence: number
}

/** Keeps records on disk until they are handled. */
export interface Journal extends AsyncDisposable {
  readonly name: string
  /** What was found when it was opened. */
  readonly opening: JournalOpening
  /**
   * Resolves when the record is on the disk; records that are appended at once share one sync.
   * @throws HoldfastError `JOURNAL_FULL`, `JOURNAL_WRITE_FAILED`, `JOURNAL_KEY_REUSED`, `JOURNAL_RECORD_INVALID`,
   * `JOURNAL_RECORD_TOO_LARGE`, `JOURNAL_FILE_GONE`, `JOURNAL_CLOSED`
   */
  append(record: NewRecord, options?: AppendOptions): Promise<Appended>
  /**
   * Marks a record as handled; resolves when that is on the disk. Doing so again does nothing.
   * @throws HoldfastError `JOURNAL_SEQUENCE_UNKNOWN`, `JOURNAL_WRITE_FAILED`, `JOURNAL_FILE_GONE`, `JOURNAL_CLOSED`
   */
  done(sequence: number): Promise<void>
  /**
   * The records that wait now, in order, each read from the disk when its turn comes.
   * @throws HoldfastError `JOURNAL_RECORD_UNREADABLE`, `JOURNAL_CLOSED`
   */
  pending(): AsyncIterable<JournalRecord>
  /**
   * Hands each record that waits now to the handler, one after the other in order, and marks it as handled when that resolves. The handler
   * is called again for a record whose mark did not reach the disk: it should pass the key on.
   * @throws HoldfastError `JOURNAL_REPLAY_RUNNING`, `JOURNAL_WRITE_FAILED` for a mark, `JOURNAL_CLOSED`; the reason of an abort
   */
  replay(handler: RecordHandler, options?: ReplayOptions): Promise<ReplayResult>
  snapshot(): JournalSnapshot
  /** Takes no more, waits for what was appended and for the record that a replay is at, and gives the lock back. */
  close(): Promise<void>
}

interface JournalEventOf<Type extends string> {
  readonly type: Type
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  readonly journal: string
}

/** A journal was opened, with what it found. */
export interface JournalOpened extends JournalEventOf<'journal-opened'> {
  /** Records that wait to be handled. */
  readonly pending: number
  /** Bytes of a write that a crash had cut off, and that were dropped. */
  readonly tornBytes: number
  readonly durationMs: number
}

/** What a segment should say cannot be read. */
export interface Damage {
  /** The name of the file. */
  readonly file: string
  /** Bytes that are no record. 0 where records are missing and nothing stands in their place. */
  readonly bytes: number
  /** Where they begin. */
  readonly offset: number
  /** The numbers of the records that are missing, from the first to the last, where they are known. */
  readonly missing?: { readonly first: number; readonly last: number }
  /** The name of the copy of the file as it was found; none could be made where it is missing. */
  readonly keptAs?: string
}

/** Something that was on disk cannot be read any more. Everything around it can. */
export interface JournalDamaged extends JournalEventOf<'journal-damaged'>, Damage {}

/** A record is on disk. */
export interface JournalRecordAppended extends JournalEventOf<'journal-record-appended'> {
  readonly sequence: number
  readonly kind: string
  readonly tenant: string
}

/** A record was handled, and that is on disk. */
export interface JournalRecordDone extends JournalEventOf<'journal-record-done'> {
  readonly sequence: number
}

/** A record was refused, because too many wait to be handled. */
export interface JournalFull extends JournalEventOf<'journal-full'> {
  readonly kind: string
  readonly tenant: string
  readonly pending: number
  readonly pendingBytes: number
}

/** The disk does not take what is written to it (`failed`), or takes it again (`recovered`). */
export interface JournalWrites extends JournalEventOf<'journal-write-failed' | 'journal-write-recovered'> {
  /** Of the error: `ENOSPC`, `EIO`. */
  readonly code?: string
}

/** A segment that was no longer needed was removed. */
export interface JournalCompacted extends JournalEventOf<'journal-compacted'> {
  readonly file: string
  readonly bytes: number
  /** What of it had to be kept, and was moved. */
  readonly movedBytes: number
}

/** A journal was closed; everything it accepted is on disk. */
export interface JournalClosed extends JournalEventOf<'journal-closed'> {
  readonly pending: number
}

/** Everything a journal reports. */
export type JournalEvent =
  | JournalOpened
  | JournalDamaged
  | JournalRecordAppended
  | JournalRecordDone
  | JournalFull
  | JournalWrites
  | JournalCompacted
  | JournalClosed

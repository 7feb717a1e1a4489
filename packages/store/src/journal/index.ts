/**
 * The journal keeps what must never be lost (tickets, leads, mails, audit entries) on disk while nothing else is up, and hands it on
 * later, once.
 */
export type {
  Damage,
  JournalClosed,
  JournalCompacted,
  JournalDamaged,
  JournalEvent,
  JournalFull,
  JournalOpened,
  JournalRecordAppended,
  JournalRecordDone,
  JournalWrites,
} from './events.ts'
export type {
  Appended,
  AppendOptions,
  FailureRule,
  Journal,
  JournalOpening,
  JournalRecord,
  JournalSnapshot,
  NewRecord,
  RecordHandler,
  ReplayOptions,
  ReplayResult,
} from './journal.ts'
export { openJournal } from './open-journal.ts'
export { JOURNAL_DEFAULTS } from './options.ts'
export type { JournalOptions } from './options.ts'
export type { Files, OpenFile } from '../files/files.ts'

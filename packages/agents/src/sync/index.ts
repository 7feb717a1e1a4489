/*
 * The same clients, quotes and aircraft, known from several sources: matched, merged with the provenance of each field, and where sources disagree a question to a person.
 */
export { CHARTER_KINDS } from './charter-kinds.ts'
export { createSync } from './create-sync.ts'
export type { Conflict, Entity, FieldProvenance, SourceValue, Violation } from './entity.ts'
export { emailKey, tailNumberKey, vendorKey } from './keys.ts'
export type { ConsistencyRule, DeletionStrategy, EntityKind, FieldStrategy, FieldValues } from './kind.ts'
export { SYNC_DEFAULTS } from './options.ts'
export type { Source, SourcePage, SyncOptions } from './options.ts'
export type { JsonValue, RecordName, SourceRecord } from './record.ts'
export type {
  IngestOptions,
  IngestResult,
  PullResult,
  QueuedConflict,
  RefusedRecord,
  Resolution,
  ResolveResult,
  Sync,
} from './sync.ts'

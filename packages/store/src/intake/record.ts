import type { HoldfastError } from '@holdfast/core'
import type { JournalRecord, NewRecord } from '../journal/journal.ts'
import { isKind } from './entries.ts'
import type { PreparedEntry } from './entries.ts'
import type { EntrySetAside } from './intake.ts'

/** The kind of the journal's records that were set aside. */
export const SET_ASIDE = 'set-aside'

/** An entry as it waits in a journal. No time and no request: it is the same record however often it comes. */
export function recordOf({ kind, tenant, key, id, person, entry }: PreparedEntry): NewRecord {
  return { kind, tenant, key, data: { id, ...(person === undefined ? {} : { person }), entry } }
}

/** The entry in a record; `undefined` when it is none that this version knows. */
export function entryIn({ kind, tenant, key, data }: JournalRecord): PreparedEntry | undefined {
  const { id, person, entry } = (data ?? {}) as Partial<PreparedEntry>
  if (!isKind(kind) || typeof id !== 'string' || typeof entry !== 'object') return undefined
  return { kind, tenant, key, id, entry, ...(person === undefined ? {} : { person }) }
}

/** What is kept of an entry that the store will not have: the record as it was, and why. */
interface SetAsideData {
  readonly record: Pick<JournalRecord, 'kind' | 'key' | 'data' | 'at'>
  readonly reason: EntrySetAside['reason']
}

export function setAsideRecordOf(
  { kind, tenant, key, data, at, sequence }: JournalRecord,
  { code, message }: Pick<HoldfastError, 'code' | 'message'>,
): NewRecord {
  const kept: SetAsideData = { record: { kind, key, data, at }, reason: { code, message } }
  return { kind: SET_ASIDE, tenant, key: String(sequence), data: kept }
}

/** The record that was set aside, as it had been. */
export function originalOf(record: JournalRecord): JournalRecord {
  return { ...record, ...(record.data as SetAsideData).record }
}

export function setAsideOf(record: JournalRecord): EntrySetAside {
  const { kind, key, data, at, tenant } = originalOf(record)
  const { id, entry } = (data ?? {}) as Partial<PreparedEntry>
  const { reason } = record.data as SetAsideData
  return Object.freeze({
    id: typeof id === 'string' ? id : String(record.sequence),
    kind,
    tenant,
    idempotencyKey: key,
    entry: entry ?? data,
    acceptedAt: at,
    reason: Object.freeze(reason),
  })
}

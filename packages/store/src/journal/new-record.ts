import { describe, type JournalSettings } from './options.ts'
import { full, invalid, tooLarge } from './errors.ts'
import { checksum } from './frame.ts'
import type { NewRecord } from './journal.ts'
import { scopeOf } from './segment.ts'

/** A record as it will be written, but for its number. */
export interface PreparedRecord {
  readonly tenant: string
  readonly kind: string
  readonly key: string
  readonly scope: string
  /** The data as JSON. */
  readonly json: string
  readonly check: string
}

const PARTS: readonly string[] = ['kind', 'key', 'data', 'tenant']
const KIND = /^[a-z0-9-]{1,64}$/

/** Takes what is to be kept as it is now. @throws HoldfastError `JOURNAL_RECORD_INVALID`, `JOURNAL_RECORD_TOO_LARGE` */
export function prepare(record: NewRecord, maxRecordBytes: number): PreparedRecord {
  if (typeof record !== 'object' || record === null) throw refused('record', 'an object', record)
  // A tenant that is misspelt must not become the default one.
  const unknown = Object.keys(record).find((name) => !PARTS.includes(name))
  if (unknown !== undefined)
    throw invalid('JOURNAL_RECORD_INVALID', `A record has ${PARTS.join(', ')}, and no ${describe(unknown)}.`)
  const { kind, key, tenant = 'default', data } = record
  if (typeof kind !== 'string' || !KIND.test(kind))
    throw refused('kind', "1 to 64 lower-case letters, digits and '-'", kind)
  if (!isShortText(key)) throw refused('key', '1 to 200 characters', key)
  if (!isShortText(tenant)) throw refused('tenant', '1 to 200 characters', tenant)
  const json = jsonOf(data)
  // Before it is copied: most characters are a byte or more.
  if (json.length > maxRecordBytes) throw tooLarge(json.length, maxRecordBytes)
  return { tenant, kind, key, scope: scopeOf(tenant, kind, key), json, check: checksum(json) }
}

/** What the journal would hold with one more record is too much. */
export function fullness(
  { maxPending, maxBytes }: Pick<JournalSettings, 'maxPending' | 'maxBytes'>,
  pending: number,
  bytes: number,
): Error | undefined {
  if (pending > maxPending) return full(`${maxPending} records`)
  return bytes > maxBytes ? full(`${maxBytes} bytes of records`) : undefined
}

function jsonOf(data: unknown): string {
  let json: string | undefined
  try {
    json = JSON.stringify(data)
  } catch {
    // A circle, a BigInt, or a toJSON that throws. What it says may quote the data.
  }
  if (json === undefined) throw refused('data', 'what JSON can hold', data)
  return json
}

function isShortText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 200
}

/** Says what kind of thing came, not what it says: that may be a customer's. */
function refused(what: string, allowed: string, came: unknown): Error {
  const is = typeof came === 'string' ? `a string of ${came.length} characters` : describe(came)
  return invalid('JOURNAL_RECORD_INVALID', `The ${what} of a record must be ${allowed}, but is ${is}.`)
}

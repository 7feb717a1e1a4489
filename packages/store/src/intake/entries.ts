import { createHash } from 'node:crypto'
import { checkClaims, checkTenant } from '../database/claims.ts'
import type { Claims } from '../database/claims.ts'
import { invalidEntry, entryTooLarge } from './errors.ts'

type Details = Readonly<Record<string, unknown>>

/** What is taken in, by its kind. Each is a row of a table of the store, and its parts are columns of it. */
export interface Entries {
  /** `tickets` */
  readonly ticket: {
    /** The number that the customer is told, one for each ticket of a tenant: 1 to 200 characters. */
    readonly number: string
    readonly message: string
    readonly status?: string | undefined
    readonly details?: Details | undefined
  }
  /** `leads` */
  readonly lead: {
    /** Where it came from: 1 to 200 characters. */
    readonly source: string
    /** Of a row in `clients`. */
    readonly client_id?: string | undefined
    readonly status?: string | undefined
    readonly details?: Details | undefined
  }
  /** `handovers`: a conversation that a person is to take over. */
  readonly handover: {
    /** Why: 1 to 200 characters. */
    readonly reason: string
    /** What that person should know. */
    readonly summary?: string | undefined
    /** Of the conversation, as whoever asks knows it: 1 to 200 characters. */
    readonly conversation?: string | undefined
    readonly details?: Details | undefined
  }
  /** `mails`: a mail that is to be sent. */
  readonly mail: {
    /** Addresses: 1 to 100. */
    readonly recipients: readonly string[]
    readonly subject: string
    readonly body: string
    readonly details?: Details | undefined
  }
  /** `audit` */
  readonly audit: {
    /** What was done: 1 to 200 characters. */
    readonly action: string
    readonly target?: string | undefined
    /** Who did it, in the entry of a worker; in a person's it is the person. Default: `worker`. */
    readonly actor?: string | undefined
    readonly details?: Details | undefined
  }
}

/** A kind of entry. */
export type EntryKind = keyof Entries

/** In whose name: a person, or without a `user` a tenant's workers. */
export type Author = Claims | { readonly tenant: string }

interface Field {
  readonly type: 'name' | 'text' | 'addresses' | 'object'
  readonly isRequired?: true
}

const name: Field = { type: 'name' }
const text: Field = { type: 'text' }
const details: Field = { type: 'object' }
const required = (field: Field): Field => ({ ...field, isRequired: true })

const FIELDS: { readonly [Kind in EntryKind]: Readonly<Record<keyof Entries[Kind], Field>> } = {
  ticket: { number: required(name), message: required(text), status: name, details },
  lead: { source: required(name), client_id: name, status: name, details },
  handover: { reason: required(name), summary: text, conversation: name, details },
  mail: { recipients: required({ type: 'addresses' }), subject: required(text), body: required(text), details },
  audit: { action: required(name), target: text, actor: name, details },
}

const MAX_NAME = 200
const MAX_ADDRESSES = 100

const ALLOWED: Readonly<Record<Field['type'], string>> = {
  name: `text of 1 to ${MAX_NAME} characters`,
  text: 'text',
  addresses: `a list of 1 to ${MAX_ADDRESSES} addresses`,
  object: 'an object',
}

/** An entry as it is kept, wherever that is. */
export interface PreparedEntry {
  readonly kind: EntryKind
  /** Made of tenant, kind and key alone: the same however often it comes. */
  readonly id: string
  readonly key: string
  readonly tenant: string
  /** Absent: a worker of the tenant. */
  readonly person?: { readonly user: string; readonly roles: readonly string[] }
  readonly entry: Readonly<Record<string, unknown>>
}

/** Takes an entry as it is now. @throws HoldfastError `INTAKE_ENTRY_INVALID`, `INTAKE_ENTRY_TOO_LARGE`, `INVALID_CLAIMS` */
export function prepare(
  kind: string,
  author: Author,
  entry: unknown,
  key: unknown,
  maxEntryBytes: number,
): PreparedEntry {
  if (!isKind(kind)) throw invalidEntry(`kind must be one of ${Object.keys(FIELDS).join(', ')}`)
  if (typeof key !== 'string' || key === '' || key.length > MAX_NAME || !key.isWellFormed() || key.includes('\0'))
    throw invalidEntry(`idempotencyKey must be ${ALLOWED.name}`)
  const { tenant, ...person } = checkAuthor(author)
  const json = jsonOf(kind, checked(kind, entry))
  const bytes = Buffer.byteLength(json)
  if (bytes > maxEntryBytes) throw entryTooLarge(bytes, maxEntryBytes)
  return {
    kind,
    id: idOf(tenant, kind, key),
    key,
    tenant,
    ...person,
    entry: JSON.parse(json) as PreparedEntry['entry'],
  }
}

export function isKind(kind: unknown): kind is EntryKind {
  return typeof kind === 'string' && Object.hasOwn(FIELDS, kind)
}

/** Whether a part of an entry is kept as JSON. */
export function isJson(kind: EntryKind, part: string): boolean {
  const { type } = (FIELDS[kind] as Readonly<Record<string, Field>>)[part] ?? text
  return type === 'object' || type === 'addresses'
}

function checkAuthor(author: Author): Pick<PreparedEntry, 'tenant' | 'person'> {
  if (typeof author !== 'object' || author === null)
    throw invalidEntry('author must be claims, or an object with tenant')
  if (!('user' in author)) return { tenant: checkTenant(author.tenant) }
  const { tenant, user, roles = [] } = checkClaims(author)
  return { tenant, person: { user, roles: [...roles] } }
}

/** Its parts in one order, so that the same entry is the same text. */
function checked(kind: EntryKind, entry: unknown): Readonly<Record<string, unknown>> {
  if (typeof entry !== 'object' || entry === null) throw invalidEntry(`a ${kind} must be an object`)
  const fields: Readonly<Record<string, Field>> = FIELDS[kind]
  const unknown = Object.keys(entry).find((part) => !Object.hasOwn(fields, part))
  if (unknown !== undefined) throw invalidEntry(`a ${kind} has ${Object.keys(fields).join(', ')}, and nothing else`)
  const parts: Record<string, unknown> = {}
  for (const [part, { type, isRequired }] of Object.entries(fields)) {
    const value: unknown = Reflect.get(entry, part)
    if (value === undefined && isRequired !== true) continue
    if (!isOf(type, value)) throw invalidEntry(`${part} of a ${kind} must be ${ALLOWED[type]}`)
    parts[part] = value
  }
  return parts
}

function isOf(type: Field['type'], value: unknown): boolean {
  switch (type) {
    case 'name':
      return typeof value === 'string' && value !== '' && value.length <= MAX_NAME
    case 'text':
      return typeof value === 'string'
    case 'addresses':
      return (
        Array.isArray(value) &&
        value.length >= 1 &&
        value.length <= MAX_ADDRESSES &&
        value.every((one) => isOf('name', one))
      )
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
  }
}

function jsonOf(kind: EntryKind, parts: Readonly<Record<string, unknown>>): string {
  let json: string
  try {
    json = JSON.stringify(parts)
  } catch {
    // A circle, a BigInt, or a toJSON that throws. What it says may quote the entry.
    throw invalidEntry(`details of a ${kind} must be what JSON can hold`)
  }
  // Half a character is written as an escape, and a whole one is not.
  if (/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/.test(json))
    throw invalidEntry(`the texts of a ${kind} must be without the character NUL, and without halves of characters`)
  return json
}

/** A UUID of version 8: 122 bits of the SHA-256. */
function idOf(tenant: string, kind: string, key: string): string {
  const bytes = createHash('sha256')
    .update(JSON.stringify([tenant, kind, key]))
    .digest()
    .subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

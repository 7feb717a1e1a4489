import { DAY_MS, checkName, checkNames, invalid, wholeFrom } from '../mcp/shared/invalid.ts'
import type { RecordFacts, Stamp } from './facts.ts'
import type { EntityKind } from './kind.ts'
import { SYNC_DEFAULTS } from './options.ts'
import type { SyncOptions } from './options.ts'
import type { JsonValue, SourceRecord } from './record.ts'

const STRATEGIES: readonly unknown[] = ['newest', 'trusted', 'merge', 'ask']
const DELETIONS: readonly unknown[] = ['source', 'newest', 'trusted', 'ask']
/** Of all the fields of a record as JSON, in characters. */
const MAX_RECORD = 65_536
const MAX_CURSOR = 10_000
/** Of lists and objects in each other. */
const MAX_DEPTH = 32
const LAST_TIME = 8_640_000_000_000_000

/** @throws HoldfastError `INVALID_OPTION` */
export function checkOptions(options: SyncOptions): { readonly keepDeletedMs: number; readonly maxAheadMs: number } {
  checkNames('createSync', options, ['store', 'kinds', 'sources', 'keepDeletedMs', 'maxAheadMs', 'clock'])
  const { kinds, sources = {} } = options
  count('kinds', kinds, 1, 50)
  for (const [name, kind] of Object.entries(kinds)) checkKind(`kinds.${checkName('kinds', name, 64)}`, kind)
  for (const [name, source] of Object.entries(sources)) {
    checkName('sources', name, 64)
    if (typeof source?.read !== 'function') throw invalid(`sources.${name}.read`, 'a function', source?.read)
  }
  const { keepDeletedMs = SYNC_DEFAULTS.keepDeletedMs, maxAheadMs = SYNC_DEFAULTS.maxAheadMs } = options
  return {
    keepDeletedMs: wholeFrom('keepDeletedMs', keepDeletedMs, 0, 3_650 * DAY_MS),
    maxAheadMs: wholeFrom('maxAheadMs', maxAheadMs, 0, DAY_MS),
  }
}

function checkKind(at: string, kind: EntityKind): void {
  checkNames(at, kind, ['fields', 'match', 'exclusive', 'onePerSource', 'trust', 'deletion', 'rules'])
  const { fields, match = {}, exclusive = [], trust = [], deletion = 'source', rules = [] } = kind
  count(`${at}.fields`, fields, 1, 200)
  for (const [name, declared] of Object.entries(fields)) {
    if (!isText(name, 64) || name === '__proto__') throw invalid(`${at}.fields`, 'names of 1 to 64 characters', name)
    const { strategy, trust: own = [] } = typeof declared === 'string' ? { strategy: declared } : declared
    if (!STRATEGIES.includes(strategy)) throw invalid(`${at}.fields.${name}`, STRATEGIES.join(', '), strategy)
    own.forEach((source) => checkName(`${at}.fields.${name}.trust`, source, 64))
  }
  count(`${at}.match`, match, 0, 10)
  for (const [name, of] of Object.entries(match)) {
    checkName(`${at}.match`, name, 64)
    if (typeof of !== 'function') throw invalid(`${at}.match.${name}`, 'a function', of)
  }
  for (const name of exclusive) {
    if (!Object.hasOwn(match, name)) throw invalid(`${at}.exclusive`, 'names that are in match', name)
  }
  trust.forEach((source) => checkName(`${at}.trust`, source, 64))
  if (!DELETIONS.includes(deletion)) throw invalid(`${at}.deletion`, DELETIONS.join(', '), deletion)
  count(`${at}.rules`, rules, 0, 50)
  for (const { name, effect, check } of rules) {
    checkName(`${at}.rules`, name, 64)
    if (effect !== 'mark' && effect !== 'block') throw invalid(`${at}.rules.${name}.effect`, 'mark or block', effect)
    if (typeof check !== 'function') throw invalid(`${at}.rules.${name}.check`, 'a function', check)
  }
}

/** A record as facts. @throws Error in words, without its values. */
export function factsFrom(record: SourceRecord, kinds: SyncOptions['kinds'], latest: number): RecordFacts {
  if (!isRecord(record)) throw new Error('It must be an object')
  const { kind, source, id, fields = {}, fieldsObservedAt = {}, version = 0, deleted = false } = record
  const { sameKeepsTime = false, undated = false } = record
  if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind))
    throw new Error('kind must be one of those that there are')
  if (typeof source !== 'string' || !/^[a-z0-9-]{1,64}$/.test(source)) {
    throw new Error(`source must be 1 to 64 lower-case letters, digits and '-'`)
  }
  if (!isText(id, 200)) throw new Error('id must be text of 1 to 200 characters')
  if (!Number.isSafeInteger(version) || version < 0) throw new Error('version must be a whole number from 0')
  if (typeof deleted !== 'boolean') throw new Error('deleted must be true or false')
  if (typeof sameKeepsTime !== 'boolean') throw new Error('sameKeepsTime must be true or false')
  if (typeof undated !== 'boolean') throw new Error('undated must be true or false')
  if (!isRecord(fields) || !isRecord(fieldsObservedAt)) throw new Error('fields must be an object')
  const known = kinds[kind]!.fields
  const unknown = [...Object.keys(fields), ...Object.keys(fieldsObservedAt)].some((name) => !Object.hasOwn(known, name))
  if (unknown) throw new Error('fields must be those of its kind')
  const kept = jsonOf(fields, MAX_RECORD, 'fields') as Readonly<Record<string, JsonValue>>
  const stamp = (at: unknown): Stamp => ({ observedAt: timeOf(at, latest), version })
  const whole = stamp(record.observedAt)
  if (!deleted && Object.keys(kept).length === 0) throw new Error('fields must have one, unless it is deleted')
  return {
    source,
    id,
    fields: Object.fromEntries(
      Object.entries(kept).map(([name, value]) => {
        const at = fieldsObservedAt[name]
        const isUndated = undated && at === undefined
        return [name, { value, ...(at === undefined ? whole : stamp(at)), ...(isUndated ? { undated: true } : {}) }]
      }),
    ),
    ...(deleted ? { deleted: whole } : {}),
    decisions: {},
  }
}

/** @throws Error in words */
export function cursorOf(value: unknown): JsonValue {
  return jsonOf(value, MAX_CURSOR, 'cursor')
}

/** A value as JSON has it. @throws Error in words */
export function jsonOf(value: unknown, most: number, what: string): JsonValue {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch {
    // Circular, or a big integer.
  }
  if (text === undefined) throw new Error(`${what} must be what JSON can say`)
  if (text.length > most) throw new Error(`${what} must have at most ${most} characters as JSON`)
  // PostgreSQL has neither NUL nor half a character in JSON; where the backslash itself is written, it is another text.
  if (/(?:^|[^\\])(?:\\\\)*\\u(?:0000|d[89a-f])/i.test(text)) throw new Error(`${what} must be whole text without NUL`)
  const read = JSON.parse(text) as JsonValue
  if (isDeeper(read, MAX_DEPTH)) throw new Error(`${what} must be at most ${MAX_DEPTH} deep`)
  return read
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isDeeper(value: JsonValue, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((part: JsonValue) => isDeeper(part, levels - 1))
}

export function isText(value: unknown, most: number): value is string {
  return (
    typeof value === 'string' && value !== '' && value.length <= most && !value.includes('\0') && value.isWellFormed()
  )
}

function timeOf(at: unknown, latest: number): number {
  // Without its offset a time would mean another moment on each machine.
  const isIso = typeof at === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.test(at)
  const time = at instanceof Date ? at.getTime() : isIso ? Date.parse(at) : at
  if (typeof time !== 'number' || !Number.isInteger(time) || Math.abs(time) > LAST_TIME) {
    throw new Error('observedAt must be milliseconds, a Date, or ISO 8601 with its offset')
  }
  if (time > latest) throw new Error('observedAt must not be in the future')
  return time
}

function count(option: string, value: object, least: number, most: number): void {
  const size = typeof value === 'object' && value !== null ? Object.keys(value).length : -1
  if (size < least || size > most) throw invalid(option, `${least} to ${most} of them`, size)
}

import { z } from 'zod'
import { checkInput } from '../api/validate.ts'
import { HUBSPOT_OPERATORS, HUBSPOT_TYPES } from './types.ts'
import type { HubSpotSearch, HubSpotType, PropertyValue, ReadOptions, RecordReference } from './types.ts'

const type = z.enum(HUBSPOT_TYPES, `must be one of ${HUBSPOT_TYPES.join(', ')}`)
const PROPERTY = 'must be the name of a property: lower-case letters, digits and underscores'
const property = z.string(PROPERTY).regex(/^[a-z][a-z0-9_]{0,99}$/, PROPERTY)
const id = z.string('must not be empty').trim().min(1, 'must not be empty').max(300, 'at most 300 characters')
const ownId = z.string().regex(/^\d{1,20}$/, "must be HubSpot's own id, digits")
const value = z.union(
  [z.string().max(65_536), z.number(), z.boolean()],
  'must be text of at most 65,536 characters, a number, or true or false',
)
const FEW = 'needs 1 to 100 properties'
const values = z.record(property, value).refine((all) => {
  const count = Object.keys(all).length
  return count >= 1 && count <= 100
}, FEW)
const read = { properties: z.array(property).max(100, 'at most 100 entries').optional() }
const reference = { id, idProperty: property.optional() }

const filter = z
  .strictObject({
    property,
    operator: z.enum(HUBSPOT_OPERATORS, `must be one of ${HUBSPOT_OPERATORS.join(', ')}`).default('EQ'),
    value: value.optional(),
    highValue: value.optional(),
    values: z.array(value).min(1, 'needs 1 to 100 entries').max(100, 'needs 1 to 100 entries').optional(),
  })
  .refine(({ operator, value: one, highValue, values: many }) => {
    if (operator === 'IN' || operator === 'NOT_IN') return many !== undefined
    if (operator === 'HAS_PROPERTY' || operator === 'NOT_HAS_PROPERTY') return true
    return one !== undefined && (operator !== 'BETWEEN' || highValue !== undefined)
  }, 'needs a value, for IN and NOT_IN values, for BETWEEN also a highValue')

const searchFields = {
  ...read,
  filters: z.array(filter).min(1, 'needs 1 to 6 entries').max(6, 'needs 1 to 6 entries').optional(),
  text: z.string().trim().min(1, 'must not be empty').max(3_000, 'at most 3,000 characters').optional(),
  sort: z.strictObject({ property, descending: z.boolean().default(false) }).optional(),
  limit: z.int('must be 1 to 200').min(1, 'must be 1 to 200').max(200, 'must be 1 to 200').default(50),
}
const search = z
  .strictObject({ ...searchFields, after: z.string().max(200).optional() })
  .refine((query) => query.filters !== undefined || query.text !== undefined, 'needs filters or a text')

const MANY = 'must be 1 to 10,000'
const maxItems = z.int(MANY).min(1, MANY).max(10_000, MANY).default(1_000)

/** A search, its defaults filled in. */
export type CheckedSearch = HubSpotSearch & { readonly limit: number }

/** Checks a kind of record. @throws HoldfastError `INVALID_INPUT`, as all of these. */
export function checkType(method: string, kind: unknown): HubSpotType {
  return checkInput(method, z.strictObject({ type }), { type: kind }).type
}

/** Checks which record is read. */
export function checkRead(record: unknown): RecordReference & ReadOptions {
  return checkInput('get', z.strictObject({ ...reference, ...read }), record)
}

/** Checks what is looked for. */
export function checkSearch(query: unknown): CheckedSearch {
  return checkInput('search', search, query)
}

/** Checks how many are wanted. */
export function checkMaxItems(limit: unknown): number {
  return checkInput('records', z.object({ maxItems }), { maxItems: limit }).maxItems
}

/** Checks what is set, as HubSpot keeps it. */
export function checkProperties(method: string, properties: unknown): Record<string, string> {
  return texts(checkInput(method, z.strictObject({ properties: values }), { properties }).properties)
}

/** Checks a record to change or create. */
export function checkUpsert(record: unknown): { id: string; idProperty: string; properties: Record<string, string> } {
  const checked = checkInput('upsert', z.strictObject({ id, idProperty: property, properties: values }), record)
  return { ...checked, properties: texts(checked.properties) }
}

/** Checks a record to change. */
export function checkUpdate(record: unknown): RecordReference & { readonly properties: Record<string, string> } {
  const checked = checkInput('update', z.strictObject({ ...reference, properties: values }), record)
  return { ...checked, properties: texts(checked.properties) }
}

/** Checks one side of an association. */
export function checkSide(method: string, side: unknown): { readonly type: HubSpotType; readonly id: string } {
  return checkInput(method, z.strictObject({ type, id: ownId }), side)
}

function texts(properties: Readonly<Record<string, PropertyValue>>): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, String(one)]))
}

import { HoldfastError } from '@holdfast/core'
import { z } from 'zod'
import { checkReply } from '../api/validate.ts'
import type { CheckedSearch } from './input.ts'
import type { AssociatedRecord, HubSpotFilter, HubSpotPage, HubSpotRecord, UpsertResult } from './types.ts'

const SERVICE = 'HubSpot'

const record = z.looseObject({
  id: z.string().min(1),
  properties: z.record(z.string(), z.string().nullable()),
  createdAt: z.string().optional(),
  updatedAt: z.string().optional(),
})
const next = z.looseObject({ next: z.looseObject({ after: z.string() }).nullish() }).nullish()
const page = z.looseObject({ total: z.number(), results: z.array(record), paging: next })
const upserted = z.looseObject({
  results: z.array(z.looseObject({ ...record.shape, new: z.boolean() })),
  numErrors: z.number().optional(),
})
const associated = z.looseObject({
  results: z.array(
    z.looseObject({
      toObjectId: z.union([z.string(), z.number()]).transform(String),
      associationTypes: z.array(z.looseObject({ label: z.string().nullish() })).default([]),
    }),
  ),
  paging: next,
})

/** Reads a record. @throws HoldfastError `MALFORMED_REPLY`, as all of these. */
export function readRecord(json: unknown): HubSpotRecord {
  return recordOf(checkReply(SERVICE, record, json))
}

/** Reads a page of a search. */
export function readPage(json: unknown): HubSpotPage {
  const { total, results, paging } = checkReply(SERVICE, page, json)
  return { items: results.map(recordOf), total, ...after(paging) }
}

/** Reads a list of which nothing is used: that it is one says that the token is good. */
export function readAnyList(json: unknown): void {
  checkReply(SERVICE, z.looseObject({ results: z.array(z.unknown()) }), json)
}

/**
 * Reads what became of the one record of an upsert.
 * @throws HoldfastError `HUBSPOT_REFUSED` when the batch says 2xx and did not do it.
 */
export function readUpserted(json: unknown): UpsertResult {
  const { results } = checkReply(SERVICE, upserted, json)
  const [first] = results
  if (first === undefined) throw refused()
  return { ...recordOf(first), created: first.new }
}

/** Reads whether an association was made. @throws HoldfastError `HUBSPOT_REFUSED` when it says 2xx and was not. */
export function readMade(json: unknown): void {
  const { results } = checkReply(SERVICE, z.looseObject({ results: z.array(z.unknown()) }), json)
  if (results.length === 0) throw refused()
}

/** Reads a page of what belongs to a record. */
export function readAssociated(json: unknown): { readonly items: AssociatedRecord[]; readonly after?: string } {
  const { results, paging } = checkReply(SERVICE, associated, json)
  const items = results.map(({ toObjectId: id, associationTypes }) => ({
    id,
    labels: associationTypes.flatMap(({ label }) => (label ? [label] : [])),
  }))
  return { items, ...after(paging) }
}

/** The body of a search. */
export function wireSearch({ filters, text, sort, limit, after: cursor, properties }: CheckedSearch): object {
  return {
    ...(filters === undefined ? {} : { filterGroups: [{ filters: filters.map(wireFilter) }] }),
    ...(text === undefined ? {} : { query: text }),
    ...(sort === undefined
      ? {}
      : { sorts: [{ propertyName: sort.property, direction: sort.descending === true ? 'DESCENDING' : 'ASCENDING' }] }),
    ...(properties === undefined ? {} : { properties }),
    limit,
    ...(cursor === undefined ? {} : { after: cursor }),
  }
}

function wireFilter({ property, operator, value, highValue, values }: HubSpotFilter): object {
  return {
    propertyName: property,
    operator,
    ...(value === undefined ? {} : { value: String(value) }),
    ...(highValue === undefined ? {} : { highValue: String(highValue) }),
    ...(values === undefined ? {} : { values: values.map(String) }),
  }
}

function refused(): HoldfastError {
  return new HoldfastError({
    code: 'HUBSPOT_REFUSED',
    category: 'client',
    message: 'HubSpot took the batch and refused what was in it',
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

function after(paging: z.output<typeof next>): { after?: string } {
  const cursor = paging?.next?.after
  return cursor === undefined ? {} : { after: cursor }
}

function recordOf({ id, properties, createdAt, updatedAt }: z.output<typeof record>): HubSpotRecord {
  const set = Object.entries(properties).filter((entry): entry is [string, string] => Boolean(entry[1]))
  return {
    id,
    properties: Object.fromEntries(set),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(updatedAt === undefined ? {} : { updatedAt }),
  }
}

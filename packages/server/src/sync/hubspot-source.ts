import type { SourceRecord } from '@holdfast/agents/sync'
import type { HubSpot, HubSpotRecord, HubSpotType } from '@holdfast/connectors/hubspot'
import { HoldfastError } from '@holdfast/core'
import { propertiesOf } from '../config/sync-fields.ts'
import type { HubSpotSourceOptions } from '../config/options.ts'
import { fieldValue } from './field-value.ts'
import { goneFrom, knownIds } from './source.ts'
import type { OpenSource, SourceContext } from './source.ts'

/** Records of a page. */
const LIMIT = 100
/** HubSpot shows no more of one search. */
const MAX_FOUND = 10_000
/** What was changed so long before the last that was read is read again: a search sees changes some seconds later, and not in their order. In ms. */
const OVERLAP_MS = 300_000
/** How often records are looked for that are no longer there, in ms: a search does not tell of them. */
const LOOK_FOR_GONE_MS = 86_400_000

/** The property with the time of the last change. */
export function modifiedOf(type: HubSpotType): string {
  return type === 'contacts' ? 'lastmodifieddate' : 'hs_lastmodifieddate'
}

interface Cursor {
  /** The time of change of the last that was read, in ms. */
  readonly since: number
  /** When it was last looked for those that are gone. */
  readonly lookedAt?: number
}

/** Records of HubSpot, those that were changed last at the end: a pull that breaks off goes on there. Once a day it is looked which are no longer there. */
export function hubspotSource(
  options: Pick<HubSpotSourceOptions, 'type' | 'fields' | 'kind'>,
  hubspot: Pick<HubSpot, 'search' | 'get' | 'close'>,
  context: SourceContext,
): OpenSource {
  const { name: source, kind, clock } = context
  const { type = 'contacts' } = options
  const fields = propertiesOf({ from: 'hubspot', ...options })
  const modified = modifiedOf(type)

  const recordOf = (record: HubSpotRecord): SourceRecord => ({
    kind,
    source,
    id: record.id,
    observedAt: changedAt(record, modified),
    sameKeepsTime: true,
    fields: Object.fromEntries(
      Object.entries(fields).map(([field, properties]) => {
        const said = properties.map((property) => record.properties[property] ?? '').filter((one) => one.trim() !== '')
        return [field, fieldValue(field, said.join(' '))]
      }),
    ),
  })

  return {
    async *read(cursor, { tenant, signal }) {
      const { since: begun = 0, lookedAt } = (cursor ?? {}) as Partial<Cursor>
      let since = begun
      const wanted = [...new Set([...Object.values(fields).flat(), modified])]
      for await (const items of pages(hubspot, type, Math.max(0, begun - OVERLAP_MS), modified, wanted, signal)) {
        since = Math.max(since, ...items.map((item) => changedAt(item, modified)))
        yield { records: items.map(recordOf), cursor: { since, ...(lookedAt === undefined ? {} : { lookedAt }) } }
      }
      const now = Math.floor(clock.wallTime())
      // At the first pull there is nothing that could be gone.
      const isDue = lookedAt !== undefined && now - lookedAt >= LOOK_FOR_GONE_MS
      const gone = isDue ? await goneIds(tenant, signal) : []
      yield* goneFrom(context, gone, now, { since, lookedAt: isDue || lookedAt === undefined ? now : lookedAt })
    },
    close: () => hubspot.close(),
  }

  async function goneIds(tenant: string, signal: AbortSignal): Promise<readonly string[]> {
    const there = new Set<string>()
    for await (const items of pages(hubspot, type, 0, modified, [modified], signal))
      for (const { id } of items) there.add(id)
    const gone: string[] = []
    for (const id of await knownIds(context, tenant, signal)) {
      // A search may not see what is there: each is asked for by itself.
      if (there.has(id)) continue
      if ((await hubspot.get(type, { id, properties: [modified] }, { signal })) === undefined) gone.push(id)
    }
    return gone
  }
}

/**
 * Pages of what was changed since a time, oldest first. Each begins at the last time that the one before it had: what is changed meanwhile moves to the end, and by their places others would be passed over.
 */
async function* pages(
  hubspot: Pick<HubSpot, 'search'>,
  type: HubSpotType,
  from: number,
  modified: string,
  properties: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<readonly HubSpotRecord[], undefined, void> {
  let since = from
  let after: string | undefined
  for (let sameMoment = 0; ;) {
    const filters = [{ property: modified, operator: 'GTE' as const, value: since }]
    const query = { filters, sort: { property: modified }, limit: LIMIT, properties, after }
    const { items, after: next } = await hubspot.search(type, query, { signal })
    if (items.length > 0) yield items
    if (items.length === 0 || next === undefined) return
    const last = Math.max(...items.map((item) => changedAt(item, modified)))
    sameMoment = last > since ? 0 : sameMoment + items.length
    if (sameMoment + LIMIT > MAX_FOUND) throw tooManyAtOnce()
    after = last > since ? undefined : next
    since = Math.max(since, last)
  }
}

function changedAt({ properties, updatedAt, createdAt }: HubSpotRecord, modified: string): number {
  const time = Date.parse(properties[modified] ?? updatedAt ?? createdAt ?? '')
  return Number.isNaN(time) ? 0 : time
}

function tooManyAtOnce(): HoldfastError {
  return new HoldfastError({
    code: 'HUBSPOT_TOO_MANY_AT_ONCE',
    category: 'malformed',
    message: 'HubSpot has more than 10,000 records that were changed in the same moment, of which it shows no more',
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

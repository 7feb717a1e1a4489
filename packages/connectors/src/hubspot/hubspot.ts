import { HoldfastError, systemClock } from '@holdfast/core'
import type { Clock, Integration } from '@holdfast/core'
import type { Dispatcher } from 'undici'
import { createApiCaller } from '../api/api-caller.ts'
import { createUsedUp } from '../api/used-up.ts'
import { createHttpClient } from '../http/index.ts'
import { invalidOption } from '../http/options.ts'
import type { WriteMemory } from '../once/write-memory.ts'
import { createWriteRegistry } from '../once/write-registry.ts'
import { createUsedUpDay } from './day.ts'
import { explainer } from './failures.ts'
import {
  checkMaxItems,
  checkProperties,
  checkRead,
  checkSearch,
  checkSide,
  checkType,
  checkUpdate,
  checkUpsert,
} from './input.ts'
import { readLimits } from './limits.ts'
import { isTimeZone } from '../time-zone/midnight.ts'
import type { AssociatedRecord, HubSpot, HubSpotLimits, HubSpotRecord } from './types.ts'
import { readAnyList, readAssociated, readMade, readPage, readRecord, readUpserted, wireSearch } from './wire.ts'

/** How to reach HubSpot. */
export interface HubSpotOptions {
  /** Of a private app, or by OAuth. */
  readonly accessToken: string
  /** Every call runs through it. */
  readonly integration: Integration
  /** Default: `https://api.hubapi.com`. */
  readonly baseUrl?: string | undefined
  /** The version in the paths: a date such as `2026-03`, or `v3` for those from before. Default: `2026-03`. */
  readonly version?: string | undefined
  /** The account's time zone, at whose midnight its daily quota begins anew. Default: `UTC`. */
  readonly timeZone?: string | undefined
  /** Default: the system's. */
  readonly clock?: Pick<Clock, 'wallTime'> | undefined
  /** Where writes are remembered by their idempotency keys. Default: in the memory of this process. */
  readonly writeMemory?: WriteMemory | undefined
  /** A connection pool to share. Default: one of its own. */
  readonly dispatcher?: Dispatcher | undefined
}

/** Defaults of {@link HubSpotOptions}. */
export const HUBSPOT_DEFAULTS: { readonly baseUrl: string; readonly version: string; readonly timeZone: string } =
  Object.freeze({ baseUrl: 'https://api.hubapi.com', version: '2026-03', timeZone: 'UTC' })

const SERVICE = 'HubSpot'

/** HubSpot shows no more of a search. */
const MAX_FOUND = 10_000

/** Of what belongs to a record; more fit into a page than into one of a search. */
const ASSOCIATIONS_PER_PAGE = 500

/** Makes a client of one account. @throws HoldfastError `INVALID_OPTION` */
export function createHubSpot(options: HubSpotOptions): HubSpot {
  const version = options.version ?? HUBSPOT_DEFAULTS.version
  const timeZone = options.timeZone ?? HUBSPOT_DEFAULTS.timeZone
  const clock = options.clock ?? systemClock
  if (!/^(?:v3|\d{4}-\d{2}(?:-beta)?)$/.test(version)) {
    throw invalidOption('version', 'must be v3 or a date such as 2026-03')
  }
  if (!isTimeZone(timeZone)) throw invalidOption('timeZone', 'must be a time zone such as America/New_York')
  const http = createHttpClient({
    baseUrl: options.baseUrl ?? HUBSPOT_DEFAULTS.baseUrl,
    service: SERVICE,
    headers: { authorization: `Bearer ${options.accessToken}` },
    ...(options.dispatcher === undefined ? {} : { dispatcher: options.dispatcher }),
  })
  const writes = createWriteRegistry(SERVICE, options.writeMemory)
  const day = createUsedUpDay(timeZone, () => clock.wallTime())
  const window = createUsedUp(SERVICE, { now: () => clock.wallTime() })
  let limits: HubSpotLimits = {}
  const api = createApiCaller({
    service: SERVICE,
    http,
    integration: options.integration,
    explain: explainer(day),
    async leave() {
      day.check()
      window.check()
    },
    onHeaders(headers) {
      const read = readLimits(headers)
      if (read === undefined) return
      limits = read
      if (read.daily?.left === 0) day.usedUp()
      if (read.window?.left === 0) window.mark(read.window.intervalMs ?? 1_000)
    },
  })
  const objects = version === 'v3' ? '/crm/v3/objects' : `/crm/objects/${version}`
  // Before the dates, associations had a version of their own.
  const associations = version === 'v3' ? '/crm/v4/objects' : objects
  const one = (type: string, id: string): string => `${objects}/${type}/${encodeURIComponent(id)}`

  const client: HubSpot = {
    async get(type, record, call = {}) {
      const { id, idProperty, properties } = checkRead(record)
      const path = one(checkType('get', type), id)
      try {
        return await api.call(
          { path, query: { idProperty, properties: properties?.join(',') }, read: readRecord, effect: 'read' },
          call,
        )
      } catch (error) {
        if (HoldfastError.isInstance(error) && error.code === 'RECORD_NOT_FOUND') return undefined
        throw error
      }
    },

    async search(type, query, call = {}) {
      const path = `${objects}/${checkType('search', type)}/search`
      const json = wireSearch(checkSearch(query))
      return api.call({ method: 'POST', path, json, read: readPage, effect: 'read' }, call)
    },

    async *records(type, { maxItems, ...query }, call = {}): AsyncGenerator<HubSpotRecord, undefined, void> {
      let left = Math.min(checkMaxItems(maxItems), MAX_FOUND)
      let after: string | undefined
      do {
        const limit = Math.min(query.limit ?? 200, left)
        const page = await client.search(type, { ...query, limit, after }, call)
        yield* page.items.slice(0, left)
        left -= page.items.length
        // The same cursor again would never end.
        after = page.items.length === 0 || page.after === after ? undefined : page.after
      } while (after !== undefined && left > 0)
    },

    async upsert(type, record, call = {}) {
      const path = `${objects}/${checkType('upsert', type)}/batch/upsert`
      const json = { inputs: [checkUpsert(record)] }
      return api.call({ method: 'POST', path, json, read: readUpserted, effect: 'repeatable-write' }, call)
    },

    async create(type, properties, call = {}) {
      const path = `${objects}/${checkType('create', type)}`
      const json = { properties: checkProperties('create', properties), associations: [] }
      return writes.once(call, { path, json }, () =>
        api.call({ method: 'POST', path, json, read: readRecord, effect: 'write' }, call),
      )
    },

    async update(type, record, call = {}) {
      const { id, idProperty, properties } = checkUpdate(record)
      const path = one(checkType('update', type), id)
      const query = { idProperty }
      const json = { properties }
      return api.call({ method: 'PATCH', path, query, json, read: readRecord, effect: 'repeatable-write' }, call)
    },

    async associate(from, to, call = {}) {
      const [a, b] = [checkSide('associate', from), checkSide('associate', to)]
      const path = `${associations}/${a.type}/${a.id}/associations/default/${b.type}/${b.id}`
      await api.call({ method: 'PUT', path, read: readMade, effect: 'repeatable-write' }, call)
    },

    async *associations(from, toType, call = {}): AsyncGenerator<AssociatedRecord, undefined, void> {
      const { type, id } = checkSide('associations', from)
      const path = `${associations}/${type}/${id}/associations/${checkType('associations', toType)}`
      let after: string | undefined
      do {
        const query = { limit: ASSOCIATIONS_PER_PAGE, after }
        const page = await api.call({ path, query, read: readAssociated, effect: 'read' }, call)
        yield* page.items
        after = page.items.length === 0 || page.after === after ? undefined : page.after
      } while (after !== undefined)
    },

    rateLimits: () => limits,

    async health(call = {}) {
      await api.call({ path: `${objects}/contacts`, query: { limit: 1 }, read: readAnyList, effect: 'read' }, call)
    },

    close: () => http.close(),
  }
  return client
}

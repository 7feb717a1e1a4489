/**
 * HubSpot's CRM. From its OpenAPI documents: paths with a date for a version and those of v3 and v4, reading by id or by a unique property, creating, updating, `batch/upsert`, search with
 * filters, paging by cursor, default associations, error bodies, 409 for an address that is known. From its changelog: `x-hubspot-ratelimit-*`, which searches do not have; `policyName` of a 429.
 * Not verified: the wording of errors, and how `query` is matched (here: every word somewhere in the properties). A search sees a record at once, where the vendor takes seconds.
 * The properties `email` of contacts and `desk_id` of companies and deals are unique. A rate limit is that of ten seconds; a fault whose `body` says `"policyName": "DAILY"` is that of a day.
 */
import { bearerOf, takesPath, withoutPrefix } from '../http/guest.ts'
import { parseJson, type Received } from '../http/received.ts'
import { json, withHeaders, type Reply } from '../http/reply.ts'
import type { Vendor } from '../http/stand-in.ts'
import type { World } from '../world/world.ts'
import { hubspotErrors, invalid, refuse } from './errors.ts'
import { find, type Search } from './find.ts'
import { Crm, isType, UNIQUE, type CrmRecord, type CrmType } from './records.ts'

/** Makes the stand-in for HubSpot. */
export function hubspot(world: World, { now }: { readonly now: () => number }): Vendor {
  const crm = new Crm(world, now)
  let asked = 0

  const reference = (type: CrmType, request: Received, id: string): CrmRecord | undefined =>
    crm.get(type, id, request.query.get('idProperty') ?? undefined)

  const one = (type: CrmType, id: string, request: Received): Reply => {
    const record = reference(type, request, id)
    if (record === undefined) return hubspotErrors.error(404, request.path)
    if (request.method === 'GET') return json(200, shown(record, request.query.get('properties')?.split(',')))
    if (request.method !== 'PATCH') return refuse(405, 'METHOD_NOT_ALLOWED', 'Method not allowed')
    const properties = propertiesIn(parseJson(request.body))
    if (properties === undefined) return invalid('properties: must be an object of texts')
    return json(200, shown(crm.update(record, properties)))
  }

  const create = (type: CrmType, request: Received): Reply => {
    const properties = propertiesIn(parseJson(request.body))
    if (properties === undefined) return invalid('properties: must be an object of texts')
    const unique = UNIQUE[type]
    const known = crm.get(type, properties[unique] ?? '', unique)
    if (known !== undefined) return refuse(409, 'CONFLICT', `Record already exists. Existing ID: ${known.id}`)
    return json(201, shown(crm.create(type, properties)))
  }

  const upsert = (type: CrmType, request: Received): Reply => {
    const { inputs } = (parseJson(request.body) ?? {}) as { inputs?: unknown }
    if (!Array.isArray(inputs) || inputs.length === 0 || inputs.length > 100) return invalid('inputs: needs 1 to 100')
    const results: unknown[] = []
    for (const input of inputs as { id?: unknown; idProperty?: unknown }[]) {
      const properties = propertiesIn(input)
      if (typeof input.id !== 'string' || properties === undefined)
        return invalid('inputs: id and properties are needed')
      if (input.idProperty !== UNIQUE[type])
        return invalid(`${String(input.idProperty)} is not a unique property of ${type}`)
      const record = crm.get(type, input.id, UNIQUE[type])
      const all = { ...properties, [UNIQUE[type]]: input.id }
      results.push({
        ...shown(record === undefined ? crm.create(type, all) : crm.update(record, properties)),
        new: record === undefined,
      })
    }
    return json(200, { status: 'COMPLETE', results, ...times(now()) })
  }

  const search = (type: CrmType, request: Received): Reply => {
    const query = parseJson(request.body) as Search | undefined
    const found = find(crm.list(type), query ?? {})
    if (typeof found === 'string') return invalid(found)
    const { total, rows, after } = found
    return json(200, {
      total,
      results: rows.map((row) => shown(row, query?.properties)),
      ...(after === undefined ? {} : { paging: { next: { after, link: `?after=${after}` } } }),
    })
  }

  const associations = (record: CrmRecord, rest: readonly string[], request: Received): Reply => {
    const [first, second, id] = rest
    if (request.method === 'PUT' && first === 'default' && isType(second) && id !== undefined) {
      const other = crm.get(second, id)
      if (other === undefined) return hubspotErrors.error(404, request.path)
      crm.associate(record, other)
      const side = { from: { id: record.id }, to: { id: other.id } }
      return json(200, { status: 'COMPLETE', results: [side], ...times(now()) })
    }
    if (request.method !== 'GET' || !isType(first)) return hubspotErrors.error(404, request.path)
    const types = [{ category: 'HUBSPOT_DEFINED', typeId: 1, label: null }]
    const results = crm.associated(record, first).map(({ id: to }) => ({ toObjectId: to, associationTypes: types }))
    return json(200, { results })
  }

  const route = (request: Received): Reply => {
    const [, path = ''] = /^\/crm\/(?:v[34]\/objects|objects\/\d{4}-\d{2})\/(.+)$/.exec(request.path) ?? []
    const [type, id, ...rest] = path.split('/').map(decodeURIComponent)
    if (!isType(type)) return hubspotErrors.error(404, request.path)
    const call = `${request.method} ${[id, ...rest].join('/')}`
    if (call === 'POST search') return search(type, request)
    if (call === 'POST batch/upsert') return upsert(type, request)
    if (id === undefined) {
      if (request.method === 'POST') return create(type, request)
      const limit = Number(request.query.get('limit') ?? 10)
      return json(200, {
        results: crm
          .list(type)
          .slice(0, limit)
          .map((record) => shown(record)),
      })
    }
    if (rest[0] !== 'associations')
      return rest.length === 0 ? one(type, id, request) : hubspotErrors.error(404, request.path)
    const record = crm.get(type, id)
    return record === undefined ? hubspotErrors.error(404, request.path) : associations(record, rest.slice(1), request)
  }

  return {
    service: 'hubspot',
    errors: hubspotErrors,
    takes: takesPath('hubspot'),
    answer(request) {
      if (bearerOf(request) === '') return hubspotErrors.error(401, request.path)
      const reply = route(withoutPrefix('hubspot', request))
      if (request.path.endsWith('/search')) return reply
      asked += 1
      // Far above what a load test asks; the `rate-limit` fault is for meeting one on purpose.
      return withHeaders(reply, {
        'x-hubspot-ratelimit-daily': '10000000',
        'x-hubspot-ratelimit-daily-remaining': String(Math.max(0, 10_000_000 - asked)),
        'x-hubspot-ratelimit-max': '100000',
        'x-hubspot-ratelimit-remaining': '99999',
        'x-hubspot-ratelimit-interval-milliseconds': '10000',
      })
    },
  }
}

/** A record as it is shown: with the properties that are asked for, empty ones as null, or with all. */
function shown({ id, properties, createdAt, updatedAt }: CrmRecord, wanted?: readonly string[]): object {
  const names = wanted ?? Object.keys(properties)
  const all = [...new Set([...names, 'hs_object_id'])].map((name) => [name, properties[name] ?? null])
  return { id, properties: { ...Object.fromEntries(all), hs_object_id: id }, createdAt, updatedAt, archived: false }
}

function propertiesIn(value: unknown): Record<string, string> | undefined {
  const { properties } = (value ?? {}) as { properties?: unknown }
  if (typeof properties !== 'object' || properties === null) return undefined
  const entries = Object.entries(properties as Record<string, unknown>)
  if (!entries.every(([, one]) => typeof one === 'string')) return undefined
  return Object.fromEntries(entries) as Record<string, string>
}

function times(now: number): object {
  const at = new Date(now).toISOString()
  return { startedAt: at, completedAt: at }
}

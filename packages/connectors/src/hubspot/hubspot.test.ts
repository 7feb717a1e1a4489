import { createIntegration } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { everythingIn, json, rejection, startServer } from '../../test/local-server.ts'
import type { Handler, LocalServer } from '../../test/local-server.ts'
import { createHubSpot } from './index.ts'
import type { HubSpot, HubSpotOptions } from './index.ts'
import { untilMidnight } from '../time-zone/midnight.ts'

const TOKEN = 'pat-na1-token-of-the-test'

let server: LocalServer
let hubspot: HubSpot

async function start(handler: Handler, options: Partial<HubSpotOptions> = {}): Promise<void> {
  server = await startServer(handler)
  hubspot = createHubSpot({
    accessToken: TOKEN,
    baseUrl: server.url,
    integration: createIntegration({
      name: 'hubspot',
      retry: { maxRetries: 1, backoffMs: 1, jitter: 'none' },
      breaker: false,
    }),
    ...options,
  })
}

afterEach(async () => {
  await server.close()
  await hubspot.close()
})

/** As HubSpot answers: `null` for what is empty, fields that nobody asked for. */
const ada = {
  id: '512',
  properties: { email: 'ada@analytical.example', firstname: 'Ada', phone: null, hs_object_id: '512' },
  createdAt: '2026-10-30T03:30:17.883Z',
  updatedAt: '2026-11-07T16:50:06.678Z',
  archived: false,
  url: 'https://app.hubspot.com/x',
}
const ADA = {
  id: '512',
  properties: { email: 'ada@analytical.example', firstname: 'Ada', hs_object_id: '512' },
  createdAt: ada.createdAt,
  updatedAt: ada.updatedAt,
}
const numbered = (id: number): object => ({ id: String(id), properties: {} })

describe('reading', () => {
  it('asks for a record by a unique property, with the properties that are wanted', async () => {
    await start((_, response) => json(response, ada))
    const record = { id: 'ada@analytical.example', idProperty: 'email', properties: ['firstname', 'phone'] }
    expect(await hubspot.get('contacts', record, { requestId: 'r-1' })).toEqual(ADA)
    const [request] = server.requests
    expect(request).toMatchObject({ method: 'GET', path: '/crm/objects/2026-03/contacts/ada%40analytical.example' })
    expect(Object.fromEntries(request?.query ?? [])).toEqual({ idProperty: 'email', properties: 'firstname,phone' })
    expect(request?.headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, 'x-request-id': 'r-1' })
  })

  it('gives nothing where there is no such record', async () => {
    await start((_, response) => json(response, { status: 'error', category: 'OBJECT_NOT_FOUND' }, 404))
    expect(await hubspot.get('deals', { id: '1' })).toBeUndefined()
  })

  it('searches by filters and words', async () => {
    await start((_, response) =>
      json(response, { total: 7, results: [ada], paging: { next: { after: '1', link: '?after=1' } } }),
    )
    const page = await hubspot.search('contacts', {
      filters: [
        { property: 'seats', operator: 'BETWEEN', value: 2, highValue: 8 },
        { property: 'city', value: 'Nice' },
      ],
      text: 'ada',
      sort: { property: 'createdate', descending: true },
      properties: ['email'],
      limit: 1,
    })
    expect(page).toEqual({ items: [ADA], total: 7, after: '1' })
    expect(server.requests[0]).toMatchObject({ method: 'POST', path: '/crm/objects/2026-03/contacts/search' })
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
      filterGroups: [
        {
          filters: [
            { propertyName: 'seats', operator: 'BETWEEN', value: '2', highValue: '8' },
            { propertyName: 'city', operator: 'EQ', value: 'Nice' },
          ],
        },
      ],
      query: 'ada',
      sorts: [{ propertyName: 'createdate', direction: 'DESCENDING' }],
      properties: ['email'],
      limit: 1,
    })
  })

  it.each([
    [{}, /needs filters or a text/],
    [{ filters: [] }, /filters: needs 1 to 6 entries/],
    [{ filters: [{ property: 'a' }] }, /filters\.0: needs a value/],
    [{ filters: [{ property: 'a', operator: 'IN', value: 'x' }] }, /filters\.0: needs a value, for IN/],
    [{ filters: [{ property: 'Not A Name', value: 'x' }] }, /filters\.0\.property: must be the name of a property/],
    [{ text: 'x', limit: 201 }, /limit: must be 1 to 200/],
  ])('a search for %j is refused, and nothing is sent', async (query, message) => {
    await start((_, response) => json(response, {}))
    const error = await rejection(hubspot.search('contacts', query as never))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', mayHaveTakenEffect: false })
    expect((error as Error).message).toMatch(message)
    expect(server.requests).toHaveLength(0)
  })

  it('page by page fetches a page only when it is needed, and ends with the last', async () => {
    await start(({ body }, response) => {
      const { after = '0', limit } = JSON.parse(body) as { after?: string; limit: number }
      const from = Number(after)
      const results = [0, 1, 2, 3, 4].slice(from, from + limit).map(numbered)
      json(response, {
        total: 5,
        results,
        ...(from + limit < 5 ? { paging: { next: { after: String(from + limit) } } } : {}),
      })
    })
    const seen: string[] = []
    for await (const { id } of hubspot.records('deals', { text: 'x', limit: 2 })) {
      seen.push(id)
      expect(server.requests).toHaveLength(Math.ceil(seen.length / 2))
    }
    expect(seen).toEqual(['0', '1', '2', '3', '4'])
    expect(server.requests).toHaveLength(3)
    const few: unknown[] = []
    for await (const record of hubspot.records('deals', { text: 'x', limit: 2, maxItems: 3 })) few.push(record)
    expect(few).toHaveLength(3)
    expect(server.requests).toHaveLength(5)
  })

  it('page by page ends when the same cursor comes again', async () => {
    await start((_, response) =>
      json(response, { total: 9, results: [numbered(1)], paging: { next: { after: 'same' } } }),
    )
    const seen: unknown[] = []
    for await (const record of hubspot.records('deals', { text: 'x' })) seen.push(record)
    expect(seen).toHaveLength(2)
  })
})

describe('writing', () => {
  it('upserts by a unique property, and does it again when nobody knows how it went', async () => {
    let lost = 1
    await start((_, response, raw) =>
      lost-- > 0
        ? raw.socket.destroy()
        : json(response, { status: 'COMPLETE', results: [{ ...ada, new: true }], startedAt: 'x', completedAt: 'x' }),
    )
    const record = { id: 'ada@analytical.example', idProperty: 'email', properties: { firstname: 'Ada', seats: 4 } }
    expect(await hubspot.upsert('contacts', record)).toEqual({ ...ADA, created: true })
    expect(server.requests).toHaveLength(2)
    expect(server.requests[1]).toMatchObject({ path: '/crm/objects/2026-03/contacts/batch/upsert' })
    expect(JSON.parse(server.requests[1]?.body ?? '')).toEqual({
      inputs: [{ ...record, properties: { firstname: 'Ada', seats: '4' } }],
    })
  })

  it('says so when a batch is taken and the record in it refused', async () => {
    await start((_, response) =>
      json(response, { status: 'COMPLETE', results: [], numErrors: 1, errors: [{ message: TOKEN }] }, 207),
    )
    const record = { id: 'a', idProperty: 'email', properties: { firstname: 'Ada' } }
    const error = await rejection(hubspot.upsert('contacts', record))
    expect(error).toMatchObject({ code: 'HUBSPOT_REFUSED', category: 'client', retryable: false })
    expect(everythingIn(error)).not.toContain(TOKEN)
  })

  it('creates once for a key, and never again when nobody knows how it went', async () => {
    let lost = false
    await start((_, response, raw) => (lost ? raw.socket.destroy() : json(response, ada, 201)))
    const create = (idempotencyKey: string) => hubspot.create('deals', { dealname: 'Nice' }, { idempotencyKey })
    expect(await Promise.all([create('k1'), create('k1')])).toEqual([ADA, ADA])
    expect(server.requests).toHaveLength(1)
    lost = true
    expect(await rejection(create('k2'))).toMatchObject({ category: 'network', mayHaveTakenEffect: true })
    expect(await rejection(create('k2'))).toMatchObject({ code: 'WRITE_UNCONFIRMED' })
    expect(server.requests).toHaveLength(2)
  })

  it('says that a record is there already', async () => {
    await start((_, response) => json(response, { category: 'CONFLICT' }, 409))
    expect(await rejection(hubspot.create('contacts', { email: 'a@b.example' }))).toMatchObject({
      code: 'RECORD_EXISTS',
      category: 'client',
      retryable: false,
      mayHaveTakenEffect: false,
    })
  })

  it('updates, and waits for a record that is locked', async () => {
    const clock = fakeClock()
    let locked = 1
    await start((_, response) => (locked-- > 0 ? json(response, {}, 423) : json(response, ada)), {
      integration: createIntegration({
        name: 'hubspot',
        clock,
        retry: { maxRetries: 1, backoffMs: 1, jitter: 'none' },
      }),
    })
    const updated = hubspot.update('contacts', { id: '512', properties: { phone: '' } })
    await expect.poll(() => server.requests.length).toBe(1)
    await expect.poll(async () => (await clock.advance(500), server.requests.length)).toBe(2)
    expect(await updated).toEqual(ADA)
    expect(server.requests[1]).toMatchObject({ method: 'PATCH', body: '{"properties":{"phone":""}}' })
  })

  it('associates, and lists what belongs together', async () => {
    await start(({ method, query }, response) => {
      if (method === 'PUT') return json(response, { status: 'COMPLETE', results: [{ from: {}, to: {} }] })
      const last = query.get('after') === '2'
      json(response, {
        results: [{ toObjectId: last ? 9 : 8, associationTypes: [{ label: null }, { label: 'Primary' }] }],
        ...(last ? {} : { paging: { next: { after: '2' } } }),
      })
    })
    await hubspot.associate({ type: 'contacts', id: '1' }, { type: 'companies', id: '8' })
    const found: unknown[] = []
    for await (const one of hubspot.associations({ type: 'contacts', id: '1' }, 'companies')) found.push(one)
    expect(found).toEqual([
      { id: '8', labels: ['Primary'] },
      { id: '9', labels: ['Primary'] },
    ])
    const base = '/crm/objects/2026-03/contacts/1/associations'
    expect(server.requests.map(({ path }) => path)).toEqual([
      `${base}/default/companies/8`,
      `${base}/companies`,
      `${base}/companies`,
    ])
  })
})

it('speaks the older version, whose associations have one of their own', async () => {
  await start((_, response) => json(response, { ...ada, results: [{}] }), { version: 'v3' })
  await hubspot.get('contacts', { id: '1' })
  await hubspot.associate({ type: 'contacts', id: '1' }, { type: 'deals', id: '2' })
  expect(server.requests.map(({ path }) => path)).toEqual([
    '/crm/v3/objects/contacts/1',
    '/crm/v4/objects/contacts/1/associations/default/deals/2',
  ])
})

describe('the limits', () => {
  it('are those of the last good reply that tells them', async () => {
    const replies = [
      { 'x-hubspot-ratelimit-daily': '250000', 'x-hubspot-ratelimit-daily-remaining': '1' },
      {},
      {
        'x-hubspot-ratelimit-max': '100',
        'x-hubspot-ratelimit-remaining': '99',
        'x-hubspot-ratelimit-interval-milliseconds': '10000',
      },
      { 'x-hubspot-ratelimit-secondly': '19', 'x-hubspot-ratelimit-secondly-remaining': '18' },
    ]
    await start((_, response) => json(response, ada, 200, replies.shift()))
    const seen: unknown[] = [hubspot.rateLimits()]
    for (let times = 0; times < 4; times += 1) {
      await hubspot.get('contacts', { id: '1' })
      seen.push(hubspot.rateLimits())
    }
    const daily = { daily: { limit: 250_000, left: 1 } }
    expect(seen).toEqual([
      {},
      daily,
      daily,
      { window: { limit: 100, left: 99, intervalMs: 10_000 } },
      { window: { limit: 19, left: 18 } },
    ])
  })

  it('that are used up are heeded before HubSpot has to refuse', async () => {
    const clock = fakeClock()
    let headers: Record<string, string> = {
      'x-hubspot-ratelimit-remaining': '0',
      'x-hubspot-ratelimit-interval-milliseconds': '10000',
    }
    const integration = createIntegration({ name: 'hubspot', retry: false, breaker: false, clock })
    await start((_, response) => json(response, ada, 200, headers), { clock, integration })
    await hubspot.get('contacts', { id: '1' })
    await clock.advance(1_000)
    const error = await rejection(hubspot.get('contacts', { id: '1' }))
    expect(error).toMatchObject({ category: 'rate-limit', retryAfterMs: 9_000, mayHaveTakenEffect: false })
    expect(server.requests).toHaveLength(1)
    await clock.advance(9_000)
    headers = { 'x-hubspot-ratelimit-daily-remaining': '0' }
    await hubspot.get('contacts', { id: '1' })
    const spent = await rejection(hubspot.get('contacts', { id: '1' }))
    expect(spent).toMatchObject({ code: 'QUOTA_EXHAUSTED', category: 'rejected', retryable: false })
    expect(server.requests).toHaveLength(2)
  })

  it.each([
    ['TEN_SECONDLY_ROLLING', {}, 10_000],
    ['SECONDLY', {}, 1_000],
    ['TEN_SECONDLY_ROLLING', { 'retry-after': '4' }, 4_000],
    ['SOMETHING_NEW', {}, undefined],
  ])('of a window (%s, %j) close the gate for %s ms', async (policyName, headers, retryAfterMs) => {
    const reply = { status: 'error', errorType: 'RATE_LIMIT', message: TOKEN, policyName }
    await start((_, response) => json(response, reply, 429, headers), {
      integration: createIntegration({ name: 'hubspot', retry: false, breaker: false }),
    })
    const error = await rejection(hubspot.get('contacts', { id: '1' }))
    expect(error).toMatchObject({ category: 'rate-limit', status: 429, mayHaveTakenEffect: false })
    expect((error as { retryAfterMs?: number }).retryAfterMs).toBe(retryAfterMs)
    expect(everythingIn(error)).not.toContain(TOKEN)
    if (retryAfterMs === undefined) return
    expect(await rejection(hubspot.get('contacts', { id: '1' }))).toMatchObject({ code: 'RATE_LIMITED' })
    expect(server.requests).toHaveLength(1)
  })

  it("of a day are a quota until the account's midnight; nothing is sent meanwhile, but for a look every hour", async () => {
    const clock = fakeClock({ wallTime: Date.UTC(2026, 10, 26, 23, 30) })
    const HOUR_MS = 3_600_000
    let usedUp = true
    await start((_, response) => (usedUp ? json(response, { policyName: 'DAILY' }, 429) : json(response, ada)), {
      clock,
      // 18:30 there.
      timeZone: 'America/New_York',
    })
    const get = () => rejection(hubspot.get('contacts', { id: '1' }))
    const quota = { code: 'QUOTA_EXHAUSTED', category: 'quota', retryable: false }
    expect(await get()).toMatchObject({ ...quota, retryAfterMs: 5.5 * HOUR_MS })
    await clock.advance(HOUR_MS / 2)
    const refusal = await get()
    expect(refusal).toMatchObject({ code: 'QUOTA_EXHAUSTED', category: 'rejected', retryAfterMs: 5 * HOUR_MS })
    expect(refusal).toMatchObject({ mayHaveTakenEffect: false })
    expect(server.requests).toHaveLength(1)
    await clock.advance(HOUR_MS / 2)
    expect(await get()).toMatchObject({ ...quota, retryAfterMs: 4.5 * HOUR_MS })
    usedUp = false
    await clock.advance(HOUR_MS)
    expect(await hubspot.get('contacts', { id: '1' })).toEqual(ADA)
    expect(server.requests).toHaveLength(3)
  })

  it('end at midnight, wherever that is', () => {
    const at = Date.UTC(2026, 10, 26, 23, 59, 59, 250)
    expect(untilMidnight(at, 'UTC')).toBe(750)
    expect(untilMidnight(at, 'Asia/Kolkata')).toBe(18.5 * 3_600_000 + 750)
    expect(untilMidnight(Date.UTC(2026, 10, 26), 'UTC')).toBe(86_400_000)
  })
})

describe('a failure', () => {
  it.each([
    [401, 'auth', /access token/],
    [403, 'auth', /scope/],
    [400, 'client', /400/],
  ])('with status %i is of the category %s, not retried, and tells no secret', async (status, category, message) => {
    await start((_, response) => json(response, { status: 'error', message: TOKEN }, status))
    const error = await rejection(hubspot.create('deals', { dealname: 'x' }))
    expect(error).toMatchObject({ category, status, retryable: false, mayHaveTakenEffect: false })
    expect((error as Error).message).toMatch(message)
    expect(everythingIn(error)).not.toContain(TOKEN)
    expect(server.requests).toHaveLength(1)
  })

  it('is a record in another shape, told by its fields', async () => {
    await start((_, response) => json(response, { id: 5, properties: TOKEN }))
    const error = await rejection(hubspot.get('contacts', { id: '1' }))
    expect(error).toMatchObject({ code: 'MALFORMED_REPLY', mayHaveTakenEffect: false })
    expect(everythingIn(error)).not.toContain(TOKEN)
  })

  it('by an abort comes back as it is and closes the connection', async () => {
    await start(() => undefined)
    const controller = new AbortController()
    const waiting = rejection(hubspot.get('contacts', { id: '1' }, { signal: controller.signal }))
    await server.openIs(1)
    controller.abort('enough')
    expect(await waiting).toBe('enough')
    await server.openIs(0)
  })
})

it.each([
  [{ version: '2026/03' }, /version must be v3 or a date/],
  [{ timeZone: 'Moon' }, /timeZone must be a time zone/],
])('refuses %j at construction', async (options, message) => {
  await start((_, response) => json(response, {}))
  const integration = createIntegration({ name: 'hubspot' })
  expect(() => createHubSpot({ accessToken: TOKEN, integration, ...options })).toThrow(message)
})

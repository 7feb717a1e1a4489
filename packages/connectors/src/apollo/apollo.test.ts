import { createIntegration } from '@holdfast/core'
import type { Clock, Integration } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { everythingIn, json, rejection, startServer } from '../../test/local-server.ts'
import type { Handler, LocalServer, Received } from '../../test/local-server.ts'
import { createApollo } from './apollo.ts'
import type { Apollo } from './types.ts'

const SECRET = 'apollo-key-0123456789'

let server: LocalServer
let apollo: Apollo
let integration: Integration

async function start(handler: Handler, clock?: Pick<Clock, 'now'>): Promise<Apollo> {
  server = await startServer(handler)
  integration = createIntegration({
    name: 'apollo',
    retry: { maxRetries: 1, backoffMs: 1, jitter: 'none' },
    breaker: false,
  })
  apollo = createApollo({ apiKey: SECRET, baseUrl: `${server.url}/api/v1`, integration, clock })
  return apollo
}

afterEach(async () => {
  await server.close()
  await apollo.close()
})

/** As a people search answers: no address, a masked last name, `null` for much. */
const jane = {
  id: '5f1',
  first_name: 'Jane',
  last_name_obfuscated: 'Do***e',
  title: 'Chief Executive Officer',
  has_email: true,
  email: null,
  city: 'Miami',
  something_new: { x: 1 },
  organization: { id: 'o1', name: 'Acme', primary_domain: null },
}

const routes =
  (table: Record<string, (request: Received) => unknown>): Handler =>
  (request, response) => {
    const answer = table[`${request.method} ${request.path.replace('/api/v1', '')}`]
    if (answer === undefined) return json(response, { error: 'no route' }, 404)
    return json(response, answer(request))
  }

describe('a people search', () => {
  it('sends its filters as query parameters, as documented', async () => {
    await start((_, response) => json(response, { people: [jane], total_entries: 412 }))
    const page = await apollo.searchPeople(
      {
        titles: ['CEO', 'Founder & Owner'],
        seniorities: ['c_suite'],
        locations: ['miami'],
        keywords: ['yachts'],
        organisations: ['Acme'],
        page: 2,
        perPage: 10,
      },
      { requestId: 'r-1' },
    )
    const [request] = server.requests
    expect(request).toMatchObject({ method: 'POST', path: '/api/v1/mixed_people/api_search', body: '' })
    expect([...(request?.query ?? [])]).toEqual([
      ['person_titles[]', 'CEO'],
      ['person_titles[]', 'Founder & Owner'],
      ['person_seniorities[]', 'c_suite'],
      ['person_locations[]', 'miami'],
      ['q_keywords', 'yachts Acme'],
      ['page', '2'],
      ['per_page', '10'],
    ])
    expect(request?.headers).toMatchObject({ 'x-api-key': SECRET, 'x-request-id': 'r-1' })
    expect(page).toEqual({
      items: [
        {
          id: '5f1',
          name: 'Jane Do***e',
          firstName: 'Jane',
          title: 'Chief Executive Officer',
          hasEmail: true,
          city: 'Miami',
          organisation: { id: 'o1', name: 'Acme' },
        },
      ],
      page: 2,
      perPage: 10,
      total: 412,
    })
  })

  it.each([
    [{}, /needs at least one of titles/],
    [{ titles: [] }, /needs at least one of titles/],
    [{ titles: ['a'], perPage: 101 }, /perPage: must be 1 to 100/],
    [{ seniorities: ['boss'] }, /seniorities\.0: must be one of owner, founder/],
    [{ titles: ['a'], tittles: ['b'] }, /tittles/],
  ])('of %j is refused with the field and what is allowed, and nothing is sent', async (query, message) => {
    await start((_, response) => json(response, {}))
    const error = await rejection(apollo.searchPeople(query as never))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', category: 'validation', mayHaveTakenEffect: false })
    expect((error as Error).message).toMatch(message)
    expect(server.requests).toHaveLength(0)
  })

  it('page by page fetches a page only when it is needed, and ends with the last', async () => {
    const person = (id: number): object => ({ ...jane, id: String(id) })
    await start(({ query }, response) => {
      const from = (Number(query.get('page')) - 1) * 2
      json(response, { people: [0, 1].map((at) => person(from + at)).slice(0, 5 - from), total_entries: 5 })
    })
    const seen: string[] = []
    for await (const { id } of apollo.people({ titles: ['CEO'], perPage: 2 })) {
      seen.push(id)
      expect(server.requests).toHaveLength(Math.ceil(seen.length / 2))
    }
    expect(seen).toEqual(['0', '1', '2', '3', '4'])
    expect(server.requests).toHaveLength(3)
  })

  it('page by page stops at the bound, and when the reader has enough', async () => {
    await start((_, response) => json(response, { people: [jane, jane], total_entries: 1_000 }))
    const seen: unknown[] = []
    for await (const person of apollo.people({ titles: ['CEO'], perPage: 2, maxItems: 3 })) seen.push(person)
    expect(seen).toHaveLength(3)
    expect(server.requests).toHaveLength(2)
    for await (const _ of apollo.people({ titles: ['CEO'], perPage: 2 })) break
    expect(server.requests).toHaveLength(3)
  })
})

describe('enriching', () => {
  it('gives what Apollo knows', async () => {
    await start(
      routes({
        'POST /people/match': () => ({
          person: { ...jane, name: 'Jane Doe', last_name: 'Doe', email: 'jane@acme.com', email_status: 'verified' },
        }),
      }),
    )
    const person = await apollo.enrichPerson({ name: 'Jane Doe', organisation: 'Acme' })
    expect(person).toMatchObject({ name: 'Jane Doe', email: 'jane@acme.com', emailStatus: 'verified' })
    expect([...(server.requests[0]?.query ?? [])]).toEqual([
      ['name', 'Jane Doe'],
      ['organization_name', 'Acme'],
    ])
  })

  it.each([{ person: null }, {}])('gives nothing for %j, which is how no match looks', async (reply) => {
    await start((_, response) => json(response, reply))
    expect(await apollo.enrichPerson({ email: 'jane@acme.com' })).toBeUndefined()
  })

  it('needs enough to tell who is meant', async () => {
    await start((_, response) => json(response, {}))
    expect(await rejection(apollo.enrichPerson({ name: 'Jane' }))).toMatchObject({ code: 'INVALID_INPUT' })
  })
})

it('a company search gives the saved ones and the others', async () => {
  await start(
    routes({
      'POST /mixed_companies/search': () => ({
        accounts: [{ id: 'a1', name: 'Acme', primary_domain: 'acme.com' }],
        organizations: [{ id: 'o2', name: 'Other', estimated_num_employees: 40 }],
        pagination: { page: 1, per_page: 25, total_entries: 2, total_pages: 1 },
      }),
    }),
  )
  const page = await apollo.searchOrganisations({ name: 'a', employees: [[11, 50]], locations: ['texas'] })
  expect(page).toMatchObject({
    total: 2,
    items: [
      { id: 'a1', domain: 'acme.com' },
      { id: 'o2', employees: 40 },
    ],
  })
  expect(server.requests[0]?.query.get('organization_num_employees_ranges[]')).toBe('11,50')
})

describe('adding to a sequence', () => {
  const SEQUENCE = '66e9e215ece19801b219997f'
  const contacts: Record<string, object> = {
    'jane@acme.com': { id: 'c1', email: 'Jane@Acme.com', emailer_campaign_ids: [] },
    'old@acme.com': { id: 'c2', email: 'old@acme.com', emailer_campaign_ids: [SEQUENCE] },
  }
  const table = {
    'POST /emailer_campaigns/search': () => ({
      pagination: {},
      emailer_campaigns: [
        { id: 'x', name: 'Summer jets 2' },
        { id: SEQUENCE, name: 'Summer Jets' },
        { id: 'y', name: 'Summer jets', archived: true },
      ],
    }),
    'POST /contacts/search': ({ query }: Received) => ({
      contacts: [contacts[query.get('q_keywords') ?? '']].filter(Boolean),
    }),
    'POST /contacts': ({ query }: Received) => ({ contact: { id: 'c9', email: query.get('email') } }),
    'GET /email_accounts': () => ({
      email_accounts: [
        { id: 'm1', active: true },
        { id: 'm2', active: true, default: true },
      ],
    }),
    [`POST /emailer_campaigns/${SEQUENCE}/add_contact_ids`]: () => ({ contacts: [{ id: 'c1' }, { id: 'c9' }] }),
  }
  const additions = (): Received[] => server.requests.filter((request) => request.path.endsWith('/add_contact_ids'))
  const addition = {
    sequence: 'summer jets',
    emails: ['Jane@acme.com', 'new@acme.com', 'old@acme.com', 'jane@acme.com'],
  }

  it('finds the sequence by its name, finds or creates the contacts, and adds those who are not in it', async () => {
    await start(routes(table))
    const result = await apollo.addToSequence(addition)
    expect(result).toEqual({
      sequence: { id: SEQUENCE, name: 'Summer Jets' },
      added: [
        { id: 'c1', email: 'jane@acme.com' },
        { id: 'c9', email: 'new@acme.com' },
      ],
      skipped: [{ id: 'c2', email: 'old@acme.com', reason: 'already in this sequence' }],
    })
    expect([...(additions()[0]?.query ?? [])]).toEqual([
      ['emailer_campaign_id', SEQUENCE],
      ['contact_ids[]', 'c1'],
      ['contact_ids[]', 'c9'],
      ['send_email_from_email_account_id', 'm2'],
    ])
    const created = server.requests.find((request) => request.path.endsWith('/contacts'))
    expect(created?.query.get('run_dedupe')).toBe('true')
  })

  it('says whom Apollo skipped', async () => {
    await start(
      routes({
        ...table,
        [`POST /emailer_campaigns/${SEQUENCE}/add_contact_ids`]: () => ({
          skipped_contact_ids: { c1: 'contact_unsubscribed' },
        }),
      }),
    )
    const result = await apollo.addToSequence({ sequence: SEQUENCE, emails: ['jane@acme.com'] })
    expect(result).toMatchObject({ added: [], skipped: [{ id: 'c1', reason: 'contact_unsubscribed' }] })
  })

  it('sends nothing when everybody is in it already', async () => {
    await start(routes(table))
    expect(await apollo.addToSequence({ sequence: SEQUENCE, emails: ['old@acme.com'] })).toMatchObject({ added: [] })
    expect(additions()).toHaveLength(0)
  })

  it('takes no sequence but the one of that name, and says which there are', async () => {
    await start(routes(table))
    const error = await rejection(apollo.addToSequence({ sequence: 'Summer', emails: ['jane@acme.com'] }))
    expect(error).toMatchObject({ code: 'SEQUENCE_NOT_FOUND', category: 'validation', mayHaveTakenEffect: false })
    expect((error as Error).message).toContain('"Summer Jets"')
  })

  it('happens once for a key, also when it is asked for twice at once', async () => {
    await start(routes(table))
    const options = { idempotencyKey: 'k1' }
    const results = await Promise.all([
      apollo.addToSequence(addition, options),
      apollo.addToSequence(addition, options),
    ])
    expect(results[0]).toBe(results[1])
    await apollo.addToSequence(addition, options)
    expect(additions()).toHaveLength(1)
  })

  it('that fails in a way nobody can judge is reported so, not retried, and refused for the same key', async () => {
    await start((request, response, raw) =>
      request.path.endsWith('/add_contact_ids') ? raw.socket.destroy() : routes(table)(request, response, raw),
    )
    const options = { idempotencyKey: 'k1' }
    expect(await rejection(apollo.addToSequence(addition, options))).toMatchObject({
      category: 'network',
      mayHaveTakenEffect: true,
    })
    expect(await rejection(apollo.addToSequence(addition, options))).toMatchObject({ code: 'WRITE_UNCONFIRMED' })
    expect(additions()).toHaveLength(1)
  })

  it('that failed before anything was added may be tried again with the same key', async () => {
    let broken = true
    await start((request, response, raw) =>
      broken && request.path.endsWith('/search') ? json(response, {}, 500) : routes(table)(request, response, raw),
    )
    const options = { idempotencyKey: 'k1' }
    expect(await rejection(apollo.addToSequence(addition, options))).toMatchObject({
      status: 500,
      mayHaveTakenEffect: false,
    })
    broken = false
    expect(await apollo.addToSequence(addition, options)).toMatchObject({ added: [{}, {}] })
  })
})

describe('a failure', () => {
  it.each([
    [401, 'auth', /refused the API key/],
    [403, 'auth', /no master key/],
    [422, 'client', /parameters/],
  ])('with status %i is of the category %s and not retried', async (status, category, message) => {
    await start((_, response) => json(response, { error: `key ${SECRET}` }, status))
    const error = await rejection(apollo.searchPeople({ titles: ['CEO'] }))
    expect(error).toMatchObject({ category, status, retryable: false, mayHaveTakenEffect: false })
    expect((error as Error).message).toMatch(message)
    expect(everythingIn(error)).not.toContain(SECRET)
    expect(server.requests).toHaveLength(1)
  })

  it('of the server is retried for a read, also by POST', async () => {
    let failures = 1
    await start((_, response) => (failures-- > 0 ? json(response, {}, 502) : json(response, { people: [] })))
    expect(await apollo.searchPeople({ titles: ['CEO'] })).toMatchObject({ items: [] })
    expect(server.requests).toHaveLength(2)
  })

  it('with 429 closes the gate for the time that Apollo asks for', async () => {
    await start((_, response) => json(response, {}, 429, { 'retry-after': '60' }))
    expect(await rejection(apollo.searchPeople({ titles: ['CEO'] }))).toMatchObject({ category: 'rate-limit' })
    const sent = server.requests.length
    expect(await rejection(apollo.searchPeople({ titles: ['CEO'] }))).toMatchObject({ category: 'rejected' })
    expect(server.requests).toHaveLength(sent)
  })

  it.each([
    ['another shape', { persons: [] }, /people/],
    ['a person without an id', { people: [{ first_name: SECRET }] }, /people\.0\.id/],
  ])('is a reply of %s, told by its fields', async (_, reply, field) => {
    await start((__, response) => json(response, reply))
    const error = await rejection(apollo.searchPeople({ titles: ['CEO'] }))
    expect(error).toMatchObject({ code: 'MALFORMED_REPLY', category: 'malformed', mayHaveTakenEffect: false })
    expect((error as Error).message).toMatch(field)
    expect(everythingIn(error)).not.toContain(SECRET)
  })

  it('of a refused connection holds no secret', async () => {
    await start(() => undefined)
    await server.close()
    const error = await rejection(apollo.health())
    expect(error).toMatchObject({ category: 'network', mayHaveTakenEffect: false })
    expect(everythingIn(error)).not.toContain(SECRET)
  })
})

it('an abort comes back as it is and closes the connection', async () => {
  await start(() => undefined)
  const controller = new AbortController()
  const waiting = rejection(apollo.searchPeople({ titles: ['CEO'] }, { signal: controller.signal }))
  await server.openIs(1)
  controller.abort('enough')
  expect(await waiting).toBe('enough')
  await server.openIs(0)
})

describe('a call that costs credits', () => {
  const asks: readonly [string, () => Promise<unknown>][] = [
    ['enriching', () => apollo.enrichPerson({ email: 'jane@acme.example' })],
    ['a company search', () => apollo.searchOrganisations({ name: 'Acme' })],
  ]

  it.each(asks)('(%s) is not made again when nobody knows whether it was charged', async (_, ask) => {
    let free = true
    // The first goes over the connection of a call before, which a read would be sent again on.
    await start((__, response) => (free ? json(response, { is_logged_in: true }) : response.destroy()))
    await apollo.health()
    free = false
    const error = await rejection(ask())
    expect(error).toMatchObject({ code: 'CHARGE_UNCONFIRMED', retryable: false, mayHaveTakenEffect: true })
    expect((error as Error).message).toContain('only if the user asks for it')
    expect(server.requests).toHaveLength(2)
  })

  it.each(asks)('(%s) is tried again when it certainly was not charged', async (_, ask) => {
    let refusals = 1
    await start((__, response) =>
      refusals-- > 0
        ? json(response, {}, 429, { 'retry-after': '0' })
        : json(response, { person: null, organizations: [], accounts: [], pagination: {} }),
    )
    await ask()
    expect(server.requests).toHaveLength(2)
  })
})

describe('a limit of an endpoint that is used up', () => {
  const left = { minute: '9', hour: '99', day: '999' }
  const headers = (over: Partial<typeof left>): Record<string, string> => {
    const now = { ...left, ...over }
    return {
      'x-minute-requests-left': now.minute,
      'x-hourly-requests-left': now.hour,
      'x-daily-requests-left': now.day,
    }
  }

  it.each([
    ['minute', 60_000, 60_000, { code: 'RATE_LIMIT_EXCEEDED', category: 'rejected', retryable: true }],
    ['hour', 3_600_000, 600_000, { code: 'QUOTA_EXHAUSTED', category: 'rejected', retryable: false }],
    ['day', 86_400_000, 3_600_000, { code: 'QUOTA_EXHAUSTED', category: 'rejected', retryable: false }],
  ])('(%s) is not asked for in vain, and others are', async (window, ms, lookMs, expected) => {
    const clock = fakeClock()
    const search = (): Promise<unknown> => apollo.searchPeople({ titles: ['CEO'] })
    let over: Partial<typeof left> = {}
    await start((_, response) => json(response, { people: [], is_logged_in: true }, 200, headers(over)), clock)
    await search()
    await clock.advance(10_000)
    over = { [window]: '0' }
    await search()
    // The window was opened by the first.
    const error = await rejection(search())
    expect(error).toMatchObject({ ...expected, retryAfterMs: ms - 10_000, mayHaveTakenEffect: false })
    over = {}
    await apollo.health()
    expect(server.requests).toHaveLength(3)
    await clock.advance(Math.min(ms - 10_000, lookMs) - 1)
    await rejection(search())
    await clock.advance(1)
    await search()
    await search()
    expect(server.requests).toHaveLength(5)
  })
})

it('the rate limits are those of the last good reply', async () => {
  const headers = { 'x-rate-limit-minute': '200', 'x-minute-requests-left': '0', 'x-daily-requests-left': '1999' }
  await start((_, response) => json(response, { is_logged_in: true }, 200, headers))
  expect(apollo.rateLimits()).toEqual({})
  expect(await apollo.health()).toEqual({ loggedIn: true })
  expect(apollo.rateLimits()).toEqual({ minute: { limit: 200, left: 0 }, day: { left: 1_999 } })
  expect(server.requests[0]?.path).toBe('/api/v1/auth/health')
})

import { createIntegration } from '@holdfast/core'
import { afterEach, describe, expect, it } from 'vitest'
import { everythingIn, json, rejection, startServer } from '../../test/local-server.ts'
import type { Handler, LocalServer } from '../../test/local-server.ts'
import { createAvinode } from './avinode.ts'
import type { Avinode } from './types.ts'

const TOKEN = 'avinode-api-token-0123456789'
const BEARER = 'avinode-bearer-0123456789'

let server: LocalServer
let avinode: Avinode

async function start(handler: Handler): Promise<Avinode> {
  server = await startServer(handler)
  const integration = createIntegration({
    name: 'avinode',
    retry: { maxRetries: 1, backoffMs: 1, jitter: 'none' },
    breaker: false,
  })
  avinode = createAvinode({
    apiToken: TOKEN,
    accessToken: BEARER,
    baseUrl: `${server.url}/api`,
    product: 'Desk/2.1',
    integration,
    clock: { wallTime: () => Date.UTC(2026, 10, 23, 6, 42, 59, 999) },
  })
  return avinode
}

afterEach(async () => {
  await server.close()
  await avinode.close()
})

const meta = { errors: [], warnings: [], infos: [] }
const lift = {
  id: 'alift-1',
  type: 'lifts',
  aircraftType: 'Challenger 350',
  aircraftCategory: 'Super midsize jet',
  aircraftTail: 'N350HF',
  sellerCompany: { id: 'comp-1', displayName: 'Blue Air' },
  maxPax: '9',
  yearOfMake: 2016,
  homebase: { icao: 'KTEB', name: 'Teterboro' },
}
const trip = {
  segments: [{ from: 'kteb', to: 'KMIA', date: '2026-11-27', time: '09:00' }],
  passengers: 4,
  category: 'super mid-size',
}

describe('a search for aircraft', () => {
  it('writes the trip as documented, with the headers that Avinode requires', async () => {
    await start((_, response) => json(response, { meta, data: { id: 'asearch-1', lift: [] } }))
    await avinode.searchAircraft(trip, { requestId: 'r-1' })
    const [request] = server.requests
    expect(request).toMatchObject({ method: 'POST', path: '/api/searches' })
    expect(JSON.parse(request?.body ?? '')).toEqual({
      segments: [
        {
          startAirport: { icao: 'KTEB' },
          endAirport: { icao: 'KMIA' },
          dateTime: { date: '2026-11-27', time: '09:00', departure: true, local: true },
          paxCount: '4',
          paxSegment: true,
          timeTBD: false,
        },
      ],
      criteria: { requiredLift: [{ aircraftCategory: 'Super midsize jet' }] },
    })
    expect(request?.headers).toMatchObject({
      'x-avinode-apitoken': TOKEN,
      authorization: `Bearer ${BEARER}`,
      'x-avinode-senttimestamp': '2026-11-23T06:42Z',
      'x-avinode-apiversion': 'v1.0',
      'x-avinode-product': 'Desk/2.1',
      'x-request-id': 'r-1',
    })
  })

  it('gives the aircraft with an estimate where there is one', async () => {
    const priced = {
      ...lift,
      sellerPrice: { price: 21_500.5, currency: 'USD' },
      segments: [{ flightMinutes: 165 }, { flightMinutes: 180 }],
    }
    await start((_, response) =>
      json(response, {
        meta,
        data: { id: 'asearch-1', lift: [priced, { id: 'alift-2', aircraftType: 'PC-12', sellerPrice: null }] },
      }),
    )
    expect(await avinode.searchAircraft(trip)).toEqual({
      searchId: 'asearch-1',
      offers: [
        {
          id: 'alift-1',
          aircraftType: 'Challenger 350',
          category: 'Super midsize jet',
          tail: 'N350HF',
          operator: 'Blue Air',
          maxPassengers: 9,
          yearOfMake: 2016,
          homeBase: 'KTEB',
          estimatedPrice: { amount: 21_500.5, currency: 'USD' },
          flightMinutes: 345,
        },
        { id: 'alift-2', aircraftType: 'PC-12' },
      ],
    })
  })

  it('reads results that come as quotes as well', async () => {
    const { sellerCompany, ...flown } = lift
    const quote = {
      lift: flown,
      sellerCompany,
      sellerPrice: { price: 9_000, currency: 'EUR' },
      segments: [{ flightMinutes: 60 }],
    }
    await start((_, response) => json(response, { meta, data: { id: 's', results: [{ id: 'aresult-1', quote }] } }))
    const [offer] = (await avinode.searchAircraft(trip)).offers
    expect(offer).toMatchObject({
      id: 'alift-1',
      operator: 'Blue Air',
      estimatedPrice: { amount: 9_000 },
      flightMinutes: 60,
    })
  })

  it.each([
    [{ ...trip, segments: [] }, /segments: needs 1 to 20 legs/],
    [
      { ...trip, segments: [{ from: 'Teterboro', to: 'KMIA', date: '2026-11-27' }] },
      /segments\.0\.from: must be an ICAO code/,
    ],
    [{ ...trip, segments: [{ from: 'KTEB', to: 'KMIA', date: '27.11.2026' }] }, /segments\.0\.date: must be a date/],
    [
      {
        ...trip,
        segments: [
          { from: 'KTEB', to: 'KMIA', date: '2026-11-27' },
          { from: 'KMIA', to: 'KTEB', date: '2026-11-26' },
        ],
      },
      /in the order/,
    ],
    [{ ...trip, passengers: 0 }, /passengers: must be 1 to 500/],
    [{ ...trip, category: 'rocket' }, /category: must be one of Piston, Turbo prop/],
    [{ ...trip, pax: 3 }, /pax/],
  ])('is refused when it is wrong, with the field and what is allowed', async (query, message) => {
    await start(() => undefined)
    const error = await rejection(avinode.searchAircraft(query))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', category: 'validation', mayHaveTakenEffect: false })
    expect((error as Error).message).toMatch(message)
    expect(server.requests).toHaveLength(0)
  })

  it('that is taken with errors beside a 200 is refused, by their codes', async () => {
    const errors = [{ title: 'Airport XXXX of Mr Secret', code: 'START_AIRPORT_INVALID', path: 'segments[0]' }]
    await start((_, response) => json(response, { meta: { ...meta, errors }, data: {} }))
    const error = await rejection(avinode.searchAircraft(trip))
    expect(error).toMatchObject({ code: 'AVINODE_REFUSED', category: 'client', retryable: false })
    expect((error as Error).message).toContain('START_AIRPORT_INVALID')
    expect(everythingIn(error)).not.toContain('Mr Secret')
    expect(server.requests).toHaveLength(1)
  })
})

describe('the fleet', () => {
  const fleet = [
    lift,
    { ...lift, id: 'a2', aircraftCategory: 'Heavy jet', homebase: { icao: 'KVNY' } },
    { ...lift, id: 'a3', sellerCompany: { displayName: 'Red Air' } },
  ]

  it.each([
    [undefined, ['alift-1', 'a2', 'a3']],
    [{ category: 'heavy' }, ['a2']],
    [{ operator: 'RED' }, ['a3']],
    [{ base: 'kteb', operator: 'blue' }, ['alift-1']],
  ])('of %j is the part that was asked for', async (query, expected) => {
    await start((_, response) => json(response, { meta, data: fleet }))
    expect((await avinode.listFleet(query)).map((aircraft) => aircraft.id)).toEqual(expected)
    expect(server.requests[0]).toMatchObject({ method: 'GET', path: '/api/aircraft' })
  })
})

describe('a request for quotes', () => {
  const created = {
    meta,
    data: { id: 'arfq-7', type: 'rfqs', tripId: 'B22E7Z', actions: { viewInAvinode: { href: 'https://x/trips/7' } } },
  }

  it('is sent once for a key, with an id of ours that tells nothing', async () => {
    await start((_, response) => json(response, created))
    const request = {
      ...trip,
      segments: [{ from: 'KTEB', to: 'KMIA', date: '2026-11-27' }],
      notes: 'A dog comes along',
    }
    const options = { idempotencyKey: 'call-1 of Mr Secret' }
    const results = await Promise.all([avinode.requestQuote(request, options), avinode.requestQuote(request, options)])
    expect(results[0]).toEqual({ requestId: 'arfq-7', tripId: 'B22E7Z', viewUrl: 'https://x/trips/7', problems: [] })
    expect(results[1]).toBe(results[0])
    expect(server.requests).toHaveLength(1)
    const body = JSON.parse(server.requests[0]?.body ?? '') as {
      externalTripId: string
      segments: { timeTBD: boolean }[]
    }
    expect(body).toMatchObject({ sourcing: true, messageToSeller: 'A dog comes along' })
    expect(body.segments[0]?.timeTBD).toBe(true)
    expect(body.externalTripId).toMatch(/^[0-9a-f]{32}$/)
  })

  it('that was taken says what Avinode did not like about it', async () => {
    await start((_, response) => json(response, { ...created, meta: { ...meta, errors: [{ code: 'DATE_TOO_FAR' }] } }))
    expect(await avinode.requestQuote(trip)).toMatchObject({ requestId: 'arfq-7', problems: ['DATE_TOO_FAR'] })
  })

  it.each([
    ['breaks off', (_: unknown, __: unknown, raw: { socket: { destroy(): void } }) => raw.socket.destroy()],
    ['fails at the other end', (_: unknown, response: never) => json(response, {}, 500)],
    ['gets a reply that cannot be read', (_: unknown, response: never) => json(response, { meta, data: {} })],
  ])('that %s may have taken effect: it is not retried, and the key is not used again', async (_, handler) => {
    await start(handler as Handler)
    const options = { idempotencyKey: 'k' }
    expect(await rejection(avinode.requestQuote(trip, options))).toMatchObject({ mayHaveTakenEffect: true })
    expect(await rejection(avinode.requestQuote(trip, options))).toMatchObject({ code: 'WRITE_UNCONFIRMED' })
    expect(server.requests).toHaveLength(1)
  })

  it('that is refused has had no effect', async () => {
    let refuse = true
    await start((_, response) =>
      refuse
        ? json(response, { meta: { errors: [{ title: 'x', code: 'ERR_INPUT_MISSING' }] } }, 400)
        : json(response, created),
    )
    const options = { idempotencyKey: 'k' }
    const error = await rejection(avinode.requestQuote(trip, options))
    expect(error).toMatchObject({ status: 400, mayHaveTakenEffect: false })
    expect((error as Error).message).toContain('ERR_INPUT_MISSING')
    refuse = false
    expect(await avinode.requestQuote(trip, options)).toMatchObject({ requestId: 'arfq-7' })
  })
})

describe('the quotes', () => {
  const quoted = { ...lift, links: { quotes: [{ id: 'aquote-1', href: 'x' }] } }
  const waiting = { ...lift, id: 'alift-9', links: {} }
  const quote = {
    id: 'aquote-1',
    sellerPrice: { price: '37036.32', currency: 'USD' },
    sellerMessage: 'With pleasure',
    lift: { aircraftTail: 'N9' },
  }
  const answer =
    (data: unknown): Handler =>
    ({ path }, response) =>
      path.startsWith('/api/quotes') ? json(response, { meta, data: quote }) : json(response, { meta, data })

  it('are read one by one, with the aircraft that have none yet', async () => {
    await start(answer({ id: 'arfq-7', tripId: 'B22E7Z', sellerLift: [quoted, waiting] }))
    expect(await avinode.readQuotes('arfq-7')).toMatchObject({
      requestId: 'arfq-7',
      tripId: 'B22E7Z',
      canceled: false,
      quotes: [
        {
          id: 'aquote-1',
          price: { amount: 37_036.32, currency: 'USD' },
          operator: 'Blue Air',
          message: 'With pleasure',
          aircraft: { aircraftType: 'Challenger 350', tail: 'N9' },
        },
      ],
      unanswered: [{ id: 'alift-9' }],
    })
    expect(server.requests.map((request) => request.path)).toEqual(['/api/rfqs/arfq-7', '/api/quotes/aquote-1'])
    expect(server.requests[1]?.query.get('quotebreakdown')).toBe('true')
  })

  it('of a whole trip come with one request each', async () => {
    await start(
      answer([
        { id: 'arfq-7', sellerLift: [quoted] },
        { id: 'arfq-8', canceled: 'true', sellerLift: [waiting] },
      ]),
    )
    expect(await avinode.readQuotes('B22E7Z')).toMatchObject({ quotes: [{}], unanswered: [{}], canceled: false })
  })

  it('of a request that there is not are an error that says so', async () => {
    await start((_, response) => json(response, { meta: { errors: [{ title: 'Not found', code: 'NOT_FOUND' }] } }, 404))
    const error = await rejection(avinode.readQuotes('arfq-0'))
    expect(error).toMatchObject({ status: 404, category: 'client', retryable: false, mayHaveTakenEffect: false })
    expect((error as Error).message).toContain('NOT_FOUND')
  })

  it('are not asked for with an id that would change the path', async () => {
    await start(() => undefined)
    expect(await rejection(avinode.readQuotes('../trips'))).toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('are all read, also of a request to many, and what is cut is told', async () => {
    const many = Array.from({ length: 130 }, (_, at) => ({ id: `aquote-${at}`, href: 'x' }))
    const sellerLift = [
      { ...lift, links: { quotes: many.slice(0, 30) } },
      { ...lift, links: { quotes: many.slice(30) } },
    ]
    let [underWay, most] = [0, 0]
    await start(({ path }, response) => {
      if (!path.startsWith('/api/quotes')) return json(response, { meta, data: { id: 'arfq-7', sellerLift } })
      most = Math.max(most, ++underWay)
      response.once('close', () => (underWay -= 1))
      json(response, { meta, data: { ...quote, id: path.split('/').at(-1) } })
    })
    const all = await avinode.readQuotes('arfq-7', { maxQuotes: 130 })
    expect(all.quotes.map(({ id }) => id)).toEqual(many.map(({ id }) => id))
    expect(all.unread).toBeUndefined()
    expect(most).toBeLessThanOrEqual(4)
    const cut = await avinode.readQuotes('arfq-7')
    expect([cut.quotes.length, cut.unread]).toEqual([100, 30])
    expect(await rejection(avinode.readQuotes('arfq-7', { maxQuotes: 0 }))).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('maxQuotes: must be a whole number from 1 to 500') as string,
    })
  })
})

it('a cancellation says why', async () => {
  await start((_, response) => json(response, { meta, data: {} }))
  await avinode.cancel({ requestId: 'arfq-7', reason: 'CHANGED', message: 'Another day' })
  expect(server.requests[0]).toMatchObject({ method: 'PUT', path: '/api/rfqs/arfq-7/cancel' })
  expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ reason: 'CHANGED', messageToSeller: 'Another day' })
})

describe('a failure', () => {
  it('of the credentials holds neither of them', async () => {
    await start((_, response) => json(response, { meta: { errors: [{ title: TOKEN, code: 'UNAUTHORIZED' }] } }, 401))
    const error = await rejection(avinode.health())
    expect(error).toMatchObject({ category: 'auth', retryable: false })
    expect(everythingIn(error)).not.toContain(TOKEN)
    expect(everythingIn(error)).not.toContain(BEARER)
  })

  it('of the connection holds neither of them', async () => {
    await start(() => undefined)
    await server.close()
    const error = await rejection(avinode.searchAircraft(trip))
    expect(error).toMatchObject({ category: 'network', mayHaveTakenEffect: false })
    expect(everythingIn(error)).not.toMatch(/0123456789/)
  })
})

it('an abort comes back as it is and closes the connection', async () => {
  await start(() => undefined)
  const controller = new AbortController()
  const waiting = rejection(avinode.searchAircraft(trip, { signal: controller.signal }))
  await server.openIs(1)
  controller.abort('enough')
  expect(await waiting).toBe('enough')
  await server.openIs(0)
})

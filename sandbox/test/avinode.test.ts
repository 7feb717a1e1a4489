import { beforeEach, describe, expect, it } from 'vitest'
import { avinode } from '../src/avinode/avinode.ts'
import { createWorld, type World } from '../src/world/world.ts'
import { asker, type Json } from './vendor.ts'
import { SETTINGS_DEFAULTS, type Settings } from '../src/settings.ts'

let world: World
let time: number
let ask: ReturnType<typeof asker>
let askBare: ReturnType<typeof asker>
const HEADERS = {
  'x-avinode-apitoken': 'sandbox-key',
  authorization: 'Bearer sandbox-key',
  'x-avinode-product': 'Test/1.0',
}

let terms: Pick<Settings, 'quoteValidMs' | 'quotePriceFactor'>

beforeEach(async () => {
  terms = SETTINGS_DEFAULTS
  time = Date.UTC(2026, 10, 23, 6, 42)
  world = await createWorld({ now: () => time })
  const vendor = avinode(world, { now: () => time, settings: () => terms })
  ask = asker(vendor, { ...HEADERS, 'x-avinode-senttimestamp': '2026-11-23T06:42Z' })
  askBare = asker(vendor)
})

const segment = (from: string, to: string, date: string, time = '09:00', paxCount: string | number = '4') => ({
  startAirport: { icao: from },
  endAirport: { icao: to },
  dateTime: { date, time, departure: true, local: true },
  paxCount,
})
const body = { segments: [segment('KTEB', 'KMIA', '2026-12-04')] }

describe('POST /searches', () => {
  it('finds aircraft with an estimate', async () => {
    const { status, json } = await ask('POST', '/api/searches', { body })
    expect(status).toBe(200)
    expect(json.meta).toEqual({ errors: [], warnings: [], infos: [] })
    expect(json.data.id).toMatch(/^asearch-\d+$/)
    expect(json.data.results.length).toBeGreaterThan(3)
    for (const { quote } of json.data.results) {
      expect(quote.lift).toMatchObject({ aircraftTail: expect.any(String), aircraftCategory: expect.any(String) })
      expect(quote.lift.maxPax).toBeGreaterThanOrEqual(4)
      expect(quote.sellerPrice).toEqual({ price: expect.any(Number), currency: 'USD' })
      expect(quote.sellerCompany.contactInfo.emails[0]).toMatch(/\.example$/)
      expect(quote.segments).toHaveLength(1)
    }
  })

  it('works out local times at both ends', async () => {
    const search = async (from: string, to: string, date: string) =>
      (await ask('POST', '/api/searches', { body: { segments: [segment(from, to, date)] } })).json.data.results[0].quote
        .segments[0]
    const west = await search('KTEB', 'KVNY', '2026-12-04')
    expect(west.departureDateTime).toEqual({ dateTimeUTC: '2026-12-04T14:00Z', dateTimeLocal: '2026-12-04T09:00' })
    const minutes = (from: string, to: string) => (Date.parse(`${to}:00Z`) - Date.parse(`${from}:00Z`)) / 60_000
    expect(minutes(west.departureDateTime.dateTimeLocal, west.arrivalDateTime.dateTimeLocal)).toBe(
      west.flightMinutes - 180,
    )
    const summer = await search('EGGW', 'LFMN', '2027-07-01')
    expect(summer.departureDateTime.dateTimeUTC).toBe('2027-07-01T08:00Z')
  })

  it('keeps to the required lift and the year of make', async () => {
    const criteria = {
      requiredLift: [{ aircraftCategory: 'Midsize jet' }, { aircraftCategory: 'Heavy jet' }],
      minimumYearOfMake: 2015,
    }
    const { json } = await ask('POST', '/api/searches', { body: { ...body, criteria } })
    for (const { quote } of json.data.results) {
      expect(['Midsize jet', 'Heavy jet']).toContain(quote.lift.aircraftCategory)
      expect(quote.lift.aircraftTailDetails.yearOfMake).toBeGreaterThanOrEqual(2015)
    }
  })

  it('finds less for more passengers and takes their number as text or number', async () => {
    const found = async (pax: string | number) =>
      (
        await ask('POST', '/api/searches', {
          body: { segments: [segment('KTEB', 'KMIA', '2026-12-04', '09:00', pax)] },
        })
      ).json.data.results.length as number
    expect(await found(12)).toBeLessThan(await found('2'))
    expect(await found(30)).toBe(0)
  })

  it.each([
    ['no segments', {}, /segments/],
    ['an unknown airport', { segments: [segment('XXXX', 'KMIA', '2026-12-04')] }, /segments\.0\.startAirport/],
    ['a wrong date', { segments: [segment('KTEB', 'KMIA', 'tomorrow')] }, /segments\.0\.dateTime\.date/],
    ['no JSON', '{"segments":', /body/],
    [
      'an unknown category',
      { ...body, criteria: { requiredLift: [{ aircraftCategory: 'Zeppelin' }] } },
      /aircraftCategory/,
    ],
    [
      'a wrong number of passengers',
      { segments: [segment('KTEB', 'KMIA', '2026-12-04', '09:00', 'many')] },
      /paxCount/,
    ],
  ])('refuses %s', async (_what, wrong, title) => {
    const { status, json } = await ask('POST', '/api/searches', { body: wrong })
    expect(status).toBe(400)
    expect(json.meta.errors).toEqual([{ code: 'VALIDATION_ERROR', title: expect.stringMatching(title) }])
  })
})

describe('requests for quotes', () => {
  it('gets quotes as time passes', async () => {
    const created = await ask('POST', '/api/rfqs', { body: { ...body, messageToSeller: 'Two dogs on board' } })
    expect(created.status).toBe(201)
    const { id, tripId } = created.json.data
    expect([id, tripId]).toEqual([expect.stringMatching(/^arfq-\d+$/), expect.stringMatching(/^atrip-\d+$/)])
    const states = async () => {
      const { json } = await ask('GET', `/api/rfqs/${id}`)
      return json.data.sellerLift.map((lift: Json) => lift.sourcingDisplayStatus)
    }
    expect(new Set(await states())).toEqual(new Set(['Unanswered']))
    time += 20_000
    expect(await states()).toContain('Accepted')
    expect(await states()).toContain('Unanswered')
    time += 600_000
    const { json } = await ask('GET', `/api/rfqs/${id}`)
    expect(json.data.sellerLift.every((lift: Json) => lift.sourcingDisplayStatus !== 'Unanswered')).toBe(true)
    const [link] = json.data.sellerLift[0].links.quotes
    const quote = await ask('GET', new URL(link.href).pathname)
    expect(quote.json.data).toMatchObject({
      id: link.id,
      rfqId: id,
      status: 'quoted',
      sellerPrice: { currency: 'USD' },
    })
    expect(quote.json.data).not.toHaveProperty('lineItems')
    const detailed = await ask('GET', `/api/quotes/${link.id}?quotebreakdown`)
    const sum = detailed.json.data.lineItems.reduce((total: number, line: Json) => total + line.price, 0)
    expect(sum).toBe(detailed.json.data.sellerPrice.price)
    expect((await ask('GET', `/api/trips/${tripId}/rfqs`)).json.data).toHaveLength(1)
  })

  it('gets quotes that hold for as long and cost what the settings say, also when they were given before', async () => {
    const { json } = await ask('POST', '/api/rfqs', { body })
    time += 600_000
    const listed = await ask('GET', `/api/rfqs/${json.data.id}`)
    const path = new URL(listed.json.data.sellerLift[0].links.quotes[0].href).pathname
    const before = (await ask('GET', path)).json.data
    expect(Date.parse(before.validUntil)).toBe(Date.UTC(2026, 10, 30, 6, 42))
    terms = { quoteValidMs: 60_000, quotePriceFactor: 2 }
    const { data } = (await ask('GET', `${path}?quotebreakdown`)).json
    expect(Date.parse(data.validUntil)).toBe(Date.UTC(2026, 10, 23, 6, 43))
    expect(data.sellerPrice.price).toBe(before.sellerPrice.price * 2)
    const sum = data.lineItems.reduce((total: number, line: Json) => total + line.price, 0)
    expect(sum).toBe(data.sellerPrice.price)
  })

  it('gets none after it is cancelled', async () => {
    const { json } = await ask('POST', '/api/rfqs', { body })
    const cancelled = await ask('PUT', `/api/rfqs/${json.data.id}/cancel`, { body: { reason: 'BY_CLIENT' } })
    expect(cancelled.json.data.canceled).toBe(true)
    time += 600_000
    const { json: later } = await ask('GET', `/api/rfqs/${json.data.id}`)
    expect(later.data.sellerLift.every((lift: Json) => lift.sourcingDisplayStatus === 'Unanswered')).toBe(true)
  })

  it.each([
    '/api/rfqs/arfq-1',
    '/api/quotes/aquote-1',
    '/api/trips/atrip-1/rfqs',
    '/api/aircraft/acraft-1',
    '/api/nothing',
  ])('does not find %s', async (path) => {
    const { status, json } = await ask('GET', path)
    expect(status).toBe(404)
    expect(json).toEqual({ meta: { errors: [{ title: 'Not found', code: 'NOT_FOUND' }], warnings: [], infos: [] } })
  })
})

describe('the rest of the marketplace', () => {
  it('lists the whole fleet and each aircraft of it', async () => {
    const { json } = await ask('GET', '/api/aircraft')
    expect(json.data).toHaveLength(world.aircraft.length)
    const [first] = json.data
    expect((await ask('GET', `/api/aircraft/${first.id}`)).json.data).toEqual(first)
  })

  it('finds airports by code and by name', async () => {
    expect((await ask('GET', '/api/airports/search?filter=TEB')).json.data[0]).toMatchObject({
      icao: 'KTEB',
      iata: 'TEB',
    })
    expect((await ask('GET', '/api/airports/search?filter=Farnborough')).json.data[0]).toMatchObject({ icao: 'EGLF' })
    expect((await ask('GET', '/api/airports/KTEB')).json.data.country).toEqual({ code: 'US', name: 'United States' })
    expect((await ask('GET', '/api/airports/search')).status).toBe(400)
  })

  it('opens a trip with a link for a person', async () => {
    const { status, json } = await ask('POST', '/api/trips', { body: { ...body, sourcing: true } })
    expect(status).toBe(201)
    expect(json.data.actions.searchInAvinode.href).toMatch(/^https:\/\/marketplace\.avinode\.example\//)
  })
})

describe('headers', () => {
  it.each([
    ['no token', { 'x-avinode-apitoken': '' }, 401, 'UNAUTHORIZED'],
    ['no bearer', { authorization: '' }, 401, 'UNAUTHORIZED'],
    ['no product', { 'x-avinode-product': '' }, 400, 'BAD_REQUEST'],
    ['no timestamp', { 'x-avinode-senttimestamp': '' }, 400, 'BAD_REQUEST'],
    ['a wrong timestamp', { 'x-avinode-senttimestamp': 'noon' }, 400, 'BAD_REQUEST'],
    ['an old timestamp', { 'x-avinode-senttimestamp': '2026-11-20T06:42Z' }, 400, 'BAD_REQUEST'],
  ])('refuses %s', async (_what, headers, status, code) => {
    const reply = await askBare('GET', '/api/aircraft', {
      headers: { ...HEADERS, 'x-avinode-senttimestamp': '2026-11-23T06:42Z', ...headers },
    })
    expect(reply.status).toBe(status)
    expect(reply.json.meta.errors[0].code).toBe(code)
  })
})

import { createIntegration } from '@holdfast/core'
import { afterEach, describe, expect, it } from 'vitest'
import { everythingIn, json, rejection, startServer } from '../../test/local-server.ts'
import type { Handler, LocalServer } from '../../test/local-server.ts'
import { createCalCom } from './index.ts'
import type { CalCom, CalComOptions } from './index.ts'

const KEY = 'cal_live_key_of_the_test'

let server: LocalServer
let cal: CalCom

async function start(handler: Handler, options: Partial<CalComOptions> = {}): Promise<void> {
  server = await startServer(handler)
  cal = createCalCom({
    apiKey: KEY,
    eventTypeId: 7,
    baseUrl: `${server.url}/v2`,
    integration: createIntegration({
      name: 'cal-com',
      retry: { maxRetries: 1, backoffMs: 1, jitter: 'none' },
      breaker: false,
    }),
    ...options,
  })
}

afterEach(async () => {
  await server.close()
  await cal.close()
})

const wire = {
  id: 123,
  uid: 'bk1',
  title: '30 min with Ada',
  status: 'accepted',
  start: '2026-12-04T09:00:00.000Z',
  end: '2026-12-04T09:30:00.000Z',
  eventTypeId: 7,
  location: null,
  attendees: [{ name: 'Ada', email: 'ada@b.example', timeZone: 'Europe/Paris', absent: false }],
}
const BOOKING = {
  uid: 'bk1',
  title: '30 min with Ada',
  status: 'accepted',
  start: wire.start,
  end: wire.end,
  eventTypeId: 7,
  attendees: [{ name: 'Ada', email: 'ada@b.example' }],
}
const request = {
  start: '2026-12-04T10:00:00+01:00',
  attendee: { name: 'Ada', email: 'ada@b.example', timeZone: 'Europe/Paris' },
}
const success = (data: unknown): object => ({ status: 'success', data })
const failure = (message: string): object => ({
  status: 'error',
  timestamp: 'x',
  path: '/v2/bookings',
  error: { code: 'BadRequestException', message, details: { message } },
})

it('slots come in order, by their own version of the API', async () => {
  await start((_, response) =>
    json(
      response,
      success({ '2026-12-05': [{ start: '2026-12-05T09:00:00.000Z' }], '2026-12-04': [{ start: wire.start }] }),
    ),
  )
  expect(await cal.slots({ from: '2026-12-04', to: '2026-12-05', timeZone: 'UTC' })).toEqual([
    { start: wire.start },
    { start: '2026-12-05T09:00:00.000Z' },
  ])
  const [first] = server.requests
  expect(first).toMatchObject({ method: 'GET', path: '/v2/slots' })
  expect(Object.fromEntries(first?.query ?? [])).toEqual({
    eventTypeId: '7',
    start: '2026-12-04',
    end: '2026-12-05',
    timeZone: 'UTC',
  })
  expect(first?.headers).toMatchObject({ authorization: `Bearer ${KEY}`, 'cal-api-version': '2024-09-04' })
})

describe('booking', () => {
  it('sends the start in UTC, and what it is known by', async () => {
    await start((_, response) => json(response, success(wire), 201))
    expect(
      await cal.book({ ...request, guests: ['b@c.example'], notes: 'two dogs' }, { idempotencyKey: 'k1' }),
    ).toEqual(BOOKING)
    const [first] = server.requests
    expect(first).toMatchObject({ method: 'POST', path: '/v2/bookings' })
    expect(first?.headers['cal-api-version']).toBe('2026-02-25')
    expect(JSON.parse(first?.body ?? '')).toEqual({
      eventTypeId: 7,
      start: '2026-12-04T09:00:00.000Z',
      attendee: request.attendee,
      guests: ['b@c.example'],
      bookingFieldsResponses: { notes: 'two dogs' },
      metadata: { holdfastKey: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
  })

  it('happens once for a key, and never again when nobody knows how it went', async () => {
    let lost = false
    await start((_, response, raw) => (lost ? raw.socket.destroy() : json(response, success(wire))))
    const book = (idempotencyKey: string) => cal.book(request, { idempotencyKey })
    expect(await Promise.all([book('k1'), book('k1')])).toEqual([BOOKING, BOOKING])
    expect(server.requests).toHaveLength(1)
    lost = true
    expect(await rejection(book('k2'))).toMatchObject({ category: 'network', mayHaveTakenEffect: true })
    expect(await rejection(book('k2'))).toMatchObject({ code: 'WRITE_UNCONFIRMED' })
    expect(server.requests).toHaveLength(2)
  })

  it.each([
    'User either already has booking at this time or is not available',
    'The event type can\'t be booked at the "start" time provided.',
  ])('of a slot that is taken or none is refused, and may be tried with another: %s', async (message) => {
    await start((_, response) => json(response, failure(`${message} ${KEY}`), 400))
    const error = await rejection(cal.book(request, { idempotencyKey: 'k1' }))
    expect(error).toMatchObject({ code: 'SLOT_TAKEN', category: 'client', retryable: false, mayHaveTakenEffect: false })
    expect(everythingIn(error)).not.toContain(KEY)
    expect(server.requests).toHaveLength(1)
  })

  it.each([
    [{ ...request, start: '2026-12-04' }, /start: must be a time/],
    [{ ...request, attendee: { ...request.attendee, timeZone: 'Moon' } }, /attendee\.timeZone: must be a time zone/],
    [{ ...request, guests: ['x'] }, /guests\.0: must be an e-mail address/],
  ])('%j is refused, and nothing is sent', async (input, message) => {
    await start((_, response) => json(response, success(wire)))
    const error = await rejection(cal.book(input))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', mayHaveTakenEffect: false })
    expect((error as Error).message).toMatch(message)
    expect(server.requests).toHaveLength(0)
  })

  it('needs to know what', async () => {
    await start((_, response) => json(response, success(wire)), { eventTypeId: undefined })
    expect(await rejection(cal.book(request))).toMatchObject({ code: 'INVALID_INPUT' })
    expect(await cal.book({ ...request, eventTypeId: 9 })).toEqual(BOOKING)
  })
})

it('bookings come page by page, and a page is fetched when it is needed', async () => {
  await start(({ query }, response) => {
    const skip = Number(query.get('skip'))
    const data = Array.from({ length: Math.min(100, 150 - skip) }, (_, at) => ({ ...wire, uid: `bk${skip + at}` }))
    json(response, { ...success(data), pagination: { totalItems: 150 } })
  })
  const query = { status: 'upcoming', attendeeEmail: 'ada@b.example', from: '2026-12-01T00:00:00Z' } as const
  const seen: string[] = []
  for await (const { uid } of cal.bookings(query)) {
    seen.push(uid)
    expect(server.requests).toHaveLength(Math.ceil(seen.length / 100))
  }
  expect(new Set(seen).size).toBe(150)
  expect(Object.fromEntries(server.requests[1]?.query ?? [])).toEqual({
    status: 'upcoming',
    attendeeEmail: 'ada@b.example',
    afterStart: '2026-12-01T00:00:00Z',
    sortStart: 'asc',
    take: '100',
    skip: '100',
  })
  const few: unknown[] = []
  for await (const booking of cal.bookings({ maxItems: 3 })) few.push(booking)
  expect(few).toHaveLength(3)
})

describe('cancelling', () => {
  it('says why', async () => {
    await start((_, response) => json(response, success({ ...wire, status: 'cancelled' })))
    expect(await cal.cancel({ uid: 'bk1', reason: 'changed' })).toMatchObject({ status: 'cancelled' })
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/v2/bookings/bk1/cancel',
      body: '{"cancellationReason":"changed"}',
    })
  })

  it('is good when it is cancelled already, and else what Cal.com says', async () => {
    let status = 'cancelled'
    await start(({ method }, response) =>
      method === 'GET' ? json(response, success({ ...wire, status })) : json(response, failure('no'), 400),
    )
    expect(await cal.cancel({ uid: 'bk1' })).toMatchObject({ status: 'cancelled' })
    status = 'accepted'
    expect(await rejection(cal.cancel({ uid: 'bk1' }))).toMatchObject({ status: 400, category: 'client' })
  })

  it('of what is not there is refused; reading it gives nothing', async () => {
    await start((_, response) => json(response, failure('not found'), 404))
    expect(await rejection(cal.cancel({ uid: 'bk1' }))).toMatchObject({ code: 'BOOKING_NOT_FOUND' })
    expect(await cal.get('bk1')).toBeUndefined()
  })
})

it('the limits are those of the last good reply', async () => {
  const headers = { 'x-ratelimit-limit-default': '120', 'x-ratelimit-remaining-default': '0', 'x-ratelimit-limit': '5' }
  await start((_, response) => json(response, success([]), 200, headers))
  expect(cal.rateLimits()).toEqual({})
  await cal.health()
  expect(cal.rateLimits()).toEqual({ default: { limit: 5, left: 0 } })
})

it('a 429 closes the gate for the time that Cal.com asks for', async () => {
  await start((_, response) => json(response, {}, 429, { 'retry-after': '60' }))
  expect(await rejection(cal.health())).toMatchObject({ category: 'rate-limit', retryAfterMs: 60_000 })
  expect(await rejection(cal.health())).toMatchObject({ code: 'RATE_LIMITED' })
  expect(server.requests).toHaveLength(1)
})

it.each([
  [401, 'auth', /API key/],
  [403, 'auth', /may not do this/],
  [422, 'client', /422/],
])('a failure with %i is of the category %s, and tells no secret', async (status, category, message) => {
  await start((_, response) => json(response, failure(KEY), status))
  const error = await rejection(cal.book(request))
  expect(error).toMatchObject({ category, status, retryable: false, mayHaveTakenEffect: false })
  expect((error as Error).message).toMatch(message)
  expect(everythingIn(error)).not.toContain(KEY)
})

it.each([{ status: 'error', data: wire }, { status: 'success', data: {} }, wire])(
  'a reply of another shape (%#) is told by its fields',
  async (reply) => {
    await start((_, response) => json(response, reply))
    expect(await rejection(cal.get('bk1'))).toMatchObject({ code: 'MALFORMED_REPLY', mayHaveTakenEffect: false })
  },
)

it('refuses a version that is none at construction', async () => {
  await start(() => undefined)
  const integration = createIntegration({ name: 'cal-com' })
  expect(() => createCalCom({ apiKey: KEY, integration, slotsVersion: 'v2' })).toThrow(/slotsVersion must be a day/)
})

it.each([
  ['seconds', () => '30'],
  ['a time', () => String(Math.ceil(Date.now() / 1_000) + 30)],
])('is not asked while it has said that nothing is left, until an end told in %s', async (_, reset) => {
  const headers = { 'x-ratelimit-remaining-default': '0', 'x-ratelimit-reset-default': reset() }
  await start((__, response) => json(response, { status: 'success', data: [] }, 200, headers))
  await cal.health()
  const error = await rejection(cal.health())
  expect(error).toMatchObject({ category: 'rate-limit', retryable: true, mayHaveTakenEffect: false })
  expect((error as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(25_000)
  expect((error as { retryAfterMs: number }).retryAfterMs).toBeLessThanOrEqual(31_000)
  expect(server.requests).toHaveLength(1)
})

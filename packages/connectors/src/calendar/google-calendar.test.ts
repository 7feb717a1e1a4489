import { createIntegration } from '@holdfast/core'
import { afterEach, describe, expect, it } from 'vitest'
import type { Credentials } from '../api/credentials.ts'
import { everythingIn, json, rejection, startServer } from '../../test/local-server.ts'
import type { Handler, LocalServer } from '../../test/local-server.ts'
import { createGoogleCalendar } from './index.ts'
import type { GoogleCalendar } from './index.ts'
import { freeBetween } from './spans.ts'

const TOKEN = 'ya29.token-of-the-test'
const CALENDAR = 'desk@charter.example'
const auth: Credentials = { headers: async () => ({ authorization: `Bearer ${TOKEN}` }), refused: () => false }

let server: LocalServer
let calendar: GoogleCalendar

async function start(handler: Handler): Promise<void> {
  server = await startServer(handler)
  calendar = createGoogleCalendar({
    calendarId: CALENDAR,
    auth,
    baseUrl: `${server.url}/calendar/v3`,
    integration: createIntegration({
      name: 'google-calendar',
      retry: { maxRetries: 1, backoffMs: 1, jitter: 'none' },
      breaker: false,
    }),
  })
}

afterEach(async () => {
  await server.close()
  await calendar.close()
})

const EVENTS = `/calendar/v3/calendars/${encodeURIComponent(CALENDAR)}/events`
const span = { from: '2026-12-04T08:00:00Z', to: '2026-12-04T18:00:00Z' }
const call = { title: 'Call with Ada', start: '2026-12-04T10:00:00+01:00', end: '2026-12-04T10:30:00+01:00' }
const wire = {
  id: 'e1',
  status: 'confirmed',
  summary: call.title,
  start: { dateTime: call.start, timeZone: 'Europe/Paris' },
  end: { dateTime: call.end },
  attendees: [{ email: 'ada@b.example', responseStatus: 'needsAction' }, { displayName: 'no address' }],
  htmlLink: 'https://calendar.example/e1',
  kind: 'calendar#event',
}
const EVENT = {
  id: 'e1',
  status: 'confirmed',
  isAllDay: false,
  title: call.title,
  start: call.start,
  end: call.end,
  attendees: ['ada@b.example'],
  url: 'https://calendar.example/e1',
}

describe('what is free', () => {
  it('is what is not taken', async () => {
    const busy = [{ start: '2026-12-04T10:00:00+01:00', end: '2026-12-04T10:30:00+01:00' }]
    await start((_, response) => json(response, { calendars: { [CALENDAR]: { busy } } }))
    expect(await calendar.freeBusy(span)).toEqual({
      busy: [{ start: '2026-12-04T09:00:00.000Z', end: '2026-12-04T09:30:00.000Z' }],
      free: [
        { start: '2026-12-04T08:00:00.000Z', end: '2026-12-04T09:00:00.000Z' },
        { start: '2026-12-04T09:30:00.000Z', end: '2026-12-04T18:00:00.000Z' },
      ],
    })
    expect(server.requests[0]).toMatchObject({ method: 'POST', path: '/calendar/v3/freeBusy' })
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
      timeMin: span.from,
      timeMax: span.to,
      items: [{ id: CALENDAR }],
    })
  })

  it('is not all of it when Google says beside a 200 that it did not look', async () => {
    await start((_, response) =>
      json(response, { calendars: { [CALENDAR]: { errors: [{ domain: 'global', reason: 'notFound' }], busy: [] } } }),
    )
    const error = await rejection(calendar.freeBusy(span))
    expect(error).toMatchObject({ code: 'CALENDAR_NOT_READABLE', category: 'configuration', retryable: false })
    expect((error as Error).message).toContain('notFound')
  })

  it('is told without overlaps, within the span', () => {
    const at = (from: number, to: number) => ({
      start: new Date(from * 3_600_000).toISOString(),
      end: new Date(to * 3_600_000).toISOString(),
    })
    const { start: from } = at(10, 11)
    const { end: to } = at(19, 20)
    const taken = [at(14, 16), at(9, 11), at(15, 15.5), at(16, 17), at(19, 25), at(3, 4)]
    expect(freeBetween(from, to, taken)).toEqual({
      busy: [at(10, 11), at(14, 17), at(19, 20)],
      free: [at(11, 14), at(17, 19)],
    })
    expect(freeBetween(from, to, [at(0, 30)]).free).toEqual([])
    expect(freeBetween(from, to, [])).toEqual({ busy: [], free: [at(10, 20)] })
  })
})

describe('events', () => {
  it('come by their beginnings, and a page is fetched when it is needed', async () => {
    await start(({ query }, response) => {
      const page = Number(query.get('pageToken') ?? 0)
      const items = page === 1 ? [] : [0, 1].map((at) => ({ ...wire, id: `e${page}${at}` }))
      json(response, { items, ...(page < 2 ? { nextPageToken: String(page + 1) } : {}) })
    })
    const seen: [string, number][] = []
    for await (const { id } of calendar.events({ ...span, text: 'ada' })) seen.push([id, server.requests.length])
    expect(seen).toEqual([
      ['e00', 1],
      ['e01', 1],
      ['e20', 3],
      ['e21', 3],
    ])
    expect(server.requests[0]?.path).toBe(EVENTS)
    expect(Object.fromEntries(server.requests[0]?.query ?? [])).toEqual({
      timeMin: span.from,
      timeMax: span.to,
      q: 'ada',
      singleEvents: 'true',
      orderBy: 'startTime',
      maxResults: '250',
    })
    const few: unknown[] = []
    for await (const event of calendar.events({ ...span, maxItems: 1 })) few.push(event)
    expect(few).toHaveLength(1)
    expect(server.requests).toHaveLength(4)
  })

  it('are none only when Google says so: an error beside a 200 is not an empty list', async () => {
    await start((_, response) => json(response, { error: { code: 500 } }))
    const listing = rejection(calendar.events(span)[Symbol.asyncIterator]().next())
    expect(await listing).toMatchObject({ code: 'MALFORMED_REPLY', mayHaveTakenEffect: false })
  })

  it('are read one by one', async () => {
    await start((_, response) => json(response, wire))
    expect(await calendar.get('e1', { requestId: 'r-1' })).toEqual(EVENT)
    expect(server.requests[0]?.headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, 'x-request-id': 'r-1' })
  })

  it('of whole days have days, and one that is not there is nothing', async () => {
    await start(({ path }, response) =>
      path.endsWith('/e1')
        ? json(response, { id: 'e1', start: { date: '2026-12-24' }, end: { date: '2026-12-26' } })
        : json(response, { error: { code: 404, errors: [{ reason: 'notFound' }] } }, 404),
    )
    expect(await calendar.get('e1')).toMatchObject({ isAllDay: true, start: '2026-12-24', end: '2026-12-26' })
    expect(await calendar.get('e2')).toBeUndefined()
  })
})

describe('making an event', () => {
  /** Keeps what is inserted, as Google does. */
  function keeper(): { handler: Handler; kept: Map<string, object> } {
    const kept = new Map<string, object>()
    const handler: Handler = ({ method, path, body }, response) => {
      if (method === 'GET') return json(response, kept.get(path.slice(EVENTS.length + 1)) ?? {})
      const event = JSON.parse(body) as { id: string }
      if (kept.has(event.id)) {
        return json(response, { error: { code: 409, errors: [{ reason: 'duplicate' }], message: TOKEN } }, 409)
      }
      const made = { ...event, status: 'confirmed' }
      kept.set(event.id, made)
      return json(response, made)
    }
    return { handler, kept }
  }

  it('sends an id that Google allows, and asks for no mail unless it is told', async () => {
    const { handler } = keeper()
    await start(handler)
    await calendar.create({ ...call, attendees: ['ada@b.example'], location: 'Nice' })
    await calendar.create({ ...call, notify: true })
    const [first, second] = server.requests
    const sent = JSON.parse(first?.body ?? '') as { id: string }
    expect(sent).toMatchObject({
      summary: call.title,
      start: { dateTime: call.start },
      end: { dateTime: call.end },
      location: 'Nice',
      attendees: [{ email: 'ada@b.example' }],
    })
    expect(sent.id).toMatch(/^[a-v0-9]{5,1024}$/)
    expect([first, second].map((request) => request?.query.get('sendUpdates'))).toEqual(['none', 'all'])
    expect((JSON.parse(second?.body ?? '') as { id: string }).id).not.toBe(sent.id)
  })

  it('makes one, though the reply of the first attempt was lost', async () => {
    const { handler, kept } = keeper()
    let lost = 1
    await start((request, response, raw) => {
      if (request.method === 'POST' && lost-- > 0) {
        kept.set((JSON.parse(request.body) as { id: string }).id, JSON.parse(request.body) as object)
        return raw.socket.destroy()
      }
      return handler(request, response, raw)
    })
    expect(await calendar.create(call)).toMatchObject({ title: call.title, start: call.start })
    expect(kept.size).toBe(1)
    expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'POST', 'GET'])
  })

  it('makes one for a key, in whichever process, and none for a key of another event', async () => {
    const { handler, kept } = keeper()
    await start(handler)
    const first = await calendar.create(call, { idempotencyKey: 'wish 7' })
    const other = createGoogleCalendar({
      calendarId: CALENDAR,
      auth,
      baseUrl: `${server.url}/calendar/v3`,
      integration: createIntegration({ name: 'other' }),
    })
    expect(await other.create(call, { idempotencyKey: 'wish 7' })).toEqual(first)
    expect(kept.size).toBe(1)
    const error = await rejection(other.create({ ...call, title: 'Another' }, { idempotencyKey: 'wish 7' }))
    expect(error).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED', category: 'validation', mayHaveTakenEffect: false })
    expect(everythingIn(error)).not.toContain(TOKEN)
    kept.set(first.id, { ...kept.get(first.id), status: 'cancelled' })
    expect(await rejection(other.create(call, { idempotencyKey: 'wish 7' }))).toMatchObject({ code: 'EVENT_CANCELLED' })
    await other.close()
  })

  it('that is there and cannot be read back is not made by anybody else', async () => {
    const { handler } = keeper()
    await start((request, response, raw) =>
      request.method === 'GET' ? json(response, {}, 500) : handler(request, response, raw),
    )
    await calendar.create(call, { idempotencyKey: 'k1' })
    expect(await rejection(calendar.create(call, { idempotencyKey: 'k1' }))).toMatchObject({
      code: 'WRITE_UNCONFIRMED',
      mayHaveTakenEffect: true,
    })
  })

  it.each([
    [{ ...call, title: '' }, /title: must not be empty/],
    [{ ...call, start: '2026-12-04 10:00' }, /start: must be a time with Z or an offset/],
    [{ ...call, end: call.start }, /end must be later than start/],
    [{ ...call, attendees: ['ada'] }, /attendees\.0: must be an e-mail address/],
  ])('%j is refused, and nothing is sent', async (event, message) => {
    await start((_, response) => json(response, wire))
    const error = await rejection(calendar.create(event))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', mayHaveTakenEffect: false })
    expect((error as Error).message).toMatch(message)
    expect(server.requests).toHaveLength(0)
  })
})

describe('cancelling', () => {
  it.each([
    ['is done', 204, undefined],
    ['is good when it is gone already', 410, undefined],
    ['is refused when there is none', 404, 'EVENT_NOT_FOUND'],
  ])('%s (%i)', async (_, status, code) => {
    await start((__, response) => {
      response.writeHead(status)
      response.end()
    })
    const done = calendar.cancel({ id: 'e1', notify: true })
    if (code === undefined) await done
    else expect(await rejection(done)).toMatchObject({ code, category: 'client', mayHaveTakenEffect: false })
    expect(server.requests[0]).toMatchObject({ method: 'DELETE', path: `${EVENTS}/e1` })
    expect(server.requests[0]?.query.get('sendUpdates')).toBe('all')
  })

  it('is not done when a 200 says something else', async () => {
    await start((_, response) => json(response, { error: { code: 500 } }))
    expect(await rejection(calendar.cancel({ id: 'e1' }))).toMatchObject({ code: 'MALFORMED_REPLY' })
  })

  it('is tried again when it failed', async () => {
    let failures = 1
    await start((_, response) => {
      response.writeHead(failures-- > 0 ? 503 : 204)
      response.end()
    })
    await calendar.cancel({ id: 'e1' })
    expect(server.requests).toHaveLength(2)
  })
})

it.each([
  [403, 'userRateLimitExceeded', 'rate-limit', 2],
  [403, 'forbidden', 'auth', 1],
  [403, 'quotaExceeded', 'quota', 1],
  [500, 'backendError', 'server', 2],
  [400, 'timeRangeEmpty', 'client', 1],
])('a failure with %i %s is of the category %s, after %i requests', async (status, reason, category, requests) => {
  await start((_, response) =>
    json(response, { error: { code: status, errors: [{ reason }], message: TOKEN } }, status),
  )
  const error = await rejection(calendar.freeBusy(span))
  expect(error).toMatchObject({ category, status, mayHaveTakenEffect: false })
  expect(everythingIn(error)).not.toContain(TOKEN)
  expect(server.requests).toHaveLength(requests)
})

it('an abort comes back as it is and closes the connection', async () => {
  await start(() => undefined)
  const controller = new AbortController()
  const waiting = rejection(calendar.get('e1', { signal: controller.signal }))
  await server.openIs(1)
  controller.abort('enough')
  expect(await waiting).toBe('enough')
  await server.openIs(0)
})

it('refuses a calendar that is none at construction', async () => {
  await start(() => undefined)
  const integration = createIntegration({ name: 'google-calendar' })
  expect(() => createGoogleCalendar({ calendarId: 'a b', auth, integration })).toThrow(/calendarId must be primary/)
})

import { createMcpRegistry, createMcpServer } from '@holdfast/agents/mcp'
import type { McpRegistry, McpTool } from '@holdfast/agents/mcp'
import type { Apollo } from '@holdfast/connectors/apollo'
import type { Avinode } from '@holdfast/connectors/avinode'
import type { CalCom, GoogleCalendar } from '@holdfast/connectors/calendar'
import type { Mailer } from '@holdfast/connectors/email'
import type { GoogleSheets } from '@holdfast/connectors/google-sheets'
import type { HubSpot } from '@holdfast/connectors/hubspot'
import type { Teams } from '@holdfast/connectors/teams'
import { HoldfastError } from '@holdfast/core'
import { InMemoryTransport } from '@modelcontextprotocol/client'
import { afterEach, describe, expect, it } from 'vitest'
import {
  apolloTools,
  avinodeTools,
  calComTools,
  emailTools,
  googleCalendarTools,
  googleSheetsTools,
  hubspotTools,
  teamsTools,
} from './index.ts'

let registry: McpRegistry | undefined

afterEach(() => registry?.close())

type Clients = Avinode & Apollo & Teams & GoogleSheets & HubSpot & Mailer & Omit<GoogleCalendar, keyof CalCom>

/** A client whose methods give what they are told to, and note what they were asked. */
function fake(replies: Readonly<Record<string, unknown>>): { client: Clients; asked: unknown[][] } {
  const asked: unknown[][] = []
  const client = new Proxy({} as Clients, {
    get:
      (_, method: string) =>
      async (...args: unknown[]): Promise<unknown> => {
        const { signal, ...options } = args.at(-1) as { signal?: AbortSignal }
        asked.push([method, ...args.slice(0, -1), options])
        expect(signal).toBeInstanceOf(AbortSignal)
        const reply = replies[method]
        if (HoldfastError.isInstance(reply)) throw reply
        return reply
      },
  })
  return { client, asked }
}

/** As a host sees them. */
function host(tools: readonly McpTool[]): (tool: string, args?: object) => Promise<unknown> {
  registry = createMcpRegistry({
    servers: {
      it: {
        transport: () => {
          const [ours, theirs] = InMemoryTransport.createLinkedPair()
          createMcpServer({ name: 'it', version: '1.0.0', tools }).connect(theirs)
          return ours
        },
      },
    },
  })
  const { callTool } = registry
  return async (tool, args = {}) => (await callTool('it', tool, args as Record<string, unknown>)).structuredContent
}

const segments = [{ from: 'LFMN', to: 'EGGW', date: '2026-12-27' }]
const jet = { id: 'a1', aircraftType: 'Pilatus PC-24', tail: 'HB-VSA' }

describe('the tools of Avinode', () => {
  it('search for aircraft', async () => {
    const offers = [{ ...jet, estimatedPrice: { amount: 9_800, currency: 'EUR' }, flightMinutes: 90 }]
    const { client, asked } = fake({ searchAircraft: { offers } })
    const call = host(avinodeTools(client))
    await expect(call('search_aircraft', { segments, passengers: 4, category: 'Light jet' })).resolves.toEqual({
      offers,
    })
    expect(asked).toEqual([['searchAircraft', { segments, passengers: 4, category: 'Light jet' }, {}]])
  })

  it('ask for quotes once for a key, read them, and call the request off', async () => {
    const quotes = [{ id: 'q1', aircraft: jet, price: { amount: 10_000, currency: 'EUR' } }]
    const { client, asked } = fake({
      requestQuote: { requestId: 'arfq-1', problems: [] },
      readQuotes: { requestId: 'arfq-1', canceled: false, quotes, unanswered: [] },
    })
    const call = host(avinodeTools(client))
    const wish = { segments, passengers: 4, notes: 'two dogs', idempotencyKey: 'wish-1' }
    await expect(call('request_quotes', wish)).resolves.toEqual({ requestId: 'arfq-1', problems: [] })
    await expect(call('read_quotes', { requestId: 'arfq-1' })).resolves.toMatchObject({ quotes })
    await expect(call('cancel_request', { requestId: 'arfq-1' })).resolves.toEqual({
      requestId: 'arfq-1',
      canceled: true,
    })
    expect(asked).toEqual([
      ['requestQuote', { segments, passengers: 4, notes: 'two dogs' }, { idempotencyKey: 'wish-1' }],
      ['readQuotes', 'arfq-1', {}],
      ['cancel', { requestId: 'arfq-1' }, {}],
    ])
  })

  it('say of a write that failed whether it may have been made, and then it is made once', async () => {
    const lost = new HoldfastError({
      code: 'REPLY_TIMEOUT',
      category: 'timeout',
      message: 'Avinode was silent',
      retryable: true,
    })
    const { client, asked } = fake({ requestQuote: lost })
    const call = host(avinodeTools(client))
    await expect(call('request_quotes', { segments, passengers: 4 })).rejects.toMatchObject({
      code: 'REPLY_TIMEOUT',
      mayHaveTakenEffect: true,
      text: 'Avinode was silent\nIt may have taken effect all the same: do not repeat it unchecked.',
    })
    expect(asked).toHaveLength(1)
  })

  it('say which of them change nothing', () => {
    const { client } = fake({})
    const reads = avinodeTools(client).filter(({ annotations }) => annotations?.readOnlyHint === true)
    expect(reads.map(({ name }) => name)).toEqual(['search_aircraft', 'list_fleet', 'read_quotes'])
  })
})

describe('the tools of Apollo', () => {
  it('search people and companies, look one up, and add to a sequence', async () => {
    const people = { items: [{ id: 'p1', name: 'Ada L***e' }], page: 1, perPage: 2, total: 1 }
    const added = { sequence: { id: 's1', name: 'Jets' }, added: [{ id: 'c1', email: 'a@b.example' }], skipped: [] }
    const { client, asked } = fake({
      searchPeople: people,
      searchOrganisations: { items: [{ id: 'o1', name: 'Acme' }], page: 1, perPage: 25 },
      enrichPerson: undefined,
      addToSequence: added,
    })
    const call = host(apolloTools(client))
    await expect(call('search_people', { titles: ['CFO'], perPage: 2 })).resolves.toEqual(people)
    await expect(call('search_organisations', { name: 'Acme' })).resolves.toMatchObject({ items: [{ name: 'Acme' }] })
    await expect(call('enrich_person', { email: 'a@b.example' })).resolves.toEqual({ found: false })
    await expect(call('add_to_sequence', { sequence: 'Jets', emails: ['a@b.example'] })).resolves.toEqual(added)
    expect(asked).toEqual([
      ['searchPeople', { titles: ['CFO'], perPage: 2 }, {}],
      ['searchOrganisations', { name: 'Acme' }, {}],
      ['enrichPerson', { email: 'a@b.example' }, {}],
      ['addToSequence', { sequence: 'Jets', emails: ['a@b.example'] }, {}],
    ])
    // What costs is not repeated by a client that believes a hint.
    const reads = apolloTools(client).filter(({ annotations }) => annotations?.readOnlyHint === true)
    expect(reads.map(({ name }) => name)).toEqual(['search_people'])
  })
})

it('the tool of Teams posts a message', async () => {
  const { client, asked } = fake({ post: undefined })
  const call = host(teamsTools(client))
  await expect(call('post_message', { text: 'Hello', idempotencyKey: 'm1' })).resolves.toEqual({ posted: true })
  expect(asked).toEqual([['post', { text: 'Hello' }, { idempotencyKey: 'm1' }]])
})

describe('the tools of Google Sheets', () => {
  it('list the sheets, read ranges and find rows', async () => {
    const found = [{ row: 2, values: { Name: 'Ada', Seats: 4, VIP: true } }]
    const { client, asked } = fake({
      sheets: [{ id: 0, title: 'Clients', rowCount: 10, columnCount: 3 }],
      readRanges: [{ range: 'Clients!A1:B1', rows: [['Name', 4]] }],
      findRows: found,
    })
    const call = host(googleSheetsTools(client))
    await expect(call('list_sheets')).resolves.toMatchObject({ sheets: [{ title: 'Clients' }] })
    await expect(call('read_ranges', { ranges: ['Clients!A1:B1'] })).resolves.toEqual({
      ranges: [{ range: 'Clients!A1:B1', rows: [['Name', 4]] }],
    })
    await expect(call('find_rows', { sheet: 'Clients', where: { name: 'ada' } })).resolves.toEqual({ rows: found })
    expect(asked).toEqual([
      ['sheets', {}],
      ['readRanges', ['Clients!A1:B1'], {}],
      ['findRows', { sheet: 'Clients', where: { name: 'ada' }, limit: 20 }, {}],
    ])
  })

  it('append by the name of a sheet, whatever it is, and write over a range', async () => {
    const { client, asked } = fake({
      appendRows: { range: 'X!A9', rows: 1 },
      updateRange: { range: 'X!A1', rows: 1, cells: 1 },
    })
    const call = host(googleSheetsTools(client))
    await call('append_rows', { sheet: "Ada's", rows: [['=1+1']], idempotencyKey: 'k1' })
    await call('update_range', { range: 'X!A1', rows: [[1]] })
    expect(asked).toEqual([
      ['appendRows', { range: "'Ada''s'", rows: [['=1+1']] }, { idempotencyKey: 'k1' }],
      ['updateRange', { range: 'X!A1', rows: [[1]] }, {}],
    ])
  })
})

describe('the tools of HubSpot', () => {
  const ada = { id: '1', properties: { email: 'ada@b.example' } }

  it('look up, search, and list what belongs together', async () => {
    const { client, asked } = fake({ get: undefined, search: { items: [ada], total: 1 } })
    const associations = async function* () {
      for (let id = 1; id <= 201; id += 1) yield { id: String(id), labels: [] }
    }
    const crm = new Proxy(client, {
      get: (_, name) => (name === 'associations' ? associations : client[name as 'search']),
    })
    const call = host(hubspotTools(crm))
    await expect(call('get_record', { type: 'contacts', id: 'x@y.example', idProperty: 'email' })).resolves.toEqual({
      found: false,
    })
    const filters = [{ property: 'city', value: 'Nice' }]
    await expect(call('search_records', { type: 'contacts', filters })).resolves.toEqual({ items: [ada], total: 1 })
    expect(asked).toEqual([
      ['get', 'contacts', { id: 'x@y.example', idProperty: 'email' }, {}],
      ['search', 'contacts', { filters, limit: 20 }, {}],
    ])
    const listed = await call('list_associations', { from: { type: 'companies', id: '1' }, toType: 'contacts' })
    expect(listed).toMatchObject({ complete: false })
    expect((listed as { items: unknown[] }).items).toHaveLength(200)
  })

  it('upsert, create once for a key, change and put together', async () => {
    const { client, asked } = fake({
      upsert: { ...ada, created: true },
      create: ada,
      update: ada,
      associate: undefined,
    })
    const call = host(hubspotTools(client))
    const record = { id: 'ada@b.example', idProperty: 'email', properties: { firstname: 'Ada' } }
    await expect(call('upsert_record', { type: 'contacts', ...record })).resolves.toEqual({ ...ada, created: true })
    const deal = { type: 'deals', properties: { dealname: 'Nice' } }
    await expect(call('create_record', { ...deal, idempotencyKey: 'k1' })).resolves.toEqual(ada)
    await expect(call('update_record', { ...deal, id: '2' })).resolves.toEqual(ada)
    const [from, to] = [
      { type: 'deals', id: '2' },
      { type: 'contacts', id: '1' },
    ]
    await expect(call('associate_records', { from, to })).resolves.toEqual({ associated: true })
    expect(asked).toEqual([
      ['upsert', 'contacts', record, {}],
      ['create', 'deals', { dealname: 'Nice' }, { idempotencyKey: 'k1' }],
      ['update', 'deals', { id: '2', properties: { dealname: 'Nice' } }, {}],
      ['associate', from, to, {}],
    ])
  })
})

const items = <Item>(...all: Item[]) =>
  async function* (): AsyncGenerator<Item, undefined, void> {
    yield* all
  }

/** A client of which one method gives items, and the others what they are told to. */
function giving(name: string, all: () => AsyncGenerator, replies: Readonly<Record<string, unknown>>) {
  const { client, asked } = fake(replies)
  const given = (...args: unknown[]): AsyncGenerator => {
    asked.push([name, ...args.slice(0, -1)])
    return all()
  }
  const proxied = new Proxy(client, { get: (_, method) => (method === name ? given : client[method as 'search']) })
  return { client: proxied as unknown as GoogleCalendar & CalCom, asked }
}

describe('the tools of calendars', () => {
  const span = { start: '2026-12-04T09:00:00Z', end: '2026-12-04T09:30:00Z' }
  const within = { from: '2026-12-04T00:00:00Z', to: '2026-12-05T00:00:00Z' }

  it('tell what is free, list, make and cancel events of Google', async () => {
    const event = { id: 'e1', ...span, isAllDay: false, status: 'confirmed', title: 'Call', attendees: ['a@b.example'] }
    const free = { busy: [span], free: [] }
    const { client, asked } = giving('events', items(event), { freeBusy: free, create: event, cancel: undefined })
    const call = host(googleCalendarTools(client))
    await expect(call('free_busy', within)).resolves.toEqual(free)
    await expect(call('list_events', { ...within, text: 'call' })).resolves.toEqual({ events: [event] })
    await expect(call('create_event', { title: 'Call', ...span, idempotencyKey: 'k1' })).resolves.toEqual(event)
    await expect(call('cancel_event', { id: 'e1' })).resolves.toEqual({ id: 'e1', cancelled: true })
    expect(asked).toEqual([
      ['freeBusy', within, {}],
      ['events', { ...within, text: 'call', maxItems: 50 }],
      ['create', { title: 'Call', ...span }, { idempotencyKey: 'k1' }],
      ['cancel', { id: 'e1' }, {}],
    ])
  })

  it('list slots and bookings of Cal.com, book and cancel', async () => {
    const booking = { uid: 'bk1', ...span, status: 'accepted', attendees: [{ name: 'Ada', email: 'a@b.example' }] }
    const slots = [{ start: span.start }]
    const { client, asked } = giving('bookings', items(booking), { slots, book: booking, cancel: booking })
    const call = host(calComTools(client))
    const attendee = { name: 'Ada', email: 'a@b.example', timeZone: 'Europe/Paris' }
    await expect(call('list_slots', { from: '2026-12-04', to: '2026-12-05' })).resolves.toEqual({ slots })
    await expect(call('list_bookings', { status: 'upcoming', limit: 2 })).resolves.toEqual({ bookings: [booking] })
    await expect(call('book_slot', { start: span.start, attendee, idempotencyKey: 'k1' })).resolves.toEqual(booking)
    await expect(call('cancel_booking', { uid: 'bk1', reason: 'changed' })).resolves.toEqual(booking)
    expect(asked).toEqual([
      ['slots', { from: '2026-12-04', to: '2026-12-05' }, {}],
      ['bookings', { status: 'upcoming', maxItems: 2 }],
      ['book', { start: span.start, attendee }, { idempotencyKey: 'k1' }],
      ['cancel', { uid: 'bk1', reason: 'changed' }, {}],
    ])
  })
})

it('the tool of e-mail sends a message, whose sender it cannot choose', async () => {
  const { client, asked } = fake({ send: { id: 'm1', rejected: [] } })
  const call = host(emailTools(client))
  const message = { to: ['ada@b.example'], subject: 'Your quote', text: 'Two jets.' }
  await expect(call('send_email', { ...message, idempotencyKey: 'k1' })).resolves.toEqual({ id: 'm1', rejected: [] })
  expect(asked).toEqual([['send', message, { idempotencyKey: 'k1' }]])
  await expect(call('send_email', { ...message, subject: 'two\nlines' })).rejects.toBeDefined()
  expect(JSON.stringify(emailTools(client)[0])).not.toContain('"from"')
  expect(asked).toHaveLength(1)
})

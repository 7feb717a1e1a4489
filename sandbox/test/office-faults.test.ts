import { createCalCom, createGoogleCalendar } from '@holdfast/connectors/calendar'
import { createResend } from '@holdfast/connectors/email'
import { createGoogleSheets } from '@holdfast/connectors/google-sheets'
import { createHubSpot } from '@holdfast/connectors/hubspot'
import { createTeams } from '@holdfast/connectors/teams'
import { createIntegration, HoldfastError } from '@holdfast/core'
import type { Integration } from '@holdfast/core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startSandbox, type FaultOptions, type Sandbox, type Service } from '../src/index.ts'

/** A Monday. */
const NOW = Date.UTC(2026, 10, 30, 8)

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ now: () => NOW })
})
afterAll(() => sandbox.close())
afterEach(async () => {
  patienceMs = PATIENCE_MS
  await sandbox.faults.clear()
  sandbox.clearRequests()
  sandbox.clearArrived()
})

const auth = { headers: async () => ({ authorization: 'Bearer k' }), refused: () => false }

const PATIENCE_MS = 10_000
/** Where nothing comes anyhow, however busy the machine is. */
const IMPATIENCE_MS = 200
/** Where nothing comes at first, and then it must. */
const SOME_PATIENCE_MS = 2_000

let patienceMs = PATIENCE_MS
const guard = (name: string): Integration =>
  createIntegration({ name, attemptTimeoutMs: patienceMs, retry: { maxRetries: 1, backoffMs: 1 }, breaker: false })

const sheets = () =>
  createGoogleSheets({
    spreadsheetId: 'sandbox-clients',
    auth,
    baseUrl: sandbox.services['google-sheets'].url,
    integration: guard('google-sheets'),
    readsPerMinute: 1_000,
  })
const calendar = () =>
  createGoogleCalendar({
    calendarId: 'primary',
    auth,
    baseUrl: sandbox.services['google-calendar'].url,
    integration: guard('google-calendar'),
  })
const cal = () =>
  createCalCom({
    apiKey: 'k',
    eventTypeId: 1_001,
    baseUrl: sandbox.services['cal-com'].url,
    integration: guard('cal-com'),
  })
const hubspot = () =>
  createHubSpot({ accessToken: 'k', baseUrl: sandbox.services.hubspot.url, integration: guard('hubspot') })
const mail = () =>
  createResend({
    apiKey: 'k',
    from: 'desk@charter.example',
    baseUrl: sandbox.services.resend.url,
    integration: guard('resend'),
  })
const teams = () => createTeams({ webhookUrl: sandbox.services.teams.url, integration: guard('teams') })

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

async function using<Client extends { close(): Promise<void> }>(
  client: Client,
  use: (client: Client) => Promise<unknown>,
): Promise<unknown> {
  try {
    return await use(client)
  } finally {
    await client.close()
  }
}

const span = { from: '2026-12-01T00:00:00Z', to: '2026-12-02T00:00:00Z' }

const READS: Readonly<Partial<Record<Service, readonly (() => Promise<unknown>)[]>>> = {
  'google-sheets': [
    () => using(sheets(), (client) => client.readRange('Clients!A1:B3')),
    () => using(sheets(), (client) => client.health()),
  ],
  'google-calendar': [
    () => using(calendar(), (client) => all(client.events(span))),
    () => using(calendar(), (client) => client.freeBusy(span)),
  ],
  'cal-com': [
    () => using(cal(), (client) => client.slots({ from: '2026-12-01', to: '2026-12-01' })),
    () => using(cal(), (client) => client.health()),
  ],
  hubspot: [
    () => using(hubspot(), (client) => client.search('contacts', { text: 'a' })),
    () => using(hubspot(), (client) => client.health()),
  ],
}

const FAILING: readonly FaultOptions[] = [
  { fault: 'down' },
  { fault: 'error', status: 500 },
  { fault: 'error', status: 503, body: '<html>Bad Gateway</html>' },
  { fault: 'error', status: 401 },
  { fault: 'error', status: 400 },
  { fault: 'hang' },
  { fault: 'silent' },
  { fault: 'cut' },
  { fault: 'cut', variant: 'end' },
  { fault: 'malformed', variant: 'broken-json' },
  { fault: 'malformed', variant: 'wrong-shape' },
  { fault: 'malformed', variant: 'html' },
  { fault: 'malformed', variant: 'empty' },
  { fault: 'malformed', variant: 'error-body' },
  { fault: 'rate-limit', retryAfterSeconds: 60 },
]

describe.each(Object.entries(READS) as [Service, readonly (() => Promise<unknown>)[]][])(
  'a read of %s',
  (service, reads) => {
    it.each(FAILING.map((fault) => [JSON.stringify(fault), fault] as const))(
      'is no answer under %s, and has changed nothing',
      async (_, fault) => {
        await sandbox.faults.set(service, fault)
        if (fault.fault === 'hang' || fault.fault === 'silent') patienceMs = IMPATIENCE_MS
        for (const read of reads) {
          const error: unknown = await read().then(
            (value) => expect.fail(`it answered ${JSON.stringify(value)}`),
            (reason: unknown) => reason,
          )
          expect(error).toSatisfy(HoldfastError.isInstance)
          expect(error).toMatchObject({ mayHaveTakenEffect: false })
        }
      },
    )

    it.each(FAILING.slice(0, 3).map((fault) => [JSON.stringify(fault), fault] as const))(
      'is tried again when %s is over',
      async (_, fault) => {
        for (const read of reads) {
          await sandbox.faults.set(service, { ...fault, next: 1 })
          await read()
          expect(sandbox.requests(service).at(-1)).toMatchObject({ status: 200 })
        }
      },
    )
  },
)

const event = { title: 'Call', start: '2026-12-01T09:00:00Z', end: '2026-12-01T09:30:00Z' }
const attendee = { name: 'Ada', email: 'ada@b.example', timeZone: 'UTC' }
/** How often each write was done, and the write. */
const WRITES: readonly (readonly [string, Service, () => Promise<number>, (key: string) => Promise<unknown>])[] = [
  [
    'an event',
    'google-calendar',
    async () => ((await using(calendar(), (client) => all(client.events(span)))) as unknown[]).length,
    (key) => using(calendar(), (client) => client.create(event, { idempotencyKey: key })),
  ],
  [
    'an upsert',
    'hubspot',
    async () => {
      const filters = [{ property: 'firstname', value: 'Newcomer' }]
      const found = await using(hubspot(), (client) => client.search('contacts', { filters }))
      return (found as { total: number }).total
    },
    (key) =>
      using(hubspot(), (client) =>
        client.upsert('contacts', {
          id: `new-${key.length}@b.example`,
          idProperty: 'email',
          properties: { firstname: 'Newcomer' },
        }),
      ),
  ],
  [
    'an e-mail',
    'resend',
    async () => sandbox.arrived('resend').length,
    (key) =>
      using(mail(), (client) => client.send({ to: 'a@b.example', subject: 'x', text: 'y' }, { idempotencyKey: key })),
  ],
]
const ONCE: typeof WRITES = [
  [
    'an append',
    'google-sheets',
    async () => {
      const found = await using(sheets(), (client) => client.readRange('Requests!A2:A1000'))
      return (found as { rows: unknown[] }).rows.length
    },
    (key) =>
      using(sheets(), (client) => client.appendRows({ range: 'Requests', rows: [['x']] }, { idempotencyKey: key })),
  ],
  [
    'a booking',
    'cal-com',
    async () => ((await using(cal(), (client) => all(client.bookings()))) as unknown[]).length,
    (key) =>
      using(cal(), async (client) => {
        const [slot] = await client.slots({ from: '2026-12-03', to: '2026-12-03' })
        // Only the booking itself shall meet the fault.
        return client.book({ start: slot?.start ?? '', attendee }, { idempotencyKey: key })
      }),
  ],
  [
    'a deal',
    'hubspot',
    async () => {
      const filters = [{ property: 'dealname', value: 'Only once' }]
      const found = await using(hubspot(), (client) => client.search('deals', { filters }))
      return (found as { total: number }).total
    },
    (key) => using(hubspot(), (client) => client.create('deals', { dealname: 'Only once' }, { idempotencyKey: key })),
  ],
  [
    'a message',
    'teams',
    async () => sandbox.arrived('teams').length,
    (key) => using(teams(), (client) => client.post({ text: 'x' }, { idempotencyKey: key })),
  ],
]
const PATHS: Readonly<Partial<Record<Service, string>>> = { 'cal-com': '/cal-com/v2/bookings' }

/** The reply is lost, and what was asked for is done. */
const LOST: readonly FaultOptions[] = [{ fault: 'silent' }, { fault: 'cut' }, { fault: 'malformed', variant: 'html' }]

describe.each(WRITES)('%s, which the service makes once', (_, service, count, write) => {
  it.each(LOST.map((fault) => [JSON.stringify(fault), fault] as const))('is there once after %s', async (__, fault) => {
    const before = await count()
    if (fault.fault === 'silent') patienceMs = SOME_PATIENCE_MS
    await sandbox.faults.set(service, { ...fault, next: 1 })
    await write(JSON.stringify(fault))
    expect((await count()) - before).toBe(1)
  })
})

describe.each(ONCE)('%s, for which the service has no key', (_, service, count, write) => {
  it.each(
    LOST.filter(({ fault }) => service !== 'teams' || fault !== 'silent').map(
      (fault) => [JSON.stringify(fault), fault] as const,
    ),
  )('is made once under %s, and it is told that nobody knows', async (__, fault) => {
    // A workflow of Teams answers with nothing: what is lost of that cannot be seen.
    if (service === 'teams' && fault.fault === 'cut') return
    const before = await count()
    const path = PATHS[service]
    await sandbox.faults.set(service, { ...fault, next: 1, ...(path === undefined ? {} : { path }) })
    if (fault.fault === 'silent') patienceMs = SOME_PATIENCE_MS
    await expect(write(JSON.stringify(fault))).rejects.toMatchObject({ mayHaveTakenEffect: true })
    expect((await count()) - before).toBe(1)
  })

  it('is tried again when nothing can have come of it', async () => {
    const before = await count()
    await sandbox.faults.set(service, { fault: 'rate-limit', next: 1, retryAfterSeconds: 0 })
    await write('again')
    expect((await count()) - before).toBe(1)
  })
})

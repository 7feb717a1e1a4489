import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '@holdfast/core/testing'
import { createApiKey, openStore } from '@holdfast/store/database'
import { afterEach, describe, expect, it } from 'vitest'
import { sandboxAddresses, startMember, startSandbox, until } from './harness/fleet.ts'
import type { Member } from './harness/fleet.ts'
import { freePorts } from './harness/ports.ts'
import { POSTGRES, startPostgres } from './services/postgres-server.ts'
import type { PostgresServer } from './services/postgres-server.ts'

/** More of them by hand: `OUTAGE_ROUNDS=50`; others: `OUTAGE_SEED=7`. */
const ROUNDS = Number(process.env['OUTAGE_ROUNDS'] ?? 2)
const SEED = Number(process.env['OUTAGE_SEED'] ?? 20_261_126)
const ADMIN_TOKEN = 'admin-token-of-the-test'
const TEXT = 'Four people, Teterboro to Miami on Friday'

interface Taken {
  readonly id: string
  readonly waitsFor?: string
  readonly repeated: boolean
}

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

/** A server of requests on PostgreSQL, which can be killed and begun again with its directory. */
interface Setting {
  readonly postgres: PostgresServer
  readonly url: string
  readonly databaseUrl: string
  begin(): Promise<Member>
  ask(key: string, body?: object): Promise<Response>
  view(id: string, headers?: Record<string, string>): Promise<Response>
  waiting(): Promise<number>
  rowsOf(table: 'tickets' | 'audit' | 'leads'): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Requests of the store by the client's mail address, each with its id and how many runs were begun for it. */
  kept(): Promise<readonly { readonly email: string; readonly id: string; readonly runs: number }[]>
}

async function setUp(): Promise<Setting> {
  const postgres = await startPostgres()
  ends.push(() => postgres.stop())
  const data = await mkdtemp(join(tmpdir(), 'holdfast-requests-outage-'))
  ends.push(() => rm(data, { recursive: true, force: true }))
  const port = await freePorts(8)
  const sandbox = startSandbox(port)
  ends.push(() => sandbox.stop())
  await until('the sandbox', async () => (await fetch(`http://127.0.0.1:${port}/faults`)).ok)
  const url = `http://127.0.0.1:${port + 6}`
  const env = {
    ...sandboxAddresses(port),
    PORT: String(port + 6),
    DATABASE_URL: await postgres.newDatabase(),
    TEST_DATA_DIRECTORY: data,
    TEST_EMERGENCIES: join(data, 'emergency'),
    HOLDFAST_ADMIN_TOKEN: ADMIN_TOKEN,
  }
  const database = new URL(env.DATABASE_URL).pathname.slice(1)
  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}${path}`, { headers, signal: AbortSignal.timeout(15_000) })
  return {
    postgres,
    url,
    databaseUrl: env.DATABASE_URL,
    async begin() {
      const member = startMember('start', env)
      ends.push(() => member.kill())
      await until('the server', async () =>
        (await get('/health')).json().then((health) => 'requests' in Object(health)),
      )
      return member
    },
    ask: (key, body = { text: TEXT, client: { email: `${key}@example.com` } }) =>
      fetch(`${url}/requests`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        signal: AbortSignal.timeout(15_000),
      }),
    view: (id, headers) => get(`/requests/${id}`, headers),
    async waiting() {
      const { requests } = (await (await get('/health')).json()) as { readonly requests: { readonly waiting: number } }
      return requests.waiting
    },
    rowsOf: (table) => postgres.sql(`select * from holdfast.${table} order by created_at`, database),
    async kept() {
      const rows = await postgres.sql(
        `select q.id, count(distinct r.id)::int as runs, min(r.input -> 'client' ->> 'email') as email
         from holdfast.requests q left join holdfast.workflow_runs r
           on r.request_id = q.id and r.parent_run is null group by q.id`,
        database,
      )
      return rows as unknown as Awaited<ReturnType<Setting['kept']>>
    },
  }
}

describe.skipIf(POSTGRES === '')('tickets and audit entries, while PostgreSQL is away', () => {
  it('are in their tables once it is back, after kill -9 too', async () => {
    const { postgres, begin, url, rowsOf } = await setUp()
    const first = await begin()
    const post = (path: string, body: object): Promise<Response> =>
      fetch(`${url}${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_TOKEN}` },
        signal: AbortSignal.timeout(15_000),
      })
    const emergency = async (): Promise<string> => {
      const message = 'Our server is down and nobody can work'
      const { answer } = (await (await post('/chat', { assistant: 'charter', message })).json()) as { answer: string }
      return /EMG-[0-9A-Z]{8}/.exec(answer)?.[0] ?? answer
    }
    const numbers = [await emergency()]
    expect((await post('/admin/circuits/n8n/open', {})).status).toBe(200)
    await until(
      'the store has both',
      async () => (await rowsOf('tickets')).length + (await rowsOf('audit')).length === 2,
    )
    await postgres.kill()
    numbers.push(await emergency())
    expect((await post('/admin/circuits/n8n/reset', {})).status).toBe(200)
    await first.kill()
    const second = await begin()
    numbers.push(await emergency())
    await postgres.start()
    await until('the tickets', async () => (await rowsOf('tickets')).length >= 3)
    await until('the audit', async () => (await rowsOf('audit')).length >= 2)
    await second.stop()
    expect((await rowsOf('tickets')).map(({ number }) => number)).toEqual(numbers)
    expect((await rowsOf('audit')).map(({ action, target, actor }) => [action, target, actor])).toEqual([
      ['circuit-open', 'circuit:n8n', 'admin'],
      ['circuit-reset', 'circuit:n8n', 'admin'],
    ])
  }, 180_000)
})

describe.skipIf(POSTGRES === '')('keys of the store, while PostgreSQL is away', () => {
  it('go on if they were good a moment ago, until they are revoked here', async () => {
    const { postgres, begin, url, databaseUrl } = await setUp()
    const server = await begin()
    const store = await openStore({ url: databaseUrl })
    const make = (label: string): ReturnType<typeof createApiKey> =>
      store.asWorker('default', (transaction) => createApiKey(transaction, { label, roles: ['staff'] }))
    const [ada, bob, carl] = [await make('ada'), await make('bob'), await make('carl')]
    await store.close()
    const post = (path: string, token: string, body: object): Promise<number> =>
      fetch(`${url}${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(60_000),
      }).then(({ status }) => status)
    const ask = (key: string): Promise<number> => post('/requests', key, { text: TEXT, client: { name: 'Ada' } })
    const revoke = (id: string, tenant = 'default'): Promise<number> =>
      post(`/admin/api-keys/${id}/revoke`, ADMIN_TOKEN, { tenant })
    const wrong = `hf_${'x'.repeat(43)}`
    // Without an address the desk asks back: the key was good.
    expect([await ask(ada.key), await ask(bob.key), await ask(wrong)]).toEqual([422, 422, 401])
    await postgres.kill()
    // Past the time for which the store is not asked again.
    await sleep(5_500)
    expect([await ask(ada.key), await ask(bob.key), await ask(wrong), await ask(carl.key)]).toEqual([
      422, 422, 503, 503,
    ])
    expect([await revoke(bob.id), await ask(bob.key), await ask(ada.key)]).toEqual([503, 503, 422])
    await postgres.start()
    await until('the store', async () => (await ask(wrong)) === 401)
    expect([await ask(ada.key), await ask(bob.key), await ask(carl.key)]).toEqual([422, 422, 422])
    expect([await revoke(ada.id, 'acme'), await revoke(ada.id), await ask(ada.key)]).toEqual([404, 200, 401])
    expect(await revoke(ada.id)).toBe(200)
    await server.stop()
  }, 180_000)
})

describe.skipIf(POSTGRES === '')('leads, while PostgreSQL is away', () => {
  it('are in their table once it is back, once each, after kill -9 too, and shown to the staff', async () => {
    const { postgres, begin, url, rowsOf } = await setUp()
    const lead = (key: string): object => ({ source: 'web', client: { email: `${key}@example.com` }, text: TEXT })
    const send = async (key: string, body = lead(key), user = 'web'): Promise<[number, Taken]> => {
      const response = await fetch(`${url}/leads`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', 'idempotency-key': key, 'x-holdfast-user': user },
        signal: AbortSignal.timeout(15_000),
      })
      return [response.status, (await response.json()) as Taken]
    }
    const first = await begin()
    const [, before] = await send('before')
    expect(before).toEqual({ id: before.id })
    expect(await (await fetch(`${url}/leads/${before.id}`)).json()).toMatchObject({ ...lead('before'), status: 'new' })
    await postgres.kill()
    const [status, during] = await send('during')
    expect([status, during]).toEqual([202, { id: during.id, waitsFor: 'store' }])
    expect((await send('during'))[1].id).toBe(during.id)
    expect((await send('during', lead('other')))[0]).toBe(422)
    // The same key of somebody else is another lead.
    expect((await send('during', lead('during'), 'eve'))[1].id).not.toBe(during.id)
    expect((await fetch(`${url}/leads/${during.id}`)).status).toBe(503)
    await first.kill()
    // The next one begins while there is no store.
    const second = await begin()
    expect((await send('during'))[1].id).toBe(during.id)
    expect((await send('later'))[1].waitsFor).toBe('store')
    expect((await send('before'))[1].id).toBe(before.id)
    await postgres.start()
    await until('all of them in the store', async () => (await rowsOf('leads')).length >= 4)
    expect((await send('during'))[1].id).toBe(during.id)
    const found = await fetch(`${url}/leads/${during.id}`)
    expect([found.status, await found.json()]).toMatchObject([200, { id: during.id, ...lead('during') }])
    expect((await fetch(`${url}/leads/${during.id}`, { headers: { 'x-holdfast-user': 'web' } })).status).toBe(404)
    await second.stop()
    const kept = (await rowsOf('leads')).map(({ details }) => (details as { client: { email: string } }).client.email)
    expect(kept.toSorted()).toEqual(['before', 'during', 'during', 'later'].map((key) => `${key}@example.com`))
  }, 180_000)
})

describe.skipIf(POSTGRES === '')('requests, while PostgreSQL is away', () => {
  it('are taken by key once, shown to who sent them and nobody else, and begun when it is back, after kill -9 too', async () => {
    const { postgres, begin, ask, view, waiting, kept } = await setUp()
    const first = await begin()
    const before = (await (await ask('before')).json()) as Taken
    await postgres.kill()

    const response = await ask('during')
    expect(response.status).toBe(202)
    const { id, waitsFor } = (await response.json()) as Taken
    expect(waitsFor).toBe('store')
    const again = await ask('during')
    expect([again.status, ((await again.json()) as Taken).id]).toEqual([200, id])
    expect((await ask('during', { text: TEXT, client: { email: 'other@example.com' } })).status).toBe(422)
    expect((await ask('half', { text: 'to Miami' })).status).toBe(422)
    // One that the store has keeps its id as well.
    expect(((await (await ask('before')).json()) as Taken).id).toBe(before.id)
    const shown = { id, status: 'accepted', waitsFor: 'store', text: TEXT, approvals: [] }
    expect(await (await view(id)).json()).toMatchObject(shown)
    const eve = await view(id, { 'x-holdfast-user': 'eve' })
    expect([eve.status, await eve.text()]).toEqual([503, expect.not.stringContaining('Teterboro')])
    await first.kill()

    // The next one begins while there is no store.
    const second = await begin()
    expect(await (await view(id)).json()).toMatchObject(shown)
    expect(((await (await ask('during')).json()) as Taken).id).toBe(id)
    const later = (await (await ask('later')).json()) as Taken
    expect(later.waitsFor).toBe('store')
    expect(await waiting()).toBe(3)
    await postgres.start()
    await until('all of them in the store', async () => (await waiting()) === 0)
    const { run } = (await (await view(id)).json()) as { readonly run?: object }
    expect(run).toBeDefined()
    expect(((await (await ask('during')).json()) as Taken).id).toBe(id)
    expect((await kept()).toSorted((a, b) => a.email.localeCompare(b.email))).toEqual([
      { email: 'before@example.com', id: before.id, runs: 1 },
      { email: 'during@example.com', id, runs: 1 },
      { email: 'later@example.com', id: later.id, runs: 1 },
    ])
    await second.stop()
  }, 180_000)

  it(`are neither lost nor doubled in ${ROUNDS} rounds of kills and outages at random times`, async () => {
    const random = seededRandom(SEED)
    const { postgres, begin, ask, waiting, kept } = await setUp()
    const acknowledged = new Map<string, string>()
    const where = { store: 0, journal: 0 }
    let next = 0
    const done = new AbortController()
    /** Goes on with a key until it is acknowledged, as a client does, and now and then offers one again. */
    const client = async (): Promise<void> => {
      while (!done.signal.aborted) {
        const repeats = random() < 0.2 && acknowledged.size > 0
        const key = repeats ? [...acknowledged.keys()][Math.floor(random() * acknowledged.size)]! : `client-${next++}`
        for (let isDone = false; !isDone && !done.signal.aborted;) {
          const response = await ask(key).catch(() => undefined)
          if (response?.ok === true) {
            const { id, waitsFor } = (await response.json()) as Taken
            expect(acknowledged.get(key) ?? id).toBe(id)
            acknowledged.set(key, id)
            where[waitsFor === 'store' ? 'journal' : 'store'] += 1
            isDone = true
          }
          await sleep(50 + random() * 200)
        }
      }
    }
    let server = await begin()
    const clients = Promise.all([client(), client()])
    // However slow the machine is, something has gone the short way before the first outage.
    await until('one in the store', () => Promise.resolve(where.store > 0))
    for (let round = 0; round < ROUNDS; round += 1) {
      await sleep(random() * 1_500)
      await postgres.kill()
      await sleep(random() * 2_000)
      const isBackFirst = random() < 0.5
      if (isBackFirst) await postgres.start()
      await sleep(random() * 300)
      await server.kill()
      server = await begin()
      await sleep(random() * 1_000)
      if (!isBackFirst) await postgres.start()
    }
    done.abort()
    await clients
    await until('all of them in the store', async () => (await waiting()) === 0)
    const rows = await kept()
    const found = new Map(rows.map(({ email, id }) => [email, id]))
    expect(found.size, 'none is there twice').toBe(rows.length)
    expect(rows.filter(({ runs }) => runs !== 1)).toEqual([])
    const lost = [...acknowledged].filter(([key, id]) => found.get(`${key}@example.com`) !== id)
    expect(lost).toEqual([])
    console.log(
      `seed ${SEED}, ${ROUNDS} rounds: acknowledged ${acknowledged.size} requests, ${where.store} answers by the store and ${where.journal} by the journal`,
    )
    expect(where.store).toBeGreaterThan(0)
    expect(where.journal).toBeGreaterThan(0)
    await server.stop()
  }, 600_000)
})

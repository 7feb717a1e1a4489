import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createJobs } from '@holdfast/agents/jobs'
import { bullmqDriver } from '@holdfast/agents/jobs/bullmq'
import { createApiKey, openStore } from '@holdfast/store/database'
import { afterEach, describe, expect, it } from 'vitest'
import { sandboxAddresses, startMember, startSandbox, until } from './harness/fleet.ts'
import type { Member } from './harness/fleet.ts'
import { freePorts } from './harness/ports.ts'
import { POSTGRES, startPostgres } from './services/postgres-server.ts'
import { REDIS, startRedis } from './services/redis-server.ts'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

/** Contacts and deals that the sandbox's HubSpot begins with. */
const CONTACTS = 200
const DEALS = 20

/** A service that is down ends connections, or takes none. */
const LOST = /^CONNECTION_/

interface Source {
  readonly name: string
  readonly state: string
  readonly failures: number
  readonly failure?: { readonly code: string }
  readonly counts: { readonly pages: number; readonly records: number }
}

interface Conflict {
  readonly id: string
  readonly field: string
  readonly records: readonly { readonly source: string; readonly id: string }[]
  readonly candidates: readonly { readonly source: string; readonly id: string; readonly value: string | number }[]
  readonly things: readonly {
    readonly fields: Readonly<Record<string, unknown>>
    readonly provenance: Readonly<Record<string, { readonly source: string }>>
    readonly violations: readonly object[]
  }[]
}

/** What points Google Sheets and HubSpot of a server at a sandbox, as if they were real. */
function officeAddresses(port: number): Record<string, string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const at = `http://127.0.0.1:${port + 3}`
  return {
    HUBSPOT_ACCESS_TOKEN: 'sandbox-key-of-hubspot',
    HUBSPOT_BASE_URL: `${at}/hubspot`,
    GOOGLE_SHEETS_SPREADSHEET_ID: 'sandbox-clients',
    GOOGLE_SHEETS_BASE_URL: `${at}/google-sheets`,
    GOOGLE_SERVICE_ACCOUNT_KEY: JSON.stringify({
      client_email: 'desk@sandbox.example',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      token_uri: `${at}/google-auth/token`,
    }),
  }
}

async function setUp(more: Readonly<Record<string, string>> = {}) {
  const postgres = await startPostgres()
  ends.push(() => postgres.stop())
  const data = await mkdtemp(join(tmpdir(), 'holdfast-sync-'))
  ends.push(() => rm(data, { recursive: true, force: true }))
  const port = await freePorts(8)
  const sandbox = startSandbox(port)
  ends.push(() => sandbox.stop())
  const control = `http://127.0.0.1:${port}`
  await until('the sandbox', async () => (await fetch(`${control}/faults`)).ok)
  const databaseUrl = await postgres.newDatabase()
  const env = {
    ...sandboxAddresses(port),
    ...officeAddresses(port),
    PORT: String(port + 6),
    DATABASE_URL: databaseUrl,
    TEST_DATA_DIRECTORY: data,
    HOLDFAST_ADMIN_TOKEN: 'admin-token-of-the-test',
    ...more,
  }
  const url = `http://127.0.0.1:${port + 6}`
  const keyOf = async (tenant: string, label: string, roles: readonly string[]): Promise<string> => {
    const store = await openStore({ url: databaseUrl })
    try {
      return await store.asWorker(tenant, async (transaction) => {
        await transaction
          .insertInto('tenants')
          .values({ id: tenant, name: tenant })
          .onConflict((conflict) => conflict.doNothing())
          .execute()
        return (await createApiKey(transaction, { label, roles })).key
      })
    } finally {
      await store.close()
    }
  }
  const call = async (key: string, method: 'GET' | 'POST', path: string, body?: object) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(15_000),
    })
    return { status: response.status, body: (await response.json()) as Record<string, never> }
  }
  return {
    call,
    keyOf,
    url,
    begin(): Member {
      const member = startMember('start', env, 'sync')
      ends.push(() => member.kill())
      return member
    },
    sql: (text: string) => postgres.sql(text, new URL(databaseUrl).pathname.slice(1)),
    async fault(service: string, fault: string, more: object = {}): Promise<void> {
      const body = JSON.stringify({ service, fault, ...more })
      const headers = { 'content-type': 'application/json' }
      expect((await fetch(`${control}/faults`, { method: 'POST', headers, body })).ok).toBe(true)
    },
    clearFaults: () => fetch(`${control}/faults`, { method: 'DELETE' }),
    /** One of the CRM's contacts or deals, changed there. */
    async change(
      properties: Readonly<Record<string, string>>,
      type: 'contacts' | 'deals' = 'contacts',
      which = 0,
    ): Promise<{ email: string; id: string }> {
      const records = `http://127.0.0.1:${port + 3}/hubspot/crm/objects/2026-03/${type}`
      const headers = { authorization: 'Bearer sandbox-key', 'content-type': 'application/json' }
      const { results } = (await (await fetch(`${records}?limit=${which + 1}`, { headers })).json()) as {
        results: readonly { id: string; properties: { email: string } }[]
      }
      const { id, properties: of } = results[which]!
      const changed = await fetch(`${records}/${id}`, {
        method: 'PATCH',
        headers,
        body: JSON.stringify({ properties }),
      })
      expect(changed.ok).toBe(true)
      return { id, email: of.email }
    },
  }
}

describe.skipIf(POSTGRES === '')('sync of a server', () => {
  it('is pulled through kills and outages, and asks people once, each in his own tenant', async () => {
    const { begin, call, change, clearFaults, fault, keyOf, sql, url } = await setUp()
    const first = begin()
    await until('the desks', async () => (await fetch(`${url}/sync`)).ok, 120_000)
    const [ada, bob, eve, mallory] = await Promise.all([
      keyOf('acme', 'ada', ['admin', 'staff']),
      keyOf('acme', 'bob', ['admin', 'staff']),
      keyOf('acme', 'eve', ['staff']),
      keyOf('globex', 'mallory', ['admin', 'staff']),
    ])
    const sourceOf = async (name: string): Promise<Source> => {
      const { sources } = (await call(ada, 'GET', '/sync')).body as unknown as { sources: Source[] }
      return sources.find((source) => source.name === name)!
    }
    const kept = async (source: string): Promise<number> => {
      const [row] = await sql(`select count(*)::int as many from holdfast.sync_records where source = '${source}'`)
      return row!['many'] as number
    }
    const pulled = async (name: string): Promise<Source> => {
      const before = await sourceOf(name)
      expect((await call(ada, 'POST', `/sync/${name}/pull`)).status).toBe(202)
      return until(`a pull of ${name}`, async () => {
        const now = await sourceOf(name)
        return now.state !== 'running' && JSON.stringify(now) !== JSON.stringify(before) && now
      })
    }

    // The very first pulls come by themselves. HubSpot is slow in the next one, and the server killed in the midst of it.
    await until('the first pulls', async () =>
      (await Promise.all(['sheet', 'crm', 'desk', 'quotes', 'deals'].map(sourceOf))).every(
        ({ state }) => state === 'done',
      ),
    )
    expect([await kept('crm'), await kept('sheet')]).toEqual([CONTACTS, 120])
    expect([await kept('deals'), await kept('quotes')]).toEqual([DEALS, 10])
    for (const name of ['crm', 'deals'])
      expect((await sourceOf(name)).counts.records).toBe(name === 'crm' ? CONTACTS : DEALS)
    await sql(`delete from holdfast.sync_records where source = 'crm'`)
    await sql(`delete from holdfast.sync_cursors where source = 'crm'`)
    const { email, id } = await change({ company: '<b>Globex & Sons</b>' })
    await fault('hubspot', 'slow', { delayMs: 3_000 })
    expect((await call(ada, 'POST', '/sync/crm/pull')).status).toBe(202)
    const torn = await until('a page', async () => {
      const source = await sourceOf('crm')
      return source.state === 'running' && source.counts.pages > 0 && source
    })
    expect((await call(bob, 'POST', '/sync/crm/pull')).body).toEqual({ source: 'crm', state: 'deduplicated' })
    await first.kill()
    const keptThen = await kept('crm')
    expect(keptThen).toBeGreaterThanOrEqual(torn.counts.records)
    expect(keptThen).toBeLessThan(CONTACTS)
    await clearFaults()
    const second = begin()
    await until('the pull that was torn', async () => (await sourceOf('crm')).state === 'done', 180_000)
    expect(await kept('crm')).toBe(CONTACTS)

    // HubSpot is down, and back: the sheet is pulled meanwhile.
    await fault('hubspot', 'down')
    const failed = await pulled('crm')
    expect(failed).toMatchObject({ state: 'failed', failures: 1, failure: { code: expect.stringMatching(LOST) } })
    expect(await pulled('sheet')).toMatchObject({ state: 'done', failures: 0 })
    expect(await kept('crm')).toBe(CONTACTS)
    const { dependencies } = (await (await fetch(`${url}/health`)).json()) as {
      dependencies: { name: string; lastError?: { code: string } }[]
    }
    expect(dependencies.find(({ name }) => name === 'hubspot')?.lastError?.code).toMatch(LOST)
    await clearFaults()
    await until('HubSpot again', async () => (await pulled('crm')).state === 'done')
    const told = await sql(`select event, payload from holdfast.outbox where topic = 'sync:crm' order by seq`)
    expect(told).toEqual([
      { event: 'sync-source-failed', payload: { source: 'crm', code: expect.stringMatching(LOST) } },
      { event: 'sync-source-recovered', payload: { source: 'crm' } },
    ])

    // Who works where: both say something, and a person has to.
    const { conflicts } = (await call(ada, 'GET', '/conflicts?kind=client')).body as unknown as {
      conflicts: Conflict[]
    }
    expect(conflicts).toMatchObject([{ kind: 'client', type: 'field', field: 'company', sources: ['crm', 'sheet'] }])
    const at = `/conflicts/${conflicts[0]!.id}`
    const shown = (await call(ada, 'GET', at)).body as unknown as Conflict
    expect(shown.candidates).toMatchObject([
      { source: 'crm', id, value: '<b>Globex & Sons</b>' },
      { source: 'sheet', id: email },
    ])
    expect(shown.things[0]?.provenance).toMatchObject({ name: { source: 'crm' }, homeAirport: { source: 'sheet' } })
    for (const [key, status] of [
      [eve, 403],
      [mallory, 404],
    ] as const)
      expect((await call(key, 'GET', at)).status).toBe(status)
    expect((await call(mallory, 'GET', '/conflicts')).body).toEqual({ conflicts: [], total: 0 })
    expect((await call(mallory, 'GET', '/sync')).body).toEqual({ sources: [], conflicts: { client: 0, quote: 0 } })
    expect((await call(mallory, 'POST', '/sync/crm/pull')).status).toBe(404)
    const candidateOf = (source: string) => {
      const { id: of } = shown.candidates.find((one) => one.source === source)!
      return { candidate: { source, id: of } }
    }
    expect((await call(mallory, 'POST', `${at}/resolve`, candidateOf('crm'))).status).toBe(404)
    expect((await call(eve, 'POST', `${at}/resolve`, candidateOf('crm'))).status).toBe(403)

    // Two people at once: one is told that it is too late.
    const answers = await Promise.all([
      call(ada, 'POST', `${at}/resolve`, candidateOf('crm')),
      call(bob, 'POST', `${at}/resolve`, candidateOf('sheet')),
    ])
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
    const winner = answers[0].status === 200 ? 'crm' : 'sheet'
    expect((await call(bob, 'POST', `${at}/resolve`, candidateOf(winner))).body).toMatchObject({ repeated: true })
    expect(await sql(`select tenant, action, target from holdfast.audit where action = 'sync-resolved'`)).toEqual([
      { tenant: 'acme', action: 'sync-resolved', target: conflicts[0]!.id },
    ])

    // What was decided survives the next pulls, and is what the desk takes the client for.
    for (const name of ['crm', 'sheet']) expect(await pulled(name)).toMatchObject({ state: 'done', failures: 0 })
    expect((await call(ada, 'GET', '/conflicts')).body).toEqual({ conflicts: [], total: 0 })
    const request = { text: 'Four people, Teterboro to Miami on Friday', client: { email } }
    expect((await call(ada, 'POST', '/requests', request)).status).toBe(202)
    const found = await until('the client', async () => {
      const [row] = await sql(`select details from holdfast.activities where activity = 'client-found'`)
      return row?.['details']
    })
    expect(found).toEqual({
      source: 'sync',
      provenance: { email: expect.any(String), name: 'crm', company: 'person', homeAirport: 'sheet' },
    })
    const [client] = await sql(`select source, profile from holdfast.clients where email = '${email}'`)
    const value = shown.candidates.find(({ source }) => source === winner)!.value
    expect(client).toMatchObject({ source: 'sync', profile: { company: value, homeAirport: expect.any(String) } })
    expect(await pulled('desk')).toMatchObject({ state: 'done', counts: { records: 0 } })

    // Quotes, of whom the deals of the CRM and a sheet know: the sheet has when, in its time zone, and the CRM another price since.
    const deal = await change({ amount: '12345' }, 'deals', 1)
    expect(await pulled('deals')).toMatchObject({ state: 'done', counts: { records: DEALS } })
    const asked = (await call(ada, 'GET', '/conflicts?kind=quote')).body as unknown as { conflicts: Conflict[] }
    expect(asked).toMatchObject({ conflicts: [{ kind: 'quote', type: 'field', field: 'price' }], total: 1 })
    const price = `/conflicts/${asked.conflicts[0]!.id}`
    const quote = (await call(ada, 'GET', price)).body as unknown as Conflict
    expect(quote).toMatchObject({
      records: [
        { source: 'deals', id: deal.id },
        { source: 'quotes', id: 'av-1002' },
      ],
      candidates: [
        { source: 'deals', value: 12_345 },
        { source: 'quotes', value: 11_000, undated: true },
      ],
      things: [
        {
          fields: {
            vendorQuoteId: 'AV-1002',
            tailNumber: 'N101HF',
            currency: 'USD',
            departsAt: '2026-12-02T14:00:00.000Z',
            arrivesAt: '2026-12-02T17:00:00.000Z',
          },
          provenance: { vendor: { source: 'deals', over: [] }, tailNumber: { source: 'quotes', undated: true } },
          violations: [{ rule: 'seats-for-all', effect: 'mark', problem: 'There are 5 passengers and 4 seats' }],
        },
      ],
    })
    const answer = { candidate: { source: 'deals', id: deal.id } }
    expect((await call(ada, 'POST', `${price}/resolve`, answer)).status).toBe(200)
    expect((await call(ada, 'POST', `/conflicts/${'A'.repeat(43)}/resolve`, answer)).body).toMatchObject({
      error: { code: 'not_found', message: expect.stringContaining('There is no such conflict now') },
    })
    for (const name of ['deals', 'quotes']) expect(await pulled(name)).toMatchObject({ state: 'done', failures: 0 })
    expect((await call(ada, 'GET', '/conflicts')).body).toEqual({ conflicts: [], total: 0 })

    // The gauges are as of the scrape before.
    const metrics = await until('the metrics', async () => {
      const text = await (await fetch(`${url}/metrics`)).text()
      return /^holdfast_sync_conflicts\{kind="quote"\} 0$/m.test(text) && text
    })
    expect(metrics).toMatch(/^holdfast_sync_pulls_total\{source="crm",outcome="failed"\} \d$/m)
    expect(metrics).toMatch(/^holdfast_sync_records_total\{source="deals"\} \d+$/m)
    const [, readAt] = /^holdfast_sync_last_success_timestamp_seconds\{source="crm"\} ([\d.]+)$/m.exec(metrics) ?? []
    expect(Math.abs(Number(readAt) * 1_000 - Date.now())).toBeLessThan(600_000)
    expect(metrics).not.toContain('acme')

    const output = first.output() + second.output()
    for (const secret of ['sandbox-key-of-hubspot', 'PRIVATE KEY', ada, mallory]) expect(output).not.toContain(secret)
  }, 480_000)
})

describe.skipIf(POSTGRES === '' || REDIS === '')('a server whose queue is away', () => {
  it('takes jobs all the same, and does each once when it is back, after kill -9 too', async () => {
    const redis = await startRedis()
    ends.push(() => redis.stop())
    const { begin, call, keyOf, sql, url } = await setUp({ REDIS_URL: redis.url })
    const first = begin()
    await until('the desks', async () => (await fetch(`${url}/sync`)).ok, 120_000)
    const ada = await keyOf('acme', 'ada', ['admin', 'staff'])
    await until('the first pulls', async () => {
      const rows = await sql(`select source from holdfast.sync_pulls where state = 'done'`)
      return rows.length === 5
    })
    await redis.kill()
    const pull = async (source: string): Promise<unknown> => {
      const asked = performance.now()
      const { status, body } = await call(ada, 'POST', `/sync/${source}/pull`)
      expect(performance.now() - asked).toBeLessThan(10_000)
      return { status, ...body }
    }
    expect(await pull('sheet')).toEqual({ status: 202, source: 'sheet', state: 'added' })
    expect(await pull('sheet')).toEqual({ status: 202, source: 'sheet', state: 'deduplicated' })
    await first.kill()

    // The next one begins while there is no queue.
    const second = begin()
    await until('the desks again', async () => (await fetch(`${url}/sync`)).ok, 120_000)
    expect(await pull('deals')).toEqual({ status: 202, source: 'deals', state: 'added' })
    await redis.start()
    const pulls = async (source: string): Promise<number> => {
      const text = await (await fetch(`${url}/metrics`)).text()
      const [, many] =
        new RegExp(`^holdfast_sync_pulls_total\\{source="${source}",outcome="succeeded"\\} (\\d+)$`, 'm').exec(text) ??
        []
      return Number(many ?? 0)
    }
    for (const source of ['sheet', 'deals']) await until(`the pull of ${source}`, async () => (await pulls(source)) > 0)
    const jobs = createJobs({ driver: bullmqDriver({ url: redis.url }) })
    ends.push(() => jobs.close())
    await until('an empty queue', async () => {
      const { waiting, running } = await jobs.counts('sync-pulls')
      return waiting + running === 0
    })
    expect([await pulls('sheet'), await pulls('deals'), await pulls('crm')]).toEqual([1, 1, 0])
    await second.stop()
  }, 300_000)
})

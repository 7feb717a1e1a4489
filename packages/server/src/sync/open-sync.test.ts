import type { Jobs, NewSchedule } from '@holdfast/agents/jobs'
import type { SourcePage } from '@holdfast/agents/sync'
import { HoldfastError } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import { openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeLog } from '../../test/fakes.ts'
import type { SyncEvent } from './events.ts'
import type { OpenSources } from './open-sources.ts'
import { openSync } from './open-sync.ts'
import type { OpenSource } from './source.ts'

const NOW = Date.UTC(2026, 10, 26, 12)

let store: Store
let tenants = 0
beforeAll(async () => {
  store = await openStore()
}, 60_000)
afterAll(() => store?.close())

interface Added {
  readonly queue: string
  readonly data: { readonly source?: string }
  readonly tenant: string
  readonly key: string | undefined
}

type Work = (job: { data: unknown; tenant: string; signal: AbortSignal }) => Promise<void>

const client = (source: string, id: string, fields: Readonly<Record<string, string>>) => ({
  kind: 'client',
  source,
  id,
  observedAt: NOW,
  fields: { email: 'ada@example.com', ...fields },
})

/** Sync with a source that a test has in its hand, and a queue that does what it is told to. */
async function setUp(read: OpenSource['read'] = async function* () {}) {
  const tenant = `t${++tenants}`
  await store.asWorker(tenant, (transaction) =>
    transaction.insertInto('tenants').values({ id: tenant, name: tenant }).execute(),
  )
  const added: Added[] = []
  const stopped: string[] = []
  const works = new Map<string, Work>()
  const schedules = new Map<string, NewSchedule>([
    ['sync-old', { queue: 'sync-schedules', cron: '* * * * *' }],
    ['desk-report', { queue: 'schedules', cron: '* * * * *' }],
  ])
  const jobs = {
    async add(queue: string, data: Added['data'], { tenant: of = '', deduplicationKey: key = '' } = {}) {
      const isThere = added.some((job) => job.key === key)
      if (!isThere) added.push({ queue, data, tenant: of, key })
      return { queue, id: '1', state: isThere ? 'deduplicated' : 'added' }
    },
    async work(queue: string, work: Work) {
      works.set(queue, work)
      return { stop: async () => void stopped.push(queue) }
    },
    schedule: async (key: string, schedule: NewSchedule) => void schedules.set(key, schedule),
    schedules: async () => [...schedules].map(([key, schedule]) => ({ key, ...schedule })),
    unschedule: async (key: string) => schedules.delete(key),
  } as unknown as Jobs
  const problems: { tell?: (problem: string) => void } = {}
  const sources: OpenSources = {
    integrations: [],
    make(name, { onProblem }) {
      if (name === 'crm') problems.tell = (problem) => onProblem(name, tenant, problem)
      if (name !== 'crm') return { read: async function* () {} }
      return { read, close: async () => void stopped.push(name) }
    },
  }
  const log = fakeLog()
  const seen: SyncEvent[] = []
  const clock = fakeClock({ wallTime: NOW })
  const opened = openSync({
    sync: {
      sources: {
        crm: { from: 'hubspot', tenants: [tenant], cron: '0 9 * * *', timeZone: 'America/New_York' },
        desk: { from: 'store', tenants: [tenant] },
      },
      kinds: { client: { fields: { company: 'ask' } } },
    },
    sources,
    store,
    jobs,
    log,
    observe: (event) => void seen.push(event),
    clock,
  })
  await opened.prepare()
  const work = (queue: string, data: object, signal = new AbortController().signal) =>
    works.get(queue)!({ data, tenant, signal })
  const crm = async () => (await opened.sync.state(tenant)).sources.find(({ name }) => name === 'crm')!
  const told = () =>
    store.asWorker(tenant, (transaction) =>
      transaction.selectFrom('outbox').select(['topic', 'event', 'payload']).orderBy('seq').execute(),
    )
  return { ...opened, added, clock, crm, log, problems, schedules, seen, stopped, tenant, told, work }
}

const page = (cursor: number, ...records: SourcePage['records'][number][]): SourcePage => ({ records, cursor })

describe('sync of a server', () => {
  it('has a schedule for each source and one for the night, and takes back those of sources that are gone', async () => {
    const { added, close, prepare, schedules, stopped, tenant } = await setUp()
    expect([...schedules]).toEqual([
      ['desk-report', expect.anything()],
      ['sync-purge', { queue: 'sync-schedules', cron: '37 3 * * *', timeZone: 'UTC', data: {} }],
      [
        'sync-crm',
        { queue: 'sync-schedules', cron: '0 9 * * *', timeZone: 'America/New_York', data: { source: 'crm' } },
      ],
      ['sync-desk', { queue: 'sync-schedules', cron: '*/15 * * * *', timeZone: 'UTC', data: { source: 'desk' } }],
    ])
    // What was never pulled is, at once; not again at the next start.
    expect(added.map(({ data, tenant: of }) => [data.source, of])).toEqual([
      ['crm', tenant],
      ['desk', tenant],
    ])
    await prepare()
    expect(added).toHaveLength(2)
    expect(stopped).toEqual([])
    await close()
    expect(stopped).toEqual(['sync-schedules', 'sync-pulls', 'crm'])
  })

  it('has a source pulled once for each of its tenants when it is due, or somebody asks', async () => {
    const { added, sync, tenant, work } = await setUp()
    added.length = 0
    await work('sync-schedules', { source: 'crm' })
    await work('sync-schedules', { source: 'gone' })
    expect(added).toEqual([{ queue: 'sync-pulls', data: { source: 'crm' }, tenant, key: `${tenant}:crm` }])
    expect(await sync.pull(tenant, 'crm')).toBe('deduplicated')
    expect(await sync.pull(tenant, 'desk')).toBe('added')
    expect(await sync.pull(tenant, 'gone')).toBeUndefined()
    expect(await sync.pull('other', 'crm')).toBeUndefined()
  })

  it('says how a source stands: never pulled, under way, done', async () => {
    let seen: unknown
    const setting = await setUp(async function* () {
      yield page(1, client('crm', '1', { company: 'A' }), { ...client('crm', '', {}) })
      seen = await setting.crm()
      setting.problems.tell?.('row 7 has nothing under E-mail')
      yield page(2, client('crm', '2', { company: 'B', email: 'b@example.com' }))
    })
    expect(await setting.crm()).toEqual({
      name: 'crm',
      from: 'hubspot',
      kind: 'client',
      cron: '0 9 * * *',
      timeZone: 'America/New_York',
      nextAt: new Date('2026-11-26T14:00:00Z'),
      state: 'never',
      failures: 0,
      counts: { pages: 0, records: 0 },
    })
    await setting.work('sync-pulls', { source: 'crm' })
    expect(seen).toMatchObject({ state: 'running', startedAt: new Date(NOW), counts: { pages: 1, records: 2 } })
    expect(await setting.crm()).toMatchObject({
      state: 'done',
      succeededAt: new Date(NOW),
      counts: {
        pages: 2,
        records: 3,
        changed: 2,
        refused: 2,
        problems: ['row 7 has nothing under E-mail', 'id must be text of 1 to 200 characters'],
      },
    })
    expect(await setting.told()).toEqual([])
    expect(setting.log.lines).toMatchObject([{ level: 'warn', fields: { event: 'sync-pulled', refused: 2 } }])
    expect((await setting.sync.state('other')).sources).toEqual([])
  })

  it('counts a record that a source tells of twice once', async () => {
    const { crm, work } = await setUp(async function* () {
      yield page(1, client('crm', '1', {}), client('crm', '2', {}))
      yield page(2, client('crm', '2', {}), client('crm', '3', {}))
    })
    await work('sync-pulls', { source: 'crm' })
    expect(await crm()).toMatchObject({ state: 'done', counts: { pages: 2, records: 3 } })
  })

  it('shows what waits page by page, with how much it is in all', async () => {
    const { sync, tenant, work } = await setUp(async function* () {
      for (const id of ['1', '2', '3']) {
        const email = `${id}@example.com`
        yield page(Number(id), client('crm', id, { email, company: 'A' }), client('desk', id, { email, company: 'B' }))
      }
    })
    expect(await sync.waiting(tenant, ['client'], { limit: 2 })).toEqual({ conflicts: [], total: 0 })
    await work('sync-pulls', { source: 'crm' })
    const first = await sync.waiting(tenant, ['client'], { limit: 2 })
    expect([first.conflicts.length, first.total]).toEqual([2, 3])
    expect(await sync.conflict(tenant, first.conflicts[0]!.id)).toMatchObject({ field: 'company' })
    const second = await sync.waiting(tenant, ['client'], { limit: 2, after: first.conflicts[1]! })
    expect([second.conflicts.length, second.total]).toEqual([1, 3])
    expect(await sync.waiting(tenant, ['client'], { limit: 2, after: second.conflicts[0]! })).toEqual({
      conflicts: [],
      total: 3,
    })
    expect(new Set([...first.conflicts, ...second.conflicts].map(({ id }) => id)).size).toBe(3)
  })

  it('tells once that a source is away, and once that it is back; the next pull goes on where it broke off', async () => {
    let isAway = true
    const begun: unknown[] = []
    const { crm, log, seen, sync, told, work } = await setUp(async function* (cursor) {
      begun.push(cursor)
      if (cursor === undefined) yield page(1, client('crm', '1', {}))
      if (!isAway) return
      const message = 'HubSpot cannot be reached'
      throw new HoldfastError({ code: 'CONNECTION_REFUSED', category: 'network', message, retryable: true })
    })
    await work('sync-pulls', { source: 'crm' })
    await work('sync-pulls', { source: 'crm' })
    expect(await crm()).toMatchObject({
      state: 'failed',
      failures: 2,
      failure: { code: 'CONNECTION_REFUSED', message: 'HubSpot cannot be reached' },
    })
    isAway = false
    await work('sync-pulls', { source: 'crm' })
    expect(await crm()).toMatchObject({ state: 'done', failures: 0 })
    expect(await crm()).not.toHaveProperty('failure')
    expect(begun).toEqual([undefined, 1, 1])
    expect(await told()).toEqual([
      { topic: 'sync:crm', event: 'sync-source-failed', payload: { source: 'crm', code: 'CONNECTION_REFUSED' } },
      { topic: 'sync:crm', event: 'sync-source-recovered', payload: { source: 'crm' } },
    ])
    expect(seen.map(({ type, records, durationMs }) => [type, records, durationMs])).toEqual([
      ['sync-pull-failed', 1, 0],
      ['sync-pull-failed', 0, 0],
      ['sync-pulled', 0, 0],
    ])
    expect(sync.standing()).toEqual({ succeededAt: { crm: 0, desk: 0 }, conflicts: { client: 0 } })
    expect(log.lines.map(({ level, fields }) => [level, fields['event']])).toEqual([
      ['error', 'sync-pull-failed'],
      ['warn', 'sync-pull-failed'],
      ['info', 'sync-pulled'],
    ])
  })

  it('leaves a pull to whoever began it later, and to another worker when it has to stop', async () => {
    const stopping = new AbortController()
    let turn = 0
    const setting = await setUp(async function* () {
      turn += 1
      if (turn === 1) {
        yield page(1, client('crm', '1', {}))
        await setting.work('sync-pulls', { source: 'crm' })
        yield page(3, client('crm', '3', {}))
      } else if (turn === 2) yield page(2, client('crm', '2', {}))
      else stopping.abort(new Error('stopping'))
      if (turn === 3) throw new Error('too late')
    })
    await setting.work('sync-pulls', { source: 'crm' })
    expect(await setting.crm()).toMatchObject({ state: 'done', failures: 0, counts: { records: 1 } })
    await expect(setting.work('sync-pulls', { source: 'crm' }, stopping.signal)).rejects.toThrow('stopping')
    expect(await setting.crm()).toMatchObject({ state: 'running', failures: 0 })
  })

  it('counts what waits for a person, of each kind', async () => {
    const { sync, tenant, work } = await setUp(async function* () {
      yield page(1, client('crm', '1', { company: 'A' }), client('desk', '1', { company: 'B' }))
    })
    await work('sync-pulls', { source: 'crm' })
    expect((await sync.state(tenant)).conflicts).toEqual({ client: 1 })
    const [known] = await sync.find(tenant, 'client', { email: 'ADA@example.com' })
    expect(known?.fields).toEqual({ email: 'ada@example.com' })
  })

  it('drops at night what was deleted long ago', async () => {
    const { clock, sync, tenant, work } = await setUp(async function* () {
      yield page(1, { ...client('crm', '1', {}), deleted: true })
    })
    await work('sync-pulls', { source: 'crm' })
    await work('sync-schedules', {})
    expect(await sync.find(tenant, 'client', { email: 'ada@example.com' })).toHaveLength(1)
    clock.setWallTime(NOW + 91 * 86_400_000)
    await work('sync-schedules', {})
    expect(await sync.find(tenant, 'client', { email: 'ada@example.com' })).toEqual([])
  })
})

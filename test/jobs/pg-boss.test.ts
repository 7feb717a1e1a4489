import { PGlite } from '@electric-sql/pglite'
import { createJobs } from '@holdfast/agents/jobs'
import { pgBossDriver } from '@holdfast/agents/jobs/pg-boss'
import { openStore } from '@holdfast/store/database'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { POSTGRES, startPostgres } from '../services/postgres-server.ts'
import { describeJobs } from './contract.ts'
import { describeLostWorkers } from './lost-workers.ts'
import { describeJobsThroughStore } from './through-store.ts'

describeJobs('PGlite', 'inside', async () => {
  const pglite = await PGlite.create()
  return { engine: { driver: () => pgBossDriver({ pglite }) }, close: () => pglite.close() }
})

it('a job is added in a transaction of PGlite, once its queue is there', async () => {
  const pglite = await PGlite.create()
  const jobs = createJobs({ driver: pgBossDriver({ pglite }) })
  try {
    const early = pglite.transaction((transaction) => jobs.add('mails', 1, { transaction }))
    await expect(early).rejects.toMatchObject({ code: 'QUEUE_NOT_READY', category: 'client' })
    expect(await jobs.counts('mails')).toEqual({ waiting: 0, running: 0, failed: 0 })
    const kept = await pglite.transaction((transaction) =>
      jobs.add('mails', 1, { transaction, deduplicationKey: 'one' }),
    )
    expect(await jobs.get(kept)).toMatchObject({ state: 'waiting' })
    const same = await pglite.transaction((transaction) =>
      jobs.add('mails', 1, { transaction, deduplicationKey: 'one' }),
    )
    expect(same).toEqual({ ...kept, state: 'deduplicated' })
  } finally {
    await jobs.close()
    await pglite.close()
  }
}, 30_000)

describeJobsThroughStore('PGlite', async () => {
  const store = await openStore()
  return {
    store,
    driver: pgBossDriver({ pglite: store.embedded }),
    sql: async (text) => (await store.embedded!.query(text)).rows as readonly Readonly<Record<string, unknown>>[],
    close: () => store.close(),
  }
})

describe.skipIf(POSTGRES === '')('on a server', () => {
  describeJobs('PostgreSQL', 'on a server', async () => {
    const server = await startPostgres()
    const outage = { down: () => server.kill(), up: () => server.start() }
    return { engine: { driver: () => pgBossDriver({ url: server.url() }), outage }, close: () => server.stop() }
  })

  // The queue begins first: the roles of the store are not there yet.
  describeJobsThroughStore('PostgreSQL', async () => {
    const server = await startPostgres()
    const owner = await server.newDatabase()
    const database = new URL(owner).pathname.slice(1)
    const driver = pgBossDriver({ url: owner })
    await driver.schedules()
    await (await openStore({ url: owner })).close()
    await server.sql('create role desk login noinherit; grant holdfast_app, holdfast_worker to desk', database)
    const store = await openStore({ url: server.url(database, 'desk'), migrationUrl: owner })
    return {
      store,
      driver,
      sql: (text) => server.sql(text, database),
      async close() {
        await store.close()
        await server.stop()
      },
    }
  })

  describeLostWorkers('PostgreSQL', async () => {
    const server = await startPostgres()
    return {
      driver: () => pgBossDriver({ url: server.url(), stalledAfterMs: 10_000 }),
      kind: 'pg-boss',
      url: server.url(),
      close: () => server.stop(),
    }
  })

  it('a job is added in a transaction, or not at all', async () => {
    const server = await startPostgres()
    const url = await server.newDatabase()
    const store = await openStore({ url })
    const jobs = createJobs({ driver: pgBossDriver({ url }) })
    const client = new pg.Client(url)
    await client.connect()
    try {
      const before = await jobs.add('mails', 'outside')
      await client.query('begin')
      const gone = await jobs.add('mails', 'rolled back', { transaction: client })
      await client.query('rollback')
      expect(await jobs.get(gone)).toBeUndefined()
      await client.query('begin')
      const kept = await jobs.add('mails', 'committed', { transaction: client })
      expect(await jobs.get(kept)).toBeUndefined()
      await client.query('commit')
      expect(await jobs.get(kept)).toMatchObject({ state: 'waiting', data: 'committed' })
      expect(await jobs.counts('mails')).toMatchObject({ waiting: 2 })
      expect(await jobs.cancel(before)).toBe(true)
      await expect(jobs.add('mails', 1, { transaction: 'none' })).rejects.toThrow(
        /options\.transaction: must be a transaction of Kysely, PGlite or pg/,
      )
    } finally {
      await client.end()
      await jobs.close()
      await store.close()
      await server.stop()
    }
  }, 60_000)
})

import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeStore, newTenant } from './conformance.ts'
import { describeIntake } from './intake.ts'
import { describeOwnRequests } from './own-requests.ts'
import { POSTGRES, startPostgres } from '../services/postgres-server.ts'
import type { PostgresServer } from '../services/postgres-server.ts'

let server: PostgresServer

beforeAll(async () => {
  if (POSTGRES !== '') server = await startPostgres()
}, 60_000)
afterAll(() => server?.stop())

const reference = readFileSync(new URL('../../docs/reference/store/database.md', import.meta.url), 'utf8')
const CLOSE_CATALOGUE = /```sql\n(revoke [\s\S]*?)\n```/.exec(reference)![1]!

describe.skipIf(POSTGRES === '')('on a server', () => {
  const databases = new Map<Store, string>()
  const openEmpty = async (): Promise<Store> => {
    const url = await server.newDatabase()
    // As the reference tells whoever sets a server up.
    const database = new URL(url).pathname.slice(1)
    await server.sql(CLOSE_CATALOGUE, database)
    const store = await openStore({ url, maxConnections: 5 })
    databases.set(store, database)
    return store
  }
  describeStore('PostgreSQL', openEmpty, (store, text) => server.sql(text, databases.get(store)))
  describeIntake('PostgreSQL', openEmpty)
  describeOwnRequests('PostgreSQL', openEmpty)

  it('ends a statement that nobody waits for, and does not leave it running', async () => {
    const url = await server.newDatabase()
    const store = await openStore({ url, maxConnections: 2 })
    try {
      const tenant = await newTenant(store)
      const asleep = (): Promise<unknown[]> =>
        server.sql(
          `select 1 from pg_stat_activity where query like 'select pg_sleep(30)%' and state = 'active'`,
        ) as Promise<unknown[]>
      const caller = new AbortController()
      const sleep = (options: object): Promise<unknown> =>
        store.withClaims(
          { tenant, user: 'ada' },
          (transaction) => sql`select pg_sleep(30)`.execute(transaction),
          options,
        )
      const left = sleep({ signal: caller.signal })
      left.catch(() => undefined)
      await expect.poll(asleep).toHaveLength(1)
      caller.abort(new Error('hung up'))
      await expect(left).rejects.toThrow('hung up')
      await expect.poll(asleep, { timeout: 3_000 }).toEqual([])
      await expect(sleep({ timeoutMs: 100 })).rejects.toMatchObject({
        code: 'STORE_TIMEOUT',
        mayHaveTakenEffect: false,
      })
      await expect.poll(asleep, { timeout: 3_000 }).toEqual([])
    } finally {
      await store.close()
    }
  })

  it('has its schema brought up to date by one of many who begin at once', async () => {
    const url = await server.newDatabase()
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore({ url, maxConnections: 2 })))
    const { migrations } = await stores[0]!.status()
    expect(stores.flatMap(({ migrated }) => migrated.applied)).toHaveLength(migrations)
    await Promise.all(stores.map((store) => store.close()))
  })

  it('refuses a schema that is not the one it knows', async () => {
    const url = await server.newDatabase()
    const database = new URL(url).pathname.slice(1)
    await expect(openStore({ url, migrate: false })).rejects.toMatchObject({ code: 'STORE_NOT_MIGRATED' })
    await (await openStore({ url })).close()
    await (await openStore({ url, migrate: false })).close()
    await server.sql(`insert into holdfast.migrations (id, name, checksum) values (99, 'of tomorrow', 'x')`, database)
    await expect(openStore({ url })).rejects.toMatchObject({ code: 'STORE_TOO_NEW' })
    await server.sql(
      `delete from holdfast.migrations where id = 99; update holdfast.migrations set checksum = 'x' where id = 2`,
      database,
    )
    await expect(openStore({ url })).rejects.toMatchObject({
      code: 'MIGRATION_CHANGED',
      message: expect.stringContaining('tables'),
    })
  })

  it('lets a plain user into the roles and nowhere else', async () => {
    const migrationUrl = await server.newDatabase()
    const database = new URL(migrationUrl).pathname.slice(1)
    const migrated = await openStore({ url: migrationUrl })
    expect((await migrated.status()).warnings).toEqual([
      expect.stringContaining('above row-level security'),
      expect.stringContaining('set_config'),
      expect.stringContaining('how many rows'),
    ])
    const tenant = await newTenant(migrated)
    await migrated.close()

    await server.sql(`create role desk login noinherit; create role stranger login; ${CLOSE_CATALOGUE}`, database)
    const url = server.url(database, 'desk')
    const stranger = await openStore({ url: server.url(database, 'stranger'), migrationUrl })
    await expect(newTenant(stranger)).rejects.toMatchObject({ code: 'STORE_MISCONFIGURED', category: 'configuration' })
    await stranger.close()

    await server.sql('grant holdfast_app, holdfast_worker to desk', database)
    const store = await openStore({ url, migrationUrl })
    try {
      expect((await store.status()).warnings).toEqual([])
      const claims = { tenant, user: 'ada' }
      expect(
        await store.withClaims(claims, (transaction) => transaction.selectFrom('tenants').select('id').execute()),
      ).toEqual([{ id: tenant }])
      for (const escape of ['set role postgres', 'reset role', 'alter table clients disable row level security']) {
        await expect(
          store.withClaims(claims, (transaction) => sql.raw(escape).execute(transaction)),
        ).rejects.toMatchObject({ code: 'STATEMENT_REFUSED' })
      }
      // Nor would it help if one were sent: the user himself is nobody.
      const login = new pg.Client(url)
      await login.connect()
      for (const escape of [
        'set role postgres',
        'set session authorization postgres',
        'set role holdfast_backup',
        'alter table holdfast.clients disable row level security',
        'select * from holdfast.clients',
      ]) {
        await expect(login.query(escape)).rejects.toMatchObject({ code: '42501' })
      }
      await login.end()
      const folder = await mkdtemp(join(tmpdir(), 'holdfast-store-'))
      expect((await store.backup(join(folder, 'b.gz'))).rows['tenants']).toBe(1)
      await rm(folder, { recursive: true })
    } finally {
      await store.close()
    }
  })

  it('takes over what an embedded one has written', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-store-'))
    const embedded = await openStore()
    const tenant = await newTenant(embedded)
    await embedded.asWorker(tenant, (transaction) =>
      transaction.insertInto('tickets').values({ number: 'EMG-7', message: 'Help' }).execute(),
    )
    const { rows } = await embedded.backup(join(folder, 'b.gz'))
    await embedded.close()
    const store = await openStore({ url: await server.newDatabase() })
    try {
      expect(await store.restore(join(folder, 'b.gz'))).toEqual({ rows })
      const tickets = await store.withClaims({ tenant, user: 'ada' }, (transaction) =>
        transaction.selectFrom('tickets').select('number').execute(),
      )
      expect(tickets).toEqual([{ number: 'EMG-7' }])
    } finally {
      await store.close()
      await rm(folder, { recursive: true })
    }
  }, 60_000)

  it('fails in bounded time while the server is away, and is back with it', async () => {
    const own = await startPostgres()
    const url = own.url().replace('postgres@', 'postgres:very-secret@')
    await own.kill()
    const store = await openStore({ url, timeoutMs: 2_000 })
    try {
      const away = await newTenant(store).catch((reason: unknown) => reason)
      expect(away).toMatchObject({ category: 'network', mayHaveTakenEffect: false })
      expect(JSON.stringify(away) + String(away)).not.toContain('very-secret')
      await own.start()
      let id = ''
      await expect.poll(async () => (id = await newTenant(store).catch(() => '')), { timeout: 30_000 }).not.toBe('')
      expect(store.migrated.applied).toHaveLength((await store.status()).migrations)

      const heard: unknown[] = []
      const stop = await store.onEvents((topic) => heard.push(topic))
      // In the midst of a transaction.
      await expect(
        store.asWorker(id, async (transaction) => {
          await transaction.insertInto('leads').values({ source: 'web' }).execute()
          await own.kill()
          await transaction.selectFrom('leads').selectAll().execute()
        }),
      ).rejects.toMatchObject({ category: 'network', retryable: false })
      await own.start()
      heard.length = 0
      await expect
        .poll(
          async () =>
            store
              .asWorker(id, (transaction) => transaction.selectFrom('leads').selectAll().execute())
              .catch(() => 'away'),
          { timeout: 30_000 },
        )
        .toEqual([])
      // Who listens is told that it may have missed something, and then hears again.
      await expect.poll(() => heard.includes(undefined), { timeout: 10_000 }).toBe(true)
      await expect
        .poll(async () => {
          await store.asWorker(id, (transaction) =>
            transaction.insertInto('outbox').values({ topic: 'a', event: 'e' }).execute(),
          )
          return heard
        })
        .toContainEqual({ tenant: id, topic: 'a' })
      await stop()
    } finally {
      await store.close()
      await own.stop()
    }
  }, 120_000)
})

describe('the options of a store', () => {
  it.each<[object, RegExp]>([
    [{ url: 'mysql://x' }, /url must be an address like postgres:/],
    [{ url: 'postgres://a', directory: 'b' }, /url and directory cannot be given both/],
    [{ migrationUrl: 'postgres://a' }, /migrationUrl needs a url beside it/],
    [{ timeoutMs: 0 }, /timeoutMs must be a whole number from 1 to 3600000, but is 0/],
    [{ directory: '' }, /directory must be a path/],
  ])('are refused when they are none: %#', async (options, allowed) => {
    await expect(openStore(options)).rejects.toThrow(allowed)
  })
})

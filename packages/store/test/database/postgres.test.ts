import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEvents } from '@holdfast/core'
import { rejection } from '../open.ts'
import { openStore, sql, type StoreEvent } from '../../src/database/index.ts'
import { openPostgres } from './opened.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'
import { addTenant, seed } from './seed.ts'

const bin = process.env['POSTGRESQL_BIN'] ?? ''
const ANN = { tenant: 'acme', user: 'ann' }

/** What only a server can do, or fail at. */
describe.skipIf(bin === '')('a store on PostgreSQL', () => {
  let server: PostgresServer
  beforeAll(async () => void (server = await startPostgres(bin)), 60_000)
  afterAll(() => server.stop())

  it('is set up once by several who start at once, and then needs no rights to be opened', async () => {
    const { name, url, migrationUrl } = await server.createDatabase()
    const events = createEvents<StoreEvent>()
    const told: StoreEvent[] = []
    events.on((event) => told.push(event))
    const stores = await Promise.all(
      Array.from({ length: 5 }, () => openStore({ url, migrationUrl, poolSize: 1, events })),
    )
    await Promise.all(stores.map((store) => store.close()))
    expect(await server.query(name, 'select count(*)::int as n from holdfast.migrations')).toEqual([{ n: 1 }])
    expect(told.filter(({ type }) => type === 'store-migration-applied')).toHaveLength(1)
    expect(told.filter(({ type }) => type === 'store-opened')).toHaveLength(5)
    expect(told.filter(({ type }) => type === 'store-closed')).toHaveLength(5)
    await using store = await openStore({ url })
    expect(store.status()).toMatchObject({
      engine: 'postgres',
      warnings: [],
      where: `${server.host}/${name}`,
      migrations: ['0001-initial'],
    })
  })

  it('is not opened by a login that may not set it up, or not use it, and says what to do', async () => {
    const { name, url, migrationUrl } = await server.createDatabase()
    expect(await rejection(openStore({ url }))).toMatchObject({
      code: 'STORE_MIGRATION_FAILED',
      category: 'configuration',
    })
    expect(await rejection(openStore({ url, migrate: false }))).toMatchObject({ code: 'STORE_OUTDATED' })
    await (await openStore({ url, migrationUrl })).close()
    await server.query(name, 'create role stranger login')
    const stranger = await rejection(openStore({ url: server.url('stranger', name) }))
    expect(stranger).toMatchObject({
      code: 'STORE_CANNOT_OPEN',
      message: expect.stringContaining('grant it holdfast_app'),
    })
    await server.query(name, 'alter table holdfast.clients no force row level security')
    expect(await rejection(openStore({ url }))).toMatchObject({
      code: 'STORE_CANNOT_OPEN',
      message: expect.stringContaining('clients'),
    })
  })

  it('warns of logins that are more than they should be', async () => {
    const { name, url, migrationUrl } = await server.createDatabase()
    await (await openStore({ url, migrationUrl })).close()
    for (const [login, warning] of [
      [server.url('postgres', name), 'superuser'],
      [migrationUrl, 'owner of the tables'],
    ] as const) {
      await using store = await openStore({ url: login })
      expect(store.status().warnings).toEqual([expect.stringContaining(warning)])
      await addTenant({ store } as never, `warned-${warning.length}`)
      expect(
        await store.withClaims({ tenant: 'x', user: 'x' }, (tx) => tx.selectFrom('tenants').selectAll().execute()),
      ).toEqual([])
    }
  })

  it('warns of a server where whoever injects SQL may set claims', async () => {
    const { name, url, migrationUrl } = await server.createDatabase()
    await server.query(name, 'grant execute on function pg_catalog.set_config(text, text, boolean) to public')
    await using store = await openStore({ url, migrationUrl })
    expect(store.status().warnings).toEqual([
      expect.stringContaining('revoke execute on function pg_catalog.set_config'),
    ])
  })

  it('leaves its login nothing without a role, and no way to another', async () => {
    const opened = await openPostgres(server)
    await seed(opened, 'acme')
    const client = new pg.Client({ connectionString: opened.place.url })
    await client.connect()
    for (const text of [
      'select * from holdfast.clients',
      'select * from holdfast.migrations',
      "select * from app.find_api_key('x')",
      'set role postgres',
      'set role holdfast_owner',
      'set role holdfast_backup',
      'set session authorization postgres',
      'alter table holdfast.clients disable row level security',
      'create table holdfast.x ()',
    ])
      expect(await rejection(client.query(text)), text).toMatchObject({
        code: expect.stringMatching(/^(42501|22023)$/),
      })
    await client.query('set role holdfast_app')
    expect((await client.query('select * from holdfast.clients')).rows).toEqual([])
    await client.end()
    await opened.close()
  })

  it('tells no password', async () => {
    const url = `postgresql://ann:s3cret@${server.host}/none`
    const error = await rejection(openStore({ url }))
    expect(error).toMatchObject({
      category: expect.stringMatching(/^(auth|configuration)$/),
      mayHaveTakenEffect: false,
    })
    expect(
      `${String(error)} ${JSON.stringify(error)} ${(error as Error).stack} ${String((error as Error).cause)}`,
    ).not.toContain('s3cret')
  })

  it('ends a statement on the server when its caller leaves', async () => {
    const opened = await openPostgres(server)
    const asleep = () =>
      opened.query(
        "select 1 from pg_stat_activity where query like '%pg_sleep(3%' and datname = current_database() and pid <> pg_backend_pid()",
      )
    const controller = new AbortController()
    const ended = rejection(
      opened.store.withClaims(ANN, (tx) => sql`select pg_sleep(30)`.execute(tx), { signal: controller.signal }),
    )
    await expect.poll(asleep, { interval: 5, timeout: 5_000 }).not.toEqual([])
    controller.abort('left')
    expect(await ended).toBe('left')
    await expect.poll(() => opened.store.status().running, { interval: 5 }).toBe(0)
    await opened.store.check()
    await expect.poll(asleep, { interval: 20, timeout: 5_000 }).toEqual([])
    // The server knows the deadline, too.
    const slow = opened.store.withClaims(ANN, (tx) => sql`select pg_sleep(31)`.execute(tx), { deadlineMs: 50 })
    expect(await rejection(slow)).toMatchObject({
      code: 'SERVICE_TIMEOUT',
      category: 'timeout',
      mayHaveTakenEffect: false,
    })
    await opened.close()
  })

  it('undoes one of two transactions that wait for each other, as one that can be done again', async () => {
    const opened = await openPostgres(server)
    await addTenant(opened, 'acme')
    const [a, b] = await opened.store.withClaims(ANN, (tx) =>
      tx
        .insertInto('clients')
        .values([{ name: 'a' }, { name: 'b' }])
        .returning('id')
        .execute(),
    )
    let both: (() => void) | undefined
    const bothHaveOne = new Promise<void>((resolve) => (both = resolve))
    let having = 0
    const lock = (first: string, second: string) =>
      opened.store.withClaims(ANN, async (tx) => {
        await tx.updateTable('clients').set({ company: 'x' }).where('id', '=', first).execute()
        having += 1
        if (having === 2) both?.()
        await bothHaveOne
        await tx.updateTable('clients').set({ company: 'x' }).where('id', '=', second).execute()
      })
    const ended = await Promise.allSettled([lock(a?.id ?? '', b?.id ?? ''), lock(b?.id ?? '', a?.id ?? '')])
    expect(ended.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const lost = ended.find(({ status }) => status === 'rejected') as PromiseRejectedResult
    expect(lost.reason).toMatchObject({ code: 'CONFLICT', retryable: true, mayHaveTakenEffect: false })
    await opened.close()
  })

  it('wakes up listeners with the number of an event, when it is there', async () => {
    const opened = await openPostgres(server)
    await addTenant(opened, 'acme')
    const listener = new pg.Client({ connectionString: opened.place.url })
    await listener.connect()
    const heard: (string | undefined)[] = []
    listener.on('notification', ({ payload }) => heard.push(payload))
    await listener.query('listen holdfast_events')
    const write = (tx: Parameters<Parameters<typeof opened.store.withClaims>[1]>[0]) =>
      tx
        .insertInto('events')
        .values({ topic: 't', event: 'e', payload: JSON.stringify('x'.repeat(100_000)) })
        .returning('id')
        .executeTakeFirstOrThrow()
    await rejection(
      opened.store.withClaims(ANN, async (tx) => {
        await write(tx)
        throw new Error('no')
      }),
    )
    const { id } = await opened.store.withClaims(ANN, write)
    await expect.poll(() => heard, { interval: 5 }).toEqual([id])
    await listener.end()
    await opened.close()
  })

  it('comes back by itself when the server does, and does not take its process with it', async () => {
    const opened = await openPostgres(server)
    await addTenant(opened, 'acme')
    const cut = rejection(
      opened.store.withClaims(ANN, async (tx) => {
        await tx.insertInto('clients').values({ name: 'cut off' }).execute()
        await opened.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where usename like 'application%' and datname = current_database()",
        )
        await tx.selectFrom('clients').selectAll().execute()
      }),
    )
    expect(await cut).toMatchObject({
      code: 'CONNECTION_LOST',
      category: 'network',
      retryable: true,
      mayHaveTakenEffect: false,
    })
    await expect
      .poll(
        () =>
          opened.store.check().then(
            () => 'well',
            () => 'unwell',
          ),
        { interval: 5 },
      )
      .toBe('well')
    expect(await opened.store.withClaims(ANN, (tx) => tx.selectFrom('clients').selectAll().execute())).toEqual([])
    await opened.close()
  })

  it('is told at once that no server is there', async () => {
    const error = await rejection(openStore({ url: 'postgresql://x@127.0.0.1:1/x' }))
    expect(error).toMatchObject({ code: 'CONNECTION_REFUSED', category: 'network', mayHaveTakenEffect: false })
  })
})

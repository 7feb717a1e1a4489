import { beforeAll, describe, expect, it } from 'vitest'
import { rejection } from '../../open.ts'
import { sql, type StoreTransaction } from '../../../src/database/index.ts'
import type { Opened } from '../opened.ts'
import { rowOf, seed, TABLES } from '../seed.ts'

type Run = (work: (tx: StoreTransaction) => Promise<unknown>) => Promise<unknown>

const ANOTHER = '00000000-0000-4000-8000-00000000000f'

/** For every table and role: a row of another tenant cannot be read, changed, counted or probed. */
export function isolation(opened: () => Opened): void {
  const roles: readonly (readonly [string, Run])[] = [
    ['the application', (work) => opened().store.withClaims({ tenant: 'iso-a', user: 'u' }, work)],
    ['an administrator', (work) => opened().store.withClaims({ tenant: 'iso-a', user: 'u', roles: ['admin'] }, work)],
    ['a worker', (work) => opened().store.asWorker('iso-a', work)],
  ]
  beforeAll(async () => {
    for (const tenant of ['iso-a', 'iso-b']) await seed(opened(), tenant)
    // What only the other tenant has.
    await opened().query("insert into holdfast.users (tenant, id) values ('iso-b', 'only-theirs')")
    await opened().query(`insert into holdfast.requests (tenant, id, kind) values ('iso-b', '${ANOTHER}', 'flight')`)
  })

  describe('every table', () => {
    it('is one that these tests know', async () => {
      const found = await opened().query("select tablename from pg_tables where schemaname = 'holdfast'")
      expect(found.map(({ tablename }) => String(tablename)).toSorted()).toEqual(
        [...TABLES, 'migrations', 'tenants'].toSorted(),
      )
    })

    it('has row-level security, forced, and a policy for each command', async () => {
      const found = await opened().query(
        `select relname, relrowsecurity and relforcerowsecurity as forced from pg_class
         where relnamespace = 'holdfast'::regnamespace and relkind = 'r'`,
      )
      expect(found.filter(({ forced }) => forced !== true)).toEqual([])
      const policies = await opened().query(
        "select tablename, count(distinct cmd)::int as commands from pg_policies where schemaname = 'holdfast' group by 1",
      )
      expect(policies.filter(({ tablename, commands }) => tablename !== 'migrations' && commands !== 4)).toEqual([])
    })

    it('has an index that begins with its tenant', async () => {
      const found = await opened().query(
        `select distinct c.relname from pg_index i join pg_class c on c.oid = i.indrelid
         join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
         where c.relnamespace = 'holdfast'::regnamespace and a.attname = 'tenant'`,
      )
      expect(found.map(({ relname }) => String(relname)).toSorted()).toEqual([...TABLES].toSorted())
    })

    it('has its tenant in every key that can be given, and in every reference to another', async () => {
      const found = await opened().query(
        `select conname, conrelid::regclass::text as name, array_agg(a.attname::text) as columns
         from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
         where connamespace = 'holdfast'::regnamespace and contype in ('p', 'u', 'f') group by 1, 2`,
      )
      const without = found.filter(({ columns }) => !(columns as string[]).includes('tenant'))
      // The number of an event is given by the database alone.
      expect(without.map(({ conname }) => String(conname)).toSorted()).toEqual([
        'events_pkey',
        'migrations_pkey',
        'tenants_pkey',
      ])
    })

    it.each([...TABLES, 'tenants'])('%s shows nobody anything without claims, its owner neither', async (table) => {
      const { query } = opened()
      for (const role of ['holdfast_app', 'holdfast_worker', 'holdfast_owner'])
        expect(await query(`select 1 from holdfast.${table}`, [], role)).toEqual([])
      expect((await query(`select 1 from holdfast.${table}`)).length).toBeGreaterThan(1)
    })
  })

  describe.each(roles)('%s', (_, run) => {
    it.each(TABLES)('reads and counts no row of another tenant in %s', async (table) => {
      const found = (await run(async (tx) => {
        const { rows } = await sql<{ tenant: string }>`select * from ${sql.table(table)}`.execute(tx)
        const theirs = await sql`select 1 from ${sql.table(table)} where tenant = 'iso-b'`.execute(tx)
        const [count] = (await sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`.execute(tx)).rows
        return { tenants: rows.map(({ tenant }) => tenant), theirs: theirs.rows, count: count?.n }
      })) as { tenants: string[]; theirs: unknown[]; count: number }
      expect(found.theirs).toEqual([])
      expect(found.tenants.filter((tenant) => tenant !== 'iso-a')).toEqual([])
      expect(found.count).toBe(found.tenants.length)
      const isHidden = _ === 'the application' && ['api_keys', 'audit'].includes(table)
      expect(found.count).toBe(isHidden ? 0 : 1)
    })

    it.each(TABLES)('changes and removes no row of another tenant in %s', async (table) => {
      const before = await opened().query(`select * from holdfast.${table} where tenant = 'iso-b'`)
      for (const statement of [
        sql`update ${sql.table(table)} set tenant = tenant where tenant = 'iso-b'`,
        sql`update ${sql.table(table)} set tenant = 'iso-a' where tenant = 'iso-b'`,
        sql`delete from ${sql.table(table)} where tenant = 'iso-b'`,
        sql`select 1 from ${sql.table(table)} where tenant = 'iso-b' for update`,
      ]) {
        const ended = await run(async (tx) => statement.execute(tx)).catch((error: unknown) => error)
        const { numAffectedRows, rows, code } = ended as { numAffectedRows?: bigint; rows?: unknown[]; code?: string }
        if (code === undefined) expect([numAffectedRows ?? 0n, rows]).toEqual([0n, []])
        else expect(code).toBe('STORE_DENIED')
      }
      expect(await opened().query(`select * from holdfast.${table} where tenant = 'iso-b'`)).toEqual(before)
    })

    it.each(TABLES)(
      'writes no row of another tenant into %s, and is told the same whether there is one',
      async (table) => {
        const there = Object.entries(rowOf(table, 'iso-b'))
        const notThere = there.map(
          ([name, value]) => [name, name === 'id' || name === 'key' ? fresh(value) : value] as const,
        )
        for (const row of [there, notThere]) {
          expect(await rejection(run((tx) => insert(tx, table, row)))).toMatchObject({
            code: 'STORE_DENIED',
            message: 'the store does not allow that',
          })
        }
        const handedOver = sql`update ${sql.table(table)} set tenant = 'iso-b'`
        const error = await rejection(
          run(async (tx) => {
            const { numAffectedRows } = await handedOver.execute(tx)
            // Rows that cannot be seen cannot be handed over either.
            if (numAffectedRows === 0n) throw Object.assign(new Error(), { code: 'STORE_DENIED' })
          }),
        )
        expect(error).toMatchObject({ code: 'STORE_DENIED' })
      },
    )

    it('learns nothing of a row by referring to it', async () => {
      const refer = (request: string) =>
        rejection(run((tx) => tx.insertInto('rfps').values({ request_id: request, operator: 'x' }).execute()))
      const nowhere = await refer('00000000-0000-4000-8000-0000000000ff')
      expect(nowhere).toMatchObject({ code: 'STORE_REFERENCE' })
      const theirs = await refer(ANOTHER)
      expect({ ...(theirs as object) }).toEqual({ ...(nowhere as object) })
      expect((theirs as Error).message).toBe((nowhere as Error).message)
    })

    it('may use any key that only another tenant has', async () => {
      const undo = new Error('undo')
      const used = run(async (tx) => {
        const { numInsertedOrUpdatedRows } = await tx
          .insertInto('requests')
          .values({ id: ANOTHER, kind: 'flight' })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst()
        expect(numInsertedOrUpdatedRows).toBe(1n)
        throw undo
      })
      expect(await rejection(used)).toBe(undo)
    })

    it.each([
      "select name from clients where name = '' or SET is not null",
      'select c.name from (select SET as s offset 0) s, lateral (select name from clients where s.s is not null) c',
      'with s as materialized (select SET as s) select name from clients where (select s from s) is not null',
      "select query_to_xml('select name from clients where SET is not null', true, false, '')",
      "select query_to_xml('set local request.jwt.claims = X', true, false, '')",
      "select query_to_xml('set local role none', true, false, '')",
      "update pg_settings set setting = '{}' where name = 'request.jwt.claims' or name = 'role'",
    ])('asks as nobody else by SQL that was injected: %s', async (text) => {
      const set = `set_config('request.jwt.claims', '{"tenant":"iso-b"}', true)`
      const quoted = text.includes("xml('") ? set.replaceAll("'", "''") : set
      const injected = text.replace('SET', () => quoted).replace('= X', `= ''{"tenant":"iso-b"}''`)
      let seen: unknown
      const ended = run(async (tx) => {
        await sql.raw('savepoint a').execute(tx)
        const error = await rejection(sql.raw(injected).execute(tx))
        await sql.raw('rollback to savepoint a').execute(tx)
        seen = (await sql`select app.tenant() as tenant, current_user::text as role`.execute(tx)).rows
        throw error
      })
      expect(await rejection(ended)).toMatchObject({ category: 'client' })
      expect(seen).toEqual([{ tenant: 'iso-a', role: expect.stringMatching(/^holdfast_(app|worker)$/) }])
    })

    it('may not empty a table, change it, read secrets of the server or become somebody else', async () => {
      for (const text of [
        "select pg_read_file('PG_VERSION')",
        'select * from pg_authid',
        "select set_config('session_authorization', 'postgres', true)",
      ]) {
        expect(await rejection(run((tx) => sql.raw(text).execute(tx)))).toMatchObject({ category: 'client' })
      }
      for (const text of [
        'truncate events',
        'alter table events disable row level security',
        'drop table events',
        'set role none',
        'reset role',
        'create table x ()',
        'copy events to stdout',
        'do $$ begin end $$',
        'commit',
        '/* a */ -- b\n (rollback',
        'call x()',
      ])
        expect(await rejection(run((tx) => sql.raw(text).execute(tx)))).toMatchObject({
          code: 'STORE_STATEMENT_REFUSED',
        })
    })
  })

  describe('what is only ever added to', () => {
    it.each(['audit', 'events', 'activities', 'messages'] as const)(
      '%s cannot be changed by anybody',
      async (table) => {
        for (const [, run] of roles)
          expect(
            await rejection(run((tx) => sql`update ${sql.table(table)} set tenant = tenant`.execute(tx))),
          ).toMatchObject({ code: 'STORE_DENIED' })
      },
    )

    it.each(['audit', 'events', 'activities'] as const)('%s loses nothing to the application', async (table) => {
      for (const [, run] of roles.slice(0, 2))
        expect(await rejection(run((tx) => sql`delete from ${sql.table(table)}`.execute(tx)))).toMatchObject({
          code: 'STORE_DENIED',
        })
    })

    it('takes its numbers, times and actors from the database', async () => {
      const [, , [, worker] = []] = roles
      for (const [table, column, value] of [
        ['events', 'id', 7],
        ['events', 'xid', '1'],
        ['audit', 'at', new Date(0)],
      ] as const) {
        const row = [...Object.entries(rowOf(table, 'iso-a')), [column, value] as const]
        expect(await rejection(worker?.((tx) => insert(tx, table, row, true)) ?? Promise.resolve())).toMatchObject({
          code: 'STORE_DENIED',
        })
      }
      const forged = [...Object.entries(rowOf('audit', 'iso-a')), ['actor', 'somebody else'] as const]
      const [, [, administrator] = []] = roles
      expect(await rejection(administrator?.((tx) => insert(tx, 'audit', forged)) ?? Promise.resolve())).toMatchObject({
        code: 'STORE_DENIED',
      })
    })
  })

  it('lets only administrators manage users and API keys', async () => {
    const { store } = opened()
    const user = (roles: readonly string[]) =>
      store.withClaims({ tenant: 'iso-a', user: 'u', roles }, (tx) =>
        tx
          .insertInto('users')
          .values({ id: `by-${roles.length}` })
          .execute(),
      )
    expect(await rejection(user([]))).toMatchObject({ code: 'STORE_DENIED' })
    expect(await rejection(user(['agent', 'Admin']))).toMatchObject({ code: 'STORE_DENIED' })
    await user(['admin'])
    const promoted = await store.withClaims({ tenant: 'iso-a', user: 'u' }, (tx) =>
      tx
        .updateTable('users')
        .set({ roles: ['admin'] })
        .executeTakeFirst(),
    )
    expect(promoted.numUpdatedRows).toBe(0n)
    await store.asWorker('iso-a', (tx) => tx.selectFrom('users').selectAll().execute())
    await opened().query("delete from holdfast.users where tenant = 'iso-a' and id like 'by-%'")
  })
}

async function insert(
  tx: StoreTransaction,
  table: string,
  row: readonly (readonly [string, unknown])[],
  overrides = false,
): Promise<void> {
  const names = sql.join(row.map(([name]) => sql.ref(name)))
  const values = sql.join(row.map(([, value]) => sql`${value}`))
  await sql`insert into ${sql.table(table)} (${names}) ${sql.raw(overrides ? 'overriding system value' : '')} values (${values})`.execute(
    tx,
  )
}

function fresh(value: unknown): unknown {
  return value === 'u' || String(value).length < 36 ? `${String(value)}-new` : '00000000-0000-4000-8000-0000000000aa'
}

import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MIGRATIONS } from './index.ts'

const TENANTS = ['jetvision', 'helpdesk']

/** A value of each type. That of a type is always the same one, so that what refers to a row has found it. */
const SAMPLES: Readonly<Record<string, string>> = {
  text: `'a word'`,
  uuid: `'6a1f7c1e-2b0d-4b6e-9f43-0d1f0a3c5b7e'`,
  jsonb: `'["kept"]'`,
  'timestamp with time zone': `'2026-03-01T11:00:00Z'`,
  integer: '1',
  bigint: '1',
  numeric: '12.50',
  'double precision': '12.5',
  boolean: 'true',
  bytea: `sha256('a key')`,
}

/** What columns want that do not take any word. */
const WORDS: Readonly<Record<string, string>> = {
  'messages.role': `'user'`,
  'outside_writes.state': `'claimed'`,
  'sync_pulls.state': `'done'`,
  'webhook_deliveries.state': `'pending'`,
  'workflow_runs.state': `'running'`,
  'workflow_steps.state': `'running'`,
}

interface Column {
  readonly table: string
  readonly column: string
  readonly type: string
}

type Rows = Readonly<Record<string, readonly unknown[]>>

let database: PGlite

async function query<Row>(text: string): Promise<Row[]> {
  return (await database.query<Row>(text)).rows
}

/** The tables as they are now, the oldest first, with their columns. */
async function tables(): Promise<ReadonlyMap<string, readonly Column[]>> {
  const columns = await query<Column>(
    `select c.relname as "table", a.attname as "column", format_type(a.atttypid, null) as type
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     where c.relnamespace = 'holdfast'::regnamespace and c.relkind = 'r' order by c.oid, a.attnum`,
  )
  return Map.groupBy(columns, ({ table }) => table)
}

/** Puts a row of each tenant into every table that has none. */
async function fill(): Promise<void> {
  await database.exec('set session_replication_role = replica')
  for (const [table, columns] of await tables()) {
    const [found] = await query<{ count: number }>(`select count(*)::int as count from holdfast.${table}`)
    if (found?.count !== 0) continue
    for (const tenant of TENANTS) {
      const owner = table === 'tenants' ? 'id' : 'tenant'
      const values = columns.map(({ column, type }) =>
        column === owner ? `'${tenant}'` : (WORDS[`${table}.${column}`] ?? SAMPLES[type]!),
      )
      await database.exec(
        `insert into holdfast.${table} (${columns.map(({ column }) => column).join(', ')}) values (${values.join(', ')})`,
      )
    }
  }
  await database.exec('set session_replication_role = default')
}

async function everything(): Promise<Rows> {
  const rows: Record<string, readonly unknown[]> = {}
  for (const [table, columns] of await tables()) {
    const owner = columns.some(({ column }) => column === 'tenant') ? 'tenant' : 'id'
    // Each value as text: a column may become one of another type.
    const found = await query<{ row: unknown }>(
      `select (select jsonb_object_agg(key, value) from jsonb_each_text(to_jsonb(t))) as row from holdfast.${table} t order by ${owner}`,
    )
    rows[table] = found.map(({ row }) => row)
  }
  return rows
}

describe('a store that is in use', () => {
  beforeAll(async () => {
    database = await PGlite.create()
    await database.exec('create schema holdfast')
  })
  afterAll(() => database.close())

  it.each(MIGRATIONS)('loses nothing by the migration $id, $name', async ({ sql }) => {
    await fill()
    const before = await everything()
    await database.exec(`begin; ${sql}; commit`)
    expect(await everything()).toMatchObject(before)
  })

  it('has rows of two tenants in each table by then', async () => {
    await fill()
    const rows = Object.entries(await everything())
    expect(rows.length).toBeGreaterThan(30)
    expect(rows.filter(([, { length }]) => length !== TENANTS.length)).toEqual([])
  })

  it('has whom each row refers to, so that a migration that asks for it is tried on that', async () => {
    const references = await query<{ table: string; name: string; definition: string }>(
      `select conrelid::regclass::text as "table", conname as name, pg_get_constraintdef(oid) as definition
       from pg_constraint where connamespace = 'holdfast'::regnamespace and contype = 'f'`,
    )
    expect(references.length).toBeGreaterThan(30)
    for (const { table, name, definition } of references) {
      await database.exec(`alter table ${table} drop constraint ${name}, add constraint ${name} ${definition}`)
    }
  })
})

/**
 * What row-level security costs: transactions a second of a store beside the same statements without it, in turns.
 * `node --conditions=holdfast-source bench/src/store.ts` measures PGlite; with `DATABASE_URL`, of a superuser and an empty database of its own, PostgreSQL too.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { openStore, type Store } from '@holdfast/store/database'
import pg from 'pg'
import { machine, median, table } from './harness/report.ts'

const ROUNDS = 7
const ROUND_MS = 700
const POOL_SIZE = 10
const TENANTS = 20
const CLIENTS = 200

/** A transaction of somebody's. */
type Perform = (tenant: string, n: number) => Promise<unknown>

/** Begins, performs one statement and commits. */
type Raw = (begin: string, text: string, parameters: unknown[]) => Promise<unknown>

interface Side {
  readonly read: Perform
  readonly write: Perform
}

console.log(`${machine()}\n`)
await onPglite()
const url = process.env['DATABASE_URL']
if (url !== undefined) await onPostgres(url)

async function onPglite(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-store-'))
  const directories = [join(folder, 'with'), join(folder, 'without')] as const
  for (const directory of directories) {
    const store = await openStore({ directory })
    await fill(store)
    await store.close()
  }
  const store = await openStore({ directory: directories[0] })
  const database = await PGlite.create(join(directories[1], 'data'))
  await database.exec('set search_path = holdfast')
  const perform: Raw = async (begin, text, parameters) => {
    await database.exec(begin)
    await database.query(text, parameters)
    await database.exec('commit')
  }
  await measure('PGlite', [1], {
    store: ofStore(store),
    'driver with RLS': withRls(perform),
    without: without(perform),
  })
  await Promise.all([store.close(), database.close()])
  await rm(folder, { recursive: true })
}

async function onPostgres(url: string): Promise<void> {
  const store = await openStore({ url, maxConnections: POOL_SIZE })
  await fill(store)
  const pool = new pg.Pool({ connectionString: url, max: POOL_SIZE, options: '-c search_path=holdfast' })
  const perform: Raw = async (begin, text, parameters) => {
    const client = await pool.connect()
    await client.query(begin)
    await client.query(text, parameters)
    await client.query('commit')
    client.release()
  }
  const sides = { store: ofStore(store), 'driver with RLS': withRls(perform), without: without(perform) }
  await measure('PostgreSQL', [1, POOL_SIZE], sides)
  await Promise.all([store.close(), pool.end()])
}

async function fill(store: Store): Promise<void> {
  for (const tenant of tenants()) {
    await store.asWorker(tenant, async (tx) => {
      await tx
        .insertInto('tenants')
        .values({ id: tenant, name: tenant })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      await tx
        .insertInto('clients')
        .values(Array.from({ length: CLIENTS }, (_, n) => ({ name: `client ${n}`, email: `client ${n}` })))
        .execute()
    })
  }
}

function tenants(): readonly string[] {
  return Array.from({ length: TENANTS }, (_, n) => `bench-${n}`)
}

/** The store as it is used. */
function ofStore(store: Store): Side {
  return {
    read: (tenant, n) =>
      store.withClaims({ tenant, user: 'u', roles: ['staff'] }, (tx) =>
        tx
          .selectFrom('clients')
          .selectAll()
          .where('email', '=', `client ${n % CLIENTS}`)
          .execute(),
      ),
    write: (tenant, n) =>
      store.withClaims({ tenant, user: 'u', roles: ['staff'] }, (tx) =>
        tx.insertInto('idempotency_keys').values(keyOf('store', n)).execute(),
      ),
  }
}

/** The driver alone, with row-level security. */
function withRls(perform: Raw): Side {
  const begin = (tenant: string): string =>
    `begin; set local role holdfast_app; set local request.jwt.claims = '{"tenant":"${tenant}","roles":["staff"]}'`
  return {
    read: (tenant, n) => perform(begin(tenant), 'select * from clients where email = $1', [`client ${n % CLIENTS}`]),
    write: (tenant, n) => {
      const { key, fingerprint } = keyOf('with', n)
      return perform(begin(tenant), 'insert into idempotency_keys (key, fingerprint) values ($1, $2)', [
        key,
        fingerprint,
      ])
    },
  }
}

/** The driver alone, the tenant in each statement by hand, and nothing that would notice if it were forgotten. */
function without(perform: Raw): Side {
  return {
    read: (tenant, n) =>
      perform('begin', 'select * from clients where tenant = $1 and email = $2', [tenant, `client ${n % CLIENTS}`]),
    write: (tenant, n) => {
      const { key, fingerprint } = keyOf('without', n)
      const text = 'insert into idempotency_keys (tenant, key, fingerprint) values ($1, $2, $3)'
      return perform('begin', text, [tenant, key, fingerprint])
    },
  }
}

function keyOf(side: string, n: number): { readonly key: string; readonly fingerprint: string } {
  return { key: `${side}-${process.pid}-${n}`, fingerprint: 'a'.repeat(64) }
}

async function measure(name: string, callers: readonly number[], sides: Readonly<Record<string, Side>>): Promise<void> {
  const names = Object.keys(sides)
  const rows: string[][] = []
  let n = 0
  for (const what of ['read', 'write'] as const) {
    for (const count of callers) {
      const rounds: number[][] = []
      for (let round = -1; round < ROUNDS; round += 1) {
        const rates: number[] = []
        for (const side of Object.values(sides)) rates.push(await rateOf(side[what], count, () => (n += 1)))
        if (round >= 0) rounds.push(rates)
      }
      const column = (index: number): string => median(rounds.map((rates) => rates[index] ?? 0)).toFixed(0)
      const share = (index: number): string =>
        median(rounds.map((rates) => (rates[index] ?? 0) / (rates.at(-1) ?? 1))).toFixed(2)
      rows.push([`${what}, ${count} at once`, ...names.map((_, index) => `${column(index)} (${share(index)})`)])
    }
  }
  console.log(`${table([`${name}, transactions a second`, ...names], rows)}\n`)
}

async function rateOf(perform: Perform, callers: number, next: () => number): Promise<number> {
  const names = tenants()
  const started = performance.now()
  let done = 0
  const caller = async (): Promise<void> => {
    while (performance.now() - started < ROUND_MS) {
      const n = next()
      await perform(names[n % names.length] ?? '', n)
      done += 1
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return (done / (performance.now() - started)) * 1_000
}

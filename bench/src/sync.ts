/**
 * What sync takes: records a second of three sources that know the same things, each brought whole before the next. The first fills an empty store, the second and the third find theirs in it, by an
 * e-mail address. `node --conditions=holdfast-source bench/src/sync.ts` measures PGlite; with `DATABASE_URL`, of a superuser and an empty database of its own, PostgreSQL beside it. `RECORDS` is how
 * many a source has, 2,000 where it is not said; twice as many must take twice as long.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSync, emailKey } from '@holdfast/agents/sync'
import type { SourceRecord } from '@holdfast/agents/sync'
import { openStore } from '@holdfast/store/database'
import type { StoreOptions } from '@holdfast/store/database'
import { machine, median, table } from './harness/report.ts'

const SOURCES = ['crm', 'sheet', 'mail']
const RECORDS = Number(process.env['RECORDS'] ?? 2_000)
const BATCH = 500
const ROUNDS = 3

/** A directory of its own for the embedded one: with a file system under it, as it is used. */
const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-sync-'))
const url = process.env['DATABASE_URL']
const engines: Readonly<Record<string, StoreOptions>> = {
  PGlite: { directory: join(folder, 'store') },
  ...(url === undefined ? {} : { PostgreSQL: { url } }),
}
console.log(`${machine()}\n`)
const columns: (readonly string[])[] = []
for (const options of Object.values(engines)) columns.push(await measure(options))
await rm(folder, { recursive: true })
const rows = ['first', 'second', 'third', 'third again'].map((name, at) => [
  `${name}, ${RECORDS} records`,
  ...columns.map((column) => column[at] ?? ''),
])
console.log(table(['source', ...Object.keys(engines).map((name) => `${name}, records a second`)], rows))

/** Each round has a tenant of its own, in the store that the rounds before have filled. */
async function measure(options: StoreOptions): Promise<readonly string[]> {
  const store = await openStore(options)
  const sync = createSync({
    store,
    kinds: {
      client: {
        fields: { email: 'newest', name: 'trusted', phone: 'newest', tags: 'merge' },
        match: { email: ({ email }) => emailKey(email) },
        trust: ['crm'],
      },
    },
  })
  const rounds: number[][] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const tenant = `bench-${process.pid}-${round}`
    await store.asWorker(tenant, (transaction) =>
      transaction.insertInto('tenants').values({ id: tenant, name: tenant }).execute(),
    )
    const rates: number[] = []
    for (const source of [...SOURCES, SOURCES.at(-1)!]) {
      const records = recordsOf(source)
      const began = performance.now()
      for (let from = 0; from < records.length; from += BATCH)
        await sync.ingest(tenant, records.slice(from, from + BATCH))
      rates.push((RECORDS / (performance.now() - began)) * 1_000)
    }
    rounds.push(rates)
  }
  await store.close()
  return rounds[0]!.map((_, at) => median(rounds.map((rates) => rates[at]!)).toFixed(0))
}

function recordsOf(source: string): readonly SourceRecord[] {
  return Array.from({ length: RECORDS }, (_, n) => ({
    kind: 'client',
    source,
    id: String(n),
    observedAt: 1_700_000_000_000 + SOURCES.indexOf(source),
    fields: { email: `client-${n}@example.com`, name: `Client ${n}`, phone: `+1 555 ${n}`, tags: [source] },
  }))
}

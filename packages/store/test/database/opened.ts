import { PGlite } from '@electric-sql/pglite'
import { type FakeClock, fakeClock } from '@holdfast/core/testing'
import { createStore } from '../../src/database/create-store.ts'
import type { Engine } from '../../src/database/engine/engine.ts'
import { engineOf, PGLITE_OPTIONS } from '../../src/database/engine/pglite.ts'
import { openStore, type Store, type StoreOptions } from '../../src/database/index.ts'
import { MIGRATIONS } from '../../src/database/migrations/migrations.ts'
import { migrate } from '../../src/database/migrations/migrate.ts'
import { harden, inspect } from '../../src/database/opening.ts'
import { settingsOf } from '../../src/database/options.ts'
import type { PostgresServer } from './postgres-server.ts'

/** A store for a suite, and what is behind it. */
export interface Opened {
  readonly store: Store
  /** To open it once more; not where it is in memory. */
  readonly place: StoreOptions
  readonly clock: FakeClock
  /** As the superuser, beside the store; with a role, as that. */
  query(text: string, parameters?: readonly unknown[], role?: string): Promise<readonly Record<string, unknown>[]>
  close(): Promise<void>
}

/** How many connections a suite may count on; PGlite has one all the same. */
const POOL_SIZE = 4

export async function openPostgres(server: PostgresServer): Promise<Opened> {
  const clock = fakeClock()
  const { name, url, migrationUrl } = await server.createDatabase()
  const place = { url, migrationUrl }
  const store = await openStore({ ...place, poolSize: POOL_SIZE, clock })
  return {
    store,
    place,
    clock,
    query: (text, parameters, role) => server.query(name, text, parameters, role),
    close: () => store.close(),
  }
}

/** PGlite in memory, begun from the files of one that was made before, since making one takes seconds. */
export async function openPglite(template: Blob): Promise<Opened> {
  const clock = fakeClock()
  const database = await PGlite.create({ ...PGLITE_OPTIONS, loadDataDir: template })
  const engine = engineOf(database, 'in memory', () => undefined)
  const store = createStore(engine, settingsOf({ memory: true, clock }), await inspect(engine))
  return {
    store,
    place: { memory: true },
    clock,
    query: async (text, parameters = [], role) => {
      if (role !== undefined) await database.exec(`set role ${role}`)
      try {
        return (await database.query<Record<string, unknown>>(text, [...parameters])).rows
      } finally {
        if (role !== undefined) await database.exec('reset role')
      }
    },
    close: () => store.close(),
  }
}

let empty: Promise<Blob> | undefined

/** The files of an empty PGlite, with the migrations or without. Made once: that takes seconds. */
export async function pgliteTemplate(migrated = true): Promise<Blob> {
  empty ??= filesOf(await PGlite.create(PGLITE_OPTIONS))
  if (!migrated) return empty
  const database = await PGlite.create({ ...PGLITE_OPTIONS, loadDataDir: await empty })
  const engine = engineOf(database, 'template', () => undefined)
  await migrate(engine, MIGRATIONS, { waitMs: 1_000 })
  await harden(engine)
  return filesOf(database)
}

async function filesOf(database: PGlite): Promise<Blob> {
  const files = await database.dumpDataDir('none')
  await database.close()
  return files
}

/** Another engine on a copy of such files. */
export async function engineFrom(template: Blob): Promise<Engine> {
  return engineOf(await PGlite.create({ ...PGLITE_OPTIONS, loadDataDir: template }), 'in memory', () => undefined)
}

import { afterAll, beforeAll, describe } from 'vitest'
import type { Engine } from '../../src/database/engine/engine.ts'
import { postgresEngine } from '../../src/database/engine/postgres.ts'
import { engineFrom, openPglite, openPostgres, type Opened, pgliteTemplate } from './opened.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'
import { helpers } from './suites/helpers.ts'
import { isolation } from './suites/isolation.ts'
import { migrations } from './suites/migrations.ts'
import { schema } from './suites/schema.ts'
import { transactions } from './suites/transactions.ts'

const bin = process.env['POSTGRESQL_BIN'] ?? ''

/** What a store promises, the same on both. */
function conformance(open: () => Promise<Opened>, empty: () => Promise<Engine>): void {
  let opened: Opened | undefined
  beforeAll(async () => void (opened = await open()), 60_000)
  afterAll(() => opened?.close())
  const get = (): Opened => opened as Opened
  schema(get)
  isolation(get)
  transactions(get)
  helpers(get)
  migrations(empty)
}

describe('on PGlite', () => {
  conformance(
    async () => openPglite(await pgliteTemplate()),
    async () => engineFrom(await pgliteTemplate(false)),
  )
})

describe.skipIf(bin === '')('on PostgreSQL', () => {
  let server: PostgresServer
  beforeAll(async () => void (server = await startPostgres(bin)), 60_000)
  afterAll(() => server.stop())
  conformance(
    () => openPostgres(server),
    async () => {
      const { migrationUrl } = await server.createDatabase()
      return postgresEngine({ url: migrationUrl, poolSize: 2, connectTimeoutMs: 5_000, onLost: () => undefined })
    },
  )
})

import { databaseError } from '../classify.ts'
import type { Role } from '../claims.ts'
import type { Connection, Engine } from '../engine/engine.ts'
import { migrationChanged, migrationFailed, newer, outdated } from '../errors.ts'
import type { Migration } from './migrations.ts'

/** Of the advisory lock; any number, always the same. */
const LOCK = '4836051297130442'

export interface MigrateOptions {
  /** How long to wait for somebody else who migrates, in ms. */
  readonly waitMs: number
  readonly onApplied?: (id: string) => void
}

/**
 * Takes the steps that are missing: each in a transaction of its own, under a lock, so that of several who start at once one takes it
 * and the others find it taken, and a crash leaves it either taken or not.
 * @throws HoldfastError `STORE_NEWER`, `STORE_MIGRATION_CHANGED`, `STORE_MIGRATION_FAILED`
 */
export async function migrate(
  engine: Engine,
  migrations: readonly Migration[],
  options: MigrateOptions,
): Promise<void> {
  for (;;) {
    const connection = await connect(engine)
    let taken: string | undefined
    try {
      taken = await step(connection, migrations, options)
      await connection.script('commit')
    } catch (error) {
      await connection.script('rollback').then(
        () => connection.release(),
        () => connection.discard(Promise.resolve()),
      )
      throw error
    }
    connection.release()
    if (taken === undefined) return
    options.onApplied?.(taken)
  }
}

/** Checks that the database has each of these steps, and no other. @throws HoldfastError */
export async function checkMigrated(engine: Engine, migrations: readonly Migration[]): Promise<void> {
  const missing = (await missingAsApp(engine, migrations)).map(({ id }) => id)
  if (missing.length > 0) throw outdated(missing)
}

/** What is missing, for somebody who may only look. */
export async function missingAsApp(engine: Engine, migrations: readonly Migration[]): Promise<readonly Migration[]> {
  const connection = await connect(engine)
  try {
    await connection.script('begin read only')
    return migrations.slice((await applied(connection, migrations, 'holdfast_app')).length)
  } catch (error) {
    throw databaseError(error, 'connect')
  } finally {
    await connection.script('rollback').then(
      () => connection.release(),
      () => connection.discard(Promise.resolve()),
    )
  }
}

async function step(
  connection: Connection,
  migrations: readonly Migration[],
  options: MigrateOptions,
): Promise<string | undefined> {
  let next: Migration | undefined
  try {
    const wait = String(Math.max(1, Math.ceil(options.waitMs)))
    await connection.script(
      `begin; set local lock_timeout = ${wait}; set local statement_timeout = 0; select pg_advisory_xact_lock(${LOCK})`,
    )
    next = migrations[(await applied(connection, migrations, 'holdfast_owner')).length]
    if (next === undefined) return undefined
    await connection.script(next.sql)
    await connection.script('set local role holdfast_owner')
    await connection.query('insert into holdfast.migrations (id, checksum) values ($1, $2)', [next.id, next.checksum])
    return next.id
  } catch (error) {
    const failure = databaseError(error, 'statement')
    if (next === undefined || failure === error) throw failure
    const text = (error as { readonly message?: unknown }).message
    throw migrationFailed(next.id, typeof text === 'string' ? text : failure.code, error)
  }
}

async function applied(
  connection: Connection,
  migrations: readonly Migration[],
  role: Role | 'holdfast_owner',
): Promise<readonly string[]> {
  const { rows: found } = await connection.query(
    "select 1 from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = 'holdfast' and c.relname = 'migrations'",
    [],
  )
  if (found.length === 0) return []
  await connection.script(`set local role ${role}`)
  const { rows } = await connection.query('select id, checksum from holdfast.migrations order by id', [])
  await connection.script('set local role none')
  return rows.map(({ id, checksum }, index) => {
    const known = migrations[index]
    if (known === undefined || known.id !== id)
      throw migrations.some((one) => one.id === id) ? migrationChanged(String(id)) : newer(String(id))
    if (known.checksum !== checksum) throw migrationChanged(known.id)
    return known.id
  })
}

async function connect(engine: Engine): Promise<Connection> {
  try {
    return await engine.connect()
  } catch (error) {
    throw databaseError(error, 'connect')
  }
}

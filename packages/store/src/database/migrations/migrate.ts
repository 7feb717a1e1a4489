import { createHash } from 'node:crypto'
import { HoldfastError } from '@holdfast/core'
import type { Engine, Session } from '../engine/engine.ts'
import { rolesMigration } from './001-roles.ts'
import { checkRoles } from './check-roles.ts'
import type { Migration } from './migration.ts'

/** Any number, as long as nobody else takes the same one. */
const LOCK = 4_600_470_001

const PREPARE = `
create schema if not exists holdfast;
create table if not exists holdfast.migrations (
  id integer primary key,
  name text not null,
  checksum text not null,
  applied_at timestamptz not null default now()
);
`

/** What was done. */
export interface MigrationResult {
  /** The names of those that were applied now. */
  readonly applied: readonly string[]
  /** How many there are. */
  readonly version: number
}

/**
 * Brings the schema up to date: each step in a transaction of its own, one process at a time, the others wait. A crash leaves whole steps.
 *
 * @throws HoldfastError `MIGRATION_CHANGED` when one that was applied is not the one that is here; `STORE_TOO_NEW` when the database has one that is not.
 */
export async function migrate(
  engine: Engine,
  migrations: readonly Migration[],
  signal: AbortSignal,
): Promise<MigrationResult> {
  const applied: string[] = []
  for (const migration of migrations) {
    const isNew = await engine.transaction({
      opening: `select pg_advisory_xact_lock(${LOCK}); ${PREPARE}`,
      work: (session) => apply(session, migration, migrations),
      signal,
    })
    if (isNew) applied.push(migration.name)
  }
  return { applied, version: migrations.length }
}

/** @throws HoldfastError as {@link migrate} */
export async function checkVersion(
  engine: Engine,
  migrations: readonly Migration[],
  signal: AbortSignal,
): Promise<void> {
  const { rows } = await engine.transaction({
    opening: 'select 1',
    work: (session) => session.query(`select to_regclass('holdfast.migrations') is not null as exists`),
    signal,
  })
  if (rows[0]?.['exists'] !== true) throw behind(0, migrations.length)
  const known = await engine.transaction({
    opening: 'select 1',
    work: (session) => readApplied(session, migrations),
    signal,
  })
  if (known.size < migrations.length) throw behind(known.size, migrations.length)
}

async function apply(session: Session, migration: Migration, all: readonly Migration[]): Promise<boolean> {
  const known = await readApplied(session, all)
  if (known.has(migration.id)) return false
  if (migration === rolesMigration) await checkRoles(session)
  await session.script(migration.sql)
  const { id, name } = migration
  await session.query('insert into holdfast.migrations (id, name, checksum) values ($1, $2, $3)', [
    id,
    name,
    checksumOf(migration),
  ])
  return true
}

/** The steps that the database has. */
async function readApplied(session: Session, all: readonly Migration[]): Promise<ReadonlySet<number>> {
  const { rows } = await session.query('select id, name, checksum from holdfast.migrations order by id')
  for (const { id, name, checksum } of rows) {
    const here = all.find((migration) => migration.id === id)
    if (here === undefined) {
      throw refused(
        'STORE_TOO_NEW',
        `The database has the migration ${String(id)} (${String(name)}), which this version does not know: use the newer version`,
      )
    }
    if (checksumOf(here) !== checksum) {
      throw refused(
        'MIGRATION_CHANGED',
        `The migration ${String(id)} (${here.name}) is not the one that the database has: one that was released must not change`,
      )
    }
  }
  return new Set(rows.map(({ id }) => Number(id)))
}

function checksumOf({ sql }: Migration): string {
  return createHash('sha256').update(sql).digest('hex')
}

function behind(has: number, wants: number): HoldfastError {
  return refused('STORE_NOT_MIGRATED', `The database has ${has} of ${wants} migrations: apply them first`)
}

function refused(code: string, message: string): HoldfastError {
  return new HoldfastError({ code, category: 'configuration', message, retryable: false, mayHaveTakenEffect: false })
}

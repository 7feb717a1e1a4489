import { checkBackup, restoreRows } from './backup/restore.ts'
import { BACKUP } from './claims.ts'
import { BACKUP_DEADLINE_MS, createStore } from './create-store.ts'
import { invalid } from './errors.ts'
import type { Engine } from './engine/engine.ts'
import { migrate } from './migrations/migrate.ts'
import { MIGRATIONS } from './migrations/migrations.ts'
import {
  bringUpToDate,
  checkBackupRole,
  checkVersion,
  connectTo,
  emit,
  harden,
  inspect,
  openEngine,
  transactionsOn,
} from './opening.ts'
import { checkDeadline, settingsOf, type StoreOptions } from './options.ts'
import type { Store, TransactionOptions } from './store.ts'
import { FromWork } from './transactions.ts'

/**
 * Opens the database, makes it if there is none, and takes the migrations that it lacks.
 *
 * @example
 * ```ts
 * import { openStore } from '@holdfast/store/database'
 *
 * await using store = await openStore({ memory: true }) // or { directory: '.data/store' }, or { url: process.env.DATABASE_URL }
 * await store.asWorker('acme', (tx) => tx.insertInto('tenants').values({ id: 'acme', name: 'Acme' }).execute())
 *
 * const ann = { tenant: 'acme', user: 'ann' }
 * await store.withClaims(ann, (tx) => tx.insertInto('clients').values({ name: 'Dr. Amelia Hart' }).execute())
 * console.log(await store.withClaims(ann, (tx) => tx.selectFrom('clients').select('name').execute()))
 * // Whatever somebody else asks for, it is not there.
 * const eve = { tenant: 'other', user: 'eve' }
 * console.log(await store.withClaims(eve, (tx) => tx.selectFrom('clients').selectAll().execute())) // []
 * ```
 * @throws HoldfastError `INVALID_OPTION`; `STORE_LOCKED`: another process, or part of this one, has the directory; `STORE_NEWER`, `STORE_MIGRATION_CHANGED`,
 * `STORE_MIGRATION_FAILED`, `STORE_OUTDATED`, `STORE_CANNOT_OPEN`; what connecting ends with, such as `CONNECTION_REFUSED`
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const settings = settingsOf(options)
  const startedAt = settings.clock.now()
  const engine = await openEngine(settings)
  try {
    await versionOf(engine)
    await bringUpToDate(engine, settings, MIGRATIONS)
    await harden(engine)
    const facts = await inspect(engine)
    emit(settings, engine.where, {
      type: 'store-opened',
      engine: engine.kind,
      durationMs: settings.clock.now() - startedAt,
      warnings: facts.warnings,
    })
    return createStore(engine, settings, facts)
  } catch (error) {
    await engine.close().catch(() => undefined)
    throw error
  }
}

/** What was restored. */
export interface RestoreResult {
  readonly rows: number
  /** When the backup was made, ISO 8601. */
  readonly at: string
}

/**
 * Restores a backup into a store that is empty, or not there yet, of either kind: so it also leads from PGlite to PostgreSQL and back. All of it in one
 * transaction: after an error there is nothing.
 *
 * @throws HoldfastError `STORE_BACKUP_DAMAGED`, `STORE_NOT_EMPTY`, `STORE_NEWER`, and what {@link openStore} throws
 */
export async function restoreStore(
  options: StoreOptions,
  file: string,
  { signal, deadlineMs = BACKUP_DEADLINE_MS }: TransactionOptions = {},
): Promise<RestoreResult> {
  const settings = settingsOf(options)
  checkDeadline(deadlineMs)
  if (settings.place.kind === 'memory')
    throw invalid(
      'INVALID_OPTION',
      'A backup is restored into a directory or a url: what is in memory ends with the restoration.',
    )
  const header = await checkBackup(file, MIGRATIONS)
  signal?.throwIfAborted()
  const engine = await openEngine(settings, true)
  try {
    await versionOf(engine)
    const waitMs = settings.migrationWaitMs
    // As it was when the backup was made; what has changed since then is made of it afterwards.
    await migrate(engine, MIGRATIONS.slice(0, header.migrations.length), { waitMs })
    await checkBackupRole(engine)
    const { transactions } = transactionsOn(engine, settings)
    const rows = await transactions.run(BACKUP, (transaction) => restoreRows(transaction, file), { signal, deadlineMs })
    await migrate(engine, MIGRATIONS, { waitMs })
    return Object.freeze({ rows, at: header.at })
  } catch (error) {
    throw error instanceof FromWork ? error.error : error
  } finally {
    await engine.close().catch(() => undefined)
  }
}

async function versionOf(engine: Engine): Promise<void> {
  const connection = await connectTo(engine)
  try {
    await checkVersion(connection, engine)
  } finally {
    connection.release()
  }
}

import { HoldfastError } from '@holdfast/core'
import { createBulkhead } from '@holdfast/core/admission'
import { databaseError } from './classify.ts'
import { BACKUP, beginAs, type Identity, NOBODY, workerFor } from './claims.ts'
import type { Connection, Engine } from './engine/engine.ts'
import { memoryEngine, pgliteEngine } from './engine/pglite.ts'
import { postgresEngine } from './engine/postgres.ts'
import { cannotOpen } from './errors.ts'
import type { StoreEvent } from './events.ts'
import { checkMigrated, migrate, missingAsApp } from './migrations/migrate.ts'
import type { Migration } from './migrations/migrations.ts'
import type { StoreSettings } from './options.ts'
import { Transactions } from './transactions.ts'

/** The oldest PostgreSQL whose SQL is understood here: `on delete set null (column)` came with 15. */
const OLDEST = 150_000

/** What an opened database is found to be. */
export interface Facts {
  /** `18.6`. */
  readonly version: string
  readonly warnings: readonly string[]
  /** Whether the server can notice, while a statement runs, that nobody is there any more. */
  readonly noticesHangUp: boolean
}

export function emit(
  settings: StoreSettings,
  where: string,
  event: { readonly type: StoreEvent['type'] } & Partial<Record<string, unknown>>,
): void {
  const { events, clock } = settings
  if (events?.active !== true) return
  events.emit({ at: clock.wallTime(), where, ...event } as StoreEvent)
}

export async function openEngine(settings: StoreSettings, migrates = false): Promise<Engine> {
  const { place, poolSize, connectTimeoutMs } = settings
  switch (place.kind) {
    case 'directory':
      return pgliteEngine(place.directory)
    case 'memory':
      return memoryEngine()
    case 'url': {
      const url = migrates ? (place.migrationUrl ?? place.url) : place.url
      const engine = await postgresEngine({
        url,
        poolSize: migrates ? 1 : poolSize,
        connectTimeoutMs,
        onLost: (error) =>
          emit(settings, engine.where, { type: 'store-connection-lost', code: databaseError(error, 'statement').code }),
      })
      return engine
    }
  }
}

export function transactionsOn(
  engine: Engine,
  settings: StoreSettings,
  noticesHangUp = false,
): { readonly transactions: Transactions; readonly slots: ReturnType<typeof createBulkhead> } {
  const { clock, maxWaiting, integration } = settings
  const slots = createBulkhead({
    name: 'store',
    maxConcurrent: engine.size,
    maxQueued: maxWaiting,
    maxQueueMs: Infinity,
    clock,
  })
  return {
    transactions: new Transactions(engine, slots, clock, integration?.name ?? 'the store', noticesHangUp),
    slots,
  }
}

/** Takes the migrations that are missing, as whoever may; or refuses a database that lacks some. */
export async function bringUpToDate(
  engine: Engine,
  settings: StoreSettings,
  migrations: readonly Migration[],
): Promise<void> {
  if (!settings.migrate) return checkMigrated(engine, migrations)
  // Most starts have nothing to do, and need no rights for it.
  const missing = await missingAsApp(engine, migrations).catch((error: unknown) => {
    if (HoldfastError.isInstance(error) && error.code === 'STORE_DENIED') return migrations
    throw error
  })
  if (missing.length === 0) return
  const other = settings.place.kind === 'url' && settings.place.migrationUrl !== undefined
  const migrator = other ? await openEngine(settings, true) : engine
  try {
    await migrate(migrator, migrations, {
      waitMs: settings.migrationWaitMs,
      onApplied: (migration) => emit(settings, engine.where, { type: 'store-migration-applied', migration }),
    })
    if (other) await grantTo(engine, migrator)
  } catch (error) {
    if (!HoldfastError.isInstance(error) || error.code !== 'STORE_DENIED') throw error
    throw cannotOpen(
      engine.where,
      'its login may neither use it nor migrate it; grant it holdfast_app and holdfast_worker',
      error,
    )
  } finally {
    if (other) await migrator.close()
  }
}

/** Lets the login of the application be what it is to be, where the one that migrates has the right to say so. */
async function grantTo(engine: Engine, migrator: Engine): Promise<void> {
  const [application, administrator] = await Promise.all([connectTo(engine), connectTo(migrator)])
  try {
    const { rows } = await application.query('select quote_ident(session_user) as login', [])
    await administrator.script(`grant holdfast_app, holdfast_worker to ${String(rows[0]?.['login'])}`)
  } catch {
    // Whether it is, is looked at next.
  } finally {
    application.release()
    administrator.release()
  }
}

/** Looks whether everything a store promises holds here. @throws HoldfastError `STORE_CANNOT_OPEN`, and what connecting throws */
export async function inspect(engine: Engine): Promise<Facts> {
  const connection = await connectTo(engine)
  try {
    const version = await checkVersion(connection, engine)
    return {
      version,
      warnings: await warningsOf(connection, engine),
      noticesHangUp: await noticesHangUp(connection, engine),
    }
  } finally {
    connection.release()
  }
}

/** @throws HoldfastError `STORE_CANNOT_OPEN` */
export async function checkVersion(connection: Connection, engine: Engine): Promise<string> {
  const { rows } = await connection.query(
    "select current_setting('server_version_num')::int as number, split_part(current_setting('server_version'), ' ', 1) as version",
    [],
  )
  const { number, version } = rows[0] as { readonly number: number; readonly version: string }
  if (number < OLDEST) throw cannotOpen(engine.where, `PostgreSQL 15 or later is needed, and this is ${version}`)
  return version
}

export async function connectTo(engine: Engine): Promise<Connection> {
  try {
    return await engine.connect()
  } catch (error) {
    throw databaseError(error, 'connect')
  }
}

async function warningsOf(connection: Connection, engine: Engine): Promise<readonly string[]> {
  const { rows: open } = await connection.query(
    `select c.relname as name from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'holdfast' and c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity) order by 1`,
    [],
  )
  if (open.length > 0)
    throw cannotOpen(engine.where, `row-level security is off for ${open.map(({ name }) => String(name)).join(', ')}`)
  for (const identity of [NOBODY, workerFor('-')]) await become(connection, engine, identity)
  const { rows } = await connection.query(
    `select rolsuper, rolbypassrls, pg_has_role(session_user, 'holdfast_owner', 'MEMBER') as owner, session_user::text as login,
       has_function_privilege('holdfast_app', '${SETTER}', 'execute') as sets
     from pg_catalog.pg_roles where rolname = session_user`,
    [],
  )
  const { rolsuper, rolbypassrls, owner, sets, login } = rows[0] as Readonly<Record<string, boolean>> & {
    readonly login: string
  }
  const warnings: string[] = []
  if (engine.kind === 'pglite')
    warnings.push('PGlite has one login, a superuser: whatever gets around its role may do anything.')
  else if (rolsuper === true)
    warnings.push(`The login ${login} is a superuser: whatever gets around its role may do anything.`)
  else if (rolbypassrls === true)
    warnings.push(`The login ${login} has BYPASSRLS: whatever gets around its role sees everything.`)
  else if (owner === true)
    warnings.push(`The login ${login} may become the owner of the tables: give the application another one.`)
  if (sets === true)
    warnings.push(`SQL that was injected could ask as another tenant: let a superuser do ${REVOKE_SETTER}.`)
  return warnings
}

/** Sets anything within any statement, the claims and the role too, and everybody may call it. */
const SETTER = 'pg_catalog.set_config(text, text, boolean)'
const REVOKE_SETTER = `revoke execute on function ${SETTER} from public`

/** Takes it from everybody, in a database that is ours alone: one that is shared may have others who need it. */
export async function harden(engine: Engine): Promise<void> {
  if (engine.kind !== 'pglite') return
  const connection = await connectTo(engine)
  const { rows } = await connection.query(
    `select has_function_privilege('holdfast_app', '${SETTER}', 'execute') as sets`,
    [],
  )
  if (rows[0]?.['sets'] === true) await connection.script(REVOKE_SETTER)
  connection.release()
}

/** Only on systems that tell a server of it; on others the setting is refused. */
async function noticesHangUp(connection: Connection, engine: Engine): Promise<boolean> {
  if (!engine.hasTimeouts) return false
  try {
    await connection.script('begin; set local client_connection_check_interval = 1000')
    return true
  } catch {
    return false
  } finally {
    await connection.script('rollback')
  }
}

async function become(connection: Connection, engine: Engine, identity: Identity): Promise<void> {
  try {
    await connection.script(beginAs(identity))
  } catch (error) {
    throw cannotOpen(
      engine.where,
      `its login may not become ${identity.role}; grant it that role`,
      databaseError(error, 'connect'),
    )
  } finally {
    await connection.script('rollback')
  }
}

/** Whether backups can be made as this login. @throws HoldfastError `STORE_CANNOT_OPEN` */
export async function checkBackupRole(engine: Engine): Promise<void> {
  const connection = await connectTo(engine)
  try {
    await become(connection, engine, BACKUP)
  } finally {
    connection.release()
  }
}

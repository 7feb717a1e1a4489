import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { json } from '../database/schema.ts'
import type { Transaction } from '../database/session-dialect.ts'
import type { Store, TransactionOptions } from '../database/store.ts'
import { isJson } from './entries.ts'
import type { EntryKind, PreparedEntry } from './entries.ts'
import { keyReused } from './errors.ts'

const TABLES = {
  ticket: 'tickets',
  lead: 'leads',
  handover: 'handovers',
  mail: 'mails',
  audit: 'audit',
} as const satisfies Readonly<Record<EntryKind, string>>

/** What a worker is called where it does not say. */
const WORKER = 'worker'

/** Writes an entry in the name of its author, once. @returns whether it had been there. */
export async function keepInStore(
  store: Pick<Store, 'withClaims' | 'asWorker'>,
  prepared: PreparedEntry,
  acceptedAt: number,
  options: TransactionOptions,
): Promise<boolean> {
  const { tenant, person } = prepared
  const work = (transaction: Transaction): Promise<boolean> => insertOnce(transaction, prepared, acceptedAt)
  return person === undefined
    ? store.asWorker(tenant, work, options)
    : store.withClaims({ tenant, ...person }, work, options)
}

/** As `once` does it, and in one statement, since what comes of it is known: the row is inserted from the key, if that was new. */
async function insertOnce(transaction: Transaction, prepared: PreparedEntry, acceptedAt: number): Promise<boolean> {
  const { kind, id, person, entry } = prepared
  const key = `intake/${kind}/${prepared.key}`
  const fingerprint = createHash('sha256')
    .update(JSON.stringify({ user: person?.user, entry }))
    .digest('hex')
  const row = columnsOf(prepared, acceptedAt)
  const names = sql.join(row.map(([name]) => sql.ref(name)))
  const values = sql.join(row.map(([, value]) => value))
  const { numAffectedRows } = await sql`
    with claimed as (
      insert into idempotency_keys (key, fingerprint, result) values (${key}, ${fingerprint}, ${json(id)})
      on conflict (tenant, key) do nothing returning key
    )
    insert into ${sql.table(TABLES[kind])} (${names}) select ${values} from claimed`.execute(transaction)
  if (numAffectedRows === 1n) return false
  const before = await transaction
    .selectFrom('idempotency_keys')
    .select('fingerprint')
    .where('key', '=', key)
    .executeTakeFirstOrThrow()
  if (before.fingerprint !== fingerprint) throw keyReused()
  return true
}

type Column = readonly [name: string, value: ReturnType<typeof sql>]

function columnsOf({ kind, id, entry, person }: PreparedEntry, acceptedAt: number): readonly Column[] {
  const columns: Column[] = [
    ['id', sql`${id}::uuid`],
    ['created_at', sql`${new Date(acceptedAt).toISOString()}::timestamptz`],
  ]
  for (const [part, value] of Object.entries(entry)) {
    if (kind === 'audit' && part === 'actor') continue
    if (isJson(kind, part)) columns.push([part, sql`${json(value)}::jsonb`])
    else columns.push([part, part === 'client_id' ? sql`${value}::uuid` : sql`${value}::text`])
  }
  if (kind === 'audit') columns.push(['actor', sql`${person?.user ?? entry['actor'] ?? WORKER}::text`])
  return columns
}

import { once } from '../database/once.ts'
import { json } from '../database/schema.ts'
import type { Transaction } from '../database/session-dialect.ts'
import type { Store, TransactionOptions } from '../database/store.ts'
import { isJson } from './entries.ts'
import type { EntryKind, PreparedEntry } from './entries.ts'

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
  const { tenant, person, kind, key, entry } = prepared
  const work = async (transaction: Transaction): Promise<boolean> => {
    const effect = (): Promise<string> => insert(transaction, prepared, acceptedAt)
    const { repeated } = await once(transaction, `intake/${kind}/${key}`, { user: person?.user, entry }, effect)
    return repeated
  }
  return person === undefined
    ? store.asWorker(tenant, work, options)
    : store.withClaims({ tenant, ...person }, work, options)
}

async function insert(
  transaction: Transaction,
  { kind, id, entry, person }: PreparedEntry,
  acceptedAt: number,
): Promise<string> {
  const row: Record<string, unknown> = { id, created_at: new Date(acceptedAt) }
  for (const [part, value] of Object.entries(entry)) row[part] = isJson(kind, part) ? json(value) : value
  if (kind === 'audit') row['actor'] = person?.user ?? entry['actor'] ?? WORKER
  // Its parts were checked when it was accepted; what else a column wants the database says.
  await transaction
    .insertInto(TABLES[kind])
    .values(row as never)
    .execute()
  return id
}

import { sql } from 'kysely'
import type { Transaction } from './session-dialect.ts'

/** Keys that are forgotten in one transaction. */
const AT_ONCE = 1_000

/**
 * Forgets the oldest idempotency keys from before a moment, up to 1,000: whoever comes with one of them after that has its effect once more. For a tenant's workers; others may not.
 *
 * @returns how many were forgotten; as long as they are 1,000 there may be more.
 */
export async function forgetKeys(transaction: Transaction, before: Date): Promise<number> {
  // One that is in use just now is left for the next time. Chosen once: a planner that knows how the rows are spread would look for the oldest again for each one that it deletes, and find others.
  const { numAffectedRows = 0n } = await sql`
    with old as materialized (
      select tenant, key from idempotency_keys where created_at < ${before}
      order by created_at limit ${AT_ONCE} for update skip locked
    )
    delete from idempotency_keys k using old where k.tenant = old.tenant and k.key = old.key`.execute(transaction)
  return Number(numAffectedRows)
}

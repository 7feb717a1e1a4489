import type { Transaction } from './session-dialect.ts'

/** Keys that are forgotten in one transaction. */
const AT_ONCE = 1_000

/**
 * Forgets the oldest idempotency keys from before a moment, up to 1,000: whoever comes with one of them after that has its effect once more. For a tenant's workers; others may not.
 *
 * @returns how many were forgotten; as long as they are 1,000 there may be more.
 */
export async function forgetKeys(transaction: Transaction, before: Date): Promise<number> {
  const old = transaction
    .selectFrom('idempotency_keys')
    .select('key')
    .where('created_at', '<', before)
    .orderBy('created_at')
    .limit(AT_ONCE)
    // One that is in use just now is left for the next time.
    .forUpdate()
    .skipLocked()
  const { numDeletedRows } = await transaction.deleteFrom('idempotency_keys').where('key', 'in', old).executeTakeFirst()
  return Number(numDeletedRows)
}

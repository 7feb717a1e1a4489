import type { Transaction } from '../session-dialect.ts'

/** Writes that are forgotten in one transaction. */
const AT_ONCE = 1_000

/**
 * Forgets the oldest writes to other systems from before a moment, up to 1,000, of those that are known to have been made: whoever comes with the key of one of them after that makes it once more. One of which nobody
 * knows stays until a person has settled it. For a tenant's workers; others may not.
 *
 * @returns how many were forgotten; as long as they are 1,000 there may be more.
 */
export async function forgetWrites(transaction: Transaction, before: Date): Promise<number> {
  const old = await transaction
    .selectFrom('outside_writes')
    .select(['service', 'key'])
    .where('state', '=', 'made')
    .where('claimed_at', '<', before)
    .orderBy('claimed_at')
    .limit(AT_ONCE)
    .forUpdate()
    .skipLocked()
    .execute()
  if (old.length === 0) return 0
  const { numDeletedRows } = await transaction
    .deleteFrom('outside_writes')
    .where('state', '=', 'made')
    .where(({ eb, refTuple, tuple }) =>
      eb(
        refTuple('key', 'service'),
        'in',
        old.map(({ service, key }) => tuple(key, service)),
      ),
    )
    .executeTakeFirst()
  return Number(numDeletedRows)
}

import { createHash } from 'node:crypto'
import { HoldfastError } from '@holdfast/core'
import { json } from './schema.ts'
import type { Transaction } from './session-dialect.ts'

/** What came of an effect that happens once. */
export interface OnceResult<T> {
  /** As JSON has it, also the first time. */
  readonly result: T
  /** Whether it had happened before. */
  readonly repeated: boolean
}

/**
 * Lets an effect in the store happen once for a key of the tenant: the key is written in the same transaction, so both are there or neither is. A second transaction with the key waits for the first, and gets its result.
 *
 * @param input what the key stands for.
 * @param effect what it does in this transaction; it resolves to what JSON can say.
 * @throws HoldfastError `IDEMPOTENCY_KEY_REUSED` when the key stood for another input.
 */
export async function once<T>(
  transaction: Transaction,
  key: string,
  input: unknown,
  effect: () => Promise<T>,
): Promise<OnceResult<T>> {
  const fingerprint = createHash('sha256')
    .update(JSON.stringify(input) ?? '')
    .digest('hex')
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('idempotency_keys')
    .values({ key, fingerprint })
    .onConflict((conflict) => conflict.columns(['tenant', 'key']).doNothing())
    .executeTakeFirstOrThrow()
  const row = transaction.selectFrom('idempotency_keys').select(['fingerprint', 'result']).where('key', '=', key)
  if (numInsertedOrUpdatedRows === 0n) {
    const before = await row.executeTakeFirstOrThrow()
    if (before.fingerprint !== fingerprint) throw keyReused()
    return { result: before.result as T, repeated: true }
  }
  const result = json((await effect()) ?? null)
  await transaction.updateTable('idempotency_keys').set({ result }).where('key', '=', key).execute()
  return { result: JSON.parse(result) as T, repeated: false }
}

/** The error for an idempotency key that stood for something else. */
export function keyReused(): HoldfastError {
  return new HoldfastError({
    code: 'IDEMPOTENCY_KEY_REUSED',
    category: 'validation',
    message: 'This idempotency key was used before for something else',
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

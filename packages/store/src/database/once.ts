import { createHash } from 'node:crypto'
import { invalid, keyReused } from './errors.ts'
import { json } from './json.ts'
import type { Json } from './schema.ts'
import type { StoreTransaction } from './store.ts'

/** What is to be done once. */
export interface OnceOptions {
  /** Stands for this piece of work of the tenant: 1 to 200 characters. */
  readonly key: string
  /** What it is done with, as JSON holds it; the key with another input is refused. */
  readonly input: unknown
}

/**
 * Does something once, in the transaction that it is given: with a key that was used before it does nothing, and resolves to what came of it then. Two at once wait for
 * each other. It is once as far as the work is in the transaction too; an e-mail that it sends is not.
 *
 * @returns what the work resolves to, as JSON holds it
 * @throws HoldfastError `STORE_KEY_REUSED`; `STORE_VALUE` for an input or a result that is no JSON
 * @example
 * ```ts
 * import { once, openStore } from '@holdfast/store/database'
 *
 * await using store = await openStore({ memory: true })
 * await store.asWorker('acme', (tx) => tx.insertInto('tenants').values({ id: 'acme', name: 'Acme' }).execute())
 *
 * const openTicket = () =>
 *   store.withClaims({ tenant: 'acme', user: 'ann' }, (tx) =>
 *     once(tx, { key: 'request-7', input: { summary: 'The printer is on fire.' } }, async () => {
 *       await tx.insertInto('tickets').values({ id: 'T-1', summary: 'The printer is on fire.' }).execute()
 *       return { ticket: 'T-1' }
 *     }),
 *   )
 * console.log(await openTicket(), await openTicket()) // the same twice, and one ticket
 * ```
 */
export async function once(
  transaction: StoreTransaction,
  options: OnceOptions,
  work: () => Promise<unknown>,
): Promise<Json> {
  const { key, input } = options
  if (typeof key !== 'string' || key === '' || key.length > 200)
    throw invalid('STORE_VALUE', 'An idempotency key must be 1 to 200 characters.')
  const fingerprint = createHash('sha256')
    .update(canonical(JSON.parse(json(input)) as Json))
    .digest('hex')
  const begun = await transaction
    .insertInto('idempotency_keys')
    .values({ key, fingerprint })
    .onConflict((conflict) => conflict.columns(['tenant', 'key']).doNothing())
    .returning('key')
    .executeTakeFirst()
  if (begun === undefined) {
    const before = await transaction
      .selectFrom('idempotency_keys')
      .select(['fingerprint', 'result'])
      .where('key', '=', key)
      .executeTakeFirstOrThrow()
    if (before.fingerprint !== fingerprint) throw keyReused()
    return before.result
  }
  const result = json((await work()) ?? null)
  await transaction.updateTable('idempotency_keys').set({ result }).where('key', '=', key).execute()
  return JSON.parse(result) as Json
}

/** JSON with the keys of its objects in order: they may come in any. */
function canonical(value: Json): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}

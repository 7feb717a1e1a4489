import { createHash, randomBytes } from 'node:crypto'
import { json } from './schema.ts'
import type { Transaction } from './session-dialect.ts'

/** An API key to be made. */
export interface NewApiKey {
  /** Its name within the tenant. */
  readonly label: string
  /** What its holder is. Default: none. */
  readonly roles?: readonly string[] | undefined
  /** Default: never. */
  readonly expiresAt?: Date | undefined
}

/** How much of a key is kept to be shown. */
const SHOWN = 10

/**
 * Makes an API key for the tenant of a worker's transaction. The key itself is in what this resolves to and nowhere else: the store has its SHA-256. A slow hash, as for passwords, would protect nothing more: a
 * key is 256 random bits, which nobody tries through.
 *
 * @throws HoldfastError `CONFLICT` when there is one with this label.
 */
export async function createApiKey(
  transaction: Transaction,
  { label, roles = [], expiresAt }: NewApiKey,
): Promise<{ readonly id: string; readonly key: string }> {
  const key = `hf_${randomBytes(32).toString('base64url')}`
  const { id } = await transaction
    .insertInto('api_keys')
    .values({
      label,
      prefix: key.slice(0, SHOWN),
      hash: createHash('sha256').update(key).digest(),
      roles: json(roles),
      expires_at: expiresAt ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { id, key }
}

/** An API key, as far as it may be shown. */
export interface ListedApiKey {
  readonly id: string
  readonly label: string
  /** How it begins. */
  readonly prefix: string
  readonly roles: readonly string[]
  readonly createdAt: Date
  /** Left out of one that never expires. */
  readonly expiresAt?: Date
  /** Left out of one that was not revoked. */
  readonly revokedAt?: Date
}

/** The API keys of the tenant of a worker's transaction, the latest first. @param options.limit Default: 100. @param options.before only those made before. */
export async function listApiKeys(
  transaction: Transaction,
  { limit = 100, before }: { readonly limit?: number | undefined; readonly before?: Date | undefined } = {},
): Promise<readonly ListedApiKey[]> {
  const rows = await transaction
    .selectFrom('api_keys')
    .select(['id', 'label', 'prefix', 'roles', 'created_at', 'expires_at', 'revoked_at'])
    .$if(before !== undefined, (query) => query.where('created_at', '<', before!))
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(({ created_at: createdAt, expires_at: expiresAt, revoked_at: revokedAt, ...key }) => ({
    ...key,
    createdAt,
    ...(expiresAt === null ? {} : { expiresAt }),
    ...(revokedAt === null ? {} : { revokedAt }),
  }))
}

/** Ends an API key of the tenant of a worker's transaction. @returns whether there is one. */
export async function revokeApiKey(transaction: Transaction, id: string): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('api_keys')
    .set(({ fn, val, ref }) => ({ revoked_at: fn.coalesce(ref('revoked_at'), val(new Date())) }))
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

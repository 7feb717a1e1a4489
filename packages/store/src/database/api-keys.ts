import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { invalid } from './errors.ts'
import type { StoreTransaction } from './store.ts'

/** What an API key is to be. */
export interface NewApiKey {
  /** What people call it: 1 to 200 characters. */
  readonly label: string
  /** Whose it is. Default: nobody's in particular. */
  readonly user?: string | undefined
  /** What may be done with it: at most 32. Default: none. */
  readonly roles?: readonly string[] | undefined
  /** Default: never. */
  readonly expiresAt?: Date | undefined
}

/** A key that was just made. */
export interface CreatedApiKey {
  readonly id: string
  /** The key itself: to be shown once, since it is kept nowhere. */
  readonly key: string
  /** How it begins, to tell it from others. */
  readonly prefix: string
}

/** Whose an API key is. */
export interface ApiKeyOwner {
  readonly tenant: string
  readonly id: string
  readonly user: string | undefined
  readonly label: string
  readonly roles: readonly string[]
}

const KEY = /^hf_[A-Za-z0-9_-]{43}$/
const PREFIX_LENGTH = 9

/**
 * Makes an API key for the tenant of the transaction: 256 random bits, of which SHA-256 is kept. A slow hash, as for passwords, would add nothing: there is no list of likely keys
 * to try, and each request would pay for it. The claims need the role `admin`; a worker may, too.
 */
export async function createApiKey(
  transaction: StoreTransaction,
  { label, user, roles = [], expiresAt }: NewApiKey,
): Promise<CreatedApiKey> {
  const key = `hf_${randomBytes(32).toString('base64url')}`
  const prefix = key.slice(0, PREFIX_LENGTH)
  const { id } = await transaction
    .insertInto('api_keys')
    .values({
      label,
      prefix,
      key_hash: hashOf(key),
      user_id: user ?? null,
      roles: [...roles],
      expires_at: expiresAt ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return Object.freeze({ id, key, prefix })
}

/** Whose a key is, for a transaction of nobody. @throws HoldfastError `STORE_VALUE` for what is no text */
export async function ownerOfKey(transaction: StoreTransaction, key: string): Promise<ApiKeyOwner | undefined> {
  const { rows } = await sql<{
    tenant: string
    id: string
    user_id: string | null
    label: string
    roles: string[]
  }>`select * from app.find_api_key(${hashOf(key)})`.execute(transaction)
  const [row] = rows
  if (row === undefined) return undefined
  const { tenant, id, user_id, label, roles } = row
  return Object.freeze({ tenant, id, user: user_id ?? undefined, label, roles: Object.freeze(roles) })
}

/** Whether a text can be a key at all. @throws HoldfastError `STORE_VALUE` */
export function isKey(key: unknown): key is string {
  if (typeof key !== 'string') throw invalid('STORE_VALUE', 'An API key is a text.')
  return KEY.test(key)
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

import { createHash } from 'node:crypto'
import { systemClock } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import { createCache } from '@holdfast/core/cache'
import { createApiKey, listApiKeys, revokeApiKey } from '@holdfast/store/database'
import type { FoundApiKey, ListedApiKey, NewApiKey, Store } from '@holdfast/store/database'

/** For so long the store is not asked again about a key, in ms: one that was revoked elsewhere is good until then. */
const FRESH_MS = 5_000

/** How long the store may take to say whether a key is still good, in ms, before it counts as away. */
const STORE_TIMEOUT_MS = 1_000

/** The API keys of the store, of which those that were good a short while ago are known without it. */
export interface KnownKeys {
  /** Whose key it is. @throws HoldfastError of the store, about a key that is not known here while it is away */
  findApiKey(key: string): Promise<FoundApiKey | undefined>
  /** Makes a key; it is in what this resolves to, and nowhere else. @throws HoldfastError of the store, `CONFLICT` for a label that the tenant has already */
  make(tenant: string, key: NewApiKey): Promise<{ readonly id: string; readonly key: string }>
  /** The keys of a tenant, the latest first. @throws HoldfastError of the store */
  list(tenant: string, page: Parameters<typeof listApiKeys>[1]): Promise<readonly ListedApiKey[]>
  /**
   * Ends a key, here at once and elsewhere within seconds; while the store is away, here alone, and until it is back.
   * @returns whether there is one.
   * @throws HoldfastError of the store
   */
  revoke(tenant: string, id: string): Promise<boolean>
}

/** What {@link createKnownKeys} is made with. */
export interface KnownKeysOptions {
  readonly store: Pick<Store, 'findApiKey' | 'asWorker'>
  /** How long a key that was good is taken while the store is away, in ms. */
  readonly graceMs: number
  /** Default: the system's. */
  readonly clock?: Clock | undefined
}

/** Remembers good keys by their hashes, never the keys. Of a wrong one nothing is kept, so that guessing takes no room from them. */
export function createKnownKeys({ store, graceMs, clock = systemClock }: KnownKeysOptions): KnownKeys {
  const known = createCache<FoundApiKey | undefined>({
    name: 'api-keys',
    freshMs: FRESH_MS,
    staleIfErrorMs: graceMs,
    softTimeoutMs: STORE_TIMEOUT_MS,
    maxEntries: 10_000,
    clock,
  })
  return {
    async findApiKey(key) {
      const hash = createHash('sha256').update(key).digest('base64url')
      const { value } = await known.get(hash, async (_signal, context) => {
        const found = await store.findApiKey(key)
        if (found === undefined) {
          context.keep = false
          // It may have been good.
          known.delete(hash)
          return undefined
        }
        context.tags = [found.id]
        const leftMs = (found.expiresAt?.getTime() ?? Infinity) - clock.wallTime()
        context.freshMs = Math.max(0, Math.min(FRESH_MS, leftMs))
        context.staleIfErrorMs = Math.max(0, Math.min(graceMs, leftMs - context.freshMs))
        return found
      })
      return value
    },
    make: (tenant, key) => store.asWorker(tenant, (transaction) => createApiKey(transaction, key)),
    list: (tenant, page) => store.asWorker(tenant, (transaction) => listApiKeys(transaction, page)),
    async revoke(tenant, id) {
      try {
        return await store.asWorker(tenant, (transaction) => revokeApiKey(transaction, id))
      } finally {
        known.deleteByTag(id.toLowerCase())
      }
    },
  }
}

export { createCache } from './create-cache.ts'
export type {
  Cache,
  CacheContext,
  Cached,
  CacheGetOptions,
  CacheLifetimes,
  CacheScope,
  CacheSetOptions,
  CacheSnapshot,
  Compute,
} from './cache.ts'
export { CACHE_DEFAULTS } from './options.ts'
export type { CacheOptions } from './options.ts'
export type { CacheStore, StoreCall, StoredEntry } from './store.ts'
export { createDedupe } from '../dedupe/dedupe.ts'
export type { Dedupe, DedupeCallOptions } from '../dedupe/dedupe.ts'

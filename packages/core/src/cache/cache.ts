import type { CacheOptions } from './options.ts'

/** How long a value is served, and how long its callers wait: what one call, or one kind of data, may have of its own. */
export type CacheLifetimes = Pick<
  CacheOptions<never>,
  | 'freshMs'
  | 'staleWhileRevalidateMs'
  | 'staleIfErrorMs'
  | 'jitter'
  | 'eagerRefreshRatio'
  | 'negativeMs'
  | 'retryAfterErrorMs'
  | 'softTimeoutMs'
  | 'hardTimeoutMs'
>

/** Whose entry is meant. */
export interface CacheScope {
  /** Part of the key: what one tenant stored is never served to another, nor to a call without a tenant. Default: none. */
  readonly tenant?: string | undefined
}

/** How a value is stored. */
export interface CacheSetOptions extends CacheLifetimes, CacheScope {
  /** A name from the option `types`: the lifetimes for what is not said here. Default: those of the cache. */
  readonly type?: string | undefined
  /** What {@link Cache.deleteByTag} finds the entry by. Tenants share one set of tags. Default: none. */
  readonly tags?: readonly string[] | undefined
}

/**
 * How a value is looked up, and how it is stored if it has to be computed. Lifetimes belong to the value: those given with
 * a call matter for what that call computes, not for what is held already.
 */
export interface CacheGetOptions extends CacheSetOptions {
  /** The caller's own abort. Honoured at once; its reason comes back unchanged. */
  readonly signal?: AbortSignal | undefined
}

/** What a computation is told, and may change before it ends, to say how its result, or its failure, is kept. Sealed: a name that is not in it cannot be set. */
export interface CacheContext<Value> {
  /** Aborts when the last caller has left; also when nobody waits and the result would be too old to keep. */
  readonly signal: AbortSignal
  /** What is held when it begins, if anything may still be served: for a conditional request. */
  readonly held: Cached<Value> | undefined
  freshMs: number
  staleWhileRevalidateMs: number
  staleIfErrorMs: number
  negativeMs: number
  retryAfterErrorMs: number
  tags: readonly string[]
  /** `false`: the callers who wait get the value, and nobody else. */
  keep: boolean
}

/** Gets a value that is not held, or not fresh. */
export type Compute<Value> = (signal: AbortSignal, context: CacheContext<Value>) => Value | PromiseLike<Value>

/** A value with the truth about its age. */
export interface Cached<Value> {
  readonly value: Value
  /** Since it was stored, in ms; also over a restart, when it comes from the store. */
  readonly ageMs: number
  readonly state: 'fresh' | 'stale' | 'computed'
}

/** What a cache holds, and what it has done since it was made. A frozen copy. */
export interface CacheSnapshot {
  readonly name: string
  /** Entries in memory. */
  readonly size: number
  /** The sum of their sizes. */
  readonly bytes: number
  /** Look-ups served a fresh value. */
  readonly hits: number
  /** Look-ups that ended with a computed value or with an error of the computation. */
  readonly misses: number
  /** Look-ups served a stale value. */
  readonly stale: number
  /** Look-ups answered with a remembered failure. */
  readonly negativeHits: number
  /** Computations that gave a value, and those that failed; not those that everybody left or that were overtaken. */
  readonly refreshes: number
  readonly refreshFailures: number
  /** Entries that went to make room. */
  readonly evictions: number
  /** Entries taken from the store. */
  readonly storeHits: number
  /** Operations of the store that failed, took too long, or gave what is not an entry. */
  readonly storeErrors: number
  /** Share of the look-ups that a held value served: 0 to 1; 0 before the first. */
  readonly hitRatio: number
}

/** A bounded memory of values. Values are kept and given as they are, not copied: treat them as read-only. */
export interface Cache<Value> {
  /** Entries in memory. */
  readonly size: number
  /** The sum of their sizes. */
  readonly bytes: number
  /**
   * The fresh value; or a stale one while it is refreshed behind; or what `compute` gives; or, when that fails or takes too
   * long, a stale one. Calls for one key share one `compute`, with the options of the first, and its failure; it is aborted
   * only when the last waiter has left. Throws nothing itself; its promise rejects.
   * @throws what `compute` threw, when nothing may be served in its place; or the reason of `options.signal`, at once; or
   * HoldfastError `CACHE_TIMEOUT`, `REMEMBERED_FAILURE`, `INVALID_OPTION`.
   */
  get(key: string, compute: Compute<Value>, options?: CacheGetOptions): Promise<Cached<Value>>
  /** What is in memory, fresh or stale (within all three periods), without computing. */
  peek(key: string, options?: CacheScope): Cached<Value> | undefined
  /**
   * Remembers a value. A computation that is under way for the key no longer overwrites it.
   * @throws HoldfastError `INVALID_OPTION`
   */
  set(key: string, value: Value, options?: CacheSetOptions): void
  /**
   * Forgets a value, and what a computation under way for the key will give. With a store, nobody takes from there what was begun
   * before. @returns whether it was in memory.
   * @throws HoldfastError `INVALID_OPTION`
   */
  delete(key: string, options?: CacheScope): boolean
  /**
   * Forgets every value with this tag, every remembered failure of a computation that had it, and what a computation under way gives
   * with it. With a store, nobody takes from there what was begun before, whichever cache put it there. Takes the same time however
   * many there are.
   */
  deleteByTag(tag: string): void
  /** Forgets everything, and no longer believes what the store has by now; other processes do. */
  clear(): void
  snapshot(): CacheSnapshot
}

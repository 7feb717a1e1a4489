import type { Environment } from '../integration/integration.ts'

/** How long a remembered value is fresh, how long it may still be served, and how much is kept. */
export interface CacheOptions<Value> extends Environment {
  readonly name: string
  /** Served without asking again for this long, in ms. Default: 30,000. */
  readonly freshMs?: number
  /** After that, served at once while it is refreshed behind, for this long, in ms. Default: 0. */
  readonly staleWhileRevalidateMs?: number
  /** After that, served only when refreshing failed, for this long, in ms. Default: 0. */
  readonly staleIfErrorMs?: number
  /** Entries kept; the least recently used goes first. Default: 1,000. */
  readonly maxEntries?: number
  /** Sum of `sizeOf` over all entries, in bytes. Default: 16 MiB. */
  readonly maxBytes?: number
  /** Size of a value in bytes. Default: the length of its JSON. */
  readonly sizeOf?: (value: Value) => number
}

/** A value with the truth about its age. */
export interface Cached<Value> {
  readonly value: Value
  /** Since it was stored, in ms. */
  readonly ageMs: number
  readonly state: 'fresh' | 'stale' | 'computed'
}

/** A bounded memory of values. */
export interface Cache<Value> {
  readonly size: number
  readonly bytes: number
  /**
   * The fresh value; or a stale one while it is refreshed behind; or what `compute` gives; or, when that fails, a stale
   * one. Calls for one key share one `compute`; it is aborted only when the last waiter has left.
   * @throws what `compute` threw, when nothing may be served in its place.
   */
  get(
    key: string,
    compute: (signal: AbortSignal) => Value | PromiseLike<Value>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Cached<Value>>
  /** What is remembered, fresh or stale (within all three periods), without computing. */
  peek(key: string): Cached<Value> | undefined
  set(key: string, value: Value): void
  delete(key: string): boolean
  clear(): void
}

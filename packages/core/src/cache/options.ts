import type { Environment } from '../integration/integration.ts'
import { withDefaults } from '../validation/defaults.ts'
import {
  aFunction,
  aName,
  ENVIRONMENT_RULES,
  invalidOption,
  numberFrom,
  validate,
  wholeFrom,
} from '../validation/validate.ts'

/** How long a remembered value is fresh, how long it may still be served, and how much is kept. */
export interface CacheOptions<Value> extends Environment {
  /** 1 to 64 characters: lower-case letters, digits, `-`. */
  readonly name: string
  /** Served without asking again for this long, in ms. 0 to 31,536,000,000. Default: 30,000. */
  readonly freshMs?: number
  /** After that, served at once while it is refreshed behind, for this long, in ms. Default: 0. */
  readonly staleWhileRevalidateMs?: number
  /** After that, served only when refreshing failed, for this long, in ms. Default: 0. */
  readonly staleIfErrorMs?: number
  /** Entries kept; the least recently used goes first. 1 to 10,000,000. Default: 1,000. */
  readonly maxEntries?: number
  /** Sum of `sizeOf` over all entries, in bytes. A value that alone is bigger is not kept. Default: 16 MiB. */
  readonly maxBytes?: number
  /** Size of a value in bytes. A value it throws for, or has no size for, is not kept. Default: the length of its JSON. */
  readonly sizeOf?: (value: Value) => number
}

/** A value with the truth about its age. */
export interface Cached<Value> {
  readonly value: Value
  /** Since it was stored, in ms. */
  readonly ageMs: number
  readonly state: 'fresh' | 'stale' | 'computed'
}

/** A bounded memory of values. Values are kept and given as they are, not copied: treat them as read-only. */
export interface Cache<Value> {
  readonly size: number
  readonly bytes: number
  /**
   * The fresh value; or a stale one while it is refreshed behind; or what `compute` gives; or, when that fails, a stale
   * one. Calls for one key share one `compute`; it is aborted only when the last waiter has left.
   * @throws what `compute` threw, when nothing may be served in its place; or the reason of `options.signal`, at once.
   */
  get(
    key: string,
    compute: (signal: AbortSignal) => Value | PromiseLike<Value>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Cached<Value>>
  /** What is remembered, fresh or stale (within all three periods), without computing. */
  peek(key: string): Cached<Value> | undefined
  /** Remembers a value. A computation that is under way for the key no longer overwrites it. */
  set(key: string, value: Value): void
  /** Forgets a value, and what a computation under way for the key will give. */
  delete(key: string): boolean
  /** Forgets everything. */
  clear(): void
}

/** How a cache works when nothing else is said. */
export const CACHE_DEFAULTS: {
  readonly freshMs: number
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  readonly maxEntries: number
  readonly maxBytes: number
} = Object.freeze({
  freshMs: 30_000,
  staleWhileRevalidateMs: 0,
  staleIfErrorMs: 0,
  maxEntries: 1_000,
  maxBytes: 16_777_216,
})

const YEAR_MS = 31_536_000_000

/** What a cache works with, besides its environment. */
export interface ResolvedCacheOptions<Value> {
  readonly name: string
  readonly freshMs: number
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  readonly maxEntries: number
  readonly maxBytes: number
  readonly sizeOf: (value: Value) => number
}

/** @throws HoldfastError `INVALID_OPTION` */
export function resolveCacheOptions<Value>(options: CacheOptions<Value>): ResolvedCacheOptions<Value> {
  validate<CacheOptions<Value>>('cache', options, {
    name: aName,
    freshMs: numberFrom(0, YEAR_MS),
    staleWhileRevalidateMs: numberFrom(0, YEAR_MS),
    staleIfErrorMs: numberFrom(0, YEAR_MS),
    maxEntries: wholeFrom(1, 10_000_000),
    maxBytes: numberFrom(0, Number.MAX_SAFE_INTEGER),
    sizeOf: aFunction,
    ...ENVIRONMENT_RULES,
  })
  const { name, clock: _clock, random: _random, events: _events, ...own } = options
  if (!aName.accepts(name)) throw invalidOption('cache.name', aName.allowed, name)
  return {
    ...withDefaults<Omit<CacheOptions<Value>, 'name' | keyof Environment>>(
      { ...CACHE_DEFAULTS, sizeOf: jsonLength },
      own,
    ),
    name,
  }
}

function jsonLength(value: unknown): number {
  return (JSON.stringify(value) as string | undefined)?.length ?? 0
}

import type { Environment } from '../integration/integration.ts'
import { type Complete, withDefaults } from '../validation/defaults.ts'
import {
  aFunction,
  aName,
  aSignal,
  aString,
  check,
  ENVIRONMENT_RULES,
  numberFrom,
  objectOrFalse,
  objectWith,
  positiveShare,
  type Rules,
  validate,
  wholeFrom,
} from '../validation/validate.ts'
import type { CacheGetOptions, CacheLifetimes } from './cache.ts'
import type { CacheStore } from './store.ts'

/** How long a remembered value is fresh, how long it may still be served, and how much is kept. */
export interface CacheOptions<Value> extends Environment {
  /** 1 to 64 characters: lower-case letters, digits, `-`. Part of the keys in the store. */
  readonly name: string
  /** Served without asking again for this long, in ms. 0 to 31,536,000,000. Default: 30,000. */
  readonly freshMs?: number | undefined
  /** After that, served at once while it is refreshed behind, for this long, in ms. Default: 0. */
  readonly staleWhileRevalidateMs?: number | undefined
  /** After that, served only when refreshing failed or takes too long, for this long, in ms; tried again each `retryAfterErrorMs`. Default: 0. */
  readonly staleIfErrorMs?: number | undefined
  /** `freshMs` is cut by a random share up to this, so that what was stored together does not expire together. 0 to 1. Default: 0. */
  readonly jitter?: number | undefined
  /**
   * A fresh value is refreshed behind, when it is asked for, once this share of its fresh time is over, or a little more: up
   * to half of the rest, at random, so that processes with a store in common do not all do it. 0 < ratio <= 1 (never). Default: 1.
   */
  readonly eagerRefreshRatio?: number | undefined
  /** A failure is remembered, and given to all who ask, for this long, in ms, when nothing may be served in its place. Default: 0. */
  readonly negativeMs?: number | undefined
  /** After refreshing failed or took too long, a stale value is served without trying again for this long, in ms; the end of an outage is seen so much later. Default: 1,000. */
  readonly retryAfterErrorMs?: number | undefined
  /** A caller for whom there is a stale value waits no longer than this, in ms; the refresh goes on. 0 to `Infinity`. Default: never. */
  readonly softTimeoutMs?: number | undefined
  /** No caller waits longer than this, in ms; the computation goes on and is remembered. 0 to `Infinity`. Default: never. */
  readonly hardTimeoutMs?: number | undefined
  /** Other lifetimes by kind of data; a call picks them by name with `type`. What one leaves out is as in these options. Default: none. */
  readonly types?: Readonly<Record<string, CacheLifetimes>> | undefined
  /** A computation that has not ended after this long no longer holds its key: the next look-up begins another. Default: 60,000. */
  readonly leaseMs?: number | undefined
  /** Entries kept; the least recently used goes first. 1 to 10,000,000. Default: 1,000. */
  readonly maxEntries?: number | undefined
  /** Sum of `sizeOf` over all entries, in bytes. A value that alone is bigger is not kept in memory. Default: 16 MiB. */
  readonly maxBytes?: number | undefined
  /** Size of a value in bytes. A value it throws for, or has no size for, is not kept. Default: the length of its JSON. */
  readonly sizeOf?: ((value: Value) => number) | undefined
  /** A second level, asked before anything is computed. Default: none. */
  readonly store?: CacheStore | undefined
  /** An operation of the store is given up after this long, in ms. Default: 200. */
  readonly storeTimeoutMs?: number | undefined
  /** After three failures of the store in a row it is left alone for this long, in ms; then one operation tries it. Default: 5,000. */
  readonly storeRetryMs?: number | undefined
  /**
   * How far the clocks of the processes that share the store may be apart, in ms. What was begun up to so long, and
   * `storeTimeoutMs`, after a deletion counts as begun before it, and is not taken from the store. 0 to 3,600,000. Default: 1,000.
   */
  readonly storeSkewMs?: number | undefined
}

/** How a cache works when nothing else is said. */
export const CACHE_DEFAULTS: {
  readonly freshMs: number
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  readonly jitter: number
  readonly eagerRefreshRatio: number
  readonly negativeMs: number
  readonly retryAfterErrorMs: number
  readonly leaseMs: number
  readonly maxEntries: number
  readonly maxBytes: number
  readonly storeTimeoutMs: number
  readonly storeRetryMs: number
  readonly storeSkewMs: number
} = Object.freeze({
  freshMs: 30_000,
  staleWhileRevalidateMs: 0,
  staleIfErrorMs: 0,
  jitter: 0,
  eagerRefreshRatio: 1,
  negativeMs: 0,
  retryAfterErrorMs: 1_000,
  leaseMs: 60_000,
  maxEntries: 1_000,
  maxBytes: 16_777_216,
  storeTimeoutMs: 200,
  storeRetryMs: 5_000,
  storeSkewMs: 1_000,
})

/** Lifetimes with every default filled in, and what else a call may say. */
export interface Settings extends Complete<CacheLifetimes> {
  readonly tags: readonly string[]
  readonly signal?: AbortSignal
}

/** What a cache works with, besides its environment. */
export interface ResolvedCacheOptions<Value> extends Settings {
  readonly name: string
  readonly leaseMs: number
  readonly maxEntries: number
  readonly maxBytes: number
  readonly sizeOf: (value: Value) => number
  readonly store?: CacheStore
  readonly storeTimeoutMs: number
  readonly storeRetryMs: number
  readonly storeSkewMs: number
}

const periodMs = /* @__PURE__ */ numberFrom(0, 31_536_000_000)
const limitMs = /* @__PURE__ */ numberFrom(0, Infinity)

const LIFETIME_RULES: Rules<CacheLifetimes> = {
  freshMs: periodMs,
  staleWhileRevalidateMs: periodMs,
  staleIfErrorMs: periodMs,
  jitter: /* @__PURE__ */ numberFrom(0, 1),
  eagerRefreshRatio: positiveShare,
  negativeMs: periodMs,
  retryAfterErrorMs: periodMs,
  softTimeoutMs: limitMs,
  hardTimeoutMs: limitMs,
}

const SETTING_RULES: Rules<Omit<Settings, 'signal'>> = {
  ...LIFETIME_RULES,
  tags: {
    allowed: 'a list of strings',
    accepts: (value) => Array.isArray(value) && value.every((tag) => typeof tag === 'string'),
  },
}

const SETTINGS = /* @__PURE__ */ Object.keys(SETTING_RULES) as (keyof typeof SETTING_RULES)[]

const CALL_RULES: Rules<CacheGetOptions> = { ...SETTING_RULES, type: aString, tenant: aString, signal: aSignal }

/** @throws HoldfastError `INVALID_OPTION` */
export function resolveCacheOptions<Value>(options: CacheOptions<Value>): ResolvedCacheOptions<Value> {
  validate<CacheOptions<Value>>('cache', options, {
    ...LIFETIME_RULES,
    name: aName,
    types: objectOrFalse(false),
    leaseMs: periodMs,
    maxEntries: wholeFrom(1, 10_000_000),
    maxBytes: numberFrom(0, Number.MAX_SAFE_INTEGER),
    sizeOf: aFunction,
    store: objectWith('get', 'set', 'delete'),
    storeTimeoutMs: periodMs,
    storeRetryMs: periodMs,
    storeSkewMs: numberFrom(0, 3_600_000),
    ...ENVIRONMENT_RULES,
  })
  check('cache.name', options.name, aName)
  for (const [type, lifetimes] of Object.entries(options.types ?? {})) {
    validate(`cache.types.${type}`, lifetimes, LIFETIME_RULES)
  }
  const never = { softTimeoutMs: Infinity, hardTimeoutMs: Infinity }
  return withDefaults<object>(
    { ...CACHE_DEFAULTS, ...never, tags: [], sizeOf: jsonLength },
    options,
  ) as ResolvedCacheOptions<Value>
}

/** The lifetimes among a cache's options. */
export function settingsIn(options: ResolvedCacheOptions<never>): Settings {
  return Object.fromEntries(SETTINGS.map((key) => [key, options[key]])) as unknown as Settings
}

/** Lifetimes over others. @throws HoldfastError `INVALID_OPTION` */
export function settingsOver(owner: string, base: Settings, own: CacheGetOptions): Settings {
  validate(owner, own, CALL_RULES)
  return withDefaults<object>(base, own) as Settings
}

/** What a computation was told, when it has ended. @throws HoldfastError `INVALID_OPTION` */
export function checkContext(context: Settings): void {
  for (const key of SETTINGS) check(`context.${key}`, context[key], SETTING_RULES[key])
}

function jsonLength(value: unknown): number {
  return (JSON.stringify(value) as string | undefined)?.length ?? 0
}

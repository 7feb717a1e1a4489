import { HoldfastError } from '../errors/holdfast-error.ts'
import { aName, aString, validate } from '../validation/validate.ts'
import type { FallbackStep } from './options.ts'

/** What a step reads a remembered value from; a {@link createCache | cache} is one. */
export interface Remembering<T> {
  /** What is remembered for a key; with `tenant`, only what that tenant has stored, and without, only what nobody's is. */
  peek(
    key: string,
    scope?: { readonly tenant?: string | undefined },
  ): { readonly value: T; readonly ageMs: number; readonly state: 'fresh' | 'stale' | 'computed' } | undefined
}

/** What a step that remembers may be told. */
export interface RememberedOptions {
  /** 1 to 64 characters: lower-case letters, digits, `-`. Default: `cache` or `last-known`. */
  readonly name?: string | undefined
  /**
   * Whose value is meant: what one tenant stored is never served to another, nor to a call without a tenant. The one the value is
   * stored with. Default: none.
   */
  readonly tenant?: string | undefined
}

/**
 * The remembered value, if it is still fresh: for the first place, before the operation itself. It only looks: put values there with `cache.set`,
 * and give the cache a `freshMs`. (A cache's own `get` does both, and shares the work; use this where the operation must not be made by the cache.)
 * @throws HoldfastError `INVALID_OPTION`
 */
export function cacheFirst<T>(cache: Remembering<T>, key: string, options: RememberedOptions = {}): FallbackStep<T> {
  return remembered('cacheFirst', cache, key, 'cache', options)
}

/**
 * The remembered value, however old the cache still keeps it: for a place after the operation. The outcome tells its age. It only looks: put values there
 * with `cache.set`, or make other calls through `cache.get`, and give the cache a `staleIfErrorMs`, without which nothing is kept once it is no longer fresh.
 * @throws HoldfastError `INVALID_OPTION`
 */
export function lastKnown<T>(cache: Remembering<T>, key: string, options: RememberedOptions = {}): FallbackStep<T> {
  return remembered('lastKnown', cache, key, 'last-known', options)
}

/** A value that is made up. Served only where `allowSimulated` is on, and always labelled. */
export function simulated<T>(run: FallbackStep<T>['run'], name: string = 'simulated'): FallbackStep<T> {
  return { name, source: 'simulated', run }
}

/** Always the same value: an empty list, a friendly word. */
export function fixed<T>(value: T, name: string = 'static'): FallbackStep<T> {
  return { name, source: 'static', run: () => value }
}

function remembered<T>(
  owner: string,
  cache: Remembering<T>,
  key: string,
  source: 'cache' | 'last-known',
  options: RememberedOptions,
): FallbackStep<T> {
  validate(owner, options, { name: aName, tenant: aString })
  const { name = source, tenant } = options
  const scope = tenant === undefined ? undefined : { tenant }
  return {
    name,
    source,
    run: (context) => {
      const found = cache.peek(key, scope)
      if (found === undefined || (source === 'cache' && found.state !== 'fresh')) throw nothingRemembered(name)
      context.tellAge(found.ageMs)
      return found.value
    },
  }
}

function nothingRemembered(name: string): HoldfastError {
  return new HoldfastError({
    code: 'NOT_REMEMBERED',
    category: 'exhausted',
    message: `${name} holds no value that may be served`,
    retryable: false,
    mayHaveTakenEffect: false,
    stack: false,
  })
}

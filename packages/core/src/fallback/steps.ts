import { HoldfastError } from '../errors/holdfast-error.ts'
import type { FallbackStep } from './options.ts'

/** What a step reads a remembered value from; a {@link createCache | cache} is one. */
export interface Remembering<T> {
  peek(
    key: string,
  ): { readonly value: T; readonly ageMs: number; readonly state: 'fresh' | 'stale' | 'computed' } | undefined
}

/**
 * The remembered value, if it is still fresh: for the first place, before the operation itself. (A cache's own `get` does this too, and
 * shares the work; use this where the operation must not be made by the cache.)
 */
export function cacheFirst<T>(cache: Remembering<T>, key: string, name: string = 'cache'): FallbackStep<T> {
  return remembered(cache, key, name, 'cache')
}

/** The remembered value, however old the cache still keeps it: for a place after the operation. The outcome tells its age. */
export function lastKnown<T>(cache: Remembering<T>, key: string, name: string = 'last-known'): FallbackStep<T> {
  return remembered(cache, key, name, 'last-known')
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
  cache: Remembering<T>,
  key: string,
  name: string,
  source: 'cache' | 'last-known',
): FallbackStep<T> {
  return {
    name,
    source,
    run: (context) => {
      const found = cache.peek(key)
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

import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import { createEvents } from '../events/channel.ts'
import type { CacheEvent, CoreEvent, Events } from '../events/events.ts'
import { Flight } from './flight.ts'
import {
  type Cache,
  type Cached,
  type CacheOptions,
  type ResolvedCacheOptions,
  resolveCacheOptions,
} from './options.ts'

interface Entry<Value> {
  readonly value: Value
  readonly storedAt: number
  readonly bytes: number
}

type Period = 'fresh' | 'revalidate' | 'if-error' | 'gone'

class BoundedCache<Value> implements Cache<Value> {
  readonly #options: ResolvedCacheOptions<Value>
  readonly #clock: Clock
  readonly #events: Events<CoreEvent>
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry<Value>>()
  readonly #flights = new Map<string, Flight<Value>>()
  #bytes = 0

  constructor(options: CacheOptions<Value>) {
    this.#options = resolveCacheOptions(options)
    this.#clock = options.clock ?? systemClock
    this.#events = options.events ?? createEvents<CoreEvent>()
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#bytes
  }

  async get(
    key: string,
    compute: (signal: AbortSignal) => Value | PromiseLike<Value>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Cached<Value>> {
    const signal = options?.signal
    if (signal?.aborted === true) throw signal.reason
    const entry = this.#entries.get(key)
    const period = entry === undefined ? 'gone' : this.#periodOf(entry)
    if (entry !== undefined && (period === 'fresh' || period === 'revalidate')) {
      this.#touch(key, entry)
      if (period === 'revalidate') this.#flight(key, compute).keep()
      return this.#served(entry, period)
    }
    this.#report('cache-miss')
    try {
      return { value: await this.#flight(key, compute).wait(signal), ageMs: 0, state: 'computed' }
    } catch (error) {
      if (hasLeft(signal)) throw error
      // Looked up again: meanwhile it may have been replaced, deleted, or too old.
      const stale = this.#entries.get(key)
      if (stale === undefined || this.#periodOf(stale) === 'gone') throw error
      this.#touch(key, stale)
      return this.#served(stale, this.#periodOf(stale))
    }
  }

  peek(key: string): Cached<Value> | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    const period = this.#periodOf(entry)
    if (period !== 'gone') return cached(entry, period, this.#clock.now())
    this.#drop(key)
    return undefined
  }

  set(key: string, value: Value): void {
    this.#flights.delete(key)
    this.#store(key, value)
  }

  delete(key: string): boolean {
    this.#flights.delete(key)
    return this.#drop(key)
  }

  clear(): void {
    this.#flights.clear()
    this.#entries.clear()
    this.#bytes = 0
  }

  #periodOf({ storedAt }: Entry<Value>): Period {
    const { freshMs, staleWhileRevalidateMs, staleIfErrorMs } = this.#options
    const ageMs = this.#clock.now() - storedAt
    if (ageMs < freshMs) return 'fresh'
    if (ageMs < freshMs + staleWhileRevalidateMs) return 'revalidate'
    if (ageMs < freshMs + staleWhileRevalidateMs + staleIfErrorMs) return 'if-error'
    return 'gone'
  }

  #served(entry: Entry<Value>, period: Period): Cached<Value> {
    const result = cached(entry, period, this.#clock.now())
    this.#report(period === 'fresh' ? 'cache-hit' : 'cache-stale', result.ageMs)
    return result
  }

  /** The computation under way for a key, or a new one. */
  #flight(key: string, compute: (signal: AbortSignal) => Value | PromiseLike<Value>): Flight<Value> {
    const underWay = this.#flights.get(key)
    if (underWay !== undefined) return underWay
    // A flight that is no longer the key's own was overtaken by `set`, `delete` or `clear`: its result is too old to keep.
    const isCurrent = (flight: Flight<Value>): boolean => this.#flights.get(key) === flight
    const started = new Flight<Value>(compute, {
      onValue: (flight, value) => {
        if (!isCurrent(flight)) return
        this.#flights.delete(key)
        this.#store(key, value)
        this.#report('cache-refreshed')
      },
      onError: (flight) => {
        if (!isCurrent(flight)) return
        this.#flights.delete(key)
        this.#report('cache-refresh-failed')
      },
      onAbandoned: (flight) => {
        if (isCurrent(flight)) this.#flights.delete(key)
      },
    })
    this.#flights.set(key, started)
    return started
  }

  #store(key: string, value: Value): void {
    this.#drop(key)
    const bytes = this.#sizeOf(value)
    const { maxBytes, maxEntries } = this.#options
    if (bytes === undefined || bytes > maxBytes) return
    this.#entries.set(key, { value, storedAt: this.#clock.now(), bytes })
    this.#bytes += bytes
    while (this.#entries.size > maxEntries || this.#bytes > maxBytes) {
      const [oldest] = this.#entries.keys()
      if (oldest === undefined) return
      this.#drop(oldest)
      this.#report('cache-evicted')
    }
  }

  #sizeOf(value: Value): number | undefined {
    try {
      const bytes = this.#options.sizeOf(value)
      return bytes >= 0 ? bytes : undefined
    } catch {
      return undefined
    }
  }

  #drop(key: string): boolean {
    const entry = this.#entries.get(key)
    if (entry === undefined) return false
    this.#bytes -= entry.bytes
    return this.#entries.delete(key)
  }

  #touch(key: string, entry: Entry<Value>): void {
    this.#entries.delete(key)
    this.#entries.set(key, entry)
  }

  #report(type: CacheEvent['type'], ageMs?: number): void {
    if (!this.#events.active) return
    const at = this.#clock.wallTime()
    this.#events.emit({ type, at, cache: this.#options.name, ...(ageMs === undefined ? {} : { ageMs }) })
  }
}

/** Asked anew: an abort may have come since. */
function hasLeft(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

function cached<Value>({ value, storedAt }: Entry<Value>, period: Period, now: number): Cached<Value> {
  return { value, ageMs: now - storedAt, state: period === 'fresh' ? 'fresh' : 'stale' }
}

/**
 * Makes a bounded memory of values that serves fresh ones, stale ones while they are refreshed, and stale ones when refreshing
 * failed.
 *
 * @example
 * ```ts
 * import { createCache } from '@holdfast/core'
 *
 * const quotes = createCache<string>({ name: 'quotes', freshMs: 60_000, staleIfErrorMs: 3_600_000 })
 * const { value, ageMs, state } = await quotes.get('TEB-MIA', async (signal) => `computed, ${signal.aborted}`)
 * console.log(value, ageMs, state, quotes.peek('TEB-MIA')?.state)
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createCache<Value>(options: CacheOptions<Value>): Cache<Value> {
  return new BoundedCache<Value>(options)
}

import type { Clock } from '../clock/clock.ts'
import type { CoreEvent, Events } from '../events/events.ts'
import type { CacheSnapshot } from './cache.ts'
import type { CacheEvent } from './events.ts'

type Count = Exclude<keyof CacheSnapshot, 'name' | 'size' | 'bytes' | 'hitRatio'>

/** The event that goes with each count. */
const EVENTS: Readonly<Record<Count, CacheEvent['type']>> = {
  hits: 'cache-hit',
  misses: 'cache-miss',
  stale: 'cache-stale',
  negativeHits: 'cache-negative-hit',
  refreshes: 'cache-refreshed',
  refreshFailures: 'cache-refresh-failed',
  evictions: 'cache-evicted',
  storeHits: 'cache-store-hit',
  storeErrors: 'cache-store-failed',
}

/** Counts what a cache does, and reports it. */
export class Tally {
  readonly counts: Record<Count, number> = {
    hits: 0,
    misses: 0,
    stale: 0,
    negativeHits: 0,
    refreshes: 0,
    refreshFailures: 0,
    evictions: 0,
    storeHits: 0,
    storeErrors: 0,
  }
  readonly #cache: string
  readonly #clock: Clock
  readonly #events: Events<CoreEvent>

  constructor(cache: string, clock: Clock, events: Events<CoreEvent>) {
    this.#cache = cache
    this.#clock = clock
    this.#events = events
  }

  add(count: Count, ageMs?: number): void {
    this.counts[count] += 1
    if (!this.#events.active) return
    const event = { type: EVENTS[count], at: this.#clock.wallTime(), cache: this.#cache }
    this.#events.emit(ageMs === undefined ? event : { ...event, ageMs })
  }

  snapshot(size: number, bytes: number): CacheSnapshot {
    const { hits, misses, stale } = this.counts
    const hitRatio = (hits + stale) / (hits + stale + misses || 1)
    return Object.freeze({ name: this.#cache, size, bytes, ...this.counts, hitRatio })
  }
}

import type { Cached } from './cache.ts'
import { Item } from './memory.ts'

/** How long a value is served, and how. */
export interface Periods {
  readonly freshMs: number
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  readonly jitter: number
  readonly eagerRefreshRatio: number
  readonly tags: readonly string[]
}

/** When a value was stored. */
export interface Stored {
  /** Monotonic, in ms. */
  readonly at: number
  /** Wall time, in ms. */
  readonly wallAt: number
  /** The cache's count of deletions by tag when the work that gave the value began. */
  readonly version: number
}

/** A value that is remembered. All times but `wallAt` are monotonic. */
export class Entry<Value> extends Item<Value> {
  readonly at: number
  readonly wallAt: number
  readonly version: number
  readonly tags: readonly string[]
  /** Up to then nobody is asked for a newer value. */
  refreshAt: number
  readonly freshUntil: number
  readonly revalidateUntil: number
  readonly goneAt: number
  /** Whether it came from the store. */
  readonly isLoaded: boolean

  constructor(id: string, value: Value, stored: Stored, periods: Periods, random: () => number, isLoaded: boolean) {
    super(id, value)
    const { freshMs, jitter, eagerRefreshRatio: ratio } = periods
    const lifeMs = freshMs * (1 - jitter * random())
    this.at = stored.at
    this.wallAt = stored.wallAt
    this.version = stored.version
    this.tags = periods.tags
    this.freshUntil = stored.at + lifeMs
    // The second half of the eager time is left to the refresh itself.
    this.refreshAt = stored.at + lifeMs * (ratio + ((1 - ratio) / 2) * random())
    this.revalidateUntil = this.freshUntil + periods.staleWhileRevalidateMs
    this.goneAt = this.revalidateUntil + periods.staleIfErrorMs
    this.isLoaded = isLoaded
  }
}

/** What is handed out of an entry. */
export function cached<Value>(entry: Entry<Value>, now: number): Cached<Value> {
  return { value: entry.value, ageMs: now - entry.at, state: now < entry.freshUntil ? 'fresh' : 'stale' }
}

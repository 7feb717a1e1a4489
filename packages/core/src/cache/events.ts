/** What the cache did for one look-up, for one computation, or with its store. */
export interface CacheEvent {
  readonly type:
    | 'cache-hit'
    | 'cache-miss'
    | 'cache-stale'
    | 'cache-refreshed'
    | 'cache-refresh-failed'
    | 'cache-evicted'
    | 'cache-negative-hit'
    | 'cache-store-hit'
    | 'cache-store-failed'
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  readonly cache: string
  /** Age of the entry that was served. */
  readonly ageMs?: number
}

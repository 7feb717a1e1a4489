import type { LogSketch } from './sketch.ts'
import { type EventTally, newEventTally, type Slice } from './slice.ts'

/** How long things took, in ms; `undefined` when there were none. */
export interface Durations {
  readonly averageMs: number | undefined
  readonly p50Ms: number | undefined
  readonly p95Ms: number | undefined
  readonly p99Ms: number | undefined
}

/** How the attempts of one number went. */
export interface AttemptFigures {
  readonly succeeded: number
  readonly failed: number
  readonly successRatio: number
}

/** Numbers by word. At most 64; the rest is counted under `other`. */
export type Counts = Readonly<Record<string, number>>

/** How often an event of one type came, and what it said. */
export interface EventCounts {
  readonly count: number
  readonly byCategory: Counts
  readonly byCode: Counts
  /** By the number of the attempt; for the end of a call, by how many there were. */
  readonly byAttempt: Counts
}

/**
 * What was counted over some time. `averageMs` and the percentiles are of calls that made an attempt, however they
 * ended.
 */
export interface Figures extends Durations {
  /** Calls that have ended: `succeeded + errorCount + cancelled`. */
  readonly count: number
  readonly succeeded: number
  /** Calls that failed, also because a policy refused them. */
  readonly errorCount: number
  /** Calls that their caller gave up: neither a success nor an error. */
  readonly cancelled: number
  /** `errorCount` as a share of `succeeded + errorCount`; 0 when there were none. */
  readonly errorRatio: number
  readonly errorsByCategory: Counts
  readonly errorsByCode: Counts
  /** Calls that a policy refused; they are errors too. */
  readonly rejectionsByCode: Counts
  /** By the number of the attempt; 1 is the first. Those that the caller cancelled are left out. */
  readonly attempts: Readonly<Record<string, AttemptFigures>>
  /** Retries that were scheduled. */
  readonly retries: number
  /** Calls that failed after more than one attempt. */
  readonly retriesExhausted: number
  /** Streams: time from sending to the first output. */
  readonly firstOutput: Durations
  /** Values that another step than the first one of a fallback gave. */
  readonly fallbacks: number
  /** Values that a cache served stale. */
  readonly staleServed: number
  /**
   * Values that a cache served, fresh or stale, as a share of them and its misses; 0 when there were none. What it
   * served after a miss is both.
   */
  readonly cacheHitRatio: number
  /**
   * Every event by its type, all but `call-started` and `attempt-started`. A `call-failed` or `attempt-failed` of
   * category `cancelled` is counted as `call-cancelled` or `attempt-cancelled`.
   */
  readonly events: Readonly<Record<string, EventCounts>>
}

export function figuresOf(slice: Slice): Figures {
  const { events } = slice
  const of = (type: string): EventTally => events[type] ?? newEventTally()
  const failed = of('call-failed')
  const staleServed = of('cache-stale').count
  const succeeded = of('call-succeeded').count
  const errorCount = failed.count
  const cancelled = of('call-cancelled').count
  const attempts: Record<string, AttemptFigures> = {}
  const [good, bad] = [of('attempt-succeeded').byAttempt, of('attempt-failed').byAttempt]
  for (const attempt in { ...good, ...bad }) {
    const [yes, no] = [good[attempt] ?? 0, bad[attempt] ?? 0]
    attempts[attempt] = { succeeded: yes, failed: no, successRatio: share(yes, no) }
  }
  return {
    count: succeeded + errorCount + cancelled,
    succeeded,
    errorCount,
    cancelled,
    errorRatio: share(errorCount, succeeded),
    ...durationsOf(slice.durations),
    errorsByCategory: failed.byCategory,
    errorsByCode: failed.byCode,
    rejectionsByCode: of('call-rejected').byCode,
    attempts,
    retries: of('retry-scheduled').count,
    retriesExhausted: errorCount - (failed.byAttempt[0] ?? 0) - (failed.byAttempt[1] ?? 0),
    firstOutput: durationsOf(slice.firstOutputs),
    fallbacks: of('fallback-served').count,
    cacheHitRatio: share(of('cache-hit').count + staleServed, of('cache-miss').count),
    staleServed,
    events,
  }
}

function durationsOf(sketch: LogSketch): Durations {
  return {
    averageMs: sketch.count === 0 ? undefined : sketch.sum / sketch.count,
    p50Ms: sketch.quantile(0.5),
    p95Ms: sketch.quantile(0.95),
    p99Ms: sketch.quantile(0.99),
  }
}

/** The share that `part` has beside `rest`. */
function share(part: number, rest: number): number {
  return part === 0 ? 0 : part / (part + rest)
}

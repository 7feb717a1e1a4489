import type { Clock } from '@holdfast/core'
import type { Claims, Store } from '@holdfast/store/database'
import { wholeFrom } from '../mcp/shared/invalid.ts'

/** How events are read. */
export interface EventsOptions {
  /** Where they are kept. */
  readonly store: Pick<Store, 'withClaims' | 'onEvents'>
  /** How often somebody who waits looks by himself, in ms: the wake-up is a hint and may be lost. 100 to 600,000. Default: 5,000. */
  readonly pollMs?: number | undefined
  /** Events that are read at once. 1 to 10,000. Default: 200. */
  readonly pageSize?: number | undefined
  /** Those who read at once; more are refused. 1 to 1,000,000. Default: 10,000. */
  readonly maxReaders?: number | undefined
  /** Default: the system's. */
  readonly clock?: Clock | undefined
}

/** What {@link EventsOptions} fall back to. */
export const EVENTS_DEFAULTS: Readonly<Record<'pollMs' | 'pageSize' | 'maxReaders', number>> = Object.freeze({
  pollMs: 5_000,
  pageSize: 200,
  maxReaders: 10_000,
})

/** One event of a topic. */
export interface TopicEvent {
  /** 1, 2, 3 in its topic, without a gap. */
  readonly seq: number
  readonly event: string
  readonly payload: unknown
  readonly at: Date
}

/** What is read, in whose name, and from where. */
export interface ReadOptions {
  readonly claims: Claims
  /** Such as `request:7`. */
  readonly topic: string
  /** The number of the last event that the reader has. Default: 0, all of them. */
  readonly after?: number | undefined
  /** Ends the reading, without an error. */
  readonly signal: AbortSignal
}

/** Events of the store, for those who watch. */
export interface Events {
  /**
   * The events of a topic after a number, and those to come, in their order: none is left out and none comes twice, whatever breaks in between. While the store is away it waits. A page at a time is
   * in memory, so that a slow reader holds up nobody.
   * @throws HoldfastError `TOO_MANY_READERS`, `EVENTS_MISSING` when events after the number are no longer there or the number is of none: then everything is to be read anew, without one; what a statement of
   * the reader's own making was refused with (`NOT_ALLOWED`)
   */
  read(options: ReadOptions): AsyncGenerator<TopicEvent, void, undefined>
  /** Those who read. */
  readonly readers: number
  /** Ends all reading. */
  close(): Promise<void>
}

/** @throws HoldfastError `INVALID_OPTION` */
export function eventsSettings(options: EventsOptions): typeof EVENTS_DEFAULTS {
  return {
    pollMs: wholeFrom('pollMs', options.pollMs ?? EVENTS_DEFAULTS.pollMs, 100, 600_000),
    pageSize: wholeFrom('pageSize', options.pageSize ?? EVENTS_DEFAULTS.pageSize, 1, 10_000),
    maxReaders: wholeFrom('maxReaders', options.maxReaders ?? EVENTS_DEFAULTS.maxReaders, 1, 1_000_000),
  }
}

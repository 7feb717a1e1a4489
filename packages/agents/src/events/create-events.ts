import { HoldfastError, systemClock } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import type { Transaction } from '@holdfast/store/database'
import { sql } from 'kysely'
import { eventsSettings } from './options.ts'
import type { Events, EventsOptions, ReadOptions, TopicEvent } from './options.ts'
import { untilWoken } from '../waiting/until-woken.ts'
import { WakeUps } from './wake-ups.ts'

/**
 * Reads the events that transactions leave in the store's `outbox`. The table is the truth; what is told by the database is only the sign to look.
 *
 * @example
 * ```ts no-run
 * import { createEvents } from '@holdfast/agents/events'
 * import { openStore } from '@holdfast/store/database'
 *
 * const events = createEvents({ store: await openStore() })
 * const signal = AbortSignal.timeout(60_000)
 * for await (const { seq, event } of events.read({ claims: { tenant: 'acme', user: 'ada' }, topic: 'request:7', after: 3, signal }))
 *   console.log(seq, event)
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createEvents(options: EventsOptions): Events {
  const { store, clock = systemClock } = options
  const { pollMs, pageSize, maxReaders } = eventsSettings(options)
  const wakeUps = new WakeUps(store)
  const closing = new AbortController()
  let readers = 0

  async function* read({ claims, topic, after = 0, signal }: ReadOptions): AsyncGenerator<TopicEvent, void, undefined> {
    if (readers >= maxReaders) throw tooMany(maxReaders)
    readers += 1
    const ending = AbortSignal.any([signal, closing.signal])
    // Before the first look, so that what comes between the two is not missed.
    const { waiter, end } = wakeUps.enter(claims.tenant, topic)
    let last = after
    let isFirst = true
    try {
      while (!ending.aborted) {
        waiter.isHinted = false
        const page = await pageOf(store, { claims, topic, last, size: pageSize, isFirst, signal: ending })
        if (page === undefined) {
          await pause(clock, pollMs, ending)
          continue
        }
        // Whoever has nothing yet begins with the oldest that is kept.
        if (isFirst && after === 0 && page[0] !== undefined) last = page[0].seq - 1
        isFirst = false
        for (const event of page) {
          if (event.seq !== last + 1) throw missing(topic, last)
          last = event.seq
          yield event
          if (ending.aborted) return
        }
        if (page.length < pageSize && !waiter.isHinted) {
          await untilWoken(clock, waiter, pollMs, ending).catch(() => undefined)
        }
      }
    } finally {
      end()
      readers -= 1
    }
  }

  return {
    read,
    get readers() {
      return readers
    },
    async close() {
      closing.abort()
      await wakeUps.close()
    },
  }
}

interface Wanted {
  readonly claims: ReadOptions['claims']
  readonly topic: string
  readonly last: number
  readonly size: number
  readonly isFirst: boolean
  readonly signal: AbortSignal
}

/** The next events, or `undefined` while the store is away. */
async function pageOf(
  store: EventsOptions['store'],
  { claims, topic, last, size, isFirst, signal }: Wanted,
): Promise<readonly TopicEvent[] | undefined> {
  try {
    return await store.withClaims(
      claims,
      async (transaction) => {
        const rows = await transaction
          .selectFrom('outbox')
          .select(['seq', 'event', 'payload', 'created_at'])
          .where('topic', '=', topic)
          .where('seq', '>', last)
          .orderBy('seq')
          .limit(size)
          .execute()
        if (rows.length === 0 && isFirst && last > 0) await checkNumber(transaction, topic, last)
        return rows.map(({ seq, event, payload, created_at: at }) => ({ seq, event, payload, at }))
      },
      { signal },
    )
  } catch (error) {
    if (signal.aborted) return []
    if (isAway(error)) return undefined
    throw error
  }
}

/** A number that no event has is of another store, or of a time that a backup has undone; or what is behind it was forgotten. The last one of a topic counts, though its event may have been, too. */
async function checkNumber(transaction: Transaction, topic: string, last: number): Promise<void> {
  const { rows } = await sql`select from outbox_topics where topic = ${topic} and last_seq = ${last}
    union all select from outbox where topic = ${topic} and seq = ${last}`.execute(transaction)
  if (rows.length === 0) throw missing(topic, last)
}

/** Whether it says that the store is not there, rather than that what was asked was wrong. */
function isAway(error: unknown): boolean {
  return HoldfastError.isInstance(error) && error.category !== 'client' && error.category !== 'validation'
}

async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  await clock.sleep(ms, signal).catch(() => undefined)
}

function missing(topic: string, last: number): HoldfastError {
  return new HoldfastError({
    code: 'EVENTS_MISSING',
    category: 'client',
    message: `Events of "${topic}" after ${last} are not there; read all of them anew.`,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

function tooMany(maxReaders: number): HoldfastError {
  return new HoldfastError({
    code: 'TOO_MANY_READERS',
    category: 'overloaded',
    message: `${maxReaders} are reading already, which is all there may be.`,
    retryable: true,
    mayHaveTakenEffect: false,
  })
}

import { createEvents, subscribe } from '@holdfast/agents/events'
import type { Events, OwedEvent, TopicEvent } from '@holdfast/agents/events'
import type { Claims, Store } from '@holdfast/store/database'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../harness/fleet.ts'

/** Longer than a test: who hears of something within it was told, and has not looked by himself. */
export const NEVER_MS = 600_000

/** Processes on one database, each by its store. */
export interface Fleet {
  readonly writer: Store
  /** Of another process, where there can be one. */
  readonly reader: Store
  close(): Promise<void>
}

/** Makes a tenant. @returns a person in it. */
export async function newClaims(store: Store): Promise<Claims> {
  const tenant = `tenant-${crypto.randomUUID()}`
  await store.asWorker(tenant, (transaction) =>
    transaction.insertInto('tenants').values({ id: tenant, name: tenant }).execute(),
  )
  return { tenant, user: 'ada' }
}

/** Appends events to a topic, in one transaction. */
export function append(store: Store, claims: Claims, topic: string, ...events: string[]): Promise<unknown> {
  return store.withClaims(claims, (transaction) =>
    transaction
      .insertInto('outbox')
      .values(events.map((event) => ({ topic, event })))
      .execute(),
  )
}

/** Reads until it has so many. @throws when they do not come in time. */
export async function take(
  events: Events,
  { claims, topic, many, after = 0 }: { claims: Claims; topic: string; many: number; after?: number },
): Promise<readonly TopicEvent[]> {
  const leaving = new AbortController()
  const signal = AbortSignal.any([leaving.signal, AbortSignal.timeout(40_000)])
  const taken: TopicEvent[] = []
  for await (const event of events.read({ claims, topic, after, signal })) {
    taken.push(event)
    if (taken.length === many) leaving.abort()
  }
  if (taken.length < many) throw new Error(`${taken.length} of ${many} events have come in time`)
  return taken
}

export const names = (events: readonly TopicEvent[]): readonly string[] =>
  events.map(({ seq, event }) => `${seq} ${event}`)

/** What events promise, whatever brings the sign of them. */
export function describeEvents(name: string, open: () => Promise<Fleet>): void {
  describe(`events, ${name}`, () => {
    let fleet: Fleet
    beforeAll(async () => {
      fleet = await open()
    })
    afterAll(() => fleet?.close())

    it('come to a reader from the last one that he has, then as soon as they are committed', async () => {
      const { writer, reader } = fleet
      const claims = await newClaims(writer)
      await append(writer, claims, 'a', 'one', 'two', 'three')
      const events = createEvents({ store: reader, pageSize: 2, pollMs: NEVER_MS })
      const reading = take(events, { claims, topic: 'a', many: 6, after: 1 })
      await until('a reader', () => Promise.resolve(events.readers === 1))
      await append(writer, claims, 'a', 'four', 'five')
      await append(writer, claims, 'elsewhere', 'one')
      // Told by the database itself, in whatever way it comes to be there.
      await writer.withClaims(claims, async (transaction) => {
        await sql`with made as (insert into outbox (topic, event) values ('a', 'six') returning seq)
          select seq from made`.execute(transaction)
      })
      await append(writer, claims, 'a', 'seven')
      expect(names(await reading)).toEqual(['2 two', '3 three', '4 four', '5 five', '6 six', '7 seven'])
      await events.close()
    })

    it('come in the order of their topics, from many who write at once', async () => {
      const { writer, reader } = fleet
      const claims = await newClaims(writer)
      const events = createEvents({ store: reader, pollMs: NEVER_MS })
      const topics = ['one', 'two', 'three']
      const reading = topics.map((topic) => take(events, { claims, topic, many: 80 }))
      const write = async (who: number): Promise<void> => {
        for (let n = 0; n < 10; n += 1) for (const topic of topics) await append(writer, claims, topic, `${who}:${n}`)
      }
      await Promise.all(Array.from({ length: 8 }, (_, who) => write(who)))
      for (const taken of await Promise.all(reading)) {
        expect(taken.map(({ seq }) => seq)).toEqual(Array.from({ length: 80 }, (_, index) => index + 1))
        expect(new Set(taken.map(({ event }) => event)).size).toBe(80)
      }
      await events.close()
    })

    it('are not there, and not told, where a transaction was rolled back', async () => {
      const { writer, reader } = fleet
      const claims = await newClaims(writer)
      const heard: unknown[] = []
      const stop = await reader.onEvents((topic) => heard.push(topic?.topic))
      const rolledBack = writer.withClaims(claims, async (transaction) => {
        await transaction.insertInto('outbox').values({ topic: 'never', event: 'made' }).execute()
        throw new Error('of its own')
      })
      await expect(rolledBack).rejects.toThrow('of its own')
      await until('the sign of one that was committed', async () => {
        await append(writer, claims, 'told', 'made')
        return heard.includes('told')
      })
      expect(heard).not.toContain('never')
      await stop()
      const events = createEvents({ store: reader })
      await append(writer, claims, 'never', 'after all')
      expect(names(await take(events, { claims, topic: 'never', many: 1 }))).toEqual(['1 after all'])
      await events.close()
    })

    it('are none of another tenant', async () => {
      const { writer, reader } = fleet
      const [claims, eve] = [await newClaims(writer), await newClaims(writer)]
      const events = createEvents({ store: reader, pollMs: NEVER_MS })
      const leaving = new AbortController()
      const reading = events.read({ claims: eve, topic: 'a', signal: leaving.signal }).next()
      await append(writer, claims, 'a', 'one')
      await append(writer, eve, 'a', 'of eve')
      expect((await reading).value).toMatchObject({ seq: 1, event: 'of eve' })
      leaving.abort()
      await events.close()
    })

    it('are told to whoever subscribes, each to one of those under a name', async () => {
      const { writer, reader } = fleet
      const claims = await newClaims(writer)
      const told: OwedEvent[] = []
      const members = await Promise.all(
        [writer, reader].map((store) =>
          subscribe({
            store,
            name: 'desks',
            events: ['made'],
            tenants: [claims.tenant],
            pollMs: NEVER_MS,
            handle: (_, event) => Promise.resolve(told.push(event)),
          }),
        ),
      )
      await append(writer, claims, 'a', 'made', 'something else', 'made')
      await append(writer, claims, 'b', 'made')
      await until('all of them', () => Promise.resolve(told.length >= 3))
      await Promise.all(members.map(({ stop }) => stop()))
      expect(told.map(({ id }) => id).toSorted()).toEqual(['a:1', 'a:3', 'b:1'])
    })
  })
}

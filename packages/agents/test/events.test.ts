import { readFileSync } from 'node:fs'
import { createEvents, EVENTS_DEFAULTS } from '@holdfast/agents/events'
import type { Events, EventsOptions, TopicEvent } from '@holdfast/agents/events'
import { REDIS_SIGNS_DEFAULTS } from '@holdfast/agents/events/redis'
import { HoldfastError } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import { openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let store: Store
const ada = { tenant: 'acme', user: 'ada' }
beforeAll(async () => {
  store = await openStore()
  for (const id of ['acme', 'other']) {
    await store.asWorker(id, (transaction) => transaction.insertInto('tenants').values({ id, name: id }).execute())
  }
}, 60_000)
afterAll(() => store.close())

const tell = (topic: string, ...names: string[]): Promise<unknown> =>
  store.withClaims(ada, async (transaction) => {
    for (const event of names) await transaction.insertInto('outbox').values({ topic, event }).execute()
  })

/** Reads until it has so many. */
async function take(
  events: Events,
  topic: string,
  many: number,
  after = 0,
  claims = ada,
): Promise<readonly TopicEvent[]> {
  const leaving = new AbortController()
  const taken: TopicEvent[] = []
  for await (const event of events.read({ claims, topic, after, signal: leaving.signal })) {
    taken.push(event)
    if (taken.length === many) leaving.abort()
  }
  return taken
}

const names = (events: readonly TopicEvent[]): readonly string[] => events.map(({ seq, event }) => `${seq} ${event}`)

describe('events of the store', () => {
  it('are read from the last one that a reader has, page by page, then as they come', async () => {
    await tell('a', 'one', 'two', 'three')
    const events = createEvents({ store, pageSize: 2, pollMs: 600_000 })
    const reading = take(events, 'a', 4, 1)
    await tell('a', 'four', 'five')
    expect(names(await reading)).toEqual(['2 two', '3 three', '4 four', '5 five'])
    expect(events.readers).toBe(0)
    await events.close()
  })

  it('are none of another tenant', async () => {
    await tell('b', 'one')
    const clock = fakeClock()
    const events = createEvents({ store, clock })
    const leaving = new AbortController()
    const reading = events.read({ claims: { tenant: 'other', user: 'eve' }, topic: 'b', signal: leaving.signal }).next()
    await expect.poll(() => clock.pending).toBe(1)
    leaving.abort()
    expect(await reading).toEqual({ done: true, value: undefined })
    await events.close()
  })

  it('are found without a sign, and after an outage', async () => {
    await tell('c', 'one')
    const clock = fakeClock()
    let isAway = true
    const away = new HoldfastError({ code: 'STORE_UNREACHABLE', category: 'network', message: 'away', retryable: true })
    const flaky: EventsOptions['store'] = {
      withClaims: (...given) => (isAway ? Promise.reject(away) : store.withClaims(...given)),
      onEvents: () => Promise.reject(away),
    }
    const events = createEvents({ store: flaky, clock, pollMs: 1_000 })
    const reading = take(events, 'c', 2)
    await expect.poll(() => clock.pending).toBe(1)
    isAway = false
    await clock.advance(1_000)
    await expect.poll(() => clock.pending).toBe(1)
    await tell('c', 'two')
    await clock.advance(1_000)
    expect(names(await reading)).toEqual(['1 one', '2 two'])
    await events.close()
  })

  it('are missing after a number that none has', async () => {
    await tell('d', 'one')
    const events = createEvents({ store })
    await expect(take(events, 'd', 1, 7)).rejects.toMatchObject({ code: 'EVENTS_MISSING' })
    await events.close()
  })

  it('begin with the oldest that is kept, and are missing for who was behind it', async () => {
    await tell('f', 'one', 'two', 'three')
    const forget = (upTo: number): Promise<unknown> =>
      store.asWorker('acme', (transaction) =>
        transaction.deleteFrom('outbox').where('topic', '=', 'f').where('seq', '<=', upTo).execute(),
      )
    await forget(1)
    const events = createEvents({ store })
    expect(names(await take(events, 'f', 2))).toEqual(['2 two', '3 three'])
    expect(names(await take(events, 'f', 2, 1))).toEqual(['2 two', '3 three'])
    await forget(2)
    await expect(take(events, 'f', 1, 1)).rejects.toMatchObject({ code: 'EVENTS_MISSING' })
    await forget(3)
    await expect(take(events, 'f', 1, 2)).rejects.toMatchObject({ code: 'EVENTS_MISSING' })
    const next = take(events, 'f', 1, 3)
    await tell('f', 'four')
    expect(names(await next)).toEqual(['4 four'])
    await events.close()
  })

  it('are read by so many at once, and by nobody after the end', async () => {
    const clock = fakeClock()
    const events = createEvents({ store, clock, maxReaders: 1 })
    const { signal } = new AbortController()
    const first = events.read({ claims: ada, topic: 'e', signal }).next()
    await expect.poll(() => events.readers).toBe(1)
    const second = events.read({ claims: ada, topic: 'e', signal }).next()
    await expect(second).rejects.toMatchObject({ code: 'TOO_MANY_READERS' })
    await events.close()
    expect(await first).toEqual({ done: true, value: undefined })
  })

  it.each([
    [{ pollMs: 99 }, /pollMs must be a whole number from 100 to 600,000/],
    [{ pageSize: 0 }, /pageSize must be a whole number from 1 to 10,000/],
    [{ maxReaders: 1.5 }, /maxReaders must be/],
  ])('refuse %j', (options, message) => {
    expect(() => createEvents({ store, ...options })).toThrow(message)
  })
})

describe('the reference of events', () => {
  const reference = readFileSync(new URL('../../../docs/reference/agents/events.md', import.meta.url), 'utf8')

  it.each(Object.entries(EVENTS_DEFAULTS))('tells the default of %s', (name, value) => {
    const row = reference.split('\n').find((line) => line.startsWith(`| \`${name}\``))
    expect(row?.split('|')[2]?.trim()).toBe(value.toLocaleString('en-US'))
  })

  const signs = readFileSync(new URL('../src/events/redis/options.ts', import.meta.url), 'utf8')
  const rows = reference
    .slice(reference.indexOf('| `RedisSignsOptions`'))
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()))

  it.each(Object.entries(REDIS_SIGNS_DEFAULTS))('tells the default and range of %s by Redis', (name, value) => {
    const comment = new RegExp(`/\\*\\*([^/]*?)\\*/\\s+readonly ${name}\\?:`).exec(signs)?.[1] ?? ''
    const row = rows.find(([, option]) => option === `\`${name}\``)
    const told = value.toLocaleString('en-US')
    expect(comment.replaceAll('`', '')).toContain(`Default: ${told}.`)
    expect(row?.[2]?.replaceAll('`', '')).toBe(told)
    const range = /\d\S* to [\d,]*\d/.exec(comment)?.[0]
    if (typeof value === 'number') expect(row?.[3]).toBe(range)
  })

  it('lists every option of signs by Redis, and no other', () => {
    const [, declared = ''] = /export interface RedisSignsOptions \{([\s\S]*?)\n\}/.exec(signs) ?? []
    const made = [...declared.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => `\`${name}\``)
    expect(rows.slice(1).map(([, option]) => option)).toEqual(made)
  })
})

import { randomUUID } from 'node:crypto'
import { subscribe } from '@holdfast/agents/events'
import type { OwedEvent, SubscribeOptions } from '@holdfast/agents/events'
import { HoldfastError } from '@holdfast/core'
import { fakeClock } from '@holdfast/core/testing'
import { json, openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let store: Store
beforeAll(async () => {
  store = await openStore()
}, 60_000)
afterAll(() => store.close())

const tell = (tenant: string, topic: string, ...names: string[]): Promise<unknown> =>
  store.withClaims({ tenant, user: 'ada' }, async (transaction) => {
    for (const event of names)
      await transaction
        .insertInto('outbox')
        .values({ topic, event, payload: json({ event }) })
        .execute()
  })

async function setUp() {
  const tenant = `t-${randomUUID()}`
  await store.asWorker(tenant, (transaction) =>
    transaction.insertInto('tenants').values({ id: tenant, name: tenant }).execute(),
  )
  const told: OwedEvent[] = []
  const waiting: { many: number; resolve: () => void }[] = []
  const options: SubscribeOptions = {
    store,
    name: 'watcher',
    events: ['good', 'better'],
    tenants: [tenant],
    pollMs: 600_000,
    handle: (_, event) => {
      told.push(event)
      for (const one of waiting) if (told.length >= one.many) one.resolve()
      return Promise.resolve()
    },
  }
  const until = (many: number): Promise<void> =>
    new Promise((resolve) => (told.length >= many ? resolve() : waiting.push({ many, resolve })))
  const owed = async (): Promise<number> =>
    store.asWorker(tenant, async (transaction) => {
      const rows = await transaction.selectFrom('event_deliveries').select('seq').execute()
      return rows.length
    })
  return { options, owed, tenant, told, until }
}

describe('a subscription to events', () => {
  it('tells of those that are wanted, in the order of their topic, as they come', async () => {
    const { options, owed, tenant, told, until } = await setUp()
    const { stop } = await subscribe(options)
    await tell(tenant, 'a', 'good', 'other', 'better')
    await until(2)
    await stop()
    expect(told.map(({ id, event, payload }) => [id, event, payload])).toEqual([
      ['a:1', 'good', { event: 'good' }],
      ['a:3', 'better', { event: 'better' }],
    ])
    expect(await owed()).toBe(0)
  })

  it('tells later what has happened while nobody was there, and nothing of before the first time', async () => {
    const { options, tenant, told, until } = await setUp()
    await tell(tenant, 'a', 'good')
    await (await subscribe(options)).stop()
    await tell(tenant, 'a', 'better')
    const { stop } = await subscribe(options)
    await until(1)
    await stop()
    expect(told.map(({ id }) => id)).toEqual(['a:2'])
  })

  it('tells an event to one of two processes', async () => {
    const { options, tenant, told, until } = await setUp()
    const both = await Promise.all([subscribe(options), subscribe(options)])
    await tell(tenant, 'a', ...Array.from({ length: 40 }, () => 'good'))
    await until(40)
    await Promise.all(both.map(({ stop }) => stop()))
    expect(new Set(told.map(({ id }) => id)).size).toBe(40)
    expect(told).toHaveLength(40)
  })

  it('tells again what was not taken, and gives up what can never be', async () => {
    const { options, owed, tenant, until } = await setUp()
    const clock = fakeClock()
    const trouble: unknown[] = []
    let tries = 0
    const { stop } = await subscribe({
      ...options,
      clock,
      backoffMs: 0,
      handle: async (by, event) => {
        if (event.event === 'better') throw invalidInput()
        tries += 1
        if (tries < 3) throw new Error('not now')
        await options.handle(by, event)
      },
      onTrouble: (error, event, isGivenUp) => {
        trouble.push([(error as Error).message, event?.id, isGivenUp])
      },
    })
    await tell(tenant, 'a', 'good', 'better')
    const done = until(1)
    let isDone = false
    void done.then(() => (isDone = true))
    while (!isDone) await clock.advance(600_000)
    await stop()
    expect(trouble).toEqual([
      ['not now', 'a:1', false],
      ['not like this', 'a:2', true],
      ['not now', 'a:1', false],
    ])
    expect(await owed()).toBe(0)
  })

  it('gives what it has not told to others when it stops', async () => {
    const { options, owed, tenant, told, until } = await setUp()
    const first = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const { stop } = await subscribe({
      ...options,
      handle: async () => {
        first.resolve()
        await goOn.promise
      },
    })
    await tell(tenant, 'a', 'good', 'good', 'good')
    await first.promise
    const stopped = stop()
    goOn.resolve()
    await stopped
    expect(await owed()).toBe(2)
    const second = await subscribe(options)
    await until(2)
    await second.stop()
    expect(told.map(({ id }) => id)).toEqual(['a:2', 'a:3'])
  })

  it('is forgotten with what is owed to it when it wants nothing any more', async () => {
    const { options, owed, tenant } = await setUp()
    await (await subscribe(options)).stop()
    await tell(tenant, 'a', 'good')
    expect(await owed()).toBe(1)
    await subscribe({ ...options, events: [] })
    await tell(tenant, 'a', 'good')
    expect(await owed()).toBe(0)
  })

  it.each([
    [{ name: 'No' }, 'name must be'],
    [{ leaseMs: 5 }, 'leaseMs must be a whole number from 1,000 to 3,600,000'],
    [{ events: Array.from({ length: 101 }, String) }, 'events must be a list of up to 100 names'],
  ])('refuses %o', async (wrong, message) => {
    const { options } = await setUp()
    await expect(subscribe({ ...options, ...wrong })).rejects.toThrow(message)
  })
})

function invalidInput(): HoldfastError {
  return new HoldfastError({
    code: 'INVALID_INPUT',
    category: 'validation',
    message: 'not like this',
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

import { subscribe } from '@holdfast/agents/events'
import type { OwedEvent, SubscribeOptions, Subscription } from '@holdfast/agents/events'
import { openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeEvents } from './events/contract.ts'
import { openFleet } from './events/fleet-on-redis.ts'
import { until } from './harness/fleet.ts'
import { POSTGRES, startPostgres } from './services/postgres-server.ts'
import type { PostgresServer } from './services/postgres-server.ts'
import { REDIS, startRedis } from './services/redis-server.ts'

describeEvents('on PGlite', async () => {
  const store = await openStore()
  return { writer: store, reader: store, close: () => store.close() }
})

describe.skipIf(POSTGRES === '')('on a server', () => {
  describeEvents('on PostgreSQL', async () => {
    const postgres = await startPostgres()
    const url = await postgres.newDatabase()
    const [writer, reader] = [await openStore({ url }), await openStore({ url })]
    return {
      writer,
      reader,
      async close() {
        await Promise.all([writer.close(), reader.close()])
        await postgres.stop()
      },
    }
  })
})

describe.skipIf(POSTGRES === '' || REDIS === '')('on two servers', () => {
  describeEvents('on PostgreSQL and Redis', async () => {
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
    const fleet = await openFleet({ url: await postgres.newDatabase(), redisUrl: redis.url })
    return {
      ...fleet,
      async close() {
        await fleet.close()
        await Promise.all([postgres.stop(), redis.stop()])
      },
    }
  })
})

describe.skipIf(POSTGRES === '')('a subscription to events, on PostgreSQL', () => {
  let postgres: PostgresServer
  const stores: Store[] = []
  beforeAll(async () => {
    postgres = await startPostgres()
    const url = await postgres.newDatabase()
    stores.push(await openStore({ url }), await openStore({ url }))
    await stores[0]!.asWorker('acme', (transaction) =>
      transaction.insertInto('tenants').values({ id: 'acme', name: 'Acme' }).execute(),
    )
  }, 60_000)
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()))
    await postgres.stop()
  })

  it('is told each event by one of two processes, those of an outage too', async () => {
    const told: OwedEvent[] = []
    const open = (store: Store, more: Partial<SubscribeOptions> = {}): Promise<Subscription> =>
      subscribe({
        store,
        name: 'desks',
        events: ['made'],
        tenants: ['acme'],
        pollMs: 500,
        // What was taken when the database went is told again after it.
        leaseMs: 2_000,
        handle: (_, event) => Promise.resolve(told.push(event)),
        ...more,
      })
    const [one, other] = stores as [Store, Store]
    const make = (many: number): Promise<unknown> =>
      one.withClaims({ tenant: 'acme', user: 'ada' }, async (transaction) => {
        for (let index = 0; index < many; index += 1)
          await transaction
            .insertInto('outbox')
            .values({ topic: `t:${index % 7}`, event: 'made' })
            .execute()
      })
    let members = await Promise.all([open(one), open(other)])
    await Promise.all([make(50), make(50)])
    await until('those of before', async () => told.length >= 100)
    await Promise.all(members.map(({ stop }) => stop()))
    await make(50)
    members = await Promise.all([open(one), open(other)])
    await postgres.kill()
    await postgres.start()
    await until('those of the outage', async () => told.length >= 150)
    await make(10)
    const owed = (): Promise<readonly unknown[]> =>
      one.asWorker('acme', (transaction) => transaction.selectFrom('event_deliveries').select('seq').execute())
    await until('those of after', async () => (await owed()).length === 0)
    await Promise.all(members.map(({ stop }) => stop()))
    expect(new Set(told.map(({ id }) => id)).size).toBe(160)
    expect(typeof told[0]!.seq).toBe('number')
  }, 60_000)
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createEvents } from '@holdfast/agents/events'
import { redisSigns } from '@holdfast/agents/events/redis'
import type { RedisSignsOptions } from '@holdfast/agents/events/redis'
import { HoldfastError } from '@holdfast/core'
import { json, openStore } from '@holdfast/store/database'
import type { Claims, SignedTopic, Signs, Store } from '@holdfast/store/database'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../harness/fleet.ts'
import { POSTGRES, startPostgres } from '../services/postgres-server.ts'
import type { PostgresServer } from '../services/postgres-server.ts'
import { REDIS, startRedis } from '../services/redis-server.ts'
import type { RedisServer } from '../services/redis-server.ts'
import { append, names, newClaims, NEVER_MS, take } from './contract.ts'
import { openMember } from './fleet-on-redis.ts'
import type { Member } from './fleet-on-redis.ts'

const WRITER = fileURLToPath(new URL('killed-writer.ts', import.meta.url))

/** So that an outage is noticed in a test's time. */
const QUICK: Partial<RedisSignsOptions> = { probeMs: 200, answerTimeoutMs: 200 }

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe.skipIf(POSTGRES === '' || REDIS === '')('signs of events by Redis', () => {
  let postgres: PostgresServer
  let redis: RedisServer
  let url: string
  let claims: Claims
  const ends: (() => unknown)[] = []
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres?.stop())
  beforeEach(async () => {
    redis = await startRedis()
    url = await postgres.newDatabase()
  })
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end()
    await redis.stop()
  })

  const open = async (options: Partial<RedisSignsOptions> = {}, redisUrl = redis.url): Promise<Member> => {
    const member = await openMember(url, redisUrl, options)
    ends.push(() => member.close())
    return member
  }
  const ready = (...members: Member[]): Promise<unknown> =>
    until('signs by Redis', () => Promise.resolve(members.every((member) => member.isReady())))
  /** What the database tells meanwhile. */
  const listenToDatabase = async (): Promise<readonly (string | undefined)[]> => {
    const client = new pg.Client(url)
    await client.connect()
    const told: (string | undefined)[] = []
    client.on('notification', ({ payload }) => told.push(payload))
    await client.query('listen holdfast_events')
    ends.push(() => client.end())
    return told
  }

  it('say where events are and nothing of them, and the database says nothing', async () => {
    const member = await open()
    await ready(member)
    claims = await newClaims(member.store)
    const told = await listenToDatabase()
    const watch = await redis.watch('*')
    ends.push(() => watch.end())
    await member.store.withClaims(claims, (transaction) =>
      transaction
        .insertInto('outbox')
        .values([1, 2, 3].map((n) => ({ topic: 'a', event: `secret-event-${n}`, payload: json({ of: 'a-customer' }) })))
        .execute(),
    )
    await until('the sign', () => Promise.resolve(watch.text().includes(claims.tenant)))
    // One for all three, in the channel of the prefix and the number of the database.
    expect(watch.text().split(claims.tenant)).toHaveLength(2)
    expect(watch.text()).toContain('holdfast:signs:0')
    expect(watch.text()).not.toMatch(/secret-event|a-customer/)
    await sleep(200)
    expect(told).toEqual([])
  })

  it('are heard by those of their prefix and number alone', async () => {
    const members = [
      await open(),
      await open({ prefix: 'another' }),
      await open({}, `${redis.url}/5`),
      await open(),
    ] as const
    await ready(...members)
    const heard: number[] = []
    members.forEach(({ signs }, index) => signs.listen(() => heard.push(index)))
    members[0].signs.send([{ tenant: 'acme', topic: 'a' }])
    await until('a sign', () => Promise.resolve(heard.includes(3)))
    await sleep(200)
    expect(heard).toEqual([0, 3])
  })

  it('go by the database while Redis is away, and by Redis again when it is back', async () => {
    const [writer, reader] = [await open(QUICK), await open(QUICK)]
    await ready(writer, reader)
    claims = await newClaims(writer.store)
    const told = await listenToDatabase()
    const events = createEvents({ store: reader.store, pollMs: NEVER_MS })
    ends.push(() => events.close())
    const reading = take(events, { claims, topic: 'a', many: 3 })
    await append(writer.store, claims, 'a', 'before')
    await redis.kill()
    await until('the outage', () => Promise.resolve(!writer.signs.isReady && !reader.isReady()))
    await append(writer.store, claims, 'a', 'meanwhile')
    await until('a word of the database', () => Promise.resolve(told.length > 0))
    await redis.start()
    await ready(writer, reader)
    await append(writer.store, claims, 'a', 'after')
    expect(names(await reading)).toEqual(['1 before', '2 meanwhile', '3 after'])
    expect(told).toHaveLength(1)
    expect(reader.changes.map((change) => change === true)).toEqual([true, false, true])
  })

  it('may be lost when Redis is killed and comes back among writers: nothing of theirs is', async () => {
    const [writer, reader] = [await open(QUICK), await open(QUICK)]
    await ready(writer, reader)
    claims = await newClaims(writer.store)
    const events = createEvents({ store: reader.store, pollMs: 1_000 })
    ends.push(() => events.close())
    const reading = take(events, { claims, topic: 'a', many: 400 })
    let isDown = false
    const slowest: number[] = []
    const write = async (): Promise<void> => {
      for (let n = 0; n < 100; n += 1) {
        const began = performance.now()
        await append(writer.store, claims, 'a', 'made')
        if (isDown) slowest.push(performance.now() - began)
        await sleep(10)
      }
    }
    const writing = Promise.all(Array.from({ length: 4 }, write))
    for (let round = 0; round < 2; round += 1) {
      await sleep(250)
      isDown = true
      await redis.kill()
      await sleep(250)
      await redis.start()
      isDown = false
    }
    await writing
    expect((await reading).map(({ seq }) => seq)).toEqual(Array.from({ length: 400 }, (_, index) => index + 1))
    // Nobody waits for Redis.
    expect(slowest.length).toBeGreaterThan(0)
    expect(Math.max(...slowest)).toBeLessThan(2_000)
  })

  it('hold up nobody while Redis hangs, and go by the database once that was noticed', async () => {
    const [writer, reader] = [await open(QUICK), await open(QUICK)]
    await ready(writer, reader)
    claims = await newClaims(writer.store)
    const events = createEvents({ store: reader.store, pollMs: 1_000 })
    ends.push(() => events.close())
    const reading = take(events, { claims, topic: 'a', many: 3 })
    redis.pause()
    // Else it could not be ended.
    ends.push(() => redis.resume())
    const began = performance.now()
    await append(writer.store, claims, 'a', 'at once')
    expect(performance.now() - began).toBeLessThan(1_000)
    await until('that it is noticed', () => Promise.resolve(!writer.signs.isReady))
    await append(writer.store, claims, 'a', 'by the database')
    redis.resume()
    await ready(writer, reader)
    await append(writer.store, claims, 'a', 'by Redis')
    expect(names(await reading)).toEqual(['1 at once', '2 by the database', '3 by Redis'])
  })

  it('are told to nobody by a writer who is killed after his commit: readers look by themselves', async () => {
    const reader = await open()
    await ready(reader)
    claims = await newClaims(reader.store)
    const heard: (SignedTopic | undefined)[] = []
    const stop = await reader.store.onEvents((topic) => heard.push(topic))
    ends.push(stop)
    const events = createEvents({ store: reader.store, pollMs: 1_000 })
    ends.push(() => events.close())
    const reading = take(events, { claims, topic: 'a', many: 1 })
    const child = spawn(process.execPath, ['--conditions=holdfast-source', WRITER, url, redis.url, claims.tenant])
    let said = ''
    child.stdout.on('data', (data: Buffer) => (said += data.toString()))
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
    expect([signal, said]).toEqual(['SIGKILL', ''])
    expect(names(await reading)).toEqual(['1 of a writer who was killed'])
    expect(heard).not.toContainEqual({ tenant: claims.tenant, topic: 'a' })
  })

  it('come from a process without Redis by the database; its own readers look by themselves', async () => {
    const modern = await open()
    const plain = await openStore({ url })
    ends.push(() => plain.close())
    await ready(modern)
    claims = await newClaims(plain)
    const events = createEvents({ store: modern.store, pollMs: NEVER_MS })
    const late = createEvents({ store: plain, pollMs: 1_000 })
    ends.push(
      () => events.close(),
      () => late.close(),
    )
    const reading = take(events, { claims, topic: 'a', many: 1 })
    await append(plain, claims, 'a', 'of the one without')
    expect(names(await reading)).toEqual(['1 of the one without'])
    const lateReading = take(late, { claims, topic: 'a', many: 2 })
    await append(modern.store, claims, 'a', 'of the other')
    expect(names(await lateReading)).toEqual(['1 of the one without', '2 of the other'])
  })

  it('go by the database where Redis refuses them, and where there is none from the beginning', async () => {
    expect(await redis.command('ACL SETUSER desk on >word-of-it +@all ~* resetchannels')).toBe('+OK\r\n')
    const address = new URL(redis.url)
    const refusals: readonly [redisUrl: string, says: RegExp][] = [
      [`redis://desk:word-of-it@${address.host}`, /NOPERM/],
      [`redis://desk:another-word@${address.host}`, /WRONGPASS/],
      ['redis://127.0.0.1:9', /ECONNREFUSED/],
    ]
    for (const [redisUrl, says] of refusals) {
      const [writer, reader] = [await open(QUICK, redisUrl), await open(QUICK, redisUrl)]
      claims = await newClaims(writer.store)
      const events = createEvents({ store: reader.store, pollMs: NEVER_MS })
      ends.push(() => events.close())
      const reading = take(events, { claims, topic: 'a', many: 1 })
      await append(writer.store, claims, 'a', 'one')
      expect(names(await reading)).toEqual(['1 one'])
      await until('a word of it', () => Promise.resolve(writer.changes.length > 0))
      expect(writer.changes).toHaveLength(1)
      expect(String(writer.changes[0])).toMatch(says)
      expect(String(writer.changes[0])).not.toMatch(/word-of-it|another-word/)
      // As soon as it lets them.
      if (says.source === 'NOPERM') {
        await redis.command('ACL SETUSER desk &holdfast:signs:*')
        await ready(writer, reader)
      }
    }
  })

  it('leave no connection behind, whatever Redis is doing', async () => {
    const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
    const before = sockets()
    const closeOf = async (redisUrl: string, meanwhile: (isReady: () => boolean) => unknown): Promise<void> => {
      let isReady = false
      const signs = redisSigns({ url: redisUrl, ...QUICK, onChange: (now) => (isReady = now) })
      await meanwhile(() => isReady)
      const began = performance.now()
      await signs.close()
      expect(performance.now() - began).toBeLessThan(2_000)
      await expect.poll(sockets, { timeout: 3_000 }).toBe(before)
    }
    const wait = (isReady: () => boolean): Promise<unknown> => until('signs', () => Promise.resolve(isReady()))
    await closeOf(redis.url, wait)
    await closeOf(redis.url, () => undefined)
    await closeOf('redis://127.0.0.1:9', () => sleep(300))
    await closeOf(redis.url, async (isReady) => {
      await wait(isReady)
      redis.pause()
    })
    redis.resume()
    await closeOf(redis.url, async (isReady) => {
      await wait(isReady)
      await redis.kill()
    })
  })

  /** Signs that are only noted. */
  function noting(): Signs & { readonly sent: (readonly SignedTopic[] | undefined)[] } {
    const sent: (readonly SignedTopic[] | undefined)[] = []
    return { sent, isReady: true, send: (topics) => sent.push(topics), listen: () => () => undefined }
  }

  it('go out after the commit, once for a topic, and not where there was none', async () => {
    const signs = noting()
    const store = await openStore({ url, signs })
    ends.push(() => store.close())
    claims = await newClaims(store)
    const { tenant } = claims
    await store.withClaims(claims, async (transaction) => {
      for (const topic of ['a', 'b', 'a'])
        await transaction.insertInto('outbox').values({ topic, event: 'x' }).execute()
      expect(signs.sent).toEqual([])
    })
    const both = [
      { tenant, topic: 'a' },
      { tenant, topic: 'b' },
    ]
    expect(signs.sent).toEqual([both])
    // One that says that something outside may have happened, in a transaction of which nothing has.
    const own = new HoldfastError({
      code: 'OF_ITS_OWN',
      category: 'network',
      message: 'of its own',
      retryable: false,
      mayHaveTakenEffect: true,
    })
    const failures: ((store: Store) => Promise<unknown>)[] = [
      () => Promise.reject(own),
      (at) => at.withClaims(claims, () => sleep(300), { timeoutMs: 50 }),
    ]
    for (const fail of failures) {
      const failed = store.withClaims(
        claims,
        async (transaction) => {
          await transaction.insertInto('outbox').values({ topic: 'a', event: 'x' }).execute()
          await fail(store)
        },
        { timeoutMs: 200 },
      )
      await expect(failed).rejects.toThrow(HoldfastError)
    }
    await store.withClaims(claims, (transaction) => transaction.selectFrom('outbox').select('seq').execute())
    expect(signs.sent).toEqual([both])
  })

  it('go out where nobody knows whether it was committed', async () => {
    let isSilent = false
    const port = Number(new URL(url).port)
    const sockets = new Set<Socket>()
    const proxy = createServer((client) => {
      const server = connect(port, '127.0.0.1')
      for (const socket of [client, server]) {
        sockets.add(socket)
        socket.on('error', () => undefined)
        socket.on('close', () => [client, server].forEach((one) => one.destroy()))
      }
      client.pipe(server)
      server.on('data', (data) => isSilent || client.write(data))
    }).listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const address = new URL(url)
    address.port = String((proxy.address() as AddressInfo).port)
    const signs = noting()
    const store = await openStore({ url: address.href, signs, timeoutMs: 1_000 })
    ends.push(async () => {
      for (const socket of sockets) socket.destroy()
      proxy.close()
      await store.close()
    })
    claims = await newClaims(store)
    const unknown = store.withClaims(claims, async (transaction) => {
      await transaction.insertInto('outbox').values({ topic: 'a', event: 'one' }).execute()
      isSilent = true
    })
    await expect(unknown).rejects.toMatchObject({ code: 'COMMIT_UNKNOWN', mayHaveTakenEffect: true })
    expect(signs.sent).toEqual([[{ tenant: claims.tenant, topic: 'a' }]])
    isSilent = false
    const events = createEvents({ store })
    ends.push(() => events.close())
    expect(names(await take(events, { claims, topic: 'a', many: 1 }))).toEqual(['1 one'])
  })

  it('are refused for an embedded store', async () => {
    await expect(openStore({ signs: noting() })).rejects.toThrow(/signs needs a url beside it/)
  })
})

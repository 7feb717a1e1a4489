import pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { sandboxAddresses, startMember, startSandbox, until } from '../harness/fleet.ts'
import { freePorts } from '../harness/ports.ts'
import { POSTGRES, startPostgres } from '../services/postgres-server.ts'
import { REDIS, startRedis } from '../services/redis-server.ts'

const ends: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

interface Received {
  readonly seq: number
  readonly event: string
}

/** Reads the events of a request as a browser does: from the last one that it has, at whichever of the servers is there. */
async function follow(urls: readonly string[], id: string, received: Received[], signal: AbortSignal): Promise<void> {
  for (let turn = 0; !signal.aborted; turn += 1) {
    const url = urls[turn % urls.length]!
    try {
      const last = String(received.at(-1)?.seq ?? 0)
      const response = await fetch(`${url}/requests/${id}/events`, { headers: { 'last-event-id': last }, signal })
      let text = ''
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        text += chunk
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1]
          text = text.slice(end + 2)
          if (data !== undefined) received.push(JSON.parse(data) as Received)
        }
      }
    } catch {
      // It has gone; the next one has the same.
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

describe.skipIf(POSTGRES === '' || REDIS === '')('events of two servers with REDIS_URL', () => {
  it('reach a browser at one from the other by Redis, over the end of a server and of Redis', async () => {
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
    ends.push(
      () => postgres.stop(),
      () => redis.stop(),
    )
    const port = await freePorts(9)
    const sandbox = startSandbox(port)
    ends.push(() => sandbox.stop())
    await until('the sandbox', async () => (await fetch(`http://127.0.0.1:${port}/faults`)).ok)
    const database = await postgres.newDatabase()
    const env = { ...sandboxAddresses(port), DATABASE_URL: database, REDIS_URL: redis.url }
    const members = [6, 7].map((own) => {
      const member = startMember('start', { ...env, PORT: String(port + own) })
      ends.push(() => member.kill())
      return { member, url: `http://127.0.0.1:${port + own}` }
    })
    const [left, right] = members as [(typeof members)[0], (typeof members)[0]]
    for (const { url, member } of members) {
      await until(`desks of ${url}`, async () => (await fetch(`${url}/requests`)).ok)
      await until('signs by Redis', () => Promise.resolve(member.output().includes('signs of events go by Redis')))
    }
    const told: (string | undefined)[] = []
    const listener = new pg.Client(database)
    await listener.connect()
    listener.on('notification', ({ payload }) => told.push(payload))
    await listener.query('listen holdfast_events')
    ends.push(() => listener.end())
    const watch = await redis.watch('holdfast:signs:*')
    ends.push(() => watch.end())

    const asked = await fetch(`${left.url}/requests`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'one' },
      body: JSON.stringify({
        text: 'Four people, Teterboro to Miami on Friday',
        client: { email: 'client-1@example.com' },
      }),
    })
    expect(asked.status).toBe(202)
    const { id } = (await asked.json()) as { readonly id: string }
    const received: Received[] = []
    const leaving = new AbortController()
    const following = follow([right.url, left.url], id, received, leaving.signal)
    ends.push(() => {
      leaving.abort()
      return following
    })
    await until('the first events', () => Promise.resolve(received.length >= 5))
    expect(watch.text()).toContain(`request:${id}`)
    expect(told).toEqual([])

    await redis.kill()
    for (const { member } of members)
      await until('a word of it', () => Promise.resolve(member.output().includes('signs of events go by the database')))
    await redis.start()
    await right.member.kill()
    const view = async (): Promise<{ readonly status: string; readonly approvals: readonly unknown[] }> =>
      (await (await fetch(`${left.url}/requests/${id}`)).json()) as never
    await until('an approval', async () => (await view()).approvals.length > 0, 120_000)
    const approved = await fetch(`${left.url}/requests/${id}/decision`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ decision: 'approve' }),
    })
    expect(approved.status).toBe(202)
    await until('the letter', async () => (await view()).status === 'proposed', 120_000)
    const all = await listener.query<{ seq: number; event: string }>(
      `select seq::int, event from holdfast.outbox where topic = $1 order by seq`,
      [`request:${id}`],
    )
    await until('all events', () => Promise.resolve(received.length >= all.rows.length))
    expect(received.map(({ seq, event }) => ({ seq, event }))).toEqual(all.rows)
    // It leaves on being asked, with nothing that holds it.
    await left.member.stop()
    expect(left.member.child.exitCode).toBe(0)
  }, 300_000)
})

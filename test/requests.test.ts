import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { sandboxAddresses, startMember, startSandbox, until } from './harness/fleet.ts'
import type { Member } from './harness/fleet.ts'
import { startDesk } from './harness/desk.ts'
import { freePorts } from './harness/ports.ts'
import { POSTGRES, startPostgres } from './services/postgres-server.ts'
import { REDIS, startRedis } from './services/redis-server.ts'

const DIRECTORY = fileURLToPath(new URL('fixture/requests', import.meta.url))
const TEXT = 'Four people, Teterboro to Miami on Friday'

interface View {
  readonly id: string
  readonly status: string
  readonly approvals: readonly unknown[]
}

/** A client of a server's requests. */
function client(url: string) {
  const call = async (path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}${path}`, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      signal: AbortSignal.timeout(15_000),
    })
  return {
    call,
    ask: (email: string, key: string) =>
      call('/requests', { text: TEXT, client: { email } }, { 'idempotency-key': key }),
    view: async (id: string): Promise<View> => (await (await call(`/requests/${id}`)).json()) as View,
    approve: (id: string) => call(`/requests/${id}/decision`, { decision: 'approve' }),
  }
}

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

/** Letters that the sandbox has taken, by who they are for. */
async function letters(sandboxUrl: string): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(`${sandboxUrl}/arrived`)
  const all = (await response.json()) as readonly {
    readonly service: string
    readonly to?: unknown
    readonly body?: unknown
  }[]
  const counts = new Map<string, number>()
  for (const letter of all) {
    const to = /client-\d+@example\.com/.exec(JSON.stringify(letter))?.[0]
    if (to !== undefined) counts.set(to, (counts.get(to) ?? 0) + 1)
  }
  return counts
}

describe('requests, with nothing else installed', () => {
  it('go on after kill -9, are told to who watches from where he was, and end in one letter', async () => {
    const data = await mkdtemp(join(tmpdir(), 'holdfast-requests-'))
    ends.push(() => rm(data, { recursive: true, force: true }))
    const env = { TEST_DATA_DIRECTORY: data }
    const port = await freePorts(6)
    const sandbox = startSandbox(port)
    ends.push(() => sandbox.stop())
    const addresses = { ...env, ...sandboxAddresses(port) }
    const sandboxUrl = `http://127.0.0.1:${port}`
    await until('the sandbox', async () => (await fetch(`${sandboxUrl}/faults`)).ok)

    const first = await startDesk({ directory: DIRECTORY, env: addresses })
    ends.push(() => first.stop('SIGKILL'))
    const asked = await client(first.url).ask('client-1@example.com', 'one')
    expect(asked.status).toBe(202)
    const { id } = (await asked.json()) as { readonly id: string }
    expect((await client(first.url).ask('client-1@example.com', 'one')).status).toBe(200)
    expect((await client(first.url).call('/requests', { text: 'to Miami' })).status).toBe(422)
    const before = await readEvents(first.url, id, 0, (events) => events.length >= 10)
    await first.stop('SIGKILL')

    const second = await startDesk({ directory: DIRECTORY, env: addresses })
    ends.push(() => second.stop())
    const { approve, view, call } = client(second.url)
    // Nobody is told at an address that is not public.
    for (const url of ['https://127.0.0.1/hook', 'http://example.com/hook'])
      expect((await call('/webhooks', { url, events: ['*'] })).status).toBe(400)
    // Somebody else's is not there.
    expect((await call(`/requests/${id}`, undefined, { 'x-holdfast-user': 'eve' })).status).toBe(404)
    await until('an approval', async () => (await view(id)).approvals.length > 0)
    expect((await approve(id)).status).toBe(202)
    await until('the letter', async () => (await view(id)).status === 'proposed')
    const after = await readEvents(second.url, id, before.at(-1)!.seq, (events) =>
      events.some(({ event, status }) => event === 'status' && status === 'proposed'),
    )
    const numbers = [...before, ...after].map(({ seq }) => seq)
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))
    // Who has written the reasons and the letter; once more where a quote came in between.
    const written = [...before, ...after].filter(({ event }) => event === 'text-written')
    expect(written.length).toBeGreaterThanOrEqual(2)
    expect([...(await letters(sandboxUrl))]).toEqual([['client-1@example.com', 1]])
  }, 240_000)
})

interface ReadEvent {
  readonly seq: number
  readonly event: string
  readonly status: string | undefined
}

/** Reads events until there are enough. */
async function readEvents(
  url: string,
  id: string,
  after: number,
  isEnough: (events: readonly ReadEvent[]) => boolean,
): Promise<readonly ReadEvent[]> {
  const leaving = new AbortController()
  const response = await fetch(`${url}/requests/${id}/events`, {
    headers: { 'last-event-id': String(after) },
    signal: AbortSignal.any([leaving.signal, AbortSignal.timeout(40_000)]),
  })
  const events: ReadEvent[] = []
  let text = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1]
      text = text.slice(end + 2)
      if (data === undefined) continue
      const { seq, event, payload } = JSON.parse(data) as { seq: number; event: string; payload: { status?: string } }
      events.push({ seq, event, status: payload.status })
      if (isEnough(events)) {
        leaving.abort()
        return events
      }
    }
  }
  return events
}

describe.skipIf(POSTGRES === '' || REDIS === '')('requests, on PostgreSQL and Redis', () => {
  it('end once each, with a server and a worker killed and both restarted in the middle', async () => {
    const MANY = 12
    const postgres = await startPostgres()
    ends.push(() => postgres.stop())
    const redis = await startRedis()
    ends.push(() => redis.stop())
    const port = await freePorts(9)
    const sandbox = startSandbox(port)
    ends.push(() => sandbox.stop())
    const sandboxUrl = `http://127.0.0.1:${port}`
    await until('the sandbox', async () => (await fetch(`${sandboxUrl}/faults`)).ok)
    const env = {
      ...sandboxAddresses(port),
      DATABASE_URL: await postgres.newDatabase(),
      REDIS_URL: redis.url,
      HOLDFAST_ADMIN_TOKEN: 'admin-token-of-the-test',
    }
    const begin = (command: 'start' | 'work', more: Record<string, string> = {}): Member => {
      const one = startMember(command, { ...env, ...more })
      ends.push(() => one.kill())
      return one
    }
    const urls = [port + 6, port + 7].map((own) => `http://127.0.0.1:${own}`)
    const [left] = [begin('start', { PORT: String(port + 6) }), begin('start', { PORT: String(port + 7) })]
    const workers = [begin('work'), begin('work'), begin('work')]
    for (const url of urls) await until(url, async () => (await fetch(`${url}/health/ready`)).ok)
    const right = client(urls[1]!)
    for (const url of urls) await until(`desks of ${url}`, async () => (await fetch(`${url}/requests`)).ok)

    // A client goes on until he is told that it was taken, at whichever server answers.
    const ids = await Promise.all(
      Array.from({ length: MANY }, (_, index) =>
        until('a request that is taken', async () => {
          const at = client(urls[index % 2]!)
          for (const one of [at, right]) {
            const response = await one.ask(`client-${index}@example.com`, `key-${index}`).catch(() => undefined)
            if (response?.ok === true) return ((await response.json()) as { readonly id: string }).id
          }
          return undefined
        }),
      ),
    )
    await workers[0]!.kill()
    await postgres.kill()
    await postgres.start()
    await left.kill()
    await redis.kill()
    await redis.start()

    const done = new Set<string>()
    const admin = { authorization: `Bearer ${env.HOLDFAST_ADMIN_TOKEN}` }
    let unknown = 0
    await until(
      'all requests',
      async () => {
        for (const id of ids.filter((one) => !done.has(one))) {
          const { approvals, status } = await right.view(id)
          if (approvals.length > 0) await right.approve(id)
          if (status === 'proposed') done.add(id)
        }
        // An order whose worker was killed in its midst is left to a person. This one always finds nothing.
        const { writes } = (await (await right.call('/admin/writes', undefined, admin)).json()) as {
          readonly writes: readonly { readonly service: string; readonly key: string }[]
        }
        for (const { service, key } of writes) {
          const settled = await right.call('/admin/writes/settle', { service, key, outcome: 'not-made' }, admin)
          if (settled.ok) unknown += 1
        }
        return done.size === MANY
      },
      150_000,
    )
    const counts = await letters(sandboxUrl)
    expect(Object.fromEntries(counts)).toEqual(
      Object.fromEntries(ids.map((_, index) => [`client-${index}@example.com`, 1])),
    )
    const orders = (await (await fetch(`${sandboxUrl}/requests?service=avinode`)).json()) as readonly {
      method: string
      path: string
    }[]
    const asked = orders.filter(({ method, path }) => method === 'POST' && /\/rfqs\b/.test(path)).length
    expect(unknown).toBeLessThanOrEqual(3)
    expect(asked).toBeGreaterThanOrEqual(MANY)
    expect(asked).toBeLessThanOrEqual(MANY + unknown)
  }, 300_000)
})

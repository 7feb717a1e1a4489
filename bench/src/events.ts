/**
 * How long an event takes from its transaction to a client: server-sent events of `GET /requests/{id}/events`, a hundred readers of twenty requests, one event at a time and fifty a second.
 * From the beginning of the transaction, so that its commit is in the figure. `node --conditions=holdfast-source bench/src/events.ts` measures PGlite; with `DATABASE_URL`, of a superuser and
 * an empty database of its own, PostgreSQL, where another process writes than the one that tells; with `REDIS_URL` beside it the two ways that a sign can go take turns, and so do their writers, 8 and 32 at once,
 * as fast as they can, each on a topic of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineDesk } from '@holdfast/agents/desks'
import { redisSigns } from '@holdfast/agents/events/redis'
import { textModel } from '@holdfast/ai'
import { readEnvironment, startServer } from '@holdfast/server'
import type { HoldfastConfig } from '@holdfast/server'
import { openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import { machine, median, table } from './harness/report.ts'

const REQUESTS = 20
const READERS_EACH = 5
const ROUNDS = 5
const EVENTS_A_ROUND = 200
const EVERY_MS = 20
const WRITERS = [8, 32]
const WRITE_MS = 2_000

const ADA = { tenant: 'default', user: 'ada' }
const { DATABASE_URL: url, REDIS_URL: redisUrl } = process.env

const silent = { error: console.error, warn() {}, info() {}, debug() {} }
const services = {
  N8N_WEBHOOK_URL: 'http://127.0.0.1:9/n8n',
  APOLLO_API_KEY: 'bench-key-0',
  AVINODE_API_TOKEN: 'bench-key-0',
}
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** One way that a sign goes, with a server at its end. */
interface Way {
  readonly name: string
  /** Where events are written: another process's store, but where there can be one only. */
  readonly writer: Store
  readonly took: number[]
  /** Transactions a second of each round, by how many write at once. */
  readonly rates: ReadonlyMap<number, number[]>
  /** Tells so many events, one after the other. */
  tell(): Promise<void>
  close(): Promise<void>
}

async function openWay(name: string, addresses: Readonly<Record<string, string>>): Promise<Way> {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-bench-events-'))
  /** The store of the desk, which is the server's own where it is embedded: only one may have that open. */
  let own: Store | undefined
  const config: HoldfastConfig = {
    contact: { name: 'nobody', phone: '1' },
    integrations: {},
    models: {},
    assistants: [
      {
        name: 'none',
        title: 'None',
        description: 'None.',
        integrations: [],
        build: () => textModel('none', () => ({ text: '', report: {} })),
      },
    ],
    desks: [
      defineDesk({
        name: 'bench',
        title: 'Bench',
        integrations: [],
        build: (runtime) => {
          own = runtime.store as Store
          return { workflows: [], open: () => ({ missing: ['text'], question: 'What?' }) }
        },
      }),
    ],
    storage: { directory },
  }
  const environment = readEnvironment({ PORT: '0', ...services, ...addresses }, config)
  const server = await startServer({ config, environment, adminToken: 'a-token-of-the-bench', log: silent })
  const signs = addresses['REDIS_URL'] === undefined ? undefined : redisSigns({ url: addresses['REDIS_URL'] })
  while (signs?.isReady === false) await pause(10)
  const writer = url === undefined ? own! : await openStore({ url, signs, maxConnections: Math.max(...WRITERS) })
  const ids = await writer.withClaims(ADA, async (transaction) => {
    const rows = Array.from({ length: REQUESTS }, () => ({ user_id: 'ada', text: 'bench' }))
    const made = await transaction.insertInto('requests').values(rows).returning('id').execute()
    return made.map(({ id }) => id)
  })

  const began = new Map<string, number>()
  const took: number[] = []
  const leaving = new AbortController()

  /** Reads the events of a request as a client does. */
  async function read(id: string): Promise<void> {
    const response = await fetch(`${server.url}/requests/${id}/events`, { signal: leaving.signal })
    let text = ''
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const now = performance.now()
      text += chunk
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const event = /^event: (.*)$/m.exec(text.slice(0, end))?.[1]
        text = text.slice(end + 2)
        const at = event === undefined ? undefined : began.get(event)
        if (at !== undefined) took.push(now - at)
      }
    }
  }

  const readers = ids.flatMap((id) => Array.from({ length: READERS_EACH }, () => read(id).catch(() => undefined)))
  await pause(1_000)
  return {
    name,
    writer,
    took,
    rates: new Map(WRITERS.map((many) => [many, []])),
    async tell() {
      for (let n = 0; n < EVENTS_A_ROUND; n += 1) {
        const event = `event-${began.size}`
        began.set(event, performance.now())
        await append(writer, `request:${ids[n % REQUESTS]}`, event)
        await pause(EVERY_MS)
      }
      await pause(500)
    },
    async close() {
      leaving.abort()
      await Promise.all(readers)
      if (writer !== own) await writer.close()
      await signs?.close()
      await server.stop()
      await rm(directory, { recursive: true })
    },
  }
}

function append(store: Store, topic: string, event: string): Promise<unknown> {
  return store.withClaims(ADA, (transaction) => transaction.insertInto('outbox').values({ topic, event }).execute())
}

/** How many transactions a second so many writers come to. */
async function rateOf(store: Store, many: number): Promise<number> {
  const began = performance.now()
  let done = 0
  const write = async (who: number): Promise<void> => {
    while (performance.now() - began < WRITE_MS) {
      await append(store, `bench:${who}`, 'written')
      done += 1
    }
  }
  await Promise.all(Array.from({ length: many }, (_, who) => write(who)))
  return (done / (performance.now() - began)) * 1_000
}

const ways =
  url === undefined
    ? [await openWay('PGlite', {})]
    : [
        await openWay('PostgreSQL, NOTIFY', { DATABASE_URL: url }),
        ...(redisUrl === undefined
          ? []
          : [await openWay('PostgreSQL, Redis', { DATABASE_URL: url, REDIS_URL: redisUrl })]),
      ]
for (let round = 0; round < ROUNDS; round += 1) {
  const inTurn = round % 2 === 0 ? ways : ways.toReversed()
  for (const way of inTurn) await way.tell()
  if (ways.length === 1) continue
  for (const many of WRITERS) {
    for (const { writer, rates } of inTurn) rates.get(many)!.push(await rateOf(writer, many))
  }
}

console.log(`${machine()}\n`)
console.log(
  table(
    ['', 'readers', 'read', 'of', 'p50, ms', 'p99, ms', 'most, ms'],
    ways.map(({ name, took }) => {
      const sorted = took.toSorted((a, b) => a - b)
      const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(1)
      return [
        name,
        String(REQUESTS * READERS_EACH),
        String(took.length),
        String(ROUNDS * EVENTS_A_ROUND * READERS_EACH),
        at(0.5),
        at(0.99),
        (sorted.at(-1) ?? Number.NaN).toFixed(1),
      ]
    }),
  ),
)
if (ways.length === 2) {
  const [notify, redis] = ways as [Way, Way]
  console.log(`\nTransactions a second, medians of ${ROUNDS} rounds; the ratio is the median of those of the rounds.\n`)
  console.log(
    table(
      ['writers at once', ...ways.map(({ name }) => name), 'ratio'],
      WRITERS.map((many) => {
        const [plain, fleet] = [notify.rates.get(many)!, redis.rates.get(many)!]
        const ratio = median(fleet.map((rate, round) => rate / plain[round]!))
        return [String(many), median(plain).toFixed(0), median(fleet).toFixed(0), ratio.toFixed(2)]
      }),
    ),
  )
}
for (const way of ways) await way.close()

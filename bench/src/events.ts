/**
 * How long an event takes from its transaction to a client: server-sent events of `GET /requests/{id}/events`, a hundred readers of twenty requests, one event at a time and fifty a second.
 * From the beginning of the transaction, so that its commit is in the figure. `node --conditions=holdfast-source bench/src/events.ts` measures PGlite; with `DATABASE_URL`, of a superuser and
 * an empty database of its own, PostgreSQL.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineDesk } from '@holdfast/agents/desks'
import { textModel } from '@holdfast/ai'
import { readEnvironment, startServer } from '@holdfast/server'
import type { HoldfastConfig } from '@holdfast/server'
import type { Store } from '@holdfast/store/database'
import { machine, table } from './harness/report.ts'

const REQUESTS = 20
const READERS_EACH = 5
const EVENTS = 1_000
const EVERY_MS = 20

const url = process.env['DATABASE_URL']
const directory = await mkdtemp(join(tmpdir(), 'holdfast-bench-events-'))
/** The store of the desk, which is the server's own where it is embedded: only one may have that open. */
let store: Store | undefined

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
        store = runtime.store as Store
        return { workflows: [], open: () => ({ missing: ['text'], question: 'What?' }) }
      },
    }),
  ],
  storage: { directory },
}

const silent = { error: console.error, warn() {}, info() {}, debug() {} }
const services = {
  N8N_WEBHOOK_URL: 'http://127.0.0.1:9/n8n',
  APOLLO_API_KEY: 'bench-key-0',
  AVINODE_API_TOKEN: 'bench-key-0',
}
const environment = readEnvironment(
  { PORT: '0', ...services, ...(url === undefined ? {} : { DATABASE_URL: url }) },
  config,
)
const server = await startServer({ config, environment, adminToken: 'a-token-of-the-bench', log: silent })
const desk = store!
const ada = { tenant: 'default', user: 'ada' }
const ids = await desk.withClaims(ada, async (transaction) => {
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
await new Promise((resolve) => setTimeout(resolve, 1_000))
for (let n = 0; n < EVENTS; n += 1) {
  const event = `event-${n}`
  began.set(event, performance.now())
  const topic = `request:${ids[n % REQUESTS]}`
  await desk.withClaims(ada, (transaction) => transaction.insertInto('outbox').values({ topic, event }).execute())
  await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
}
await new Promise((resolve) => setTimeout(resolve, 1_000))
leaving.abort()
await Promise.all(readers)
await server.stop()
await rm(directory, { recursive: true })

const sorted = took.toSorted((a, b) => a - b)
const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(1)
console.log(`${machine()}\n`)
console.log(
  table(
    ['', 'readers', 'read', 'of', 'p50, ms', 'p99, ms', 'most, ms'],
    [
      [
        url === undefined ? 'PGlite' : 'PostgreSQL',
        String(readers.length),
        String(took.length),
        String(EVENTS * READERS_EACH),
        at(0.5),
        at(0.99),
        (sorted.at(-1) ?? Number.NaN).toFixed(1),
      ],
    ],
  ),
)

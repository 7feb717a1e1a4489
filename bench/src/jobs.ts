/*
 * What jobs cost over the queue below them, in one run: `node --conditions=holdfast-source bench/src/jobs.ts`. On PGlite inside the process, on PostgreSQL where
 * `DATABASE_URL` names an empty database, and on Redis where `redis-server` is found (REDIS_PATH). Added, added and done by four at a time, and the time from adding to the result, one after the other.
 */
import { randomUUID } from 'node:crypto'
import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { PGlite } from '@electric-sql/pglite'
import { createJobs } from '@holdfast/agents/jobs'
import type { JobDriver } from '@holdfast/agents/jobs'
import { bullmqDriver } from '@holdfast/agents/jobs/bullmq'
import { pgBossDriver } from '@holdfast/agents/jobs/pg-boss'
import { Queue, QueueEvents, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { fromPglite, PgBoss } from 'pg-boss'
import type { ConstructorOptions } from 'pg-boss'

const ADDED = 500
const WAITED = 300
const ROUNDS = 5

/** One queue to be measured. */
interface Subject {
  add(data: object): Promise<string>
  /** Begins to do what was added; resolves when all of it is done. */
  drain(count: number): Promise<void>
  result(id: string): Promise<unknown>
  close(): Promise<void>
}

async function ours(driver: JobDriver): Promise<Subject> {
  const jobs = createJobs({ driver, addTimeoutMs: 60_000 })
  const queue = `bench-${Math.floor(Math.random() * 1e9)}`
  const counter = countdown()
  let isWorking = false
  return {
    add: async (data) => (await jobs.add(queue, data)).id,
    async drain(count) {
      const done = counter.expect(count)
      if (!isWorking) await jobs.work(queue, () => counter.one(), { concurrency: 4 })
      isWorking = true
      await done
    },
    result: (id) => jobs.result({ queue, id }),
    close: () => jobs.close(),
  }
}

async function barePgBoss(database: ConstructorOptions): Promise<Subject> {
  const boss = new PgBoss({ ...database, useListenNotify: true, schema: 'bare' })
  boss.on('error', () => undefined)
  await boss.start()
  const queue = `bench-${Math.floor(Math.random() * 1e9)}`
  // Asked for the same: each id once, lost workers noticed, the number of the try, a priority.
  await boss.createQueue(queue, { notify: true, policy: 'exclusive', heartbeatSeconds: 30 })
  const counter = countdown()
  const waiting = new Map<string, () => void>()
  let isWorking = false
  return {
    add: async (data) => {
      const id = randomUUID()
      return (await boss.send(queue, data, { id, singletonKey: id, priority: 1 }))!
    },
    async drain(count) {
      const done = counter.expect(count)
      if (!isWorking) {
        const options = {
          includeMetadata: true,
          batchSize: 1,
          pollingIntervalSeconds: 0.5,
          notifyPollingIntervalSeconds: 0.5,
        } as const
        for (let worker = 0; worker < 4; worker += 1) {
          const id = await boss.work(queue, options, ([job]) => {
            counter.one()
            setImmediate(() => waiting.get(job!.id)?.())
            // By itself it would look for the next one when its interval is over.
            boss.notifyWorker(id)
            return Promise.resolve('done')
          })
        }
      }
      isWorking = true
      await done
    },
    // It has no wait of its own: as one would write it, woken inside the process and looking again.
    async result(id) {
      for (let waitMs = 5; ; waitMs = Math.min(waitMs * 2, 1_000)) {
        const [job] = await boss.findJobs(queue, { id })
        if (job?.state === 'completed') return job.output
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, waitMs)
          waiting.set(id, () => {
            clearTimeout(timer)
            resolve()
          })
        })
        waiting.delete(id)
      }
    },
    close: () => boss.stop({ graceful: false }),
  }
}

async function bareBullmq(url: string): Promise<Subject> {
  const connection = new Redis(url, { maxRetriesPerRequest: null })
  const name = `bench-${Math.floor(Math.random() * 1e9)}`
  const queue = new Queue(name, { connection })
  const events = new QueueEvents(name, { connection })
  await events.waitUntilReady()
  const counter = countdown()
  let worker: Worker | undefined
  return {
    // Asked for the same: a priority, an id of our own, and that results are kept for a time.
    add: async (data) =>
      (
        await queue.add('job', data, {
          priority: 3,
          jobId: randomUUID(),
          removeOnComplete: { age: 604_800, count: 100_000 },
        })
      ).id!,
    async drain(count) {
      const done = counter.expect(count)
      // On a connection of its own, as ours.
      worker ??= new Worker(name, () => Promise.resolve(counter.one()), {
        connection: { url, maxRetriesPerRequest: null },
        concurrency: 4,
      })
      await done
    },
    result: async (id) => (await queue.getJob(id))?.waitUntilFinished(events),
    async close() {
      await worker?.close()
      await events.close()
      await queue.close()
      connection.disconnect()
    },
  }
}

function countdown(): { expect(count: number): Promise<void>; one(): void } {
  let left = 0
  let finish: (() => void) | undefined
  return {
    expect: (count) => {
      left += count
      return left <= 0 ? Promise.resolve() : new Promise((resolve) => (finish = resolve))
    },
    one: () => {
      left -= 1
      if (left === 0) finish?.()
    },
  }
}

interface Figures {
  readonly added: number
  readonly done: number
  readonly p50: number
}

async function measure(subject: Subject): Promise<Figures> {
  let began = performance.now()
  for (let index = 0; index < ADDED; index += 1) await subject.add({ index })
  const added = (ADDED * 1_000) / (performance.now() - began)
  began = performance.now()
  await subject.drain(ADDED)
  const done = (ADDED * 1_000) / (performance.now() - began)
  const waits: number[] = []
  for (let index = 0; index < WAITED; index += 1) {
    const before = performance.now()
    const drained = subject.drain(1)
    await subject.result(await subject.add({ index }))
    waits.push(performance.now() - before)
    await drained
  }
  return { added, done, p50: median(waits) }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

async function compare(
  name: string,
  open: { readonly ours: () => Promise<Subject>; readonly bare: () => Promise<Subject> },
): Promise<void> {
  const all: Record<'ours' | 'bare', Figures[]> = { ours: [], bare: [] }
  // In turns, so that a slow moment of the machine meets both.
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const which of round % 2 === 0 ? (['bare', 'ours'] as const) : (['ours', 'bare'] as const)) {
      const subject = await open[which]()
      all[which].push(await measure(subject))
      await subject.close()
    }
  }
  const rows = (['bare', 'ours'] as const).map((which) => ({
    [name]: which,
    'added a second': Math.round(median(all[which].map(({ added }) => added))),
    'done a second': Math.round(median(all[which].map(({ done }) => done))),
    'added to result, p50 ms': median(all[which].map(({ p50 }) => p50)).toFixed(2),
  }))
  console.table(rows)
}

const pglite = await PGlite.create()
await compare('pg-boss on PGlite', {
  bare: () => barePgBoss({ db: fromPglite(pglite), backend: 'pglite' }),
  ours: () => ours(pgBossDriver({ pglite })),
})
await pglite.close()

const { DATABASE_URL: url } = process.env
if (url === undefined) {
  console.log('There is no DATABASE_URL: pg-boss on PostgreSQL was not measured.')
} else {
  await compare('pg-boss on PostgreSQL', {
    bare: () => barePgBoss({ connectionString: url }),
    ours: () => ours(pgBossDriver({ url })),
  })
}

const port = 16_379
const redis = spawn(
  process.env['REDIS_PATH'] ?? 'redis-server',
  ['--port', String(port), '--bind', '127.0.0.1', '--save', ''],
  { stdio: 'ignore' },
)
const isThere = await new Promise<boolean>((resolve) => {
  redis.on('error', () => resolve(false))
  setTimeout(() => connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false)), 1_000)
})
if (isThere) {
  const redisUrl = `redis://127.0.0.1:${port}`
  await compare('BullMQ on Redis', {
    bare: () => bareBullmq(redisUrl),
    ours: () => ours(bullmqDriver({ url: redisUrl })),
  })
  redis.kill()
} else {
  console.log('There is no redis-server: BullMQ was not measured.')
}
process.exit()

import { isDeepStrictEqual } from 'node:util'
import { DelayedError, FlowProducer, Queue, QueueEvents, UnrecoverableError, Worker } from 'bullmq'
import type { ConnectionOptions, FlowJob, Job, JobsOptions } from 'bullmq'
import { Redis } from 'ioredis'
import type {
  ClaimedJob,
  DriverWorker,
  Envelope,
  FoundJob,
  JobDriver,
  NewJob,
  OnSettled,
  Outcome,
  WorkSettings,
} from '../driver.ts'
import { jobError, storedFailure } from '../failures.ts'
import type { DeadLetter, JobCounts, JobFailure, JobReference, JobState, Schedule } from '../job.ts'
import { untilAborted } from '../until-aborted.ts'
import { settingsOf } from './options.ts'
import type { BullmqDriverOptions, BullmqSettings } from './options.ts'

/** The name of every job: what it is, its queue says. */
const NAME = 'job'

/** How often a job may be lost by workers. */
const MAX_LOST = 5

/** How many failed jobs are read at once. */
const LETTERS_AT_ONCE = 500

/** How long a job may wait, in seconds. */
const WAIT_SECONDS = 31_536_000

/** For how long it is known of a job that it was cancelled. */
const CANCELLED_SECONDS = 604_800

/** Makes a driver on Redis. It connects when it is first used. @throws HoldfastError `INVALID_OPTION` */
export function bullmqDriver(options: BullmqDriverOptions): JobDriver {
  return new BullmqDriver(settingsOf(options))
}

/** A failure of a handler on its way into the job, where there is room for a text only. */
const FAILURE = /^([A-Z][A-Z0-9_]{0,63}): ([\s\S]*)$/

class BullmqDriver implements JobDriver {
  readonly name = 'bullmq'
  readonly #settings: BullmqSettings
  readonly #listeners = new Set<(error: unknown) => void>()
  readonly #queues = new Map<string, Queue>()
  readonly #watches = new Map<string, { readonly events: QueueEvents; readonly listeners: Set<OnSettled> }>()
  #producer: Redis | undefined
  #arriving: Promise<void> | undefined
  #flows: FlowProducer | undefined

  constructor(settings: BullmqSettings) {
    this.#settings = settings
  }

  onError(listener: (error: unknown) => void): void {
    this.#listeners.add(listener)
  }

  async insert(job: NewJob, transaction: unknown, signal: AbortSignal): Promise<string> {
    if (transaction !== undefined)
      throw jobError('INVALID_JOB', 'validation', 'options.transaction: Redis is in no transaction of a database')
    await this.#ready(signal)
    if (job.children.length > 0) {
      this.#flows ??= this.#quietly(
        new FlowProducer({ connection: this.#connection(), prefix: this.#settings.prefix, skipWaitingForReady: true }),
      )
      await this.#flows.add(this.#flowOf(job))
      return job.id
    }
    const { id = job.id } = await this.#queue(job.queue).add(NAME, job.envelope, this.#jobOptions(job))
    return id
  }

  async find(job: JobReference): Promise<FoundJob | undefined> {
    await this.#ready()
    const first = await this.#job(job)
    if (first === undefined) {
      const other = await this.#redis().get(this.#aliasKey(job))
      return other === null ? undefined : this.find({ ...job, id: other })
    }
    const { data, attemptsStarted, attemptsMade, finishedOn } = first
    const isBegun = attemptsStarted > attemptsMade || finishedOn !== undefined
    if (!isBegun || (finishedOn === undefined && data.cancelled === true)) return foundAt(job, first, 'waiting')
    // A worker was at it: only the queue knows where it is now.
    const place = await this.#queue(job.queue).getJobState(job.id)
    if (place === 'unknown') return undefined
    const state = stateOf(place)
    // One that was read a moment before it was over does not say yet what it has come to.
    const isStale = finishedOn === undefined && (state === 'completed' || state === 'failed')
    const known = isStale ? await this.#job(job) : first
    return known === undefined ? undefined : foundAt(job, known, state)
  }

  async alias(job: JobReference, other: string): Promise<void> {
    await this.#ready()
    await this.#redis().set(this.#aliasKey(job), other, 'EX', WAIT_SECONDS)
  }

  async cancel(job: JobReference): Promise<boolean> {
    const before = await this.find(job)
    if (before?.state !== 'waiting' && before?.state !== 'running') return false
    // A worker that is given it later sees it there; one that has it already asks.
    const known = await this.#job(before)
    await known?.updateData({ ...before.envelope, cancelled: true })
    // Its key is free for the next one.
    await known?.removeDeduplicationKey()
    await this.#redis().set(this.#cancelKey(before), '1', 'EX', CANCELLED_SECONDS)
    this.#hint(before.queue, before.id)
    return true
  }

  async isCancelled(job: JobReference): Promise<boolean> {
    return (await this.#redis().exists(this.#cancelKey(job))) === 1
  }

  async work(
    queue: string,
    { concurrency, rateLimit }: WorkSettings,
    run: (job: ClaimedJob) => Promise<Outcome>,
  ): Promise<DriverWorker> {
    const { prefix, stalledAfterMs } = this.#settings
    const worker = this.#quietly(
      new Worker<Envelope>(queue, async (job, token) => settle(job, token, await run(this.#claimed(queue, job))), {
        connection: this.#patient(),
        prefix,
        concurrency,
        ...(rateLimit === undefined ? {} : { limiter: { max: rateLimit.max, duration: rateLimit.perMs } }),
        lockDuration: stalledAfterMs,
        stalledInterval: Math.max(500, stalledAfterMs / 2),
        maxStalledCount: MAX_LOST,
        settings: {
          backoffStrategy: (attempt, _type, error, job) =>
            waitOf(attempt, error, (job as Job<Envelope> | undefined)?.data),
        },
      }),
    )
    // Those who wait in this process hear of it before it has come back from Redis.
    worker.on('completed', ({ id }, result: unknown) => this.#hint(queue, id, { result }))
    worker.on('failed', (job) => this.#hint(queue, job?.id))
    await Promise.resolve()
    return {
      async stop() {
        await worker.close()
      },
    }
  }

  #hint(queue: string, id: string | undefined, completed?: { readonly result: unknown }): void {
    if (id === undefined) return
    for (const listener of this.#watches.get(queue)?.listeners ?? []) listener(id, completed)
  }

  #claimed(queue: string, job: Job<Envelope>): ClaimedJob {
    const { id = '', data, attemptsMade, opts } = job
    return {
      queue,
      id,
      // Of those of a schedule, BullMQ keeps the time that each is for there.
      envelope: opts.prevMillis === undefined ? data : { ...data, dueAt: opts.prevMillis },
      attempt: attemptsMade + 1,
      progress: (told) => job.updateProgress({ told }),
    }
  }

  async watch(queue: string, onSettled: OnSettled): Promise<() => Promise<void>> {
    let watch = this.#watches.get(queue)
    if (watch === undefined) {
      const listeners = new Set<OnSettled>()
      const events = this.#quietly(
        new QueueEvents(queue, { connection: this.#patient(), prefix: this.#settings.prefix }),
      )
      events.on('completed', ({ jobId, returnvalue: result }) => this.#hint(queue, jobId, { result }))
      events.on('failed', ({ jobId }) => this.#hint(queue, jobId))
      watch = { events, listeners }
      this.#watches.set(queue, watch)
    }
    const { listeners } = watch
    listeners.add(onSettled)
    await Promise.resolve()
    return () => {
      listeners.delete(onSettled)
      return Promise.resolve()
    }
  }

  async schedule(
    { key, queue, cron, timeZone }: Schedule,
    { envelope, priority }: Pick<NewJob, 'envelope' | 'priority'>,
  ): Promise<void> {
    await this.#ready()
    const before = await this.#redis().hget(this.#schedulesKey, key)
    const other = before === null ? undefined : (JSON.parse(before) as Schedule)
    if (other !== undefined && other.queue !== queue) await this.#queue(other.queue).removeJobScheduler(key)
    const { jobId: _, ...options } = this.#jobOptions({ queue, id: '', envelope, priority, children: [] })
    const wanted = { pattern: cron, tz: timeZone, data: envelope, opts: options }
    // To make it anew would forget a time that was missed while everything was down.
    if (!(await this.#isScheduled(queue, key, wanted)))
      await this.#queue(queue).upsertJobScheduler(
        key,
        { pattern: cron, tz: timeZone },
        { name: NAME, data: envelope, opts: options },
      )
    await this.#redis().hset(this.#schedulesKey, key, JSON.stringify({ key, queue, cron, timeZone }))
  }

  /** Whether there is a scheduler that does the same, with a job that waits for its next time. */
  async #isScheduled(queue: string, key: string, wanted: Scheduled): Promise<boolean> {
    const known = await this.#queue(queue).getJobScheduler(key)
    if (known === undefined) return false
    const { pattern, tz, template } = known
    // BullMQ keeps options of its own beside ours.
    const opts = { ...template?.opts, ...wanted.opts }
    if (!isDeepStrictEqual({ pattern, tz, data: template?.data, opts }, { ...wanted, opts: template?.opts }))
      return false
    return (await this.#job({ queue, id: `repeat:${key}:${known.next}` })) !== undefined
  }

  async unschedule(key: string): Promise<boolean> {
    const known = (await this.schedules()).find((schedule) => schedule.key === key)
    if (known === undefined) return false
    await this.#queue(known.queue).removeJobScheduler(key)
    await this.#redis().hdel(this.#schedulesKey, key)
    return true
  }

  async schedules(): Promise<readonly Schedule[]> {
    await this.#ready()
    return (await this.#redis().hvals(this.#schedulesKey)).map((text) => JSON.parse(text) as Schedule)
  }

  async deadLetters(queue: string, limit: number): Promise<readonly DeadLetter[]> {
    await this.#ready()
    const letters: DeadLetter[] = []
    for (let from = 0; letters.length < limit; from += LETTERS_AT_ONCE) {
      const failed = await this.#queue(queue).getFailed(from, from + LETTERS_AT_ONCE - 1)
      letters.push(...failed.flatMap((job) => letterOf(queue, job as Job<Envelope>)))
      if (failed.length < LETTERS_AT_ONCE) break
    }
    return letters.slice(0, limit)
  }

  async redrive(queue: string, ids: readonly string[] | undefined, limit: number): Promise<number> {
    const dead = await this.deadLetters(queue, ids === undefined ? limit : this.#settings.keepJobs)
    const wanted = dead.filter(({ id }) => ids?.includes(id) ?? true).slice(0, limit)
    for (const job of wanted)
      await (await this.#job(job))?.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true })
    return wanted.length
  }

  async counts(queue: string): Promise<JobCounts> {
    await this.#ready()
    const {
      waiting = 0,
      prioritized = 0,
      delayed = 0,
      active = 0,
      failed = 0,
      'waiting-children': children = 0,
    } = await this.#queue(queue).getJobCounts()
    return { waiting: waiting + prioritized + delayed + children, running: active, failed }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#watches.values()].map(({ events }) => events.close()))
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()))
    await this.#flows?.close()
    this.#producer?.disconnect()
  }

  async #job({ queue, id }: JobReference): Promise<Job<Envelope> | undefined> {
    return (await this.#queue(queue).getJob(id)) as Job<Envelope> | undefined
  }

  #queue(name: string): Queue {
    const known = this.#queues.get(name)
    if (known !== undefined) return known
    const queue = this.#quietly(
      new Queue(name, { connection: this.#connection(), prefix: this.#settings.prefix, skipWaitingForReady: true }),
    )
    this.#queues.set(name, queue)
    return queue
  }

  /** One connection for all that somebody waits for: it fails at once while Redis is away. */
  #connection(): Redis {
    this.#producer ??= new Redis(this.#settings.url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      retryStrategy: () => 250,
    }).on('error', (error) => this.#report(error))
    return this.#producer
  }

  /** Connections for those who can wait: they go on trying for as long as Redis is away. BullMQ makes them and closes them. */
  #patient(): ConnectionOptions {
    return { url: this.#settings.url, maxRetriesPerRequest: null }
  }

  #redis(): Redis {
    return this.#connection()
  }

  /** Resolves when there is a connection; at first it has to be made. */
  async #ready(signal?: AbortSignal): Promise<void> {
    const redis = this.#connection()
    if (redis.status === 'ready') return
    if (redis.status !== 'connecting' && redis.status !== 'connect' && redis.status !== 'wait') throw away()
    this.#arriving ??= this.#arrival(redis)
    try {
      await (signal === undefined ? this.#arriving : untilAborted(this.#arriving, signal))
    } catch {
      throw away()
    }
  }

  /** One wait for all who come meanwhile. */
  async #arrival(redis: Redis): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        const end = (settle: () => void) => (): void => {
          redis.off('ready', ready)
          redis.off('close', closed)
          settle()
        }
        const ready = end(resolve)
        const closed = end(() => reject(away()))
        redis.once('ready', ready)
        redis.once('close', closed)
      })
    } finally {
      this.#arriving = undefined
    }
  }

  #quietly<Emitter extends { on(event: 'error', listener: (error: Error) => void): unknown }>(
    emitter: Emitter,
  ): Emitter {
    emitter.on('error', (error) => this.#report(error))
    return emitter
  }

  #report(error: unknown): void {
    for (const listener of this.#listeners) listener(error)
  }

  #jobOptions(job: NewJob): JobsOptions {
    const { id, priority, notBefore, deduplicationKey, envelope } = job
    const { keepMs, keepJobs } = this.#settings
    const keep = { age: Math.ceil(keepMs / 1_000), count: keepJobs }
    return {
      jobId: id,
      // 1 goes first, and one without goes before all.
      priority: priority + 1,
      attempts: envelope.retry.maxRetries + 1,
      backoff: { type: 'custom' },
      removeOnComplete: keep,
      removeOnFail: keep,
      failParentOnFailure: true,
      ...(notBefore === undefined ? {} : { delay: Math.max(0, notBefore - Date.now()) }),
      ...(deduplicationKey === undefined ? {} : { deduplication: { id: deduplicationKey } }),
    }
  }

  #flowOf(job: NewJob): FlowJob {
    return {
      name: NAME,
      queueName: job.queue,
      data: job.envelope,
      opts: this.#jobOptions(job),
      children: job.children.map((child) => this.#flowOf(child)),
    }
  }

  #aliasKey({ queue, id }: JobReference): string {
    return `${this.#settings.prefix}:alias:${queue}:${id}`
  }

  #cancelKey({ queue, id }: JobReference): string {
    return `${this.#settings.prefix}:cancelled:${queue}:${id}`
  }

  get #schedulesKey(): string {
    return `${this.#settings.prefix}:schedules`
  }
}

/** What BullMQ keeps of a schedule. */
interface Scheduled {
  readonly pattern: string
  readonly tz: string
  readonly data: Envelope
  readonly opts: JobsOptions
}

function foundAt(job: JobReference, known: Job<Envelope>, state: JobState): FoundJob {
  const { data: envelope, attemptsStarted: attempts, progress, failedReason } = known
  const at = { ...job, envelope, attempts }
  if (state === 'completed') return { ...at, state, result: known.returnvalue as unknown }
  if (envelope.cancelled === true) return { ...at, state: 'cancelled' }
  if (state === 'failed') return { ...at, state, failure: failureIn(failedReason) }
  // 0 until the handler says something.
  const told = progress === 0 ? {} : { progress: (progress as { readonly told?: unknown }).told }
  return { ...at, state, ...(state === 'running' ? told : why(failedReason)) }
}

/** What the try before failed with, where there was one. */
function why(failedReason: string | undefined): { readonly failure?: JobFailure } {
  return failedReason === undefined ? {} : { failure: failureIn(failedReason) }
}

/** What failed since another did, or was cancelled, is no dead letter. */
function letterOf(queue: string, job: Job<Envelope>): readonly DeadLetter[] {
  const failure = failureIn(job.failedReason)
  if (failure.code === 'CHILD_FAILED' || failure.code === 'JOB_CANCELLED') return []
  const { tenant, data } = job.data
  return [
    {
      queue,
      id: job.id ?? '',
      tenant,
      data,
      failure,
      attempts: job.attemptsStarted,
      failedAt: new Date(job.finishedOn ?? 0),
    },
  ]
}

/** Tells BullMQ what came of a try. */
async function settle(job: Job<Envelope>, token: string | undefined, outcome: Outcome): Promise<unknown> {
  if (outcome.status === 'completed') return outcome.result
  if (outcome.status === 'released') {
    // As if it had not been begun.
    await job.moveToDelayed(Date.now(), token)
    throw new DelayedError()
  }
  const { failure, isFinal, retryAfterMs } = outcome
  const text = `${failure.code}: ${failure.message}`
  throw isFinal ? new UnrecoverableError(text) : Object.assign(new Error(text), { retryAfterMs })
}

/** How long until the next try, in ms: doubling, with a random half, and not before the error says. */
function waitOf(attempt: number, error: Error | undefined, envelope: Envelope | undefined): number {
  const { backoffMs = 0, maxBackoffMs = 0 } = envelope?.retry ?? {}
  const longest = Math.min(maxBackoffMs, backoffMs * 2 ** (attempt - 1))
  const { retryAfterMs = 0 } = (error ?? {}) as { readonly retryAfterMs?: number }
  return Math.max(retryAfterMs, Math.round(longest * (0.5 + Math.random() / 2)))
}

function failureIn(reason: string | undefined): JobFailure {
  const [, code, message] = FAILURE.exec(reason ?? '') ?? []
  if (code !== undefined) return storedFailure(code, message)
  if (/^child .* failed$/.test(reason ?? '')) return storedFailure('CHILD_FAILED', reason)
  return storedFailure(/stalled/.test(reason ?? '') ? 'WORKER_LOST' : 'JOB_FAILED', reason)
}

function stateOf(state: string): JobState {
  if (state === 'completed' || state === 'failed') return state
  return state === 'active' ? 'running' : 'waiting'
}

function away(): Error {
  return Object.assign(new Error('Redis is away'), { code: 'ECONNREFUSED' })
}

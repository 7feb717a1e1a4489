import { createRateLimiter } from '@holdfast/core/admission'
import { fromKysely, fromPglite, PgBoss } from 'pg-boss'
import type { Db, JobWithMetadata, SendOptions } from 'pg-boss'
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
import { lastRuns } from '../checks.ts'
import { jobError, storedFailure } from '../failures.ts'
import type { DeadLetter, JobCounts, JobFailure, JobReference, Schedule } from '../job.ts'
import { addJob, hasStoreRoles, makeAddJob } from './add-job.ts'
import { PG_BOSS_DEFAULTS, settingsOf } from './options.ts'
import type { PgBossDriverOptions, PgBossSettings } from './options.ts'

export { PG_BOSS_DEFAULTS }

/** The channel on which jobs that may be over are told. */
const CHANNEL = 'holdfast_jobs_settled'

/** Retries, delayed jobs and parents whose children are done wait for the next look, in seconds. */
const LOOK_SECONDS = 0.5

/** How often lost workers and failed children are looked for, in seconds. */
const WATCH_SECONDS = 1

/** How long a job that a worker gives back is kept from others, in seconds. */
const RELEASED_SECONDS = 2

/** No job has this id. */
const NOBODY = '00000000-0000-0000-0000-000000000000'

/** pg-boss begins those with the higher number first. */
const MOST_URGENT = 3

/** Makes a driver on PostgreSQL. It connects when it is first used. @throws HoldfastError `INVALID_OPTION` */
export function pgBossDriver(options: PgBossDriverOptions): JobDriver {
  return new PgBossDriver(settingsOf(options))
}

/** Of a job `j` that failed by itself, and not since one below it did. */
const IS_DEAD = `j.state = 'failed' and j.output #>> '{failure,code}' is distinct from 'CHILD_FAILED'`

/** Where pg-boss puts the runs of schedules. */
const SCHEDULED = 'holdfast.scheduled'

/** Where it is kept which ids stand for other jobs. */
const ALIASES = 'holdfast.aliases'

/** How long a job may wait, in seconds. */
const WAIT_SECONDS = 31_536_000

/** A job to be added, with the id of the order. */
interface Order {
  readonly queue: string
  readonly envelope: Envelope
  readonly priority: number
  /** An order of an earlier version has none. */
  readonly cron?: string
  readonly timeZone: string
}

/** What is stored with a job beside what it brought along. */
interface Output {
  /** Of one that is not over. */
  readonly progress?: unknown
  readonly result?: unknown
  readonly failure?: JobFailure
  /** What pg-boss itself has written. */
  readonly value?: { readonly message?: string }
}

/** What pg-boss is thrown, and keeps as the output of the job. */
class FailedTry extends Error {
  readonly #failure: JobFailure

  constructor(failure: JobFailure) {
    super(failure.message)
    this.#failure = failure
  }

  toJSON(): Output {
    return { failure: this.#failure }
  }
}

class PgBossDriver implements JobDriver {
  readonly name = 'pg-boss'
  readonly #settings: PgBossSettings
  readonly #listeners = new Set<(error: unknown) => void>()
  readonly #queues = new Map<string, Promise<void>>()
  /** Queues that are made. */
  readonly #known = new Set<string>()
  #isClosed: boolean = false
  readonly #watchers = new Map<string, Set<OnSettled>>()
  /** Whether jobs can be added in transactions of the store's roles. */
  #isOpenToStore: boolean = false
  #starting: Promise<PgBoss> | undefined
  #stopListening: (() => Promise<void>) | undefined
  #sweep: NodeJS.Timeout | undefined

  constructor(settings: PgBossSettings) {
    this.#settings = settings
  }

  onError(listener: (error: unknown) => void): void {
    this.#listeners.add(listener)
  }

  async insert(job: NewJob, transaction: unknown, signal: AbortSignal): Promise<string> {
    if (transaction !== undefined && this.#settings.pglite !== undefined && !this.#known.has(job.queue))
      throw notReady(job.queue)
    const boss = await this.#boss()
    for (const queue of queuesOf(job)) await this.#queue(boss, queue)
    signal.throwIfAborted()
    if (transaction !== undefined) return this.#addIn(boss, job, untilAborted(databaseOf(transaction), signal))
    if (job.children.length > 0) {
      // In one transaction; a job that is there already would fail it, so a tree that is added again is looked for.
      if ((await this.find(job)) === undefined) await boss.flow(flowOf(job))
      return job.id
    }
    for (;;) {
      const id = await boss.send(job.queue, job.envelope, sendOptions(job))
      if (id !== null) return id
      const other = await this.#holder(boss, job)
      if (other !== undefined) return other
      // The one that was in the way has ended meanwhile.
      signal.throwIfAborted()
    }
  }

  /** In somebody's transaction. */
  async #addIn(boss: PgBoss, job: NewJob, db: Db): Promise<string> {
    const { schema, pglite } = this.#settings
    // The roles of the store may have been made since; on an embedded database they were there before.
    if (!this.#isOpenToStore && pglite === undefined && (await hasStoreRoles(boss.getDb())))
      this.#isOpenToStore = await makeAddJob(boss.getDb(), schema)
    return addJob(db, schema, { queue: job.queue, envelope: job.envelope, options: sendOptions(job) })
  }

  async alias({ queue, id }: JobReference, other: string): Promise<void> {
    const boss = await this.#boss()
    await boss.send(ALIASES, { queue, id: other } satisfies JobReference, { id, singletonKey: id })
  }

  /** Whose place a job would have taken: its own, when it was added before, or the one with its key. */
  async #holder(boss: PgBoss, { queue, id, deduplicationKey }: NewJob): Promise<string | undefined> {
    const [same] = await boss.findJobs(queue, { id })
    if (same !== undefined) return id
    if (deduplicationKey === undefined) return undefined
    const found = await boss.findJobs(queue, { key: deduplicationKey })
    return found.find(({ state }) => state === 'created' || state === 'retry' || state === 'active')?.id
  }

  async find({ queue, id }: JobReference): Promise<FoundJob | undefined> {
    const boss = await this.#boss()
    await this.#queue(boss, queue)
    if (!isUuid(id)) return undefined
    const [job] = await boss.findJobs<Envelope>(queue, { id })
    if (job !== undefined) return found(job)
    const [alias] = await boss.findJobs<JobReference>(ALIASES, { id })
    return alias?.data.queue === queue ? this.find(alias.data) : undefined
  }

  async cancel(job: JobReference): Promise<boolean> {
    const before = await this.find(job)
    if (before === undefined || (before.state !== 'waiting' && before.state !== 'running')) return false
    const boss = await this.#boss()
    await boss.cancel(before.queue, before.id)
    await this.#tell(boss, before)
    return true
  }

  async isCancelled(job: JobReference): Promise<boolean> {
    return (await this.find(job))?.state === 'cancelled'
  }

  async work(
    queue: string,
    { concurrency, rateLimit }: WorkSettings,
    run: (job: ClaimedJob) => Promise<Outcome>,
  ): Promise<DriverWorker> {
    const boss = await this.#boss()
    await this.#queue(boss, queue)
    const stopped = new AbortController()
    const paced = rateLimit === undefined ? run : pacedRun(queue, rateLimit, run, stopped.signal)
    const workers = await Promise.all(Array.from({ length: concurrency }, () => this.#worker(boss, queue, paced)))
    return {
      async stop() {
        stopped.abort()
        await Promise.all(workers.map((id) => boss.offWork(queue, { id, wait: true })))
      },
    }
  }

  /** One of those who work side by side. @returns its id */
  async #worker(boss: PgBoss, queue: string, run: (job: ClaimedJob) => Promise<Outcome>): Promise<string> {
    const options = {
      includeMetadata: true,
      // One at a time: of several that it fetches at once it does not keep the order.
      batchSize: 1,
      pollingIntervalSeconds: LOOK_SECONDS,
      notifyPollingIntervalSeconds: LOOK_SECONDS,
    } as const
    const id = await boss.work(queue, options, async ([job]) => {
      const reference = { queue, id: job!.id }
      const outcome = await run(this.#claimed(boss, job as JobWithMetadata<Envelope>))
      if (outcome.status === 'released') await this.#release(boss, reference)
      else void this.#tell(boss, reference)
      // It looks for the next one at once: where there was one there may be more.
      boss.notifyWorker(id)
      if (outcome.status !== 'failed') return outcome.status === 'completed' ? { result: outcome.result } : undefined
      if (outcome.isFinal) await this.#endTries(boss, reference)
      throw new FailedTry(outcome.failure)
    })
    return id
  }

  /** This try is the last one. (What pg-boss has for it, results of each job of a batch, reads every job of the queue to end one.) */
  async #endTries(boss: PgBoss, { queue, id }: JobReference): Promise<void> {
    await boss
      .getDb()
      .executeSql(
        `update ${this.#settings.schema}.job set retry_limit = retry_count where name = $1 and id = $2::uuid and state = 'active'`,
        [queue, id],
      )
  }

  /**
   * Gives a job back as if it had not been begun. What pg-boss is told of it right after that finds nothing that runs; nobody else is given it before that, since
   * pg-boss tells jobs apart by their ids alone.
   */
  async #release(boss: PgBoss, { queue, id }: JobReference): Promise<void> {
    const { schema } = this.#settings
    await boss.getDb().executeSql(
      `update ${schema}.job set state = case when retry_count = 0 then 'created' else 'retry' end::${schema}.job_state,
         started_on = null, heartbeat_on = null, start_after = now() + interval '${RELEASED_SECONDS} s'
       where name = $1 and id = $2::uuid and state = 'active'`,
      [queue, id],
    )
  }

  #claimed(boss: PgBoss, job: JobWithMetadata<Envelope>): ClaimedJob {
    const { id, name: queue, data: envelope, retryCount, signal } = job
    return {
      queue,
      id,
      envelope,
      signal,
      attempt: retryCount + 1,
      progress: async (progress) => {
        await boss
          .getDb()
          .executeSql(
            `update ${this.#settings.schema}.job set output = $3::jsonb where name = $1 and id = $2::uuid and state = 'active'`,
            [queue, id, JSON.stringify({ progress })],
          )
      },
    }
  }

  async watch(queue: string, onSettled: OnSettled): Promise<() => Promise<void>> {
    await this.#boss()
    const watchers = this.#watchers.get(queue) ?? new Set()
    this.#watchers.set(queue, watchers)
    watchers.add(onSettled)
    return () => {
      watchers.delete(onSettled)
      return Promise.resolve()
    }
  }

  async schedule({ key, queue, cron, timeZone }: Schedule, job: Pick<NewJob, 'envelope' | 'priority'>): Promise<void> {
    const boss = await this.#boss()
    await this.#queue(boss, queue)
    // Each run is a job of its own: what pg-boss makes at the time is an order to add one, which has its id.
    const order: Order = { queue, envelope: job.envelope, priority: job.priority, cron, timeZone }
    await boss.schedule(SCHEDULED, cron, order, { key, tz: timeZone, missed: 'once' })
  }

  async unschedule(key: string): Promise<boolean> {
    const boss = await this.#boss()
    const known = await boss.getSchedule(SCHEDULED, key)
    if (known !== null) await boss.unschedule(SCHEDULED, key)
    return known !== null
  }

  async schedules(): Promise<readonly Schedule[]> {
    const boss = await this.#boss()
    const known = await boss.getSchedules(SCHEDULED)
    return known.map(({ key, cron, timezone, data }) => ({
      key,
      queue: (data as Order).queue,
      cron,
      timeZone: timezone,
    }))
  }

  async #addScheduled(boss: PgBoss): Promise<void> {
    await boss.createQueue(SCHEDULED, {
      notify: true,
      retryLimit: 100,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: 60,
    })
    await boss.work(
      SCHEDULED,
      { includeMetadata: true, pollingIntervalSeconds: LOOK_SECONDS, notifyPollingIntervalSeconds: LOOK_SECONDS },
      async ([job]) => {
        const { id, data, createdOn } = job as JobWithMetadata<Order>
        const { queue, priority, cron, timeZone } = data
        // pg-boss does not say for which time it has made an order: within a minute, so for the last one.
        const [due] = cron === undefined ? [] : lastRuns(cron, timeZone, createdOn, 1)
        const envelope = { ...data.envelope, ...(due === undefined ? {} : { dueAt: due.getTime() }) }
        await this.#queue(boss, queue)
        await boss.send(queue, envelope, sendOptions({ queue, envelope, priority, id, children: [] }))
      },
    )
  }

  async deadLetters(queue: string, limit: number): Promise<readonly DeadLetter[]> {
    const boss = await this.#boss()
    await this.#queue(boss, queue)
    const { rows } = await boss.getDb().executeSql(
      `select id, data, output, retry_count as retries, completed_on as failed_at from ${this.#settings.schema}.job j
       where name = $1 and ${IS_DEAD} order by completed_on desc, id limit $2`,
      [queue, limit],
    )
    return (rows as DeadRow[]).map(({ id, data, output, retries, failed_at: failedAt }) => ({
      queue,
      id,
      tenant: data.tenant,
      data: data.data,
      failure: failureIn(output),
      attempts: retries + 1,
      failedAt,
    }))
  }

  /** In their place, as they were added. One whose key another has taken meanwhile stays a dead letter. */
  async redrive(queue: string, ids: readonly string[] | undefined, limit: number): Promise<number> {
    const boss = await this.#boss()
    await this.#queue(boss, queue)
    const { schema } = this.#settings
    const { rows } = await boss.getDb().executeSql(
      `update ${schema}.job set state = 'created', retry_count = 0, retry_limit = (data #>> '{retry,maxRetries}')::int, started_on = null, completed_on = null, output = null, start_after = now()
       where name = $1 and id in (
         select distinct on (singleton_key) id from ${schema}.job j where name = $1 and ${IS_DEAD} and ($2::uuid[] is null or id = any($2::uuid[]))
           and not exists (select from ${schema}.job o where o.name = j.name and o.singleton_key = j.singleton_key and o.state <= 'active')
         order by singleton_key, completed_on desc limit $3)
       returning id`,
      [queue, ids?.filter(isUuid) ?? null, limit],
    )
    return rows.length
  }

  async counts(queue: string): Promise<JobCounts> {
    const boss = await this.#boss()
    await this.#queue(boss, queue)
    const { rows } = await boss.getDb().executeSql(
      `select count(*) filter (where state < 'active')::int as waiting, count(*) filter (where state = 'active')::int as running,
         count(*) filter (where ${IS_DEAD})::int as failed
       from ${this.#settings.schema}.job j where name = $1`,
      [queue],
    )
    return rows[0] as JobCounts
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const starting = this.#starting
    if (starting === undefined) return
    clearTimeout(this.#sweep)
    const boss = await starting.catch(() => undefined)
    await this.#stopListening?.()
    await boss?.stop({ graceful: true, timeout: 5_000 })
  }

  #boss(): Promise<PgBoss> {
    // What has failed is begun anew by the next one.
    this.#starting ??= this.#start().catch((error: unknown) => {
      this.#starting = undefined
      throw error
    })
    return this.#starting
  }

  async #start(): Promise<PgBoss> {
    const { url, pglite, schema, maxConnections } = this.#settings
    const boss = new PgBoss({
      schema,
      useListenNotify: true,
      superviseIntervalSeconds: WATCH_SECONDS,
      monitorIntervalSeconds: WATCH_SECONDS,
      flowIntervalSeconds: WATCH_SECONDS,
      cronWorkerIntervalSeconds: WATCH_SECONDS,
      ...(pglite === undefined
        ? { connectionString: url!, max: maxConnections, application_name: 'holdfast-jobs' }
        : { db: fromPglite(pglite as Parameters<typeof fromPglite>[0]), backend: 'pglite' as const }),
    })
    boss.on('error', (error) => this.#report(error))
    try {
      await boss.start()
    } catch (error) {
      await boss.stop({ graceful: false }).catch(() => undefined)
      throw error
    }
    // Nobody else is on an embedded one.
    const handle =
      pglite === undefined
        ? await boss.getDb().listen?.(
            CHANNEL,
            (payload) => this.#heard(payload),
            () => undefined,
          )
        : undefined
    this.#stopListening = handle === undefined ? undefined : () => handle.close()
    this.#isOpenToStore = await makeAddJob(boss.getDb(), schema)
    await boss.createQueue(ALIASES, { retentionSeconds: WAIT_SECONDS })
    await this.#addScheduled(boss)
    this.#sweepLater(boss)
    return boss
  }

  #heard(payload: string): void {
    const at = payload.indexOf(' ')
    for (const wake of this.#watchers.get(payload.slice(0, at)) ?? []) wake(payload.slice(at + 1))
  }

  /** A hint for those who wait, here and in other processes. */
  async #tell(boss: PgBoss, { queue, id }: JobReference): Promise<void> {
    const payload = `${queue} ${id}`
    // By then pg-boss has been told what came of it; of PGlite, whose statements are in a row, whoever asks now hears it.
    setImmediate(() => this.#heard(payload))
    if (this.#settings.pglite !== undefined) return
    try {
      await boss.getDb().executeSql(`select pg_notify($1, $2)`, [CHANNEL, payload])
    } catch {
      // They look themselves.
    }
  }

  /** A job whose child has failed for good would wait for ever: pg-boss knows children that are completed only. */
  #sweepLater(boss: PgBoss): void {
    this.#sweep = setTimeout(() => {
      void this.#failParents(boss)
        .catch((error: unknown) => this.#report(error))
        .finally(() => {
          if (!this.#isClosed) this.#sweepLater(boss)
        })
    }, WATCH_SECONDS * 1_000).unref()
  }

  async #failParents(boss: PgBoss): Promise<void> {
    const { schema } = this.#settings
    // In pg-boss's words the parent is the one that comes first: here it is the child.
    const { rows } = await boss.getDb().executeSql(`
      update ${schema}.job j set state = 'failed', completed_on = now(), blocked = false,
        output = jsonb_build_object('failure', jsonb_build_object('code', 'CHILD_FAILED', 'message', 'The job ' || d.parent_id || ' of ' || d.parent_name || ' failed'))
      from ${schema}.job_dependency d join ${schema}.job p on p.name = d.parent_name and p.id = d.parent_id
      where j.name = d.child_name and j.id = d.child_id and j.blocked and j.state < 'active' and p.state in ('failed', 'cancelled')
      returning j.name as queue, j.id as id`)
    for (const job of rows as JobReference[]) await this.#tell(boss, job)
  }

  #report(error: unknown): void {
    for (const listener of this.#listeners) listener(error)
  }

  #queue(boss: PgBoss, queue: string): Promise<void> {
    const known = this.#queues.get(queue)
    if (known !== undefined) return known
    const making = this.#makeQueue(boss, queue).catch((error: unknown) => {
      this.#queues.delete(queue)
      throw error
    })
    this.#queues.set(queue, making)
    return making
  }

  async #makeQueue(boss: PgBoss, queue: string): Promise<void> {
    const { keepSeconds, stalledAfterSeconds } = this.#settings
    await boss.createQueue(queue, {
      // One job of a key waits or runs; a job without one has its id for a key.
      policy: 'exclusive',
      notify: true,
      deleteAfterSeconds: keepSeconds,
      retentionSeconds: WAIT_SECONDS,
      // Whether a job takes too long is for its worker to say; whether there still is one, its heart.
      expireInSeconds: 86_400,
      heartbeatSeconds: stalledAfterSeconds,
    })
    // pg-boss looks a queue up at its first use, on a connection of its own: from here on it need not, in nobody's transaction either.
    await boss.findJobs(queue, { id: NOBODY })
    this.#known.add(queue)
  }
}

interface DeadRow {
  readonly id: string
  readonly data: Envelope
  readonly output: Output | null
  readonly retries: number
  readonly failed_at: Date
}

/** Whose failure a job keeps. */
function failureIn(output: Output | null): JobFailure {
  const { failure, value } = output ?? {}
  if (failure !== undefined) return storedFailure(failure.code, failure.message)
  const says = value?.message ?? 'It is not known with what'
  return storedFailure(/heartbeat|timed out/.test(says) ? 'WORKER_LOST' : 'JOB_FAILED', says)
}

function found(job: JobWithMetadata<Envelope>): FoundJob {
  const { name: queue, id, data: envelope, state, retryCount, startedOn } = job
  const output = job.output as Output | null
  const attempts = retryCount + (startedOn === null ? 0 : 1)
  const known = { queue, id, envelope, attempts }
  switch (state) {
    case 'completed':
      return { ...known, state, result: output?.result ?? null }
    case 'failed':
      return { ...known, state, failure: failureIn(output) }
    case 'cancelled':
      return { ...known, state }
    case 'active':
      return { ...known, state: 'running', ...(output?.progress === undefined ? {} : { progress: output.progress }) }
    default:
      return { ...known, state: 'waiting', ...(state === 'retry' ? { failure: failureIn(output) } : {}) }
  }
}

/** In whole seconds, the longer ones: pg-boss knows no others. */
function seconds(ms: number): number {
  return Math.ceil(ms / 1_000)
}

function sendOptions({ id, priority, notBefore, deduplicationKey, envelope }: NewJob): SendOptions {
  const { maxRetries, backoffMs, maxBackoffMs } = envelope.retry
  const first = seconds(backoffMs)
  return {
    id,
    priority: MOST_URGENT - priority,
    singletonKey: deduplicationKey ?? id,
    retryLimit: maxRetries,
    retryDelay: first,
    ...(first === 0 ? {} : { retryBackoff: true, retryDelayMax: Math.max(first, seconds(maxBackoffMs)) }),
    ...(notBefore === undefined ? {} : { startAfter: new Date(notBefore) }),
  }
}

/** A tree as pg-boss has it: each job after those that it depends on. */
function flowOf(job: NewJob): Parameters<PgBoss['flow']>[0] {
  const { children, queue, id, envelope } = job
  return [
    ...children.flatMap(flowOf),
    {
      ref: id,
      name: queue,
      data: envelope,
      options: sendOptions(job),
      ...(children.length === 0 ? {} : { dependsOn: children.map((child) => child.id) }),
    },
  ]
}

/** The caller's transaction as pg-boss wants it: of Kysely (`@holdfast/store/database` too), of PGlite, of `pg`, or one of pg-boss itself. */
function databaseOf(transaction: unknown): Db {
  const given = (typeof transaction === 'object' && transaction !== null ? transaction : {}) as Partial<Db> & {
    executeQuery?: unknown
    query?: (text: string, values?: unknown[]) => Promise<{ rows: unknown[] }>
  }
  if (typeof given.executeSql === 'function') return given as Db
  if (typeof given.executeQuery === 'function') return fromKysely(given as Parameters<typeof fromKysely>[0])
  if (typeof given.query === 'function') return { executeSql: (text, values) => given.query!(text, values) }
  throw jobError('INVALID_JOB', 'validation', 'options.transaction: must be a transaction of Kysely, PGlite or pg')
}

function queuesOf({ queue, children }: NewJob): ReadonlySet<string> {
  return new Set([queue, ...children.flatMap((child) => [...queuesOf(child)])])
}

function isUuid(id: string): boolean {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id)
}

/** Nothing more goes out once nobody waits: the transaction may have ended, and what came then would stand alone. */
function untilAborted(db: Db, signal: AbortSignal): Db {
  return {
    executeSql: (text, values) => {
      signal.throwIfAborted()
      return db.executeSql(text, values)
    },
  }
}

/** The same tries, but no more of them in a time: who comes early waits. */
function pacedRun(
  queue: string,
  { max, perMs }: NonNullable<WorkSettings['rateLimit']>,
  run: (job: ClaimedJob) => Promise<Outcome>,
  stopped: AbortSignal,
): (job: ClaimedJob) => Promise<Outcome> {
  const limiter = createRateLimiter({
    name: queue,
    algorithm: 'sliding-window',
    limit: max,
    intervalMs: perMs,
    maxWaitMs: 86_400_000,
  })
  return async (job) => {
    try {
      const permit = await limiter.acquire({ signal: stopped })
      if (!permit.admitted) return { status: 'released' }
      const outcome = await run(job)
      permit.settle('success')
      return outcome
    } catch {
      // Stopped while it waited.
      return { status: 'released' }
    }
  }
}

function notReady(queue: string): Error {
  return jobError(
    'QUEUE_NOT_READY',
    'client',
    `${queue} has not been used yet, and the embedded database cannot make it while a transaction is open: add a job outside of one first, or begin its worker`,
  )
}

import { fromKysely, fromPglite, PgBoss } from 'pg-boss'
import type { Db, JobWithMetadata, Schedule as BossSchedule, SendOptions } from 'pg-boss'
import type { ClaimedJob, DriverWorker, Envelope, FoundJob, JobDriver, NewJob, Outcome } from '../driver.ts'
import { jobError, storedFailure } from '../failures.ts'
import type { DeadLetter, JobCounts, JobFailure, JobReference, Schedule } from '../job.ts'
import { PG_BOSS_DEFAULTS, settingsOf } from './options.ts'
import type { PgBossDriverOptions, PgBossSettings } from './options.ts'

export { PG_BOSS_DEFAULTS }

/** The channel on which jobs that may be over are told. */
const CHANNEL = 'holdfast_jobs_settled'

/** Retries, delayed jobs and parents whose children are done wait for the next look, in seconds. */
const LOOK_SECONDS = 0.5

/** How often lost workers and failed children are looked for, in seconds. */
const WATCH_SECONDS = 1

/** pg-boss begins those with the higher number first. */
const MOST_URGENT = 3

/** The handler's own time limit is ours; the one of pg-boss stands behind it, in seconds. */
const MARGIN_SECONDS = 30

/** Makes a driver on PostgreSQL. It connects when it is first used. @throws HoldfastError `INVALID_OPTION` */
export function pgBossDriver(options: PgBossDriverOptions): JobDriver {
  return new PgBossDriver(settingsOf(options))
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

class PgBossDriver implements JobDriver {
  readonly name = 'pg-boss'
  readonly givesCancelled = false
  readonly #settings: PgBossSettings
  readonly #listeners = new Set<(error: unknown) => void>()
  readonly #queues = new Map<string, Promise<void>>()
  readonly #watchers = new Map<string, Set<(id: string) => void>>()
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
    const boss = await this.#boss()
    for (const queue of queuesOf(job)) await this.#queue(boss, queue)
    signal.throwIfAborted()
    const db = transaction === undefined ? {} : { db: databaseOf(transaction) }
    if (job.children.length > 0) {
      // In one transaction; a job that is there already would fail it, so a tree that is added again is looked for.
      if ((await this.find(job)) === undefined) await boss.flow(flowOf(job), db)
      return job.id
    }
    for (;;) {
      const id = await boss.send(job.queue, job.envelope, { ...sendOptions(job), ...db })
      if (id !== null) return id
      const other = await this.#holder(boss, job)
      if (other !== undefined) return other
      // The one that was in the way has ended meanwhile.
      signal.throwIfAborted()
    }
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
    return job === undefined ? undefined : found(job)
  }

  async cancel(job: JobReference): Promise<boolean> {
    const before = await this.find(job)
    if (before === undefined || (before.state !== 'waiting' && before.state !== 'running')) return false
    const boss = await this.#boss()
    await boss.cancel(job.queue, job.id)
    await this.#tell(boss, job)
    return true
  }

  async isCancelled(job: JobReference): Promise<boolean> {
    return (await this.find(job))?.state === 'cancelled'
  }

  async work(
    queue: string,
    { concurrency, attemptTimeoutMs }: { readonly concurrency: number; readonly attemptTimeoutMs: number },
    run: (job: ClaimedJob) => Promise<Outcome>,
  ): Promise<DriverWorker> {
    const boss = await this.#boss()
    await this.#queue(boss, queue)
    await boss.updateQueue(queue, { expireInSeconds: Math.ceil(attemptTimeoutMs / 1_000) + MARGIN_SECONDS })
    const id = await boss.work(
      queue,
      {
        includeMetadata: true,
        perJobResults: true,
        // One at a time: of several that it fetches at once it does not keep the order.
        batchSize: 1,
        localConcurrency: concurrency,
        pollingIntervalSeconds: LOOK_SECONDS,
        notifyPollingIntervalSeconds: LOOK_SECONDS,
      },
      async ([job]) => {
        const outcome = await run(this.#claimed(boss, job as JobWithMetadata<Envelope>))
        if (outcome.status === 'released') await this.#release(boss, { queue, id: job!.id })
        else void this.#tell(boss, { queue, id: job!.id })
        return [settled(job!.id, outcome)]
      },
    )
    return { stop: () => boss.offWork(queue, { id, wait: true }) }
  }

  /** Gives a job back as if it had not been begun. What pg-boss is told of it after that finds nothing that runs. */
  async #release(boss: PgBoss, { queue, id }: JobReference): Promise<void> {
    await boss.getDb().executeSql(
      `update ${this.#settings.schema}.job set state = case when retry_count = 0 then 'created' else 'retry' end::${this.#settings.schema}.job_state, started_on = null, heartbeat_on = null
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

  async watch(queue: string, onSettled: (id: string) => void): Promise<() => Promise<void>> {
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
    const [other] = (await boss.getSchedules()).filter((schedule) => schedule.key === key && schedule.name !== queue)
    if (other !== undefined) await boss.unschedule(other.name, key)
    // Every run is a job of its own.
    const { singletonKey: _, id: _id, ...options } = sendOptions({ ...job, queue, id: '', children: [] })
    await boss.schedule(queue, cron, job.envelope, { ...options, key, tz: timeZone, missed: 'once' })
  }

  async unschedule(key: string): Promise<boolean> {
    const boss = await this.#boss()
    const known = (await boss.getSchedules()).filter((schedule) => schedule.key === key)
    for (const { name } of known) await boss.unschedule(name, key)
    return known.length > 0
  }

  async schedules(): Promise<readonly Schedule[]> {
    const boss = await this.#boss()
    return (await boss.getSchedules()).map(({ key, name, cron, timezone }: BossSchedule) => ({
      key,
      queue: name,
      cron,
      timeZone: timezone,
    }))
  }

  async deadLetters(queue: string, limit: number): Promise<readonly DeadLetter[]> {
    const boss = await this.#boss()
    await this.#queue(boss, queue)
    const { rows } = await boss.getDb().executeSql(
      `select coalesce(source_id, id) as id, data, output, coalesce(source_retry_count, 0) as retries, created_on
       from ${this.#settings.schema}.job where name = $1 and state < 'completed' order by created_on desc, id limit $2`,
      [deadQueue(queue), limit],
    )
    return (rows as DeadRow[]).map(({ id, data, output, retries, created_on }) => ({
      queue,
      id,
      tenant: data.tenant,
      data: data.data,
      failure: failureIn(output),
      attempts: retries + 1,
      failedAt: created_on,
    }))
  }

  async redrive(queue: string, ids: readonly string[] | undefined, limit: number): Promise<number> {
    const boss = await this.#boss()
    await this.#queue(boss, queue)
    if (ids === undefined) return boss.redrive(deadQueue(queue), { sourceName: queue, limit })
    const wanted = ids.filter(isUuid)
    if (wanted.length === 0) return 0
    const { rows } = await boss
      .getDb()
      .executeSql(`select id from ${this.#settings.schema}.job where name = $1 and source_id = any($2::uuid[])`, [
        deadQueue(queue),
        wanted,
      ])
    const dead = (rows as { readonly id: string }[]).map(({ id }) => id)
    return dead.length === 0 ? 0 : boss.redrive(deadQueue(queue), { ids: dead, limit })
  }

  async counts(queue: string): Promise<JobCounts> {
    const boss = await this.#boss()
    await this.#queue(boss, queue)
    const { rows } = await boss.getDb().executeSql(
      `select count(*) filter (where name = $1 and state < 'active')::int as waiting, count(*) filter (where name = $1 and state = 'active')::int as running,
         count(*) filter (where name = $2 and state < 'completed')::int as failed
       from ${this.#settings.schema}.job where name in ($1, $2)`,
      [queue, deadQueue(queue)],
    )
    return rows[0] as JobCounts
  }

  async close(): Promise<void> {
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
    const handle = await boss.getDb().listen?.(
      CHANNEL,
      (payload) => this.#heard(payload),
      () => undefined,
    )
    this.#stopListening = handle === undefined ? undefined : () => handle.close()
    this.#sweepLater(boss)
    return boss
  }

  #heard(payload: string): void {
    const at = payload.indexOf(' ')
    for (const wake of this.#watchers.get(payload.slice(0, at)) ?? []) wake(payload.slice(at + 1))
  }

  /** A hint for those who wait in other processes. */
  async #tell(boss: PgBoss, { queue, id }: JobReference): Promise<void> {
    try {
      await boss.getDb().executeSql(`select pg_notify($1, $2)`, [CHANNEL, `${queue} ${id}`])
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
          if (this.#starting !== undefined && this.#sweep !== undefined) this.#sweepLater(boss)
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
    const kept = { deleteAfterSeconds: keepSeconds, retentionSeconds: 31_536_000 }
    await boss.createQueue(deadQueue(queue), kept)
    // `exclusive`: one job of a key waits or runs; a job without one has its id for a key.
    await boss.createQueue(queue, {
      ...kept,
      policy: 'exclusive',
      notify: true,
      deadLetter: deadQueue(queue),
      heartbeatSeconds: stalledAfterSeconds,
    })
  }
}

interface DeadRow {
  readonly id: string
  readonly data: Envelope
  readonly output: Output | null
  readonly retries: number
  readonly created_on: Date
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

function settled(
  id: string,
  outcome: Outcome,
): { readonly id: string; readonly status: 'completed' | 'failed' | 'deadletter'; readonly output?: Output } {
  if (outcome.status === 'completed') return { id, status: 'completed', output: { result: outcome.result } }
  if (outcome.status === 'released') return { id, status: 'completed' }
  return { id, status: outcome.isFinal ? 'deadletter' : 'failed', output: { failure: outcome.failure } }
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
      options: sendOptions(job) as NonNullable<Parameters<PgBoss['flow']>[0][number]['options']>,
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

function deadQueue(queue: string): string {
  return `${queue}.dead`
}

function isUuid(id: string): boolean {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id)
}

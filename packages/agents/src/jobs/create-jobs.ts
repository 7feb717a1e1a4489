import { createIntegration, systemClock } from '@holdfast/core'
import type { Clock, Integration } from '@holdfast/core'
import { checkJob, checkJson, checkQueue, checkSchedule, checkTree, checkWork, JOB_DEFAULTS } from './checks.ts'
import type { FoundJob, JobDriver, NewJob } from './driver.ts'
import { isAway, jobError, queueFailure } from './failures.ts'
import type {
  AddedJob,
  AddOptions,
  JobHandler,
  JobReference,
  JobSnapshot,
  JobTree,
  JobWorker,
  NewSchedule,
} from './job.ts'
import type { Jobs, ResultOptions } from './jobs.ts'
import { Journaled } from './journaled.ts'
import type { JobsOptions } from './options.ts'
import { Waits } from './waits.ts'
import { startWorker } from './worker.ts'

const DAY_MS = 86_400_000
const RESULT_TIMEOUT_MS = 30_000
const DEAD_LETTERS = 100
const MAX_DEAD_LETTERS = 1_000

/**
 * Makes jobs over a driver.
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createJobs(options: JobsOptions): Jobs {
  const { addTimeoutMs = JOB_DEFAULTS.addTimeoutMs } = options
  between('addTimeoutMs', addTimeoutMs, 300_000)
  return new DrivenJobs(options, addTimeoutMs)
}

class DrivenJobs implements Jobs {
  readonly driver: string
  readonly #driver: JobDriver
  readonly #clock: Clock
  readonly #options: JobsOptions
  readonly #integration: Integration
  readonly #waits: Waits
  readonly #journaled: Journaled | undefined
  readonly #workers = new Set<JobWorker>()
  #isClosing: boolean = false

  constructor(options: JobsOptions, addTimeoutMs: number) {
    const { driver, clock = systemClock, journal, coreEvents, events } = options
    this.driver = driver.name
    this.#driver = driver
    this.#clock = clock
    this.#options = options
    this.#integration =
      options.integration ??
      createIntegration({
        name: 'jobs',
        kind: 'queue',
        attemptTimeoutMs: addTimeoutMs,
        deadlineMs: addTimeoutMs + 1,
        // What is asked is asked with ids of ours, but by somebody who waits: the journal is quicker.
        retry: false,
        clock,
        ...(coreEvents === undefined ? {} : { events: coreEvents }),
      })
    this.#waits = new Waits(driver, clock, (job) => this.#find(job))
    this.#journaled =
      journal === undefined ? undefined : new Journaled(journal, clock, (job) => this.#insertJournaled(job))
    driver.onError((error) => {
      events?.emit({
        type: 'queue-troubled',
        at: clock.wallTime(),
        driver: driver.name,
        code: queueFailure(error).code,
      })
    })
  }

  async add(queue: string, data: unknown, options: AddOptions = {}): Promise<AddedJob> {
    this.#checkOpen()
    return this.#added(checkJob(queue, data, options, this.#clock.wallTime()), options.transaction, options.signal)
  }

  async addTree(tree: JobTree): Promise<AddedJob> {
    this.#checkOpen()
    return this.#added(checkTree(tree, this.#clock.wallTime()), undefined, undefined)
  }

  async #added(job: NewJob, transaction: unknown, signal: AbortSignal | undefined): Promise<AddedJob> {
    const added = await this.#addedOrJournaled(job, transaction, signal)
    const { clock = systemClock, events } = this.#options
    events?.emit({ type: 'job-added', at: clock.wallTime(), tenant: job.envelope.tenant, ...added })
    return added
  }

  async #addedOrJournaled(job: NewJob, transaction: unknown, signal: AbortSignal | undefined): Promise<AddedJob> {
    const { queue } = job
    try {
      const id = await this.#insert(job, transaction, signal)
      return { queue, id, state: id === job.id ? 'added' : 'deduplicated' }
    } catch (error) {
      // In somebody's transaction it would be there also when that is rolled back.
      if (this.#journaled === undefined || transaction !== undefined || !isAway(error) || signal?.aborted === true)
        throw error
      // It may have been added: its id is the same when it is added from the journal.
      const id = await this.#journaled.append(job)
      return { queue, id, state: id === job.id ? 'journaled' : 'deduplicated' }
    }
  }

  #insert(job: NewJob, transaction: unknown, signal: AbortSignal | undefined): Promise<string> {
    return this.#ask((within) => this.#driver.insert(job, transaction, within), signal)
  }

  /** The id was told when nobody knew that another job has its key. */
  async #insertJournaled(job: NewJob): Promise<void> {
    const id = await this.#insert(job, undefined, undefined)
    if (id !== job.id) await this.#ask(() => this.#driver.alias(job, id))
  }

  async result(job: JobReference, { timeoutMs = RESULT_TIMEOUT_MS, signal }: ResultOptions = {}): Promise<unknown> {
    checkQueue(job.queue)
    between('timeoutMs', timeoutMs, DAY_MS)
    return this.#waits.result(job, timeoutMs, signal)
  }

  async get(job: JobReference): Promise<JobSnapshot | undefined> {
    checkQueue(job.queue)
    const found = await this.#find(job)
    if (found === undefined) return undefined
    const { envelope, ...rest } = found
    return { ...rest, tenant: envelope.tenant, data: envelope.data }
  }

  async #find(job: JobReference): Promise<FoundJob | undefined> {
    // Looked for here first: by the time the queue says that it has none, it may have.
    const journaled = this.#journaled?.find(job.id)
    const found = await this.#ask(() => this.#driver.find(job)).catch((error: unknown) => {
      if (journaled === undefined) throw error
      return undefined
    })
    if (found !== undefined || journaled === undefined) return found
    return { ...job, state: 'waiting', attempts: 0, envelope: journaled.envelope }
  }

  async cancel(job: JobReference): Promise<boolean> {
    checkQueue(job.queue)
    return this.#ask(() => this.#driver.cancel(job))
  }

  async work<Data = unknown>(queue: string, handler: JobHandler<Data>, options: object = {}): Promise<JobWorker> {
    this.#checkOpen()
    const settings = checkWork(options)
    if (typeof handler !== 'function') throw jobError('INVALID_JOB', 'validation', 'handler: must be a function')
    const { events } = this.#options
    const worker = await startWorker(checkQueue(queue), handler, {
      settings,
      attemptTimeoutMs: settings.attemptTimeoutMs,
      driver: this.#driver,
      clock: this.#clock,
      events,
      onStopped: () => this.#workers.delete(worker),
    })
    this.#workers.add(worker)
    return worker
  }

  async schedule(key: string, schedule: NewSchedule): Promise<void> {
    this.#checkOpen()
    const checked = checkSchedule(key, schedule)
    const { envelope, priority } = checkJob(schedule.queue, schedule.data, schedule.options ?? {}, 0)
    await this.#ask(() => this.#driver.schedule(checked, { envelope, priority }))
  }

  async unschedule(key: string): Promise<boolean> {
    return this.#ask(() => this.#driver.unschedule(key))
  }

  schedules(): ReturnType<Jobs['schedules']> {
    return this.#ask(() => this.#driver.schedules())
  }

  async deadLetters(
    queue: string,
    { limit = DEAD_LETTERS }: { readonly limit?: number | undefined } = {},
  ): ReturnType<Jobs['deadLetters']> {
    checkQueue(queue)
    between('limit', limit, MAX_DEAD_LETTERS)
    return this.#ask(() => this.#driver.deadLetters(queue, limit))
  }

  async redrive(
    queue: string,
    {
      ids,
      limit = MAX_DEAD_LETTERS,
    }: { readonly ids?: readonly string[] | undefined; readonly limit?: number | undefined } = {},
  ): Promise<number> {
    checkQueue(queue)
    between('limit', limit, MAX_DEAD_LETTERS)
    if (ids !== undefined) checkJson(ids, 'ids')
    return this.#ask(() => this.#driver.redrive(queue, ids, limit))
  }

  async counts(queue: string): ReturnType<Jobs['counts']> {
    checkQueue(queue)
    return this.#ask(() => this.#driver.counts(queue))
  }

  health(): ReturnType<Jobs['health']> {
    return this.#integration.snapshot()
  }

  async close({ drainMs = JOB_DEFAULTS.drainMs }: { readonly drainMs?: number | undefined } = {}): Promise<void> {
    this.#isClosing = true
    await Promise.all([...this.#workers].map((worker) => worker.stop({ drainMs })))
    await this.#journaled?.close()
    await this.#waits.close()
    await this.#driver.close()
  }

  #checkOpen(): void {
    if (this.#isClosing) throw jobError('JOBS_CLOSED', 'rejected', 'These jobs are closed')
  }

  #ask<T>(question: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#integration.call(({ signal: within }) => asked(question(within)), {
      idempotent: false,
      ...(signal === undefined ? {} : { signal }),
    })
  }
}

function between(option: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return
  throw jobError(
    'INVALID_OPTION',
    'validation',
    `${option} must be a whole number from 1 to ${most}, but is ${String(value)}`,
  )
}

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw queueFailure(error)
  }
}

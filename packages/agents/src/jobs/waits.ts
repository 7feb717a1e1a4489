import type { Clock } from '@holdfast/core'
import type { FoundJob, JobDriver } from './driver.ts'
import { jobError, jobFailed } from './failures.ts'
import type { JobReference } from './job.ts'
import { hint, untilWoken } from '../waiting/until-woken.ts'
import type { Waiter } from '../waiting/until-woken.ts'

/** After a hint, and at first, a job is looked at so soon again; then ever later, up to the other. In ms. */
const FIRST_LOOK_MS = 5
const LAST_LOOK_MS = 1_000

/** One who waits for a result. */
interface ResultWaiter extends Waiter {
  /** What a hint has brought along. */
  told: Value | undefined
}

interface Value {
  readonly value: unknown
}

/** Who waits at once. */
const MAX_WAITERS = 10_000

/** Those who wait for results: woken by hints of the driver, and looking themselves, since a hint may be missing. */
export class Waits {
  readonly #driver: JobDriver
  readonly #clock: Clock
  readonly #find: (job: JobReference) => Promise<FoundJob | undefined>
  /** What ends the watch of each queue. It stays: where somebody has waited for one result, somebody will for the next. */
  readonly #watches = new Map<string, Promise<() => Promise<void>>>()
  readonly #waiters = new Map<string, Set<ResultWaiter>>()
  #waiting: number = 0

  constructor(driver: JobDriver, clock: Clock, find: (job: JobReference) => Promise<FoundJob | undefined>) {
    this.#driver = driver
    this.#clock = clock
    this.#find = find
  }

  #wake(job: JobReference, completed: { readonly result: unknown } | undefined): void {
    for (const waiter of this.#waiters.get(keyOf(job)) ?? []) {
      // To each his own, as if he had read it.
      if (completed !== undefined) waiter.told = { value: structuredClone(completed.result) }
      hint(waiter)
    }
  }

  /** @throws HoldfastError as `Jobs.result` does; the reason of the signal. */
  async result(job: JobReference, timeoutMs: number, signal: AbortSignal | undefined): Promise<unknown> {
    signal?.throwIfAborted()
    if (this.#waiting >= MAX_WAITERS)
      throw jobError('TOO_MANY_WAITERS', 'rejected', `More than ${MAX_WAITERS} wait for results already`)
    const until = this.#clock.now() + timeoutMs
    this.#waiting += 1
    this.#watch(job.queue)
    const waiter: ResultWaiter = { isHinted: false, wake: undefined, told: undefined }
    const key = keyOf(job)
    const waiters = this.#waiters.get(key) ?? new Set()
    this.#waiters.set(key, waiters.add(waiter))
    try {
      for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(lookMs * 2, LAST_LOOK_MS)) {
        const found = waiter.told ?? (await this.#lookUntilTold(job, until, waiter))
        if (found !== undefined) return found.value
        const leftMs = until - this.#clock.now()
        if (leftMs <= 0)
          throw jobError(
            'RESULT_TIMEOUT',
            'timeout',
            `The job ${job.id} of ${job.queue} had no result within ${timeoutMs} ms; it goes on`,
          )
        // A hint may come a moment before what it tells of, and may come while the job is looked at.
        if (!waiter.isHinted) await untilWoken(this.#clock, waiter, Math.min(lookMs, leftMs), signal)
        if (waiter.isHinted) lookMs = FIRST_LOOK_MS / 2
        waiter.isHinted = false
      }
    } finally {
      this.#waiting -= 1
      waiters.delete(waiter)
      if (waiters.size === 0 && this.#waiters.get(key) === waiters) this.#waiters.delete(key)
    }
  }

  #lookUntilTold(job: JobReference, until: number, waiter: ResultWaiter): Promise<Value | undefined> {
    return new Promise((resolve, reject) => {
      waiter.wake = () => {
        if (waiter.told !== undefined) resolve(waiter.told)
      }
      this.#look(job, until).then(resolve, reject)
    })
  }

  /** `undefined` while it is not over, or cannot be asked after. */
  async #look(job: JobReference, until: number): Promise<Value | undefined> {
    let found: FoundJob | undefined
    try {
      found = await this.#find(job)
    } catch (error) {
      if (this.#clock.now() < until) return undefined
      throw error
    }
    switch (found?.state) {
      case undefined:
        throw jobError(
          'JOB_UNKNOWN',
          'client',
          `There is no job ${job.id} of ${job.queue}, or its result is not kept any more`,
        )
      case 'completed':
        return { value: found.result }
      case 'failed':
        throw jobFailed(job, found.failure ?? { code: 'JOB_FAILED', message: 'It is not known with what' })
      case 'cancelled':
        throw jobError('JOB_CANCELLED', 'rejected', `The job ${job.id} of ${job.queue} was cancelled`)
      default:
        return undefined
    }
  }

  #watch(queue: string): void {
    if (this.#watches.has(queue)) return
    const stop = this.#driver.watch(queue, (id, completed) => this.#wake({ queue, id }, completed))
    // Without it they look by themselves.
    this.#watches.set(
      queue,
      stop.catch(() => () => Promise.resolve()),
    )
  }

  async close(): Promise<void> {
    const watches = [...this.#watches.values()]
    this.#watches.clear()
    await Promise.all(watches.map(async (stop) => (await stop)()))
  }
}

function keyOf({ queue, id }: JobReference): string {
  return `${queue} ${id}`
}

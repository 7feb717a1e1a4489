import { HoldfastError } from '@holdfast/core'
import type { Clock, ScheduledTask } from '@holdfast/core'
import type { NewJob } from './driver.ts'
import { isAway } from './failures.ts'
import type { JobJournal } from './options.ts'

/** How long until the journal is tried again, at first and at most, in ms. */
const FIRST_MS = 250
const LAST_MS = 10_000

/** Jobs that wait in a journal until their queue is back. */
export class Journaled {
  readonly #journal: JobJournal
  readonly #clock: Clock
  readonly #insert: (job: NewJob) => Promise<unknown>
  readonly #stop = new AbortController()
  /** Those that this process has laid there; the journal bounds how many. */
  readonly #waiting = new Map<string, NewJob>()
  /** The ids of those among them that have a key, by queue and key. */
  readonly #keys = new Map<string, Promise<string>>()
  #task: ScheduledTask | undefined
  #under: Promise<void> | undefined
  #waitMs: number = FIRST_MS

  constructor(journal: JobJournal, clock: Clock, insert: (job: NewJob) => Promise<unknown>) {
    this.#journal = journal
    this.#clock = clock
    this.#insert = insert
    // What an earlier process has left.
    this.#arm(0)
  }

  /** A job that has not reached its queue yet. */
  find(id: string): NewJob | undefined {
    return this.#waiting.get(id)
  }

  /** Resolves when it is on the disk. @returns its id, or that of the one there that has its key. */
  append(job: NewJob): Promise<string> {
    const key = keyOf(job)
    const kept = this.#keys.get(key) ?? this.#keep(job)
    // Many come while the queue is away, such as those of who looks again and again.
    if (job.deduplicationKey !== undefined) this.#keys.set(key, kept)
    return kept
  }

  async #keep(job: NewJob): Promise<string> {
    try {
      await this.#journal.append({ kind: 'job', key: job.id, tenant: job.envelope.tenant, data: job })
    } catch (error) {
      this.#keys.delete(keyOf(job))
      throw error
    }
    this.#waiting.set(job.id, job)
    this.#arm(FIRST_MS)
    return job.id
  }

  async close(): Promise<void> {
    this.#stop.abort()
    this.#task?.cancel()
    await this.#under
  }

  #arm(ms: number): void {
    if (this.#task !== undefined || this.#under !== undefined || this.#stop.signal.aborted) return
    if (this.#journal.snapshot().pending === 0) return
    this.#task = this.#clock.schedule(ms, () => {
      this.#task = undefined
      this.#under = this.#replay().finally(() => {
        this.#under = undefined
        this.#arm(this.#waitMs)
      })
    })
  }

  async #add(job: NewJob): Promise<void> {
    await this.#insert(job)
    if (this.#waiting.delete(job.id)) this.#keys.delete(keyOf(job))
  }

  async #replay(): Promise<void> {
    try {
      const { complete } = await this.#journal.replay(({ data }) => this.#add(data as NewJob), {
        signal: this.#stop.signal,
        // One that the queue will not have must not keep the others from it. It stays in the journal.
        onFailure: (error) => (isAway(error) && !isUnreadable(error) ? 'stop' : 'continue'),
      })
      this.#waitMs = complete ? FIRST_MS : Math.min(this.#waitMs * 2, LAST_MS)
    } catch {
      // The journal itself: it is tried again.
      this.#waitMs = Math.min(this.#waitMs * 2, LAST_MS)
    }
  }
}

function keyOf({ queue, deduplicationKey }: NewJob): string {
  return `${queue} ${deduplicationKey}`
}

/** Of a damaged record, whatever the queue is like. */
function isUnreadable(error: unknown): boolean {
  return HoldfastError.isInstance(error) && error.code === 'JOURNAL_RECORD_UNREADABLE'
}

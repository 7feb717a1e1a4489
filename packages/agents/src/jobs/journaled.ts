import type { Clock, ScheduledTask } from '@holdfast/core'
import type { NewJob } from './driver.ts'
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

  async append(job: NewJob): Promise<void> {
    await this.#journal.append({ kind: 'job', key: job.id, tenant: job.envelope.tenant, data: job })
    this.#arm(FIRST_MS)
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

  async #replay(): Promise<void> {
    try {
      const { complete } = await this.#journal.replay(({ data }) => this.#insert(data as NewJob), {
        signal: this.#stop.signal,
      })
      this.#waitMs = complete ? FIRST_MS : Math.min(this.#waitMs * 2, LAST_MS)
    } catch {
      // The journal itself: it is tried again.
      this.#waitMs = Math.min(this.#waitMs * 2, LAST_MS)
    }
  }
}

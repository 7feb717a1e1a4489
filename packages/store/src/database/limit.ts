import type { Clock, ScheduledTask } from '@holdfast/core'
import { commitUnknown, deadlineExceeded } from './errors.ts'

/** How long somebody waits for a transaction: until its deadline, its caller's abort, or the end of the store. */
export class Limit {
  readonly #controller = new AbortController()
  readonly #caller: AbortSignal | undefined
  readonly #task: ScheduledTask
  readonly deadlineMs: number
  readonly #clock: Clock
  readonly #startedAt: number
  /** Whether the commit was sent, so that nobody knows any more what becomes of it. */
  commits = false

  constructor(clock: Clock, deadlineMs: number, caller: AbortSignal | undefined) {
    this.#clock = clock
    this.#startedAt = clock.now()
    this.deadlineMs = deadlineMs
    this.#caller = caller
    this.#task = clock.schedule(deadlineMs, () =>
      this.end(this.commits ? commitUnknown(deadlineMs) : deadlineExceeded(deadlineMs)),
    )
    caller?.addEventListener('abort', this.#leave)
    if (caller?.aborted === true) this.#leave()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Until the deadline, in ms. */
  get leftMs(): number {
    return Math.max(1, this.deadlineMs - (this.#clock.now() - this.#startedAt))
  }

  end(reason: unknown): void {
    this.#controller.abort(reason)
  }

  /** What the work ends with, or at once the reason why nobody waits for it. The work goes on. */
  race<T>(work: Promise<T>): Promise<T> {
    const { signal } = this
    return new Promise((resolve, reject) => {
      const leave = (): void => reject(signal.reason)
      signal.addEventListener('abort', leave, { once: true })
      if (signal.aborted) leave()
      void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
    })
  }

  /** Forgets the timer and the caller. */
  done(): void {
    this.#task.cancel()
    this.#caller?.removeEventListener('abort', this.#leave)
  }

  readonly #leave = (): void => this.end(this.#caller?.reason)
}

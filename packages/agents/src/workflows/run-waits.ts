import type { Clock } from '@holdfast/core'
import type { Store } from '@holdfast/store/database'
import { workflowError } from './failures.ts'

/** Between two looks of one who waits, in ms: a run tells of each of its steps. */
const LEAST_MS = 50

/** Who waits at once. */
const MAX_WAITERS = 10_000

interface Waiter {
  isHinted: boolean
  wake: (() => void) | undefined
}

/** Those who wait for runs: woken by the events of the store, and looking themselves, since a hint may be missing. */
export class RunWaits {
  readonly #store: Partial<Pick<Store, 'onEvents'>>
  readonly #clock: Clock
  readonly #waiters = new Map<string, Set<Waiter>>()
  #waiting: number = 0
  #listening: Promise<() => Promise<void>> | undefined

  constructor(store: Partial<Pick<Store, 'onEvents'>>, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Whoever waits for events of this topic, until `end` is called. @throws HoldfastError `TOO_MANY_WAITERS` */
  enter(
    tenant: string,
    topic: string,
  ): { pause(ms: number, signal: AbortSignal | undefined): Promise<void>; end(): void } {
    if (this.#waiting >= MAX_WAITERS)
      throw workflowError('TOO_MANY_WAITERS', 'rejected', `More than ${MAX_WAITERS} wait for runs already`)
    this.#listen()
    this.#waiting += 1
    const key = `${tenant}\n${topic}`
    const waiter: Waiter = { isHinted: false, wake: undefined }
    const waiters = this.#waiters.get(key) ?? new Set()
    this.#waiters.set(key, waiters.add(waiter))
    return {
      pause: (ms, signal) => this.#pause(waiter, ms, signal),
      end: () => {
        this.#waiting -= 1
        waiters.delete(waiter)
        if (waiters.size === 0 && this.#waiters.get(key) === waiters) this.#waiters.delete(key)
      },
    }
  }

  async close(): Promise<void> {
    const listening = this.#listening
    this.#listening = undefined
    await (
      await listening
    )?.()
  }

  /** So long, or until there is a hint; but never shorter than {@link LEAST_MS}. */
  async #pause(waiter: Waiter, ms: number, signal: AbortSignal | undefined): Promise<void> {
    const least = Math.min(ms, LEAST_MS)
    await this.#clock.sleep(least, signal)
    if (!waiter.isHinted && ms > least) await this.#hint(waiter, ms - least, signal)
    waiter.isHinted = false
  }

  #hint(waiter: Waiter, ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        task.cancel()
        signal?.removeEventListener('abort', abort)
        waiter.wake = undefined
        resolve()
      }
      const abort = (): void => {
        reject(signal?.reason)
        end()
      }
      const task = this.#clock.schedule(ms, end)
      waiter.wake = end
      if (signal?.aborted === true) abort()
      else signal?.addEventListener('abort', abort)
    })
  }

  #listen(): void {
    if (this.#listening !== undefined || this.#store.onEvents === undefined) return
    const listening = this.#store.onEvents((told) => {
      if (told !== undefined) this.#tell(this.#waiters.get(`${told.tenant}\n${told.topic}`))
      else for (const waiters of this.#waiters.values()) this.#tell(waiters)
    })
    this.#listening = listening.catch(() => {
      // Without it they look by themselves; the next one tries again.
      this.#listening = undefined
      return () => Promise.resolve()
    })
  }

  #tell(waiters: ReadonlySet<Waiter> | undefined): void {
    for (const waiter of waiters ?? []) {
      waiter.isHinted = true
      waiter.wake?.()
    }
  }
}

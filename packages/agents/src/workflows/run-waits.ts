import type { Clock } from '@holdfast/core'
import type { Store } from '@holdfast/store/database'
import { WakeUps } from '../events/wake-ups.ts'
import { untilWoken } from '../waiting/until-woken.ts'
import { workflowError } from './failures.ts'

/** Between two looks of one who waits, in ms: a run tells of each of its steps. */
const LEAST_MS = 50

/** Who waits at once. */
const MAX_WAITERS = 10_000

/** Those who wait for runs: woken by the events of the store, and looking themselves, since a hint may be missing. */
export class RunWaits {
  readonly #clock: Clock
  readonly #wakeUps: WakeUps
  #waiting: number = 0

  constructor(store: Partial<Pick<Store, 'onEvents'>>, clock: Clock) {
    this.#wakeUps = new WakeUps(store)
    this.#clock = clock
  }

  /** Whoever waits for events of this topic, until `end` is called. @throws HoldfastError `TOO_MANY_WAITERS` */
  enter(
    tenant: string,
    topic: string,
  ): { pause(ms: number, signal: AbortSignal | undefined): Promise<void>; end(): void } {
    if (this.#waiting >= MAX_WAITERS)
      throw workflowError('TOO_MANY_WAITERS', 'rejected', `More than ${MAX_WAITERS} wait for runs already`)
    this.#waiting += 1
    const { waiter, end } = this.#wakeUps.enter(tenant, topic)
    return {
      /** So long, or until there is a hint; but never shorter than {@link LEAST_MS}. */
      pause: async (ms, signal) => {
        const least = Math.min(ms, LEAST_MS)
        await this.#clock.sleep(least, signal)
        if (!waiter.isHinted && ms > least) await untilWoken(this.#clock, waiter, ms - least, signal)
        waiter.isHinted = false
      },
      end: () => {
        this.#waiting -= 1
        end()
      },
    }
  }

  close(): Promise<void> {
    return this.#wakeUps.close()
  }
}

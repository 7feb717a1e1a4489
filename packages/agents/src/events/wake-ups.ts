import type { Store } from '@holdfast/store/database'
import { hint } from '../waiting/until-woken.ts'
import type { Waiter } from '../waiting/until-woken.ts'

/** One subscription to the signs of a store, for all who wait for something in it. They look by themselves too: a sign may be missing. */
export class WakeUps {
  readonly #store: Partial<Pick<Store, 'onEvents'>>
  readonly #waiters = new Map<string, Set<Waiter>>()
  #listening: Promise<() => Promise<void>> | undefined

  constructor(store: Partial<Pick<Store, 'onEvents'>>) {
    this.#store = store
  }

  /** One who hears of events of this topic from now on, until `end` is called. */
  enter(tenant: string, topic: string): { readonly waiter: Waiter; end(): void } {
    this.#listen()
    const key = keyOf(tenant, topic)
    const waiter: Waiter = { isHinted: false, wake: undefined }
    const waiters = this.#waiters.get(key) ?? new Set()
    this.#waiters.set(key, waiters.add(waiter))
    return {
      waiter,
      end: () => {
        waiters.delete(waiter)
        if (waiters.size === 0 && this.#waiters.get(key) === waiters) this.#waiters.delete(key)
      },
    }
  }

  async close(): Promise<void> {
    const listening = this.#listening
    this.#listening = undefined
    const stop = await listening
    await stop?.()
  }

  #listen(): void {
    if (this.#listening !== undefined || this.#store.onEvents === undefined) return
    const listening = this.#store.onEvents((told) => {
      const all = told === undefined ? this.#waiters.values() : [this.#waiters.get(keyOf(told.tenant, told.topic))]
      for (const waiters of all) for (const waiter of waiters ?? []) hint(waiter)
    })
    this.#listening = listening.catch(() => {
      // Without it they look by themselves; the next one tries again.
      this.#listening = undefined
      return () => Promise.resolve()
    })
  }
}

function keyOf(tenant: string, topic: string): string {
  return JSON.stringify([tenant, topic])
}

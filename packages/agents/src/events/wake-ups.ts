import type { Clock } from '@holdfast/core'
import type { EventsOptions } from './options.ts'

/** Rings when something may have come. */
export interface Bell {
  /** Resolves when it has rung since the last time, at the latest after `ms`. Never rejects. */
  next(clock: Clock, ms: number, signal: AbortSignal): Promise<void>
  close(): void
}

/** One subscription to the store's signs for all who read here. */
export class WakeUps {
  readonly #store: Pick<EventsOptions['store'], 'onEvents'>
  readonly #bells = new Map<string, Set<() => void>>()
  #listening: Promise<(() => Promise<void>) | undefined> | undefined

  constructor(store: Pick<EventsOptions['store'], 'onEvents'>) {
    this.#store = store
  }

  listen(tenant: string, topic: string): Bell {
    this.#begin()
    const key = JSON.stringify([tenant, topic])
    let hasRung = false
    let wake: (() => void) | undefined
    const ring = (): void => {
      hasRung = true
      wake?.()
    }
    const bells = this.#bells.get(key) ?? new Set()
    this.#bells.set(key, bells.add(ring))
    return {
      async next(clock, ms, signal) {
        if (!hasRung && !signal.aborted) {
          await new Promise<void>((resolve) => {
            const task = clock.schedule(ms, () => wake?.())
            wake = () => {
              task.cancel()
              signal.removeEventListener('abort', ring)
              wake = undefined
              resolve()
            }
            signal.addEventListener('abort', ring)
          })
        }
        hasRung = false
      },
      close: () => {
        bells.delete(ring)
        if (bells.size === 0) this.#bells.delete(key)
      },
    }
  }

  async close(): Promise<void> {
    const stop = await this.#listening
    await stop?.()
  }

  /** Where it fails, readers look by themselves; the next one who comes tries again. */
  #begin(): void {
    this.#listening ??= this.#store
      .onEvents((topic) => this.#ring(topic))
      .catch(() => {
        this.#listening = undefined
        return undefined
      })
  }

  /** @param topic `undefined` after a break: anything may have come. */
  #ring(topic: { readonly tenant: string; readonly topic: string } | undefined): void {
    const rung =
      topic === undefined
        ? [...this.#bells.values()].flatMap((bells) => [...bells])
        : [...(this.#bells.get(JSON.stringify([topic.tenant, topic.topic])) ?? [])]
    for (const ring of rung) ring()
  }
}

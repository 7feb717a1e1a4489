import type { Events, Listener } from './events.ts'

/** How many events listeners may cause while one event is being delivered; a circle of events ends there. */
const MOST_CAUSED_EVENTS = 1_000

class Channel<Event> implements Events<Event> {
  #listeners: readonly Listener<Event>[] = []
  #waiting: Event[] | undefined

  get active(): boolean {
    return this.#listeners.length > 0
  }

  on(listener: Listener<Event>): () => void {
    // A wrapper of its own, so that a function added twice is removed once.
    const entry: Listener<Event> = (event) => listener(event)
    this.#listeners = [...this.#listeners, entry]
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== entry)
    }
  }

  emit(event: Event): void {
    if (this.#listeners.length === 0) return
    if (this.#waiting !== undefined) {
      // Delivered after the current one, so that every listener sees the same order.
      if (this.#waiting.length < MOST_CAUSED_EVENTS) this.#waiting.push(event)
      return
    }
    this.#waiting = [event]
    for (const next of this.#waiting) this.#deliver(next)
    this.#waiting = undefined
  }

  #deliver(event: Event): void {
    for (const listener of this.#listeners) {
      try {
        const result: unknown = listener(event)
        if (result instanceof Promise) result.catch(() => undefined)
      } catch {
        // A listener never touches a call.
      }
    }
  }
}

/**
 * A channel of events. Listeners run at once and in the order they were added; what they throw, or reject with, is
 * swallowed. An event that a listener causes is delivered after the one it listens to, to everybody in the same order.
 *
 * @example
 * ```ts
 * import { createEvents, createIntegration, type CoreEvent } from '@holdfast/core'
 *
 * const events = createEvents<CoreEvent>()
 * const stop = events.on((event) => console.log(event.type, event.at))
 * await createIntegration({ name: 'crm', events }).call(() => 1)
 * stop()
 * ```
 */
export function createEvents<Event>(): Events<Event> {
  return new Channel<Event>()
}

import { type Due, DueLists } from '../list/due-lists.ts'
import type { Clock, ScheduledTask } from './clock.ts'

/** Something whose time can run out. No base class: one more in the chain costs an attempt as much as all its fields. */
export interface TimeLimited extends Due {
  /** Monotonic time at which it expires, in ms. */
  dueAt: number
  /** Called once its time has come; it is no longer watched then. */
  expire(): void
}

/**
 * Watches the time limits of many calls. Most calls end long before their limit, so where a clock's task can be kept from
 * holding the process (`keepAlive`), all limits share one task; it is armed for the earliest limit and looks again when
 * that one has been met meanwhile. On other clocks each limit has a task of its own.
 */
export class Deadlines {
  readonly #clock: Clock
  readonly #watched: DueLists<TimeLimited> = new DueLists()
  /** The tasks of limits that have one of their own. */
  readonly #own = new Map<TimeLimited, ScheduledTask>()
  #shared: ScheduledTask | undefined
  #armedFor = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Watches `item`, which is not watched, until the monotonic time `dueAt`. */
  watch(item: TimeLimited, dueAt: number): void {
    item.dueAt = dueAt
    if (this.#shared === undefined) {
      this.#begin(item)
      return
    }
    this.#watched.add(item)
    if (dueAt < this.#armedFor) this.#arm(dueAt)
    else if (this.#watched.size === 1) this.#shared.keepAlive?.(true)
  }

  /** Stops watching `item`; does nothing when it is not watched. */
  forget(item: TimeLimited): void {
    if (this.#watched.has(item)) {
      this.#watched.remove(item)
      if (this.#watched.size === 0) this.#shared?.keepAlive?.(false)
    } else if (this.#own.size > 0) {
      this.#own.get(item)?.cancel()
      this.#own.delete(item)
    }
  }

  /** No task is armed: the first one made shows which kind of clock this is. */
  #begin(item: TimeLimited): void {
    const task = this.#clock.schedule(item.dueAt - this.#clock.now(), () => {
      if (task.keepAlive !== undefined) this.#expireDue()
      else if (this.#own.delete(item)) item.expire()
    })
    if (task.keepAlive === undefined) {
      this.#own.set(item, task)
    } else {
      this.#shared = task
      this.#armedFor = item.dueAt
      this.#watched.add(item)
    }
  }

  #arm(dueAt: number): void {
    this.#shared?.cancel()
    this.#armedFor = dueAt
    this.#shared = this.#clock.schedule(dueAt - this.#clock.now(), () => this.#expireDue())
  }

  #expireDue(): void {
    this.#shared = undefined
    const now = this.#clock.now()
    try {
      for (let item = this.#watched.first; item !== undefined && item.dueAt <= now; item = this.#watched.first) {
        this.#watched.remove(item)
        item.expire()
      }
    } finally {
      this.#rearm()
    }
  }

  /** An expired item may have led to a new limit, and so to a new task, already: to one that is later than the first, or for one that has been met. */
  #rearm(): void {
    const { first } = this.#watched
    if (first === undefined) this.#shared?.keepAlive?.(false)
    else if (this.#shared === undefined || first.dueAt < this.#armedFor) this.#arm(first.dueAt)
  }
}

import type { Clock, ScheduledTask } from './clock.ts'

/** Something whose time can run out. The list's links live in it, so that watching it allocates nothing. */
export abstract class TimeLimited {
  /** Monotonic time at which it expires, in ms. */
  dueAt = 0
  watched = false
  previous: TimeLimited | undefined = undefined
  next: TimeLimited | undefined = undefined
  task: ScheduledTask | undefined = undefined

  /** Called once its time has come; it is no longer watched then. */
  abstract expire(): void
}

/**
 * Watches the time limits of many calls. Most calls end long before their limit, so where a clock's task can be kept from
 * holding the process (`keepAlive`), all limits share one task; it is armed for the earliest limit and looks again when
 * that one has been met meanwhile. On other clocks each limit has a task of its own.
 */
export class Deadlines {
  readonly #clock: Clock
  #first: TimeLimited | undefined
  #last: TimeLimited | undefined
  #shared: ScheduledTask | undefined
  #armedFor = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Watches `item` until the monotonic time `dueAt`. */
  watch(item: TimeLimited, dueAt: number): void {
    item.dueAt = dueAt
    item.watched = true
    if (this.#shared === undefined) {
      this.#begin(item)
      return
    }
    const wasEmpty = this.#first === undefined
    this.#insert(item)
    if (dueAt < this.#armedFor) this.#arm(dueAt)
    else if (wasEmpty) this.#shared.keepAlive?.(true)
  }

  /** Stops watching `item`; does nothing when it is not watched. */
  forget(item: TimeLimited): void {
    if (!item.watched) return
    item.watched = false
    if (item.task !== undefined) {
      item.task.cancel()
      item.task = undefined
      return
    }
    this.#unlink(item)
    if (this.#first === undefined) this.#shared?.keepAlive?.(false)
  }

  /** No task is armed: the first one made shows which kind of clock this is. */
  #begin(item: TimeLimited): void {
    const task = this.#clock.schedule(item.dueAt - this.#clock.now(), () => {
      if (task.keepAlive === undefined) this.#expireOwn(item)
      else this.#expireDue()
    })
    if (task.keepAlive === undefined) {
      item.task = task
    } else {
      this.#shared = task
      this.#armedFor = item.dueAt
      this.#insert(item)
    }
  }

  #arm(dueAt: number): void {
    this.#shared?.cancel()
    this.#armedFor = dueAt
    this.#shared = this.#clock.schedule(dueAt - this.#clock.now(), () => this.#expireDue())
  }

  #expireOwn(item: TimeLimited): void {
    if (!item.watched) return
    item.watched = false
    item.task = undefined
    item.expire()
  }

  #expireDue(): void {
    this.#shared = undefined
    const now = this.#clock.now()
    for (let item = this.#first; item !== undefined && item.dueAt <= now; item = this.#first) {
      this.#unlink(item)
      item.watched = false
      item.expire()
    }
    this.#rearm()
  }

  /** An expired item may have led to a new limit, and so to a new task, already: to one that is later than the first, or for one that has been met. */
  #rearm(): void {
    if (this.#first === undefined) this.#shared?.keepAlive?.(false)
    else if (this.#shared === undefined || this.#first.dueAt < this.#armedFor) this.#arm(this.#first.dueAt)
  }

  /** Sorted by time; limits mostly come in order, so the place is looked for from the end. */
  #insert(item: TimeLimited): void {
    let before = this.#last
    while (before !== undefined && before.dueAt > item.dueAt) before = before.previous
    const after = before === undefined ? this.#first : before.next
    item.previous = before
    item.next = after
    if (before === undefined) this.#first = item
    else before.next = item
    if (after === undefined) this.#last = item
    else after.previous = item
  }

  #unlink(item: TimeLimited): void {
    if (item.previous === undefined) this.#first = item.next
    else item.previous.next = item.next
    if (item.next === undefined) this.#last = item.previous
    else item.next.previous = item.previous
    item.previous = undefined
    item.next = undefined
  }
}

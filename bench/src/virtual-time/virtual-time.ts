/*
 * The platform's own clock, replaced: `setTimeout`, `setInterval`, `Date` and `performance.now` run on time that moves only when told
 * to. Libraries that take no clock run on it as they are, so an hour of their life takes seconds and goes the same way each time.
 */

interface VirtualTimer {
  dueAt: number
  readonly id: number
  readonly callback: (...values: unknown[]) => void
  readonly values: readonly unknown[]
  readonly everyMs: number | undefined
  referenced: boolean
}

/** What `setTimeout` gives on Node. */
class TimerHandle {
  readonly #time: VirtualTime
  readonly timer: VirtualTimer

  constructor(time: VirtualTime, timer: VirtualTimer) {
    this.#time = time
    this.timer = timer
  }

  ref(): this {
    this.timer.referenced = true
    return this
  }

  unref(): this {
    this.timer.referenced = false
    return this
  }

  hasRef(): boolean {
    return this.timer.referenced
  }

  close(): this {
    this.#time.cancel(this.timer)
    return this
  }

  [Symbol.toPrimitive](): number {
    return this.timer.id
  }
}

/** The longest delay a platform timer can hold; Node fires a longer one after 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
  Date: globalThis.Date,
  random: Math.random,
}

/** Time that moves only when it is told to, in place of the platform's. */
export class VirtualTime {
  readonly #heap: VirtualTimer[] = []
  readonly #cancelled = new Set<VirtualTimer>()
  #now: number
  #wallTimeAtZero: number
  #lastId = 0
  #live = 0

  /** @param wallTimeAtZero ms since the epoch at monotonic time 0. */
  constructor(now = 0, wallTimeAtZero = 1_767_225_600_000) {
    this.#now = now
    this.#wallTimeAtZero = wallTimeAtZero
  }

  /** Monotonic, in ms. */
  get now(): number {
    return this.#now
  }

  get wallTime(): number {
    return Math.floor(this.#wallTimeAtZero + this.#now)
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#live
  }

  /** Sets the wall clock, as a machine's clock is set; monotonic time does not notice. */
  stepWallTime(ms: number): void {
    this.#wallTimeAtZero += ms
  }

  /** Runs `callback` after exactly `ms`, fractions and all. */
  after(ms: number, callback: () => void): VirtualTimer {
    return this.#add(Math.max(0, ms), callback, [], undefined)
  }

  cancel(timer: VirtualTimer): void {
    if (this.#cancelled.has(timer) || timer.dueAt === -Infinity) return
    this.#cancelled.add(timer)
    this.#live -= 1
  }

  /**
   * Moves time forward. Before the first timer and after each one everything that can go on does: a macrotask passes, and
   * with it all promises.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await this.settle()
    for (let timer = this.#take(end); timer !== undefined; timer = this.#take(end)) {
      this.#now = Math.max(this.#now, timer.dueAt)
      if (timer.everyMs === undefined) {
        timer.dueAt = -Infinity
        this.#live -= 1
      } else {
        timer.dueAt = this.#now + timer.everyMs
        this.#push(timer)
      }
      timer.callback(...timer.values)
      await this.settle()
    }
    this.#now = end
  }

  /** Lets everything go on that needs no time to pass. */
  settle(): Promise<void> {
    return new Promise((resolve) => void real.setImmediate(resolve))
  }

  /** Puts this time in the platform's place. @returns what puts the platform's back. */
  install(random?: () => number): () => void {
    const add =
      (repeats: boolean) =>
      (callback: (...values: unknown[]) => void, ms?: number, ...values: unknown[]): TimerHandle => {
        const asked = Number(ms)
        const delayMs = asked >= 1 && asked <= LONGEST_TIMER_MS ? Math.trunc(asked) : 1
        return new TimerHandle(this, this.#add(delayMs, callback, values, repeats ? delayMs : undefined))
      }
    const clear = (handle: unknown): void => {
      if (handle instanceof TimerHandle) this.cancel(handle.timer)
    }
    const wallTime = (): number => this.wallTime
    class VirtualDate extends real.Date {
      constructor(...values: unknown[]) {
        super(...((values.length === 0 ? [wallTime()] : values) as [number]))
      }

      static override now(): number {
        return wallTime()
      }
    }
    Object.assign(globalThis, {
      setTimeout: add(false),
      clearTimeout: clear,
      setInterval: add(true),
      clearInterval: clear,
      Date: VirtualDate,
    })
    if (random !== undefined) Math.random = random
    Object.defineProperty(performance, 'now', { configurable: true, value: () => this.#now })
    return () => {
      Object.assign(globalThis, {
        setTimeout: real.setTimeout,
        clearTimeout: real.clearTimeout,
        setInterval: real.setInterval,
        clearInterval: real.clearInterval,
        Date: real.Date,
      })
      Math.random = real.random
      Reflect.deleteProperty(performance, 'now')
    }
  }

  #add(
    ms: number,
    callback: (...values: unknown[]) => void,
    values: readonly unknown[],
    everyMs: number | undefined,
  ): VirtualTimer {
    this.#lastId += 1
    this.#live += 1
    const timer = { dueAt: this.#now + ms, id: this.#lastId, callback, values, everyMs, referenced: true }
    this.#push(timer)
    return timer
  }

  /** The earliest timer that is due by `end`, out of the heap; of two at the same time, the one that was set first. */
  #take(end: number): VirtualTimer | undefined {
    const heap = this.#heap
    for (let first = heap[0]; first !== undefined && first.dueAt <= end; first = heap[0]) {
      const last = heap.pop()
      if (last !== undefined && heap.length > 0) {
        heap[0] = last
        this.#sink()
      }
      if (!this.#cancelled.delete(first)) return first
    }
    return undefined
  }

  #push(timer: VirtualTimer): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(timer)
    for (let parent = (at - 1) >> 1; at > 0; at = parent, parent = (at - 1) >> 1) {
      const above = heap[parent]
      if (above === undefined || !isBefore(timer, above)) break
      heap[at] = above
      heap[parent] = timer
    }
  }

  #sink(): void {
    const heap = this.#heap
    const timer = heap[0]
    if (timer === undefined) return
    for (let at = 0; ;) {
      let child = 2 * at + 1
      const left = heap[child]
      if (left === undefined) return
      const right = heap[child + 1]
      if (right !== undefined && isBefore(right, left)) child += 1
      const smaller = heap[child]
      if (smaller === undefined || !isBefore(smaller, timer)) return
      heap[at] = smaller
      heap[child] = timer
      at = child
    }
  }
}

function isBefore(a: VirtualTimer, b: VirtualTimer): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.id < b.id)
}

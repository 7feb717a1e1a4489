import { type Clock, type ScheduledTask, sleepOn } from '../../src/index.ts'

interface Timer {
  readonly dueAt: number
  /** Of timers due at the same time, the one that was set first goes first. */
  readonly order: number
  /** Gone once it has run or was cancelled. */
  callback: (() => void) | undefined
  alive: boolean
}

/** What Node itself does between two timers: runs everything that can go on, promises and ticks. Others have no such thing. */
const { _tickCallback: runMicrotasks } = process as unknown as { readonly _tickCallback?: () => void }

/** What a clock of this kind is made with. */
export interface VirtualClockOptions {
  readonly now?: number
  /**
   * Whether a task can be kept from holding the process, as with the system's clock on Node. Then the time limits of many calls share one
   * task; without it each has its own.
   */
  readonly sharesTasks?: boolean
}

/**
 * Time that moves only when it is told to, as the published fake clock's does, for millions of timers: a heap in place of a
 * search, and, on Node, no trip through the event loop between two timers.
 */
export class VirtualClock implements Clock {
  readonly #heap: Timer[] = []
  readonly #sharesTasks: boolean
  #now: number
  #order = 0
  #pending = 0
  /** Timers that have run. */
  ran = 0

  constructor({ now = 0, sharesTasks = false }: VirtualClockOptions = {}) {
    this.#now = now
    this.#sharesTasks = sharesTasks
  }

  /** Timers that wait and would hold a process. */
  get pending(): number {
    return this.#pending
  }

  now(): number {
    return this.#now
  }

  wallTime(): number {
    return 1_767_225_600_000 + this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal)
  }

  schedule(ms: number, callback: () => void): ScheduledTask {
    const timer: Timer = { dueAt: this.#now + Math.max(0, ms), order: this.#order++, callback, alive: true }
    this.#pending += 1
    push(this.#heap, timer)
    const cancel = (): void => this.#drop(timer)
    if (!this.#sharesTasks) return { cancel }
    const keepAlive = (alive: boolean): void => {
      if (timer.callback !== undefined && timer.alive !== alive) this.#pending += alive ? 1 : -1
      timer.alive = alive
    }
    return { cancel, keepAlive }
  }

  /** Moves time forward and runs no timer: for what sets none. */
  jump(ms: number): void {
    this.#now += ms
  }

  /** Moves time forward, and runs every timer that comes due on the way at its own time; between two of them everything goes on that can. */
  advance(ms: number): Promise<void> {
    return inTask(() => this.#runUntil(this.#now + ms))
  }

  /** Lets everything go on that needs no time to pass. */
  settle(): Promise<void> {
    return this.advance(-1)
  }

  async #runUntil(end: number): Promise<void> {
    if (runMicrotasks === undefined) await inTask(() => Promise.resolve())
    else runMicrotasks()
    for (let timer = this.#heap[0]; timer !== undefined && timer.dueAt <= end; timer = this.#heap[0]) {
      pop(this.#heap)
      const { callback } = timer
      if (callback === undefined) continue
      this.#drop(timer)
      this.#now = Math.max(this.#now, timer.dueAt)
      this.ran += 1
      callback()
      if (runMicrotasks === undefined) await inTask(() => Promise.resolve())
      else runMicrotasks()
    }
    this.#now = Math.max(this.#now, end)
  }

  #drop(timer: Timer): void {
    if (timer.callback === undefined) return
    timer.callback = undefined
    if (timer.alive) this.#pending -= 1
  }
}

/**
 * Runs work that does not wait as a task of its own, and gives it a way to let promises go on in between: a search through many orders of
 * events would take for ever with a trip through the event loop after each.
 */
export function withoutWaiting(work: (settle: () => void) => void): Promise<void> {
  if (runMicrotasks === undefined) throw new Error('this runtime cannot run microtasks on demand')
  return inTask(async () => work(runMicrotasks))
}

/** Runs something as a task of its own, in which no promise's callback is under way; only there can {@link runMicrotasks} run them. */
function inTask(work: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      work().then(resolve, reject)
    })
  })
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order)
}

function push(heap: Timer[], timer: Timer): void {
  let place = heap.length
  while (place > 0) {
    const parent = (place - 1) >> 1
    const above = heap[parent] as Timer
    if (isBefore(above, timer)) break
    heap[place] = above
    place = parent
  }
  heap[place] = timer
}

/** Removes the first. */
function pop(heap: Timer[]): void {
  const last = heap.pop() as Timer
  const size = heap.length
  if (size === 0) return
  let place = 0
  for (;;) {
    let child = 2 * place + 1
    if (child >= size) break
    if (child + 1 < size && isBefore(heap[child + 1] as Timer, heap[child] as Timer)) child += 1
    if (!isBefore(heap[child] as Timer, last)) break
    heap[place] = heap[child] as Timer
    place = child
  }
  heap[place] = last
}

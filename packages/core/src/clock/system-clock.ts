import type { Clock, Random, ScheduledTask } from './clock.ts'

/** The longest delay a platform timer can hold; a longer one fires at once instead. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

// Node looks this global up anew, through a getter, at each use.
const platformPerformance = performance

/** What `setTimeout` gives on Node, Bun and Deno's Node layer; elsewhere it gives a number. */
interface ReferencedTimer {
  ref(): void
  unref(): void
}

function isReferenced(timer: unknown): timer is ReferencedTimer {
  return typeof timer === 'object' && timer !== null && 'ref' in timer && 'unref' in timer
}

// A timer on Workers belongs to the request that made it and dies with it, so calls must not share one there.
const timersOutliveCalls: boolean = globalThis.navigator?.userAgent !== 'Cloudflare-Workers'

class SystemTask implements ScheduledTask {
  keepAlive?: (alive: boolean) => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #alive = true

  constructor(ms: number, callback: () => void) {
    this.#start(Math.max(0, ms), callback)
    if (timersOutliveCalls && isReferenced(this.#timer)) this.keepAlive = (alive) => this.#keepAlive(alive)
  }

  cancel(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #start(ms: number, callback: () => void): void {
    if (ms > LONGEST_TIMER_MS) {
      this.#timer = setTimeout(() => this.#start(ms - LONGEST_TIMER_MS, callback), LONGEST_TIMER_MS)
      if (!this.#alive) this.#keepAlive(false)
    } else {
      this.#timer = setTimeout(callback, Math.ceil(ms))
    }
  }

  #keepAlive(alive: boolean): void {
    this.#alive = alive
    const timer: unknown = this.#timer
    if (!isReferenced(timer)) return
    if (alive) timer.ref()
    else timer.unref()
  }
}

/** The platform's own time: `performance.now`, `Date.now`, `setTimeout`. The only place in core that reads them. */
export const systemClock: Clock = Object.freeze({
  now: () => platformPerformance.now(),
  wallTime: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) => sleepOn(systemClock, ms, signal),
  schedule: (ms: number, callback: () => void) => new SystemTask(ms, callback),
})

/** The platform's own randomness. */
export const systemRandom: Random = () => Math.random()

/** `Clock.sleep` in terms of `Clock.schedule`, for whoever writes a clock. */
export function sleepOn(clock: Pick<Clock, 'schedule'>, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal === undefined) return new Promise((resolve) => void clock.schedule(ms, resolve))
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason)
      return
    }
    const onAbort = (): void => {
      task.cancel()
      reject(signal.reason)
    }
    const task = clock.schedule(ms, () => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

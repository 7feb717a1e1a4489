import type { Clock, Random, ScheduledTask } from './clock.ts'

/** The longest delay a platform timer can hold; a longer one fires at once instead. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

// Node looks this global up anew, through a getter, at each use.
const platformPerformance = performance

// A timer on Workers belongs to the request that made it and dies with it, so calls must not share one there.
const timersOutliveCalls: boolean = globalThis.navigator?.userAgent !== 'Cloudflare-Workers'

/** What `setTimeout` gives on Node, Bun and Deno's Node layer; elsewhere it gives a number. */
type Timer = ReturnType<typeof setTimeout> & { ref?(): void; unref?(): void }

function schedule(ms: number, callback: () => void): ScheduledTask {
  let timer: Timer
  let isAlive = true
  const keepAlive = (alive: boolean): void => {
    isAlive = alive
    if (alive) timer.ref?.()
    else timer.unref?.()
  }
  const start = (leftMs: number): void => {
    const laterMs = leftMs - LONGEST_TIMER_MS
    timer = laterMs > 0 ? setTimeout(() => start(laterMs), LONGEST_TIMER_MS) : setTimeout(callback, Math.ceil(leftMs))
    if (!isAlive) keepAlive(false)
  }
  start(Math.max(0, ms))
  const cancel = (): void => clearTimeout(timer)
  return timersOutliveCalls && timer!.unref !== undefined ? { cancel, keepAlive } : { cancel }
}

/** The platform's own time: `performance.now`, `Date.now`, `setTimeout`. The only place in core that reads them. */
export const systemClock: Clock = Object.freeze({
  now: () => platformPerformance.now(),
  wallTime: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) => sleepOn(systemClock, ms, signal),
  schedule,
})

/** The platform's own randomness. */
export const systemRandom: Random = () => Math.random()

/** `Clock.sleep` in terms of `Clock.schedule`, for whoever writes a clock. */
export function sleepOn(clock: Pick<Clock, 'schedule'>, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const onAbort = (): void => {
      task.cancel()
      reject(signal?.reason)
    }
    const task = clock.schedule(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

import { abortable } from '../signal/abortable.ts'
import type { Clock, Random, ScheduledTask } from './clock.ts'

/** The longest delay a platform timer can hold; a longer one fires at once instead. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

// Node looks this global up anew, through a getter, at each use.
const platformPerformance = performance

// A timer on Workers belongs to the request that made it and dies with it, so calls must not share one there.
const timersOutliveCalls: boolean = /* @__PURE__ */ (() => globalThis.navigator?.userAgent !== 'Cloudflare-Workers')()

/** What `setTimeout` gives on Node, Bun and Deno's Node layer; elsewhere it gives a number. */
type Timer = ReturnType<typeof setTimeout> & { ref?(): void; unref?(): void }

/** Sets a timer, and another one after it where one alone cannot hold so long. @param armed is told of each. */
function startTimer(leftMs: number, callback: () => void, armed: (timer: Timer) => void): void {
  const laterMs = leftMs - LONGEST_TIMER_MS
  if (laterMs > 0) armed(setTimeout(() => startTimer(laterMs, callback, armed), LONGEST_TIMER_MS))
  else armed(setTimeout(callback, Math.max(0, Math.ceil(leftMs))))
}

function schedule(ms: number, callback: () => void): ScheduledTask {
  let timer: Timer
  let isAlive = true
  const keepAlive = (alive: boolean): void => {
    isAlive = alive
    if (alive) timer.ref?.()
    else timer.unref?.()
  }
  startTimer(ms, callback, (armed) => {
    timer = armed
    if (!isAlive) keepAlive(false)
  })
  const cancel = (): void => clearTimeout(timer)
  return timersOutliveCalls && timer!.unref !== undefined ? { cancel, keepAlive } : { cancel }
}

/** `Clock.now` of the {@link systemClock}. */
export function systemNow(): number {
  return platformPerformance.now()
}

/** `Clock.sleep` of the {@link systemClock}, for whoever wants nothing else of it: the rest then falls out of a bundle. */
export function systemSleep(ms: number, signal?: AbortSignal): Promise<void> {
  return abortable(signal, (resolve) => {
    let timer: Timer
    startTimer(
      ms,
      () => resolve(),
      (armed) => (timer = armed),
    )
    return () => clearTimeout(timer)
  })
}

/** The platform's own time: `performance.now`, `Date.now`, `setTimeout`. The only place in core that reads them. */
export const systemClock: Clock = /* @__PURE__ */ Object.freeze({
  now: systemNow,
  wallTime: () => Date.now(),
  sleep: systemSleep,
  schedule,
})

/** The platform's own randomness. */
export const systemRandom: Random = () => Math.random()

/** `Clock.sleep` in terms of `Clock.schedule`, for whoever writes a clock. */
export function sleepOn(clock: Pick<Clock, 'schedule'>, ms: number, signal?: AbortSignal): Promise<void> {
  return abortable(signal, (resolve) => {
    const task = clock.schedule(ms, () => resolve())
    return () => task.cancel()
  })
}

import type { Clock, ScheduledTask } from '../clock/clock.ts'
import { sleepOn } from '../clock/system-clock.ts'

/** Time that moves only when it is told to. */
export interface FakeClock extends Clock {
  /** Timers that wait. 0 means that nothing was left behind. */
  readonly pending: number
  /**
   * Moves time forward and runs every timer that comes due on the way, at its own time and in order. Before the first and
   * after each one everything that can go on does, timers and promises behind nested awaits included.
   */
  advance(ms: number): Promise<void>
  /** Lets everything go on that needs no time to pass. */
  settle(): Promise<void>
  /** Sets the wall clock, as a machine's clock is set; the monotonic time does not notice. */
  setWallTime(wallTime: number): void
}

interface Timer {
  readonly dueAt: number
  readonly callback: () => void
}

class ManualClock implements FakeClock {
  readonly #timers = new Set<Timer>()
  #now: number
  #wallTimeAtZero: number

  constructor(now: number, wallTime: number) {
    this.#now = now
    this.#wallTimeAtZero = wallTime - now
  }

  get pending(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#now
  }

  wallTime(): number {
    return this.#wallTimeAtZero + this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal)
  }

  schedule(ms: number, callback: () => void): ScheduledTask {
    const timer: Timer = { dueAt: this.#now + Math.max(0, ms), callback }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await nextTask()
    for (let timer = this.#earliest(); timer !== undefined && timer.dueAt <= end; timer = this.#earliest()) {
      this.#timers.delete(timer)
      this.#now = Math.max(this.#now, timer.dueAt)
      timer.callback()
      await nextTask()
    }
    this.#now = end
  }

  settle(): Promise<void> {
    return nextTask()
  }

  setWallTime(wallTime: number): void {
    this.#wallTimeAtZero = wallTime - this.#now
  }

  /** Of timers due at the same time, the one that was set first. */
  #earliest(): Timer | undefined {
    let earliest: Timer | undefined
    for (const timer of this.#timers) if (earliest === undefined || timer.dueAt < earliest.dueAt) earliest = timer
    return earliest
  }
}

/** Workers' own timer as a promise; other platforms have none of this name. */
const { scheduler } = globalThis as { readonly scheduler?: { wait?(ms: number): Promise<void> } }

/** Resolves as a new macrotask, when all promises that could go on have. */
function nextTask(): Promise<void> {
  // A message port on Workers delivers as a microtask, ahead of promises that could still go on.
  if (scheduler?.wait !== undefined) return scheduler.wait(0)
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}

/**
 * A clock for tests. Monotonic time starts at 0, wall time at 2026-01-01T00:00:00Z, unless said otherwise.
 *
 * @example
 * ```ts
 * import { createIntegration } from '@holdfast/core'
 * import { fakeClock, scriptedOperation } from '@holdfast/core/testing'
 *
 * const clock = fakeClock()
 * const crm = createIntegration({ name: 'crm', clock, attemptTimeoutMs: 2_000 })
 * const call = crm.call(scriptedOperation(clock, [{ hangs: true }])).catch((error: unknown) => error)
 * await clock.advance(2_000)
 * console.log(await call, clock.pending)
 * ```
 */
export function fakeClock(
  options: { readonly now?: number | undefined; readonly wallTime?: number | undefined } = {},
): FakeClock {
  return new ManualClock(options.now ?? 0, options.wallTime ?? 1_767_225_600_000)
}

import type { Clock } from '@holdfast/core'

/** One who waits, and hears when something may have come. */
export interface Waiter {
  /** Whether there was a hint since the last look. */
  isHinted: boolean
  wake: (() => void) | undefined
}

/** Tells one who waits, or who looks just now. */
export function hint(waiter: Waiter): void {
  waiter.isHinted = true
  waiter.wake?.()
}

/** Waits until the time is up, or somebody wakes it. @throws the reason of the signal */
export function untilWoken(clock: Clock, waiter: Waiter, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      task.cancel()
      signal?.removeEventListener('abort', abort)
      waiter.wake = undefined
      resolve()
    }
    const abort = (): void => {
      reject(signal?.reason)
      end()
    }
    const task = clock.schedule(ms, end)
    waiter.wake = end
    if (signal?.aborted === true) abort()
    else signal?.addEventListener('abort', abort)
  })
}

import type { Clock } from '@holdfast/core'

/**
 * Waits for something that goes on without us.
 * @throws the signal's reason at once; what `late` makes when the time is over; what the work throws
 */
export function within<T>(
  work: Promise<T>,
  clock: Clock,
  limitMs: number,
  signal: AbortSignal | undefined,
  late: () => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.schedule(Math.max(0, limitMs), () => end(() => reject(late())))
    const leave = (): void => end(() => reject(signal?.reason))
    const end = (settle: () => void): void => {
      timer.cancel()
      signal?.removeEventListener('abort', leave)
      settle()
    }
    signal?.addEventListener('abort', leave, { once: true })
    work.then(
      (value) => end(() => resolve(value)),
      (error: unknown) => end(() => reject(error)),
    )
    if (signal?.aborted === true) leave()
  })
}

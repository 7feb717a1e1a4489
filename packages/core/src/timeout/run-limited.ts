import type { Clock } from '../clock/clock.ts'
import { abortContext, type LazySignal } from '../signal/lazy-signal.ts'
import { checkOperation } from '../validation/validate.ts'

/** The limits of one piece of work. */
export interface Limits {
  readonly clock: Clock
  /** The caller's abort. */
  readonly signal: AbortSignal | undefined
  /** `Infinity` for none. */
  readonly timeoutMs: number
  /** The error for when the time is over. */
  timeoutError(): Error
}

/**
 * Runs work until it ends, its time is over or its caller aborts, whichever comes first; also when the work does not heed its signal. The signal of `context`
 * aborts with the same reason that comes out: the caller's own, or the timeout's.
 */
export function runLimited<Context extends LazySignal, T>(
  work: (context: Context) => T | PromiseLike<T>,
  context: Context,
  { clock, signal, timeoutMs, timeoutError }: Limits,
): Promise<T> {
  return new Promise((resolve, reject) => {
    checkOperation(work)
    if (signal?.aborted === true) throw signal.reason
    const end = (): void => {
      task?.cancel()
      signal?.removeEventListener('abort', onAbort)
    }
    const stop = (reason: unknown): void => {
      end()
      abortContext(context, reason)
      reject(reason)
    }
    const onAbort = (): void => stop(signal?.reason)
    const task = timeoutMs === Infinity ? undefined : clock.schedule(timeoutMs, () => stop(timeoutError()))
    signal?.addEventListener('abort', onAbort)
    new Promise<T>((settle) => settle(work(context))).then(
      (value) => {
        end()
        resolve(value)
      },
      (error: unknown) => {
        end()
        reject(error)
      },
    )
  })
}

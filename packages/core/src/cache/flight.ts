import type { Clock } from '../clock/clock.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'

/** Work under way that everybody who asks for it meanwhile waits for. It is ended when the last of them has left. */
export class Flight<Value> {
  readonly #controller = new AbortController()
  readonly #onAbandoned: () => void
  /** Those who may leave. `undefined` once the work has ended. */
  #waiters: Set<() => void> | undefined = new Set()
  /** Whether somebody waits who cannot leave. */
  #hasStayer = false
  #isKept = false
  #result: Promise<Value> | undefined

  /** @param onAbandoned called when the last waiter leaves before the end, before the work's signal aborts. */
  constructor(onAbandoned: () => void) {
    this.#onAbandoned = onAbandoned
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Begins the work, at once; not more than once. */
  start(work: (signal: AbortSignal) => Value | PromiseLike<Value>): void {
    const end = (): void => {
      const waiters = this.#waiters
      this.#waiters = undefined
      for (const settle of waiters ?? []) settle()
    }
    const { promise, resolve } = Promise.withResolvers<Value>()
    // There before the work begins, which may ask for itself.
    this.#result = promise
    promise.then(end, end)
    resolve((async () => work(this.signal))())
  }

  /** Keeps the work going although nobody waits. */
  keep(): void {
    this.#isKept = true
  }

  /** Takes {@link Flight.keep} back: the work ends at once unless somebody waits. */
  release(): void {
    this.#isKept = false
    this.#endUnlessWanted()
  }

  /**
   * Waits for the result, until `signal` aborts or `ms` are over. What the work throws comes out by identity. `goesOn`: whether the
   * work goes on although the time of the last waiter is over.
   * @throws HoldfastError `CACHE_TIMEOUT`
   */
  wait(signal: AbortSignal | undefined, clock?: Clock, ms: number = Infinity, goesOn: boolean = false): Promise<Value> {
    const canLeave = signal !== undefined || ms < Infinity
    if (!canLeave) this.#hasStayer = true
    const waiters = this.#waiters
    if (!canLeave || waiters === undefined) return this.#result as Promise<Value>
    return new Promise((resolve, reject) => {
      const end = (): void => {
        task?.cancel()
        signal?.removeEventListener('abort', onAbort)
      }
      const leave = (reason: unknown): void => {
        end()
        reject(reason)
        waiters.delete(settle)
        this.#endUnlessWanted(reason)
      }
      const settle = (): void => {
        end()
        resolve(this.#result as Promise<Value>)
      }
      const onAbort = (): void => leave(signal?.reason)
      const onTimeout = (): void => {
        if (goesOn) this.#isKept = true
        leave(timeout(ms))
      }
      const task = ms < Infinity ? clock?.schedule(ms, onTimeout) : undefined
      waiters.add(settle)
      // The work itself may have aborted it, before it first waited for something.
      if (signal?.aborted === true) onAbort()
      else signal?.addEventListener('abort', onAbort)
    })
  }

  #endUnlessWanted(reason?: unknown): void {
    if (this.#hasStayer || this.#isKept || this.#waiters?.size !== 0) return
    this.#onAbandoned()
    this.#controller.abort(reason)
  }
}

function timeout(ms: number): HoldfastError {
  return new HoldfastError({
    code: 'CACHE_TIMEOUT',
    category: 'timeout',
    message: `no value within ${Math.round(ms)} ms`,
    retryable: true,
    stack: false,
  })
}

import type { Clock } from '../clock/clock.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'

/** Work under way that everybody who asks for it meanwhile waits for. It is ended when the last of them has left. */
export class Flight<Value> {
  readonly #controller = new AbortController()
  readonly #onAbandoned: () => void
  /** Those who may leave. `undefined` once the work has ended. */
  #waiters: Set<() => void> | undefined = new Set()
  #isWanted = false
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
    this.#result = (async () => work(this.signal))()
    const end = (): void => {
      const waiters = this.#waiters
      this.#waiters = undefined
      for (const settle of waiters ?? []) settle()
    }
    this.#result.then(end, end)
  }

  /** Keeps the work going although nobody waits. */
  keep(): void {
    this.#isWanted = true
  }

  /**
   * Waits for the result, until `signal` aborts or `ms` are over. What the work throws comes out by identity. `goesOn`: whether the
   * work goes on although the time of the last waiter is over.
   * @throws HoldfastError `CACHE_TIMEOUT`
   */
  wait(signal: AbortSignal | undefined, clock?: Clock, ms: number = Infinity, goesOn: boolean = false): Promise<Value> {
    const canLeave = signal !== undefined || ms < Infinity
    if (!canLeave) this.#isWanted = true
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
        if (this.#isWanted || waiters.size > 0) return
        this.#onAbandoned()
        this.#controller.abort(reason)
      }
      const settle = (): void => {
        end()
        resolve(this.#result as Promise<Value>)
      }
      const onAbort = (): void => leave(signal?.reason)
      const onTimeout = (): void => {
        if (goesOn) this.#isWanted = true
        leave(timeout(ms))
      }
      signal?.addEventListener('abort', onAbort)
      const task = ms < Infinity ? clock?.schedule(ms, onTimeout) : undefined
      waiters.add(settle)
    })
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

/** What a cache wants to know of a computation. Called before any waiter hears of it. */
export interface FlightListener<Value> {
  onValue(flight: Flight<Value>, value: Value): void
  onError(flight: Flight<Value>): void
  /** The last waiter has left before the end. */
  onAbandoned(flight: Flight<Value>): void
}

/** One computation for one key, which everybody who asks meanwhile waits for. */
export class Flight<Value> {
  readonly #controller = new AbortController()
  readonly #listener: FlightListener<Value>
  #waiting = 0
  /** Set while the cache itself wants the result, whoever waits. */
  #isWanted = false
  readonly #result: Promise<Value>

  constructor(compute: (signal: AbortSignal) => Value | PromiseLike<Value>, listener: FlightListener<Value>) {
    this.#listener = listener
    this.#result = this.#run(compute).then(
      (value) => {
        listener.onValue(this, value)
        return value
      },
      (error: unknown) => {
        listener.onError(this)
        throw error
      },
    )
    // Everybody may have left by then.
    this.#result.catch(() => undefined)
  }

  /** Keeps it going although nobody waits. */
  keep(): void {
    this.#isWanted = true
  }

  /** Waits for the result, until `signal` aborts. The last one to leave ends the computation. */
  wait(signal: AbortSignal | undefined): Promise<Value> {
    this.#waiting += 1
    if (signal === undefined) return this.#result
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        reject(signal.reason)
        this.#waiting -= 1
        if (this.#waiting > 0 || this.#isWanted) return
        this.#listener.onAbandoned(this)
        this.#controller.abort(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#result.then(
        (value) => {
          signal.removeEventListener('abort', leave)
          resolve(value)
        },
        (error: unknown) => {
          signal.removeEventListener('abort', leave)
          reject(error)
        },
      )
    })
  }

  async #run(compute: (signal: AbortSignal) => Value | PromiseLike<Value>): Promise<Value> {
    return compute(this.#controller.signal)
  }
}

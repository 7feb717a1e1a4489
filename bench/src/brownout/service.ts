import type { VirtualTime } from '../virtual-time/virtual-time.ts'

/**
 * How the service is: `slow` works at a fifth of its speed; `refusing` answers 503 at once; `silent` takes requests and never
 * answers them.
 */
export type Condition = 'well' | 'slow' | 'refusing' | 'silent'

const SERVICE_MS = 10
const SLOWDOWN = 5
const QUEUE = 200

/** An answer of 503, as an HTTP client reports it. */
export class Unavailable extends Error {
  readonly status = 503
  readonly statusCode = 503

  constructor() {
    super('503 Service Unavailable')
  }
}

/** The attempt took longer than the client waits, as an HTTP client reports it. */
export class TimedOut extends Error {
  override readonly name = 'TimeoutError'
  readonly code = 'ETIMEDOUT'

  constructor() {
    super('no answer within 1,000 ms')
  }
}

/**
 * One server that takes 10 ms a request, so 100 a second, behind a queue of 200. It does not hear of clients that have left:
 * what is in the queue is worked on, whoever still waits. A full queue answers 503.
 */
export class Service {
  readonly #time: VirtualTime
  readonly #queue: (() => void)[] = []
  #isBusy = false
  condition: Condition = 'well'
  /** Monotonic times at which requests came in. */
  readonly arrivals: number[] = []

  constructor(time: VirtualTime) {
    this.#time = time
  }

  get queued(): number {
    return this.#queue.length
  }

  /** One request. The client hangs up when `signal` aborts; the service does not hear of that. */
  request(signal?: AbortSignal): Promise<'answer'> {
    this.arrivals.push(this.#time.now)
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
      if (this.condition === 'silent') return
      if (this.condition === 'refusing' || this.#queue.length >= QUEUE) {
        reject(new Unavailable())
        return
      }
      this.#queue.push(() => resolve('answer'))
      if (!this.#isBusy) this.#work()
    })
  }

  #work(): void {
    const answer = this.#queue.shift()
    if (answer === undefined) return
    this.#isBusy = true
    this.#time.after(this.condition === 'slow' ? SERVICE_MS * SLOWDOWN : SERVICE_MS, () => {
      this.#isBusy = false
      answer()
      this.#work()
    })
  }
}

import {
  type Admission,
  type AdmissionRequest,
  type AttemptOutcome,
  type Clock,
  HoldfastError,
  type Permit,
  type Rejection,
} from '../../src/index.ts'

/**
 * What a turnstile says to one who asks: come in, or not, or, after so many ms, come in; or nothing, ever, or only after a long time; and heeds neither an abort nor
 * a deadline then.
 */
export type TurnstileAnswer = 'admit' | 'refuse' | 'never' | 'late' | number

const LATE_MS = 1_200

/** An admission that does as it is told, and keeps the book of its permits. */
export class Turnstile implements Admission {
  readonly #clock: Clock
  readonly #answer: () => TurnstileAnswer
  readonly #violate: (what: string) => void
  readonly perCall: boolean
  readonly #asked = new WeakSet<AdmissionRequest>()
  /** Permits that are out, work that goes on after its verdict included. */
  held = 0
  waiting = 0
  /** Who waits and is not heeded. */
  ignored = 0

  constructor(clock: Clock, perCall: boolean, answer: () => TurnstileAnswer, violate: (what: string) => void) {
    this.#clock = clock
    this.perCall = perCall
    this.#answer = answer
    this.#violate = violate
  }

  tryAcquire(request?: AdmissionRequest): Permit | Rejection {
    this.#noteAsked(request)
    return this.#answer() === 'admit' ? this.#give() : refusal()
  }

  acquire(request: AdmissionRequest = {}): Permit | Rejection | Promise<Permit | Rejection> {
    this.#noteAsked(request)
    const { signal, deadlineAt = Infinity } = request
    const answer = this.#answer()
    if (answer === 'refuse') return refusal()
    if (answer === 'admit') return this.#give()
    if (answer === 'never') return new Promise(() => undefined)
    if (answer === 'late') {
      this.ignored += 1
      return this.#clock.sleep(LATE_MS).then(() => {
        this.ignored -= 1
        return this.#give()
      })
    }
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    this.waiting += 1
    const leftMs = deadlineAt - this.#clock.now()
    return this.#clock
      .sleep(Math.min(answer, leftMs), signal)
      .finally(() => void (this.waiting -= 1))
      .then(() => (answer < leftMs ? this.#give() : refusal()))
  }

  #noteAsked(request: AdmissionRequest | undefined): void {
    if (request === undefined || !this.perCall) return
    if (this.#asked.has(request)) this.#violate('a turnstile for calls is asked twice about one')
    this.#asked.add(request)
  }

  #give(): Permit {
    this.held += 1
    let use: 'settled' | 'undone' | undefined
    const once = (how: 'settled' | 'undone'): void => {
      if (use !== undefined) this.#violate(`a permit that was ${use} is ${how}`)
      use = how
    }
    return {
      admitted: true,
      settle: (outcome: AttemptOutcome, { until } = {}) => {
        once('settled')
        const end = (): void => void (this.held -= 1)
        if (until === undefined) end()
        else until.then(end, end)
        return outcome
      },
      undo: () => {
        once('undone')
        this.held -= 1
      },
    }
  }
}

function refusal(): Rejection {
  const error = new HoldfastError({
    code: 'TURNED_AWAY',
    category: 'rejected',
    message: 'not now',
    retryable: true,
    mayHaveTakenEffect: false,
    stack: false,
  })
  return { admitted: false, error }
}

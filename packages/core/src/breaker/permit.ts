import type { AttemptOutcome } from '../events/events.ts'
import type { Settlement } from '../policy/admission.ts'
import type { BreakerPermit } from './breaker.ts'
import type { CircuitBreaker } from './create-breaker.ts'

/** Whatever a circuit has let through: it remembers in which state of the circuit that was. */
export interface Passenger {
  /** Set by {@link CircuitBreaker.enter}. */
  generation: number
}

/** The leave that is taken and settled by hand; the engine's attempts are passengers themselves. */
export class GivenPermit implements BreakerPermit, Passenger {
  readonly admitted = true as const
  generation = 0
  readonly #startedAt: number
  #breaker: CircuitBreaker | undefined

  constructor(breaker: CircuitBreaker, startedAt: number) {
    this.#breaker = breaker
    this.#startedAt = startedAt
  }

  settle(outcome: AttemptOutcome, settlement: Settlement = {}): AttemptOutcome {
    const breaker = this.#breaker
    if (breaker === undefined) return 'ignored'
    this.#breaker = undefined
    const now = breaker.clock.now()
    const counted = breaker.judge(outcome, settlement.durationMs ?? now - this.#startedAt)
    breaker.count(this, counted, now, settlement.error)
    return counted
  }

  renew(): void {
    this.#breaker?.renew(this)
  }
}

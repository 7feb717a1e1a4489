import type { CircuitBreaker } from '../breaker/create-breaker.ts'
import type { Clock } from '../clock/clock.ts'
import type { AttemptWatch } from '../engine/engine.ts'
import type { RateLimitGate } from '../engine/gate.ts'
import type { HoldfastError } from '../errors/holdfast-error.ts'
import type { AttemptOutcome } from '../events/events.ts'
import { type HealthLimits, healthStatus } from './health.ts'
import type { HealthStatus, IntegrationSnapshot } from './integration.ts'

/** Knows from its attempts how well a dependency is. */
export class HealthWatch implements AttemptWatch {
  limits: HealthLimits
  lastError: IntegrationSnapshot['lastError']
  /** Monotonic, because reading the wall time would cost every call. */
  lastSuccess: number = -Infinity
  troubledSince: number | undefined
  readonly #breaker: CircuitBreaker
  readonly #gate: RateLimitGate
  readonly #clock: Clock
  #badInARow = 0
  #refusedInARow = 0
  /** Monotonic time of the latest attempt that was bad or refused. */
  #lastBad = -Infinity

  constructor(breaker: CircuitBreaker, gate: RateLimitGate, clock: Clock, limits: HealthLimits) {
    this.limits = limits
    this.#breaker = breaker
    this.#gate = gate
    this.#clock = clock
  }

  ended(now: number, outcome: AttemptOutcome, error: HoldfastError | undefined): void {
    // Looked at before the attempt counts, so that a trouble that has passed meanwhile is not taken for the beginning of this one.
    if (outcome !== 'success') this.look(now)
    if (outcome === 'success') this.#badInARow = 0
    else if (outcome !== 'ignored') this.#badInARow += 1
    if (error === undefined) {
      this.lastSuccess = now
      this.#refusedInARow = 0
      if (outcome === 'slow') this.#lastBad = now
      return
    }
    const { code, category, message } = error
    if (category !== 'cancelled') this.lastError = Object.freeze({ code, message, at: this.#clock.wallTime() })
    if (category === 'client') this.#refusedInARow += 1
    if (outcome !== 'ignored') this.#lastBad = now
  }

  counted(now: number, outcome: AttemptOutcome): void {
    if (outcome !== 'success') this.look(now)
  }

  /** Looks at the health, and remembers since when it is not good. */
  look(now: number): HealthStatus {
    const { state: circuit, window } = this.#breaker.snapshot()
    const signs = {
      circuit,
      window,
      isLimited:
        this.#gate.isClosed(now) || now - (this.limits.goodput?.refusedAt ?? -Infinity) <= this.limits.windowMs,
      badInARow: this.#badInARow,
      refusedInARow: this.#refusedInARow,
      sinceBadMs: now - this.#lastBad,
    }
    const status = healthStatus(signs, this.limits)
    if (status === 'healthy') this.troubledSince = undefined
    else this.troubledSince ??= this.#clock.wallTime()
    return status
  }

  /** The circuit was moved by hand. */
  forgive(): void {
    this.#badInARow = this.#refusedInARow = 0
    this.look(this.#clock.now())
  }
}

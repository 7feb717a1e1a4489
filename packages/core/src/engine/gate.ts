import { HoldfastError } from '../errors/holdfast-error.ts'

/** However long a dependency asks to be left alone, somebody looks again after an hour. */
const LONGEST_GATE_MS = 3_600_000

/** Closes for as long as a dependency that limits our rate asked for. */
export class RateLimitGate {
  readonly #integration: string
  #closedUntil = -Infinity
  #cause: unknown

  constructor(integration: string) {
    this.#integration = integration
  }

  /** A shorter time than one asked for before does not open it earlier. */
  close(now: number, retryAfterMs: number, cause: unknown): void {
    const until = now + Math.min(retryAfterMs, LONGEST_GATE_MS)
    if (until <= this.#closedUntil) return
    this.#closedUntil = until
    this.#cause = cause
  }

  open(): void {
    this.#closedUntil = -Infinity
    this.#cause = undefined
  }

  isClosed(now: number): boolean {
    return now < this.#closedUntil
  }

  /** How long it stays closed, in ms; 0 when it is open. */
  closedForMs(now: number): number {
    return Math.max(0, this.#closedUntil - now)
  }

  /** The error for a call that came while it is closed. */
  rejection(now: number): HoldfastError {
    return new HoldfastError({
      code: 'RATE_LIMITED',
      category: 'rejected',
      message: `${this.#integration} asked to be called less often and is left alone for a while`,
      retryable: true,
      retryAfterMs: this.#closedUntil - now,
      mayHaveTakenEffect: false,
      integration: this.#integration,
      cause: this.#cause,
      stack: false,
    })
  }
}

import type { Rejection } from '../policy/admission.ts'
import { refuse } from '../policy/refuse.ts'

/** However long a dependency asks to be left alone, somebody looks again after this: what it asked for may have been a mistake, or be over. */
const LONGEST_GATE_MS = 300_000

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

  /** For a call that comes while it is closed. */
  refusal(now: number): Rejection {
    const why = 'asked to be called less often'
    return refuse(this.#integration, 'RATE_LIMITED', why, this.#closedUntil - now, { cause: this.#cause })
  }
}

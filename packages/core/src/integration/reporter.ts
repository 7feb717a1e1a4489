import type { Clock } from '../clock/clock.ts'
import type { HoldfastError } from '../errors/holdfast-error.ts'
import type { AttemptOutcome, CoreEvent, Events } from '../events/events.ts'
import type { Call } from './call.ts'

/** Tells the events of one integration. Builds none while nobody listens. */
export class Reporter {
  readonly #integration: string
  readonly #clock: Clock
  readonly #events: Events<CoreEvent>

  constructor(integration: string, clock: Clock, events: Events<CoreEvent>) {
    this.#integration = integration
    this.#clock = clock
    this.#events = events
  }

  callStarted(call: Call): void {
    if (this.#events.active) this.#events.emit({ type: 'call-started', ...this.#common(call) })
  }

  callSucceeded(call: Call, now: number): void {
    if (!this.#events.active) return
    const { attempts, startedAt } = call
    this.#events.emit({ type: 'call-succeeded', ...this.#common(call), attempts, durationMs: now - startedAt })
  }

  callFailed(call: Call, now: number, error: HoldfastError): void {
    if (!this.#events.active) return
    const { attempts, startedAt } = call
    const { code, category } = error
    const durationMs = now - startedAt
    this.#events.emit({ type: 'call-failed', ...this.#common(call), attempts, durationMs, code, category })
  }

  callRejected(call: Call, { code, retryAfterMs }: HoldfastError): void {
    if (!this.#events.active) return
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
    this.#events.emit({ type: 'call-rejected', ...this.#common(call), code, ...wait })
  }

  attemptStarted(call: Call): void {
    if (!this.#events.active) return
    this.#events.emit({ type: 'attempt-started', ...this.#common(call), attempt: call.attempts })
  }

  attemptSucceeded(
    call: Call,
    attempt: number,
    durationMs: number,
    firstOutputMs: number | undefined,
    outcome: AttemptOutcome,
  ): void {
    if (!this.#events.active) return
    this.#events.emit({
      type: 'attempt-succeeded',
      ...this.#common(call),
      attempt,
      durationMs,
      outcome,
      ...(firstOutputMs === undefined ? {} : { firstOutputMs }),
    })
  }

  attemptFailed(
    call: Call,
    attempt: number,
    durationMs: number,
    { code, category, status }: HoldfastError,
    outcome: AttemptOutcome,
  ): void {
    if (!this.#events.active) return
    this.#events.emit({
      type: 'attempt-failed',
      ...this.#common(call),
      attempt,
      durationMs,
      code,
      category,
      outcome,
      ...(status === undefined ? {} : { status }),
    })
  }

  retryScheduled(call: Call, delayMs: number): void {
    if (!this.#events.active) return
    this.#events.emit({ type: 'retry-scheduled', ...this.#common(call), attempt: call.attempts + 1, delayMs })
  }

  #common({ requestId }: Call): { at: number; integration: string; requestId?: string } {
    const at = this.#clock.wallTime()
    return requestId === undefined
      ? { at, integration: this.#integration }
      : { at, integration: this.#integration, requestId }
  }
}

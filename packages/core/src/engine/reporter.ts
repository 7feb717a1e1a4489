import type { Clock } from '../clock/clock.ts'
import type { HoldfastError } from '../errors/holdfast-error.ts'
import { type CallLabels, labelsOf } from '../context/labels.ts'
import type { AttemptOutcome, CoreEvent, Events, RetryDenied } from '../events/events.ts'
import type { AttemptRecord } from './attempt.ts'
import type { CallRecord } from './call.ts'

/** Tells the events of one integration or pipeline. Builds none while nobody listens. */
export class Reporter {
  readonly #integration: string
  readonly #clock: Clock
  readonly #events: Events<CoreEvent>

  constructor(integration: string, clock: Clock, events: Events<CoreEvent>) {
    this.#integration = integration
    this.#clock = clock
    this.#events = events
  }

  callStarted(call: CallRecord): void {
    if (this.#events.active) this.#events.emit({ type: 'call-started', ...this.#common(call) })
  }

  callSucceeded(call: CallRecord, now: number): void {
    if (!this.#events.active) return
    const { attempts, startedAt } = call
    this.#events.emit({ type: 'call-succeeded', ...this.#common(call), attempts, durationMs: now - startedAt })
  }

  callFailed(call: CallRecord, now: number, error: HoldfastError): void {
    if (!this.#events.active) return
    const { attempts, startedAt } = call
    const { code, category } = error
    const durationMs = now - startedAt
    this.#events.emit({ type: 'call-failed', ...this.#common(call), attempts, durationMs, code, category })
  }

  callRejected(call: CallRecord, { code, retryAfterMs }: HoldfastError): void {
    if (!this.#events.active) return
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
    this.#events.emit({ type: 'call-rejected', ...this.#common(call), code, ...wait })
  }

  attemptStarted({ call, number }: AttemptRecord): void {
    if (!this.#events.active) return
    this.#events.emit({ type: 'attempt-started', ...this.#common(call), attempt: number })
  }

  attemptSucceeded(
    { call, number }: AttemptRecord,
    durationMs: number,
    firstOutputMs: number | undefined,
    outcome: AttemptOutcome,
  ): void {
    if (!this.#events.active) return
    this.#events.emit({
      type: 'attempt-succeeded',
      ...this.#common(call),
      attempt: number,
      durationMs,
      outcome,
      ...(firstOutputMs === undefined ? {} : { firstOutputMs }),
    })
  }

  attemptFailed(
    { call, number }: AttemptRecord,
    durationMs: number,
    { code, category, status }: HoldfastError,
    outcome: AttemptOutcome,
  ): void {
    if (!this.#events.active) return
    this.#events.emit({
      type: 'attempt-failed',
      ...this.#common(call),
      attempt: number,
      durationMs,
      code,
      category,
      outcome,
      ...(status === undefined ? {} : { status }),
    })
  }

  retryScheduled(call: CallRecord, delayMs: number): void {
    if (!this.#events.active) return
    this.#events.emit({ type: 'retry-scheduled', ...this.#common(call), attempt: call.attempts + 1, delayMs })
  }

  retryDenied(call: CallRecord, reason: RetryDenied['reason']): void {
    if (!this.#events.active) return
    this.#events.emit({ type: 'retry-denied', ...this.#common(call), attempts: call.attempts, reason })
  }

  hedgeStarted({ call, number }: AttemptRecord, afterMs: number): void {
    if (!this.#events.active) return
    this.#events.emit({ type: 'hedge-started', ...this.#common(call), attempt: number, afterMs })
  }

  hedgeWon({ call, number }: AttemptRecord): void {
    if (this.#events.active) this.#events.emit({ type: 'hedge-won', ...this.#common(call), attempt: number })
  }

  #common({ options }: CallRecord): CallLabels & { at: number; integration: string } {
    return { at: this.#clock.wallTime(), integration: this.#integration, ...labelsOf(options) }
  }
}

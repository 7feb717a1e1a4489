/**
 * Time, passed in. Everything in core reads time, waits and schedules through one of these, so that a test can
 * move it by hand and a machine's clock change cannot open or close a circuit.
 */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary origin, with fractions. Never goes back. */
  now(): number
  /** Wall time in milliseconds since the Unix epoch; for people to read, never to compute a duration from. */
  wallTime(): number
  /**
   * Resolves after `ms`. Rejects with `signal.reason` at once when the signal aborts, and clears its timer.
   * Delays longer than a timer can hold (2^31-1 ms) are chained.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Runs `callback` once after `ms`. A callback that throws is reported as an uncaught error, as with any timer. */
  schedule(ms: number, callback: () => void): ScheduledTask
}

/** A callback that waits for its time. */
export interface ScheduledTask {
  /** Forgets the callback; does nothing when it has run already. */
  cancel(): void
  /**
   * Whether the task, while it waits, keeps the process alive. Present only where a task may outlive the call that
   * scheduled it; there, the time limits of many calls share one task instead of making a timer each.
   */
  readonly keepAlive?: ((alive: boolean) => void) | undefined
}

/** A source of randomness: a number in [0, 1), like `Math.random`. */
export type Random = () => number

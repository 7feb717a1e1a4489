/** What is known about one call while it runs. */
export interface Call {
  /** Monotonic. */
  readonly startedAt: number
  /** Monotonic time at which the call's total time is over. */
  readonly deadlineAt: number
  readonly signal: AbortSignal | undefined
  readonly requestId: string | undefined
  readonly idempotent: boolean
  /** Attempts made so far. */
  attempts: number
  /** What the latest attempt failed with. */
  lastFailure: unknown
}

import type { ErrorCategory } from './category.ts'

/** What {@link classify} tells about an error. */
export interface Verdict {
  /** A stable word in capitals that programs may compare with. */
  readonly code: string
  readonly category: ErrorCategory
  /** Whether the same call may succeed if it is made again. */
  readonly retryable: boolean
  /** Whether the request may have taken effect at the dependency. */
  readonly mayHaveTakenEffect: boolean
  /** What happened, in words of our own, to go behind the name of the dependency: `refused the connection`. */
  readonly says: string
  /** HTTP status of the reply that failed, where there was one. */
  readonly status?: number | undefined
  /** How long the dependency asks to wait before the next try, in milliseconds. */
  readonly retryAfterMs?: number | undefined
}

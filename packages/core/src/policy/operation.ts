/** What an operation is told about the attempt it is making. */
export interface AttemptContext {
  /**
   * Aborts on the caller's abort, on the attempt timeout, on the total deadline, and when a stream falls silent or its reader
   * leaves. Built on first read.
   */
  readonly signal: AbortSignal
  /** 1 is the first. */
  readonly attempt: number
  /** Milliseconds left of this attempt's time when it began; for a header or a driver's own timeout. */
  readonly timeLeftMs: number
}

/** Work that crosses the process's edge. May throw, may return a value or a promise. */
export type Operation<T> = (context: AttemptContext) => T | PromiseLike<T>

/** What every method of an API client takes. */
export interface ApiCallOptions {
  /** The caller's abort; destroys the connection. */
  readonly signal?: AbortSignal
  /** The request this call belongs to, for events and logs. */
  readonly requestId?: string
  /**
   * Writes only: the same key never does it twice in this process, and gives the first result back. Use one per intent, a tool
   * call's id for example. Default: none.
   */
  readonly idempotencyKey?: string
}

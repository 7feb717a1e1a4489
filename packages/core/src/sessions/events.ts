/** A session began, or ended for the reason its type names. The key is left out: it may be what lets somebody in. */
export interface SessionEvent {
  readonly type: 'session-created' | 'session-expired' | 'session-evicted' | 'session-deleted'
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  /** The name of the store. */
  readonly sessions: string
}

/** What happens with pulls. */
export type SyncEvent = PullEnded | PullFailed

interface OfPull {
  /** Milliseconds since the Unix epoch. */
  readonly at: number
  readonly tenant: string
  readonly source: string
  /** That were read, each once. */
  readonly records: number
  readonly durationMs: number
}

/** A source was read to its end. */
export interface PullEnded extends OfPull {
  readonly type: 'sync-pulled'
  readonly changed: number
  readonly refused: number
  /** Whether the one before had failed. */
  readonly recovered: boolean
}

/** A pull broke off; the next goes on there. */
export interface PullFailed extends OfPull {
  readonly type: 'sync-pull-failed'
  readonly code: string
  readonly category: string
  readonly error: string
  /** Failed ones since the last that went well, this one included. */
  readonly failures: number
}

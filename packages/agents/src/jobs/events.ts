/** A job was added, or laid into the journal. */
export interface JobAdded {
  readonly type: 'job-added'
  readonly at: number
  readonly queue: string
  readonly id: string
  readonly tenant: string
  readonly state: 'added' | 'deduplicated' | 'journaled'
}

/** A worker has begun a try. */
export interface JobStarted {
  readonly type: 'job-started'
  readonly at: number
  readonly queue: string
  readonly id: string
  readonly tenant: string
  readonly attempt: number
  readonly requestId?: string
}

/** A try is over. */
export interface JobEnded {
  readonly type: 'job-ended'
  readonly at: number
  readonly queue: string
  readonly id: string
  readonly tenant: string
  readonly attempt: number
  readonly durationMs: number
  /** `failed` is for good; `retried` will be tried again; `released` goes to another worker. */
  readonly outcome: 'completed' | 'retried' | 'failed' | 'released'
  readonly code?: string
  readonly requestId?: string
}

/** Something went wrong that nobody waits for: a worker cannot reach its queue, say. */
export interface QueueTroubled {
  readonly type: 'queue-troubled'
  readonly at: number
  readonly driver: string
  readonly code: string
}

/** What jobs report. */
export type JobEvent = JobAdded | JobStarted | JobEnded | QueueTroubled

/** How much a job presses. Those that press more are begun first; of the same, the older one. */
export type JobPriority = 'urgent' | 'high' | 'normal' | 'low'

/** In the order in which they are begun. */
export const PRIORITIES: readonly JobPriority[] = Object.freeze(['urgent', 'high', 'normal', 'low'])

/** How a job that has failed is tried again. */
export interface JobRetry {
  /** Further tries. 0 to 100. Default: 2. */
  readonly maxRetries?: number | undefined
  /** Before the first of them, in ms; it doubles each time, with a random part. 0 to 86,400,000. On PostgreSQL in whole seconds, rounded up. Default: 1,000. */
  readonly backoffMs?: number | undefined
  /** The longest of these waits, in ms. 0 to 86,400,000. Default: 60,000. */
  readonly maxBackoffMs?: number | undefined
}

/** What is known of a job when it is added. */
export interface AddOptions {
  /** Whose it is. 1 to 200 characters. Default: `default`. */
  readonly tenant?: string | undefined
  /** The request it belongs to. 1 to 200 characters. */
  readonly requestId?: string | undefined
  /** W3C trace context; travels with the job. */
  readonly traceparent?: string | undefined
  /** Default: `normal`. */
  readonly priority?: JobPriority | undefined
  /** Not before, in ms from now. 0 to 31,536,000,000 (a year). Default: 0. */
  readonly delayMs?: number | undefined
  /** When nobody wants it any more, in ms from now: then it fails without being begun, or its signal aborts. 1 to 31,536,000,000. Default: never. */
  readonly deadlineMs?: number | undefined
  readonly retry?: JobRetry | undefined
  /** As long as a job of this key waits or runs, adding another gives back that one. 1 to 200 characters. */
  readonly deduplicationKey?: string | undefined
  /** A transaction in which the job is added: it is there when that commits. What it is, the driver says. */
  readonly transaction?: unknown
  /** The caller's abort ends the waiting; the job may have been added. */
  readonly signal?: AbortSignal | undefined
}

/** A job with those that have to be completed before it. */
export interface JobTree {
  readonly queue: string
  readonly data: unknown
  readonly options?: Omit<AddOptions, 'deduplicationKey' | 'transaction' | 'signal'> | undefined
  /** When one of them fails, this one fails without being begun. Default: none. */
  readonly children?: readonly JobTree[] | undefined
}

/** A job that was added. */
export interface JobReference {
  readonly queue: string
  readonly id: string
}

/** What became of adding it. `journaled`: the queue is away, the job is on the disk, and is added when it is back. `deduplicated`: it is another one's. */
export interface AddedJob extends JobReference {
  readonly state: 'added' | 'deduplicated' | 'journaled'
}

/** Where a job is. `waiting` is also one that is delayed, waits for its children, or for its next try. */
export type JobState = 'waiting' | 'running' | 'completed' | 'failed' | 'cancelled'

/** What a job failed with: a code and words without secrets. */
export interface JobFailure {
  readonly code: string
  readonly message: string
}

/** A job as it is now. */
export interface JobSnapshot extends JobReference {
  readonly state: JobState
  /** Tries that were begun. */
  readonly attempts: number
  readonly tenant: string
  readonly data: unknown
  /** Of a completed one. */
  readonly result?: unknown
  /** Of a failed one, or the latest of one that is tried again. */
  readonly failure?: JobFailure
  /** What its handler has told last. */
  readonly progress?: unknown
}

/** A job that has failed for good. */
export interface DeadLetter extends JobReference {
  readonly tenant: string
  readonly data: unknown
  readonly failure: JobFailure
  readonly attempts: number
  readonly failedAt: Date
}

/** How many jobs of a queue are where. */
export interface JobCounts {
  readonly waiting: number
  readonly running: number
  /** As long as they are kept. */
  readonly failed: number
}

/** A job whose turn has come. */
export interface RunningJob<Data = unknown> extends JobReference {
  readonly data: Data
  readonly tenant: string
  readonly requestId: string | undefined
  readonly traceparent: string | undefined
  /** 1 is the first. */
  readonly attempt: number
  /** Wall time in ms since the Unix epoch. */
  readonly deadlineAt: number | undefined
  /** Of one that a schedule has made the time that it is for, however late it is begun: wall time in ms since the Unix epoch. Of others `undefined`. */
  readonly dueAt: number | undefined
  /** Aborts when the attempt's time is up, at the deadline, when the job is cancelled, when it was lost to another worker, and at a forced shutdown. */
  readonly signal: AbortSignal
  /** Tells how far it is; anything that JSON can say, at most 64 KiB. */
  progress(value: unknown): Promise<void>
  /** What its children have come to, in their order. */
  childResults(): Promise<readonly unknown[]>
}

/** Does a job. What it resolves to is the result, as JSON has it. */
export type JobHandler<Data = unknown> = (job: RunningJob<Data>) => unknown

/** How a worker works. */
export interface WorkOptions {
  /** Jobs at once. 1 to 1,000. Default: 1. */
  readonly concurrency?: number | undefined
  /** For one try, in ms. 1 to 86,400,000. Default: 900,000. */
  readonly attemptTimeoutMs?: number | undefined
  /** At most `max` tries begin in `perMs` ms: on Redis of all workers of the queue together, on PostgreSQL of this worker. Default: no limit. */
  readonly rateLimit?: { readonly max: number; readonly perMs: number } | undefined
}

/** Somebody who does the jobs of one queue. */
export interface JobWorker {
  readonly queue: string
  /** Jobs that it is at. */
  readonly running: number
  /** Begins nothing new, waits so long for what it is at, then aborts that; it is done by another. */
  stop(options?: { readonly drainMs?: number | undefined }): Promise<void>
}

/** A job that comes again and again. */
export interface Schedule {
  readonly key: string
  readonly queue: string
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  readonly cron: string
  /** IANA name. */
  readonly timeZone: string
}

/** A schedule to be made. */
export interface NewSchedule {
  readonly queue: string
  readonly cron: string
  /** Default: `UTC`. */
  readonly timeZone?: string | undefined
  readonly data?: unknown
  readonly options?: Pick<AddOptions, 'tenant' | 'priority' | 'retry'> | undefined
}

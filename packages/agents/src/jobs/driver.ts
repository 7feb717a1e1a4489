import type { DeadLetter, JobCounts, JobFailure, JobReference, JobState, Schedule } from './job.ts'

/** What is kept of a job beside its place in the queue; plain JSON. */
export interface Envelope {
  readonly data: unknown
  readonly tenant: string
  /** Set on one that was cancelled while it waited, where the queue cannot take it out. */
  readonly cancelled?: true
  readonly requestId?: string
  readonly traceparent?: string
  /** Wall time in ms since the Unix epoch. */
  readonly deadlineAt?: number
  /** Of one that a schedule has made the time that it is for. Wall time in ms since the Unix epoch. */
  readonly dueAt?: number
  /** Those of its children, in their order. */
  readonly children?: readonly JobReference[]
  readonly retry: { readonly maxRetries: number; readonly backoffMs: number; readonly maxBackoffMs: number }
}

/** A job on its way into a queue; plain JSON, so that it can wait in a journal. */
export interface NewJob extends JobReference {
  readonly envelope: Envelope
  /** 0 is the most urgent. */
  readonly priority: number
  /** Wall time in ms since the Unix epoch. */
  readonly notBefore?: number
  readonly deduplicationKey?: string
  readonly children: readonly NewJob[]
}

/** A job that a worker has been given. */
export interface ClaimedJob extends JobReference {
  readonly envelope: Envelope
  readonly attempt: number
  /** Aborts when it is no longer this worker's, where the queue says so. */
  readonly signal?: AbortSignal
  progress(value: unknown): Promise<void>
}

/** What came of a try. */
export type Outcome =
  | { readonly status: 'completed'; readonly result: unknown }
  | {
      readonly status: 'failed'
      readonly failure: JobFailure
      readonly isFinal: boolean
      readonly retryAfterMs?: number
    }
  /** It was not done, and is to be done by somebody else. */
  | { readonly status: 'released' }

/** A job as the driver finds it. */
export interface FoundJob extends JobReference {
  readonly state: JobState
  readonly attempts: number
  readonly envelope: Envelope
  readonly result?: unknown
  readonly failure?: JobFailure
  readonly progress?: unknown
}

/** How a worker works. */
export interface WorkSettings {
  readonly concurrency: number
  readonly attemptTimeoutMs: number
  readonly rateLimit?: { readonly max: number; readonly perMs: number }
}

/** A worker of the driver's. */
export interface DriverWorker {
  /** Takes no more; resolves when what it was given has been given back. */
  stop(): Promise<void>
}

/** Hears that a job may be over; and with what, where it is known that it is completed. */
export type OnSettled = (id: string, completed?: { readonly result: unknown }) => void

/** What a queue has to be able to do. Whatever it throws is read by `toHoldfastError`, so errors of the network come as they are. */
export interface JobDriver {
  readonly name: string
  /** Adds a job and those below it, all or none; what is there already is left. @returns its id, or that of the one that has its key. */
  insert(job: NewJob, transaction: unknown, signal: AbortSignal): Promise<string>
  /** Lets the id of a job that was told, and did not come to be, stand for the one that has its key. */
  alias(job: JobReference, other: string): Promise<void>
  /** @returns what is there by this id, or by the one that it stands for. */
  find(job: JobReference): Promise<FoundJob | undefined>
  /** @returns whether it was not over yet. */
  cancel(job: JobReference): Promise<boolean>
  /** Whether somebody has cancelled a job that runs. */
  isCancelled(job: JobReference): Promise<boolean>
  work(queue: string, settings: WorkSettings, run: (job: ClaimedJob) => Promise<Outcome>): Promise<DriverWorker>
  /** Calls back when a job of the queue may be over, whichever process has done it. A hint: it may be missing, and may come too early. @returns what ends it. */
  watch(queue: string, onSettled: OnSettled): Promise<() => Promise<void>>
  /** Calls back at failures that nobody waits for. */
  onError(listener: (error: unknown) => void): void
  schedule(schedule: Schedule, job: Pick<NewJob, 'envelope' | 'priority'>): Promise<void>
  /** @returns whether there was one. */
  unschedule(key: string): Promise<boolean>
  schedules(): Promise<readonly Schedule[]>
  deadLetters(queue: string, limit: number): Promise<readonly DeadLetter[]>
  /** @returns how many wait again. */
  redrive(queue: string, ids: readonly string[] | undefined, limit: number): Promise<number>
  counts(queue: string): Promise<JobCounts>
  close(): Promise<void>
}

import type { IntegrationSnapshot } from '@holdfast/core'
import type {
  AddedJob,
  AddOptions,
  DeadLetter,
  JobCounts,
  JobHandler,
  JobReference,
  JobSnapshot,
  JobTree,
  JobWorker,
  NewSchedule,
  Schedule,
  WorkOptions,
} from './job.ts'

/** How long to wait. */
export interface ResultOptions {
  /** 1 to 86,400,000. Default: 30,000. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Work that is done by somebody, once, whatever happens in between. */
export interface Jobs {
  readonly driver: string
  /**
   * Adds a job. Bounded: where the queue does not answer in time the job goes to the journal, or it fails.
   * @throws HoldfastError `INVALID_JOB`; without a journal `QUEUE_UNREACHABLE` and other errors of category `network`, `timeout` or `rejected`
   */
  add(queue: string, data: unknown, options?: AddOptions): Promise<AddedJob>
  /** Adds a job that waits for others, all or none. A chain is a tree of single children. */
  addTree(tree: JobTree): Promise<AddedJob>
  /**
   * Waits for what a job comes to.
   * @throws HoldfastError `JOB_FAILED` with what it failed with as `cause`; `JOB_CANCELLED`; `JOB_UNKNOWN`; `RESULT_TIMEOUT`: the job goes on
   */
  result(job: JobReference, options?: ResultOptions): Promise<unknown>
  get(job: JobReference): Promise<JobSnapshot | undefined>
  /** A job that waits is never begun; one that runs hears of it by its signal. @returns whether it was not over yet. */
  cancel(job: JobReference): Promise<boolean>
  /** Does the jobs of a queue from now on. Where the queue cannot be reached it tries until it can. */
  work<Data = unknown>(queue: string, handler: JobHandler<Data>, options?: WorkOptions): Promise<JobWorker>
  /** Makes a job come again and again, or changes how it does. A time that was missed comes once when the queue is back. */
  schedule(key: string, schedule: NewSchedule): Promise<void>
  unschedule(key: string): Promise<boolean>
  schedules(): Promise<readonly Schedule[]>
  /** Those that failed for good, the latest first. @param limit 1 to 1,000. Default: 100. */
  deadLetters(queue: string, options?: { readonly limit?: number | undefined }): Promise<readonly DeadLetter[]>
  /** Lets them be done again. @returns how many. */
  redrive(
    queue: string,
    options?: { readonly ids?: readonly string[] | undefined; readonly limit?: number | undefined },
  ): Promise<number>
  counts(queue: string): Promise<JobCounts>
  /** The guard of the queue, as it is. */
  health(): IntegrationSnapshot
  /** Stops its workers as {@link JobWorker.stop} does, then lets go of the queue. */
  close(options?: { readonly drainMs?: number | undefined }): Promise<void>
}

import type { Claims, Transaction, WorkflowRunState } from '@holdfast/store/database'
import type { WorkflowFailure } from './failures.ts'
import type { Workflow } from './workflow.ts'

/** Who asks: a person by claims, or a tenant's workers by its name. */
export type Caller = Claims | string

/** What a run may be told when it is started. */
export interface StartOptions {
  /** A second start of the tenant with it gives the first run. 1 to 200 characters. */
  readonly idempotencyKey?: string | undefined
  /** What the key stands for. Default: the workflow and its input. */
  readonly idempotencyInput?: unknown
  /** The request that it belongs to: its events are among those of the request, and it is deleted with it. */
  readonly requestId?: string | undefined
  /** When it has to be over, waits included, in ms from now. 1 to 31,536,000,000. Default: never. */
  readonly deadlineMs?: number | undefined
  /** Not before, in ms from now. 0 to 31,536,000,000. Default: 0. */
  readonly delayMs?: number | undefined
  /** A transaction of the tenant's workers in which it is started: it is there when that commits, and is begun by the next sweep at the latest. */
  readonly transaction?: Transaction | undefined
  /** The caller's abort. */
  readonly signal?: AbortSignal | undefined
}

/** A run that was started, now or before. */
export interface StartedRun {
  readonly runId: string
  /** Whether there was one of this key. */
  readonly repeated: boolean
}

/** What may be told with a signal. */
export interface SignalOptions {
  /** A second one with it is none. 1 to 200 characters. */
  readonly idempotencyKey?: string | undefined
  /** Whose it is, for who gathers. 1 to 200 characters. */
  readonly source?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** What became of a signal. `late`: the run was over. */
export interface SentSignal {
  readonly status: 'received' | 'repeated' | 'late'
}

/** A step as it is now. */
export interface StepSnapshot {
  /** With the branches that it is in, such as `offers/jets/search`. */
  readonly name: string
  readonly kind: string
  readonly state: 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled'
  readonly attempts: number
  /** What it waits for; of an approval what is asked, and of whom. */
  readonly spec: Readonly<Record<string, unknown>>
  readonly result?: unknown
  readonly failure?: WorkflowFailure
  readonly wakeAt?: Date
  readonly startedAt: Date
  readonly endedAt?: Date
}

/** A run, without its steps. */
export interface RunSummary {
  readonly runId: string
  readonly workflow: string
  readonly version: number
  readonly state: WorkflowRunState
  readonly requestId?: string
  readonly startedBy: string
  readonly parentRunId?: string
  readonly createdAt: Date
  readonly endedAt?: Date
  readonly deadlineAt?: Date
  /** When it is looked at again. */
  readonly wakeAt?: Date
  readonly failure?: WorkflowFailure
}

/** A run as it is now. */
export interface RunSnapshot extends RunSummary {
  readonly input: unknown
  readonly output?: unknown
  /** In the order in which they began. */
  readonly steps: readonly StepSnapshot[]
}

/** Which runs are wanted. */
export interface ListOptions {
  readonly workflow?: string | undefined
  readonly state?: WorkflowRunState | undefined
  readonly requestId?: string | undefined
  /** Those with an approval that is open. */
  readonly awaitsApproval?: boolean | undefined
  /** 1 to 1,000. Default: 100. */
  readonly limit?: number | undefined
  /** Older ones than this run. */
  readonly before?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** Somebody who lets runs go on. */
export interface WorkflowWorker {
  /** Runs that it is at. */
  readonly running: number
  /** Begins no new step, waits so long for those under way, then aborts them. Others go on. Default: 10,000 ms. */
  stop(options?: { readonly drainMs?: number | undefined }): Promise<void>
}

/** Functions that are finished once they were begun, whatever happens in between. */
export interface Workflows {
  /**
   * Starts a run, of the latest version that is known here.
   * @throws HoldfastError `WORKFLOW_UNKNOWN`, `INVALID_INPUT`, `IDEMPOTENCY_KEY_REUSED` for another input, `TOO_MANY_RUNS`, `REFERENCE_MISSING` for a request that there is not
   */
  start<Input>(
    by: Caller,
    workflow: Workflow<Input> | string,
    input: Input,
    options?: StartOptions,
  ): Promise<StartedRun>
  /**
   * Tells a run something. One that comes before it is waited for is kept.
   * @throws HoldfastError `WORKFLOW_RUN_UNKNOWN`, `TOO_MANY_SIGNALS`, `IDEMPOTENCY_KEY_REUSED` for another payload
   */
  signal(by: Caller, runId: string, name: string, payload?: unknown, options?: SignalOptions): Promise<SentSignal>
  /**
   * Says yes to what a run asks. It is kept who did, when, and the note.
   * @throws HoldfastError `APPROVAL_NOT_OPEN`, `APPROVAL_DECIDED`, `APPROVAL_TOO_LATE` with what its `late` says, `APPROVAL_NOT_ALLOWED` without one of its roles, `WORKFLOW_RUN_UNKNOWN`
   */
  approve(by: Claims, runId: string, step: string, options?: DecideOptions): Promise<void>
  /** Says no. The function hears of it, and goes on as it likes. @throws HoldfastError as {@link Workflows.approve} */
  reject(by: Claims, runId: string, step: string, options?: DecideOptions): Promise<void>
  /** Ends a run where it is; those whose output it waits for too. @returns whether it was not over yet. @throws HoldfastError `WORKFLOW_RUN_UNKNOWN` */
  cancel(by: Caller, runId: string, options?: { readonly reason?: string | undefined }): Promise<boolean>
  /**
   * Lets a run that has failed go on from its last finished step: those whose failure nobody caught are done again.
   * @throws HoldfastError `WORKFLOW_NOT_FAILED`, `WORKFLOW_RUN_UNKNOWN`
   */
  redrive(by: Caller, runId: string): Promise<void>
  /** Says that a person has settled a write: the steps of a tenant that wait for that (`awaitsSettlement`) look at once. @returns how many runs were woken. */
  settled(tenant: string): Promise<number>
  get(
    by: Caller,
    runId: string,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<RunSnapshot | undefined>
  /** The latest first. Those that failed are the dead letters. */
  list(by: Caller, options?: ListOptions): Promise<readonly RunSummary[]>
  /**
   * Waits for what a run comes to. Default: 30,000 ms, at most a day.
   * @throws HoldfastError what it failed with; `WORKFLOW_CANCELLED`; `RESULT_TIMEOUT`: it goes on; `WORKFLOW_RUN_UNKNOWN`; `TOO_MANY_WAITERS`
   */
  result(
    by: Caller,
    runId: string,
    options?: { readonly timeoutMs?: number | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<unknown>
  /** Drives runs from now on. @param options runs at once: 1 to 1,000. Default: 4. */
  work(options?: { readonly concurrency?: number | undefined }): Promise<WorkflowWorker>
  /** Looks for runs whose wake-up was lost, and takes away those that are old. A worker does it by itself. @returns how many were woken. */
  sweep(): Promise<number>
  /** Stops its workers. The jobs and the store stay open. */
  close(options?: { readonly drainMs?: number | undefined }): Promise<void>
}

/** What may be said with a decision. */
export interface DecideOptions {
  /** Up to 10,000 characters. */
  readonly note?: string | undefined
}

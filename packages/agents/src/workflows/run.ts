import type { Transaction } from '@holdfast/store/database'
import type { Agent, AgentResult } from '../agents/agent.ts'
import type { Workflow } from './workflow.ts'
import type { SentSignal } from './workflows.ts'

/** What a step's function is told. */
export interface StepContext {
  /** The same at each try of this step: whoever is asked twice under it does it once. 64 hexadecimal digits. */
  readonly idempotencyKey: string
  /** 1 is the first. */
  readonly attempt: number
  /** Grows with each worker that has the run: where the other side keeps it, an older one can be refused. */
  readonly fence: number
  /** Aborts at the step's timeout, when the run is cancelled or its deadline has passed, and when the worker stops. */
  readonly signal: AbortSignal
  readonly tenant: string
  readonly requestId: string | undefined
}

/** How a step that has failed is tried again. */
export interface StepOptions {
  /** Further tries. 0 to 100. Default: 2. */
  readonly retries?: number | undefined
  /** Before the first of them, in ms; it doubles each time, with a random part. 0 to 86,400,000. Default: 1,000. */
  readonly backoffMs?: number | undefined
  /** The longest of these waits, in ms. 0 to 86,400,000. Default: 60,000. */
  readonly maxBackoffMs?: number | undefined
  /** For one try, in ms. 1 to 3,600,000. Default: 60,000. */
  readonly timeoutMs?: number | undefined
  /**
   * Whether it may be done again where nobody knows whether it was done: after its worker was lost, or a failure that may have taken effect. False for what the other side cannot tell from a
   * second order: then it fails with `STEP_OUTCOME_UNKNOWN`. Default: true.
   */
  readonly repeatable?: boolean | undefined
  /**
   * Whether it waits for a person where its write may have been made and nobody knows (`WRITE_UNCONFIRMED`): until he has settled that and `settled` of the workflows says so; it looks by itself every five minutes. Then it is done
   * again, under the same key. Only for writes that are remembered in a store, which does not forget them meanwhile. Default: false, it fails.
   */
  readonly awaitsSettlement?: boolean | undefined
}

/** What {@link StepOptions} fall back to. */
export const STEP_DEFAULTS: Readonly<{
  retries: number
  backoffMs: number
  maxBackoffMs: number
  timeoutMs: number
  repeatable: boolean
  awaitsSettlement: boolean
}> = Object.freeze({
  retries: 2,
  backoffMs: 1_000,
  maxBackoffMs: 60_000,
  timeoutMs: 60_000,
  repeatable: true,
  awaitsSettlement: false,
})

/** What a wait for a signal came to. */
export type Received<Payload> =
  | {
      readonly status: 'received'
      readonly payload: Payload
      readonly source: string | undefined
      readonly by: string
      /** Wall time in ms since the Unix epoch. */
      readonly at: number
    }
  | { readonly status: 'timed-out' }

/** What a gathering waits for. */
export interface GatherOptions {
  /** The name of the signals; their `source` says whose each is. */
  readonly signal: string
  /** Those who are asked. 1 to 1,000. */
  readonly expected: readonly string[]
  /** How many of them are enough. 1 to all. Default: all. */
  readonly quorum?: number | undefined
  /** Whether it ends as soon as there are enough; otherwise it waits for all, up to the deadline. Default: false. */
  readonly endAtQuorum?: boolean | undefined
  /** Whether an answer counts for the quorum; a function of the answer alone. Default: each does. */
  readonly counts?: ((payload: never) => boolean) | undefined
  /** When it ends at the latest, in ms. 1 to 31,536,000,000. */
  readonly deadlineMs: number
}

/** One answer to a gathering. */
export interface Gathered<Payload> {
  readonly source: string
  readonly payload: Payload
  readonly at: number
}

/** What came, and what did not. */
export interface GatherResult<Payload> {
  /** Of each of those who were expected the last that came in time, in the order of `expected`. */
  readonly arrived: readonly Gathered<Payload>[]
  readonly missing: readonly string[]
  /** From others. */
  readonly unexpected: readonly Gathered<Payload>[]
  readonly isComplete: boolean
  readonly reachedQuorum: boolean
  readonly endedBy: 'all' | 'quorum' | 'deadline'
}

/** What another run is told. */
export interface SignalTo {
  readonly runId: string
  /** 1 to 100 characters. */
  readonly signal: string
  /** Anything that JSON can say. Default: `null`. */
  readonly payload?: unknown
}

/** What a person is asked. */
export interface ApprovalOptions {
  /** What it is about; anything that JSON can say. It is shown to whoever decides. */
  readonly ask: unknown
  /** Who may decide: anybody with one of these roles. 1 to 20. */
  readonly roles: readonly string[]
  /** How long, in ms. 1 to 31,536,000,000. Default: until the run's deadline. */
  readonly timeoutMs?: number | undefined
  /** What whoever decides after that is told: why, and what can be done. 1 to 1,000 characters. Default: that it is too late. */
  readonly late?: string | undefined
  /** A signal of this name ends it undecided, since what is asked has changed. One that came before it was asked counts. Default: none. */
  readonly overtakenBy?: string | undefined
}

/** What a person has decided. */
export type Decision =
  | {
      readonly decision: 'approved' | 'rejected'
      readonly by: string
      readonly note: string | undefined
      readonly at: number
    }
  /** `overtaken`: by the signal. */
  | { readonly decision: 'timed-out' | 'overtaken' }

/** How work is handed to another workflow. */
export interface DelegateOptions {
  /** Whether its output is waited for. Default: true. */
  readonly wait?: boolean | undefined
  /** For the other run, in ms from now. 1 to 31,536,000,000. Default: the deadline of this one. */
  readonly deadlineMs?: number | undefined
  /** Without waiting: a signal that this run gets when the other is over. Its payload is a {@link ChildReport}. */
  readonly report?: string | undefined
  /** The source of that signal. Default: the name of the step. */
  readonly source?: string | undefined
}

/** What a run that reports tells the one that began it. */
export type ChildReport<Output = unknown> =
  | { readonly runId: string; readonly state: 'completed'; readonly output: Output }
  | {
      readonly runId: string
      readonly state: 'failed' | 'cancelled'
      readonly failure: { readonly code: string; readonly message: string }
    }

/** How an agent is run as a step. */
export interface AgentStepOptions extends Omit<StepOptions, 'repeatable' | 'awaitsSettlement'> {
  /** Hears of each of its steps; nothing of it is kept. */
  readonly onStep?: ((step: { readonly number: number; readonly tools: readonly string[] }) => void) | undefined
}

/** A run, as its function has it. Each name is used once in a run, or in a branch of it. 1 to 100 characters without `/`. */
export interface WorkflowRun {
  readonly id: string
  readonly tenant: string
  readonly requestId: string | undefined
  readonly startedBy: string
  /** Wall time in ms since the Unix epoch; the same each time. */
  readonly startedAt: number
  /** Does something outside, at least once, and keeps what it gave. */
  step<T>(name: string, work: (context: StepContext) => T | Promise<T>, options?: StepOptions): Promise<T>
  /** Does something in the store, exactly once: in one transaction with the step itself. Await nothing slow in it. */
  transaction<T>(
    name: string,
    work: (transaction: Transaction, context: StepContext) => Promise<T>,
    options?: Omit<StepOptions, 'repeatable' | 'awaitsSettlement'>,
  ): Promise<T>
  /** Goes on after so long (ms, 0 to 31,536,000,000), or at a time. No process has to be up meanwhile. */
  sleep(name: string, until: number | Date): Promise<void>
  /** Waits for a signal. One that came before it was waited for counts. */
  waitFor<Payload = unknown>(
    name: string,
    options: { readonly signal: string; readonly timeoutMs?: number | undefined },
  ): Promise<Received<Payload>>
  /** Waits for the answers of several, until all are there, or time is up. */
  gather<Payload = unknown>(name: string, options: GatherOptions): Promise<GatherResult<Payload>>
  /** Tells another run of the tenant something, once. @throws HoldfastError `WORKFLOW_RUN_UNKNOWN`, `TOO_MANY_SIGNALS` */
  signal(name: string, to: SignalTo): Promise<SentSignal>
  /** Asks a person, who may take days. */
  approval(name: string, options: ApprovalOptions): Promise<Decision>
  /** Runs an agent. Its tools get keys that are the same when the step is done again. */
  agent<Input, Output>(
    name: string,
    agent: Agent<Input, Output>,
    input: Input,
    options?: AgentStepOptions,
  ): Promise<AgentResult<Output>>
  /** Hands work to another workflow. @throws HoldfastError what that failed with. */
  delegate<Input, Output>(
    name: string,
    workflow: Workflow<Input, Output>,
    input: Input,
    options?: DelegateOptions & { readonly wait?: true | undefined },
  ): Promise<Output>
  delegate<Input>(
    name: string,
    workflow: Workflow<Input>,
    input: Input,
    options: DelegateOptions & { readonly wait: false },
  ): Promise<{ readonly runId: string }>
  /** Runs branches side by side, each with a run whose names are its own. It ends when all have ended; where some failed, with the error of the first of them. 1 to 100. */
  all<Branches extends Readonly<Record<string, (run: WorkflowRun) => Promise<unknown>>>>(
    name: string,
    branches: Branches,
  ): Promise<{ readonly [Name in keyof Branches]: Awaited<ReturnType<Branches[Name]>> }>
}

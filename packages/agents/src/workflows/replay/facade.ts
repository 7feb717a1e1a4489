import type { Transaction } from '@holdfast/store/database'
import { invalid } from '../../mcp/shared/invalid.ts'
import type { Agent, AgentResult } from '../../agents/agent.ts'
import type {
  AgentStepOptions,
  ApprovalOptions,
  Decision,
  DelegateOptions,
  GatherOptions,
  GatherResult,
  Received,
  SignalTo,
  StepContext,
  StepOptions,
  WorkflowRun,
} from '../run.ts'
import { sendSignal } from '../tell-run.ts'
import type { Workflow } from '../workflow.ts'
import type { SentSignal } from '../workflows.ts'
import { performDelegate } from './delegate.ts'
import type { Replay } from './replay.ts'
import { performStep, performTransaction, stepSettings } from './step.ts'
import { performApproval, performGather, performSleep, performWait } from './waits.ts'

const MAX_BRANCHES = 100

/** What an agent may take as a step: it has limits of its own. */
const AGENT_TIMEOUT_MS = 900_000

/** A run as its function has it, in a branch of it. */
export function facadeOf(replay: Replay, scope: string = ''): WorkflowRun {
  return new Facade(replay, scope)
}

class Facade implements WorkflowRun {
  readonly #replay: Replay
  readonly #scope: string

  constructor(replay: Replay, scope: string) {
    this.#replay = replay
    this.#scope = scope
  }

  get id(): string {
    return this.#replay.lease.id
  }

  get tenant(): string {
    return this.#replay.lease.tenant
  }

  get requestId(): string | undefined {
    return this.#replay.lease.request_id ?? undefined
  }

  get startedBy(): string {
    return this.#replay.loaded.run.started_by
  }

  get startedAt(): number {
    return this.#replay.loaded.run.created_at.getTime()
  }

  step<T>(name: string, work: (context: StepContext) => T | Promise<T>, options: StepOptions = {}): Promise<T> {
    const settings = stepSettings(options)
    return this.#replay.perform(this.#scope, name, 'step', (reached) =>
      performStep(this.#replay, reached, settings, work),
    )
  }

  transaction<T>(
    name: string,
    work: (transaction: Transaction, context: StepContext) => Promise<T>,
    options: Omit<StepOptions, 'repeatable' | 'awaitsSettlement'> = {},
  ): Promise<T> {
    const settings = stepSettings(options)
    return this.#replay.perform(this.#scope, name, 'transaction', (reached) =>
      performTransaction(this.#replay, reached, settings, work),
    )
  }

  sleep(name: string, until: number | Date): Promise<void> {
    return this.#replay.perform(this.#scope, name, 'sleep', (reached) => performSleep(this.#replay, reached, until))
  }

  waitFor<Payload>(
    name: string,
    options: { readonly signal: string; readonly timeoutMs?: number | undefined },
  ): Promise<Received<Payload>> {
    return this.#replay.perform(this.#scope, name, 'signal', (reached) => performWait(this.#replay, reached, options))
  }

  gather<Payload>(name: string, options: GatherOptions): Promise<GatherResult<Payload>> {
    return this.#replay.perform(this.#scope, name, 'gather', (reached) => performGather(this.#replay, reached, options))
  }

  signal(name: string, { runId, signal, payload = null }: SignalTo): Promise<SentSignal> {
    const { environment } = this.#replay
    return this.step(name, ({ idempotencyKey, signal: abort }) =>
      sendSignal(environment, this.tenant, runId, signal, payload, { idempotencyKey, signal: abort }),
    )
  }

  approval(name: string, options: ApprovalOptions): Promise<Decision> {
    return this.#replay.perform(this.#scope, name, 'approval', (reached) =>
      performApproval(this.#replay, reached, options),
    )
  }

  agent<Input, Output>(
    name: string,
    agent: Agent<Input, Output>,
    input: Input,
    { onStep, timeoutMs = AGENT_TIMEOUT_MS, ...options }: AgentStepOptions = {},
  ): Promise<AgentResult<Output>> {
    const settings = stepSettings({ ...options, timeoutMs })
    const work = ({ signal, idempotencyKey, tenant, requestId }: StepContext): Promise<AgentResult<Output>> =>
      agent.run(input, {
        signal,
        idempotencyKey,
        tenant,
        requestId,
        onStep: (step) => onStep?.({ number: step.number, tools: step.tools.map((tool) => tool.name) }),
      })
    const detailsOf = (value: unknown): Readonly<Record<string, unknown>> => {
      const { status, usage, cost, steps } = value as Partial<AgentResult<unknown>>
      return { agent: agent.name, status, usage, steps: steps?.length ?? 0, ...(cost === undefined ? {} : { cost }) }
    }
    return this.#replay.perform(
      this.#scope,
      name,
      'agent',
      (reached) => performStep(this.#replay, reached, settings, work, detailsOf),
      agent.name,
    )
  }

  delegate(name: string, workflow: Workflow<never>, input: unknown, options: DelegateOptions = {}): Promise<never> {
    return this.#replay.perform(this.#scope, name, 'delegate', (reached) =>
      performDelegate(this.#replay, reached, workflow, input, options),
    )
  }

  all<Branches extends Readonly<Record<string, (run: WorkflowRun) => Promise<unknown>>>>(
    name: string,
    branches: Branches,
  ): Promise<{ readonly [Name in keyof Branches]: Awaited<ReturnType<Branches[Name]>> }> {
    const both = this.#all(name, branches)
    // Where nobody awaits it, its failure is nobody's.
    both.catch(() => undefined)
    return both as Promise<{ readonly [Name in keyof Branches]: Awaited<ReturnType<Branches[Name]>> }>
  }

  async #all(
    name: string,
    branches: Readonly<Record<string, (run: WorkflowRun) => Promise<unknown>>>,
  ): Promise<Readonly<Record<string, unknown>>> {
    const entries = Object.entries(branches)
    if (entries.length === 0 || entries.length > MAX_BRANCHES)
      throw invalid('branches', `an object with 1 to ${MAX_BRANCHES} functions`, `with ${entries.length}`)
    const scope = this.#replay.branch(this.#scope, name)
    if (scope === undefined) return new Promise(() => undefined)
    const scopes = entries.map(([branch]) => this.#replay.branch(scope, branch))
    const settled = await Promise.allSettled(
      entries.map(async ([, work], index) => work(facadeOf(this.#replay, scopes[index]))),
    )
    const errors = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
    if (errors.length > 0) throw this.#replay.together(errors)
    return Object.fromEntries(
      entries.map(([branch], index) => [branch, (settled[index] as PromiseFulfilledResult<unknown>).value]),
    )
  }
}

import { HoldfastError } from '@holdfast/core'
import type { Transaction } from '@holdfast/store/database'
import { checkJson } from '../../jobs/checks.ts'
import { persist } from '../environment.ts'
import type { WorkflowEnvironment } from '../environment.ts'
import { LeaseLost, otherWay, stepError, workflowError, workflowFailureOf } from '../failures.ts'
import type { WorkflowFailure } from '../failures.ts'
import type { ChildRow, Lease, Loaded, SignalRow, StepRow } from '../records/rows.ts'
import { writeStep } from '../records/steps.ts'
import type { Spot, StepChange, StepWrite } from '../records/steps.ts'
import type { WorkflowRun } from '../run.ts'
import type { Workflow } from '../workflow.ts'

/** What a run has come to when its function could go no further. */
export type Outcome =
  | { readonly status: 'completed'; readonly output: unknown }
  | { readonly status: 'failed'; readonly failure: WorkflowFailure }
  | { readonly status: 'waiting'; readonly wakeAt: number | undefined }
  /** It was stopped, or could not go on for reasons of ours. */
  | { readonly status: 'stopped'; readonly reason: unknown }

/** What a step has come to. */
export type Settled =
  { readonly value: unknown } | { readonly failure: WorkflowFailure } | { readonly waitsUntil: number | undefined }

/** A step that was reached, with what is kept of it. */
export interface Reached extends Spot {
  readonly record: StepRow | undefined
}

const NAME = /^[^/\p{Cc}]{1,100}$/u

/** One way of a function through its steps: those that are over give what they gave, and the first that is not is done. */
export class Replay {
  readonly environment: WorkflowEnvironment
  readonly lease: Lease
  readonly loaded: Loaded
  readonly signal: AbortSignal
  readonly #byName: ReadonlyMap<string, StepRow>
  readonly #byPosition: ReadonlyMap<string, StepRow>
  readonly #positions = new Map<string, number>()
  readonly #reached = new Set<string>()
  readonly #waits = new Map<string, number | undefined>()
  /** Signals that a step of this replay has taken. */
  readonly #taken = new Set<number>()
  /** The steps that an error comes from. */
  readonly #failed = new WeakMap<object, readonly string[]>()
  readonly #ended = Promise.withResolvers<Outcome>()
  #isOver: boolean = false
  #isDraining: boolean = false
  #inFlight: number = 0
  #calls: number = 0
  #result: Outcome | undefined

  constructor(environment: WorkflowEnvironment, lease: Lease, loaded: Loaded, signal: AbortSignal) {
    this.environment = environment
    this.lease = lease
    this.loaded = loaded
    this.signal = signal
    this.#byName = new Map(loaded.steps.map((step) => [step.name, step]))
    this.#byPosition = new Map(loaded.steps.map((step) => [`${step.scope}\n${step.position}`, step]))
  }

  get isOver(): boolean {
    return this.#isOver
  }

  get at(): number {
    return this.environment.clock.wallTime()
  }

  /** Runs the function until it can go no further. Never rejects. */
  async run(workflow: Workflow<never>, facade: WorkflowRun): Promise<Outcome> {
    const stop = (): void => this.#end({ status: 'stopped', reason: this.signal.reason })
    this.signal.addEventListener('abort', stop)
    if (this.signal.aborted) stop()
    void this.#call(workflow, facade)
    try {
      return await this.#ended.promise
    } finally {
      this.signal.removeEventListener('abort', stop)
    }
  }

  async #call(workflow: Workflow<never>, facade: WorkflowRun): Promise<void> {
    try {
      const input = await workflow.input.safeParseAsync(this.loaded.run.input)
      if (!input.success)
        throw workflowError('INVALID_INPUT', 'validation', 'The input does not fit the schema of this version any more')
      const output = this.json(await workflow.run(facade, input.data as never), 'the output')
      this.#checkAllReached()
      this.#result = { status: 'completed', output }
    } catch (error) {
      const steps = typeof error === 'object' && error !== null ? this.#failed.get(error) : undefined
      const failure = workflowFailureOf(error, 'WORKFLOW_FAILED')
      this.#result = { status: 'failed', failure: { ...failure, ...(steps === undefined ? {} : { steps }) } }
    }
    this.#lookSoon()
  }

  /** Begins nothing new; what is under way is finished. */
  drain(): void {
    this.#isDraining = true
    this.#lookSoon()
  }

  /** Does a step, unless it is over; then it gives what it gave. */
  perform<T>(
    scope: string,
    name: string,
    kind: string,
    work: (reached: Reached) => Promise<Settled>,
    agent?: string,
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    // Where nobody awaits it, its failure is nobody's.
    promise.catch(() => undefined)
    if (this.#isOver) return promise
    this.#calls += 1
    let reached: Reached
    try {
      reached = this.#reach(scope, name, kind, agent)
    } catch (error) {
      // Not for the function to catch: it is the function that is wrong.
      this.#end({ status: 'failed', failure: workflowFailureOf(error, 'WORKFLOW_CHANGED') })
      return promise
    }
    const settle = (settled: Settled): void => {
      if (this.#isOver) return
      if ('value' in settled) resolve(settled.value as T)
      else if ('failure' in settled) reject(this.#errorOf(settled.failure, reached.name))
      else this.#waits.set(reached.name, settled.waitsUntil)
    }
    const known = settledBefore(reached.record)
    if (known !== undefined) {
      settle(known)
      return promise
    }
    if (this.#isDraining) return promise
    this.#inFlight += 1
    const stopped = (reason: unknown): void => {
      this.#end(
        isOurs(reason)
          ? { status: 'stopped', reason }
          : { status: 'failed', failure: workflowFailureOf(reason, 'WORKFLOW_FAILED') },
      )
    }
    void work(reached)
      .then(settle, stopped)
      .finally(() => {
        this.#inFlight -= 1
        this.#lookSoon()
      })
    return promise
  }

  /** The name of branches, which is used up like that of a step. */
  branch(scope: string, name: string): string | undefined {
    try {
      return this.#nameFor(scope, name)
    } catch (error) {
      this.#end({ status: 'failed', failure: workflowFailureOf(error, 'WORKFLOW_CHANGED') })
      return undefined
    }
  }

  /** The error of the first of several that failed; it is known of all of them. */
  together(errors: readonly unknown[]): unknown {
    const [first] = errors
    const steps = errors.flatMap((error) =>
      typeof error === 'object' && error !== null ? (this.#failed.get(error) ?? []) : [],
    )
    if (typeof first === 'object' && first !== null && steps.length > 0) this.#failed.set(first, steps)
    return first
  }

  /** Signals of a name that came in time, and that no other step has. */
  signalsOf(name: string, before: number): readonly SignalRow[] {
    return this.loaded.signals.filter(
      ({ signal, seq, created_at: at }) => signal === name && at.getTime() <= before && !this.#taken.has(seq),
    )
  }

  /** From here on they are no other step's. */
  takeSignals(signals: readonly SignalRow[]): readonly number[] {
    for (const { seq } of signals) this.#taken.add(seq)
    return signals.map(({ seq }) => seq)
  }

  child(runId: string): ChildRow | undefined {
    return this.loaded.children.get(runId)
  }

  /** Where a write of a step stands. */
  get writing(): StepWrite {
    const { at, lease } = this
    return { lease, at, until: at + this.environment.settings.leaseMs }
  }

  /** Keeps what became of a step. @returns what it is now: what somebody else has decided meanwhile counts. */
  async write(spot: Spot, change: StepChange): Promise<StepRow> {
    return this.persist((transaction) => writeStep(transaction, this.writing, spot, change))
  }

  async persist<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return persist(this.environment, this.lease.tenant, work)
  }

  /** A value as JSON has it. @throws HoldfastError `RESULT_TOO_LARGE` */
  json(value: unknown, what: string): unknown {
    const { maxResultChars } = this.environment.settings
    try {
      return checkJson(value, what, maxResultChars)
    } catch (error) {
      throw workflowError('RESULT_REFUSED', 'validation', (error as Error).message)
    }
  }

  #reach(scope: string, name: string, kind: string, agent: string | undefined): Reached {
    const full = this.#nameFor(scope, name)
    const position = this.#positions.get(scope) ?? 0
    this.#positions.set(scope, position + 1)
    const record = this.#byName.get(full)
    const there = this.#byPosition.get(`${scope}\n${position}`)
    const where = `Step ${position + 1}${scope === '' ? '' : ` of ${scope}`}`
    if (there !== undefined && (there.name !== full || there.kind !== kind))
      throw otherWay(`${where} was "${there.name}" (${there.kind}), and is "${full}" (${kind}) now`)
    if (record !== undefined && there === undefined)
      throw otherWay(`"${full}" was step ${record.position + 1}, and is step ${position + 1} now`)
    return { name: full, scope, position, kind, record, ...(agent === undefined ? {} : { agent }) }
  }

  #nameFor(scope: string, name: string): string {
    const { maxSteps } = this.environment.settings
    if (typeof name !== 'string' || !NAME.test(name))
      throw workflowError('INVALID_STEP', 'validation', 'The name of a step must be 1 to 100 characters without "/"')
    const full = scope === '' ? name : `${scope}/${name}`
    if (this.#reached.has(full))
      throw workflowError('STEP_NAME_REPEATED', 'validation', `There are two steps with the name "${full}"`)
    if (this.#reached.size >= maxSteps || full.length > 1_000)
      throw workflowError(
        'TOO_MANY_STEPS',
        'validation',
        `The run has more than ${maxSteps} steps, or branches that are too deep`,
      )
    this.#reached.add(full)
    return full
  }

  #checkAllReached(): void {
    const left = this.loaded.steps.find(({ name }) => !this.#reached.has(name))
    if (left !== undefined) throw otherWay(`"${left.name}" was a step of it, and is none now`)
  }

  #errorOf(failure: WorkflowFailure, step: string): unknown {
    const error = stepError(failure)
    this.#failed.set(error, [step])
    return error
  }

  /** Whether the function can go no further, once it had time to go on with what it was given. */
  #lookSoon(): void {
    const calls = this.#calls
    setImmediate(() =>
      setImmediate(() => {
        if (this.#isOver || this.#inFlight > 0 || this.#calls !== calls) return
        if (this.#result !== undefined) this.#end(this.#result)
        else if (this.#isDraining) this.#end({ status: 'stopped', reason: stopping() })
        else if (this.#waits.size > 0) this.#end({ status: 'waiting', wakeAt: this.#wakeAt() })
      }),
    )
  }

  #wakeAt(): number | undefined {
    const times = [...this.#waits.values(), this.loaded.run.deadline_at?.getTime()].filter((at) => at !== undefined)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  #end(outcome: Outcome): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#ended.resolve(outcome)
  }
}

/** The worker stops. */
export function stopping(): Error {
  return workflowError('WORKER_STOPPED', 'cancelled', 'The worker stops; another goes on')
}

/** Whether the run may go on another time: its store is away, or another has it. What else comes here is a mistake in its function. */
function isOurs(reason: unknown): boolean {
  return reason instanceof LeaseLost || (HoldfastError.isInstance(reason) && reason.category !== 'validation')
}

function settledBefore(record: StepRow | undefined): Settled | undefined {
  if (record?.state === 'completed') return { value: record.result }
  if (record?.state === 'failed') return { failure: record.failure as WorkflowFailure }
  return undefined
}

/** What a step is that was just written. */
export function settledAs(row: StepRow): Settled {
  return settledBefore(row) ?? { waitsUntil: row.wake_at?.getTime() }
}

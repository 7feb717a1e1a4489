import { HoldfastError } from '@holdfast/core'
import { persist } from './environment.ts'
import type { WorkflowEnvironment } from './environment.ts'
import { LeaseLost, workflowError } from './failures.ts'
import { cancelledBy, deadlinePassed, endHeld, letGo, release, take } from './records/lease.ts'
import { hold } from './records/rows.ts'
import type { Lease, Loaded } from './records/rows.ts'
import type { RunEnd } from './records/ends.ts'
import { facadeOf } from './replay/facade.ts'
import { Replay, stopping } from './replay/replay.ts'
import type { Outcome } from './replay/replay.ts'

/** How often a worker looks whether the run it is at was cancelled, in ms. */
const LOOK_MS = 500

/** Whoever is at a run here: those who cancel it need not wait for the next look. */
export interface Advances {
  /** Looks at once whether a run was cancelled. */
  look(runId: string): void
  /** Begins no new steps. */
  drain(): void
  readonly running: number
}

interface Advance {
  readonly look: () => void
  readonly drain: () => void
}

/** The runs that somebody is at in this process. */
export class LocalAdvances implements Advances {
  readonly #advances = new Map<string, Advance>()
  #isDraining: boolean = false

  get isDraining(): boolean {
    return this.#isDraining
  }

  get running(): number {
    return this.#advances.size
  }

  look(runId: string): void {
    this.#advances.get(runId)?.look()
  }

  drain(): void {
    this.#isDraining = true
    for (const { drain } of this.#advances.values()) drain()
  }

  add(runId: string, advance: Advance): void {
    this.#advances.set(runId, advance)
  }

  remove(runId: string, advance: Advance): void {
    if (this.#advances.get(runId) === advance) this.#advances.delete(runId)
  }
}

/** Lets a run go on as far as it can: to its end, or to where it waits. Does nothing where another is at it. */
export async function advance(
  environment: WorkflowEnvironment,
  advances: LocalAdvances,
  tenant: string,
  runId: string,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = environment
  if (advances.isDraining) {
    await environment.wake(tenant, runId)
    return
  }
  await environment.follow()
  const taken = await persist(environment, tenant, (transaction) =>
    take(transaction, tenant, runId, clock.wallTime(), environment),
  )
  if (taken.status === 'ended') for (const id of taken.woken) await environment.wake(tenant, id)
  if (taken.status === 'postponed') await environment.wake(tenant, runId, taken.wakeAt)
  if (taken.status === 'taken') await goOn(environment, advances, taken.lease, taken.loaded, signal)
}

async function goOn(
  environment: WorkflowEnvironment,
  advances: LocalAdvances,
  lease: Lease,
  first: Loaded,
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController()
  let replay: Replay | undefined
  const watch = watchLease(environment, lease, stop)
  const local: Advance = { look: watch.look, drain: () => replay?.drain() }
  advances.add(lease.id, local)
  const force = (): void => stop.abort(stopping())
  signal.addEventListener('abort', force)
  if (signal.aborted) force()
  const timer = deadlineTimer(environment, first, stop)
  try {
    for (let loaded: Loaded | undefined = first; loaded !== undefined;) {
      if (loaded.run.cancellation !== null && !stop.signal.aborted) stop.abort(cancelled(loaded.run.cancellation))
      replay = new Replay(environment, lease, loaded, stop.signal)
      if (advances.isDraining) replay.drain()
      const { workflow, version } = loaded.run
      const outcome = await replay.run(environment.registry.find(workflow, version)!, facadeOf(replay))
      loaded = await settle(environment, lease, outcome)
    }
  } catch (error) {
    // Another has it, and goes on.
    if (!(error instanceof LeaseLost)) throw error
  } finally {
    advances.remove(lease.id, local)
    signal.removeEventListener('abort', force)
    timer?.cancel()
    watch.cancel()
    if (!stop.signal.aborted) stop.abort(stopping())
  }
}

/** @returns what the run has now, where it is to go on at once. */
async function settle(environment: WorkflowEnvironment, lease: Lease, outcome: Outcome): Promise<Loaded | undefined> {
  const { clock, settings } = environment
  switch (outcome.status) {
    case 'completed':
      return end(environment, lease, { state: 'completed', output: outcome.output })
    case 'failed':
      return end(environment, lease, { state: 'failed', failure: outcome.failure })
    case 'waiting': {
      const { wakeAt } = outcome
      const again = await persist(environment, lease.tenant, (transaction) =>
        release(transaction, lease, wakeAt, clock.wallTime() + settings.leaseMs),
      )
      if (again === undefined && wakeAt !== undefined) await environment.wake(lease.tenant, lease.id, wakeAt)
      return again
    }
    case 'stopped':
      return stopped(environment, lease, outcome.reason)
  }
}

async function stopped(environment: WorkflowEnvironment, lease: Lease, reason: unknown): Promise<undefined> {
  if (reason instanceof LeaseLost) throw reason
  const code = HoldfastError.isInstance(reason) ? reason.code : undefined
  if (code === 'DEADLINE_EXCEEDED') return end(environment, lease, { state: 'failed', failure: deadlinePassed() })
  if (code === 'WORKFLOW_CANCELLED') {
    const { cancellation } = await persist(environment, lease.tenant, (transaction) =>
      hold(transaction, lease, environment.clock.wallTime() + environment.settings.leaseMs),
    )
    return end(environment, lease, { state: 'cancelled', failure: cancelledBy(cancellation) })
  }
  const at = environment.clock.wallTime()
  await persist(environment, lease.tenant, (transaction) => letGo(transaction, lease, at))
  await environment.wake(lease.tenant, lease.id)
  if (code !== 'WORKER_STOPPED') throw reason
  return undefined
}

async function end(environment: WorkflowEnvironment, lease: Lease, how: RunEnd): Promise<undefined> {
  const woken = await persist(environment, lease.tenant, (transaction) =>
    endHeld(transaction, lease, how, environment.clock.wallTime()),
  )
  for (const id of woken) await environment.wake(lease.tenant, id)
  return undefined
}

/** Says again and again that somebody is at a run, and looks whether it was cancelled. */
function watchLease(
  environment: WorkflowEnvironment,
  lease: Lease,
  stop: AbortController,
): { look(): void; cancel(): void } {
  const { clock, settings } = environment
  let heldUntil = clock.wallTime() + settings.leaseMs
  let isLooking = false
  let isOver = false
  let task = clock.schedule(LOOK_MS, tick)

  function tick(): void {
    void look().finally(() => {
      if (!isOver) task = clock.schedule(LOOK_MS, tick)
    })
  }

  async function look(): Promise<void> {
    if (isLooking || isOver) return
    isLooking = true
    try {
      const now = clock.wallTime()
      const isDue = heldUntil - now < (settings.leaseMs * 2) / 3
      const cancellation = await (isDue ? renewed(now) : seen())
      if (cancellation !== null && !isOver) stop.abort(cancelled(cancellation))
    } catch (error) {
      // The store may be back before the lease is over.
      if (!isOver && (error instanceof LeaseLost || clock.wallTime() >= heldUntil))
        stop.abort(new LeaseLost('The run is not this worker’s any more'))
    } finally {
      isLooking = false
    }
  }

  async function renewed(now: number): Promise<unknown> {
    const until = now + settings.leaseMs
    const { cancellation } = await environment.store.asWorker(lease.tenant, (transaction) =>
      hold(transaction, lease, until),
    )
    heldUntil = until
    return cancellation
  }

  async function seen(): Promise<unknown> {
    const row = await environment.store.asWorker(lease.tenant, (transaction) =>
      transaction
        .selectFrom('workflow_runs')
        .select(['cancellation', 'fence'])
        .where('id', '=', lease.id)
        .executeTakeFirst(),
    )
    if (row?.fence !== lease.fence) throw new LeaseLost('The run is not this worker’s any more')
    return row.cancellation
  }

  return {
    look: () => void look(),
    cancel() {
      isOver = true
      task.cancel()
    },
  }
}

function deadlineTimer(
  { clock }: WorkflowEnvironment,
  { run }: Loaded,
  stop: AbortController,
): { cancel(): void } | undefined {
  if (run.deadline_at === null) return undefined
  return clock.schedule(Math.max(0, run.deadline_at.getTime() - clock.wallTime()), () =>
    stop.abort(workflowError('DEADLINE_EXCEEDED', 'timeout', 'The deadline of the run has passed')),
  )
}

function cancelled(cancellation: unknown): HoldfastError {
  return workflowError('WORKFLOW_CANCELLED', 'cancelled', cancelledBy(cancellation).message)
}

import type { Transaction } from '@holdfast/store/database'
import type { WorkflowFailure } from '../failures.ts'
import type { WorkflowSettings } from '../options.ts'
import type { WorkflowRegistry } from '../workflow.ts'
import { endRun } from './ends.ts'
import type { RunEnd } from './ends.ts'
import { hold, isOpen, load, lock } from './rows.ts'
import type { Lease, Loaded, RunRow } from './rows.ts'

/** How soon a run of an unknown version is looked at again, in ms. */
const UNKNOWN_AGAIN_MS = 5_000

/** What came of reaching for a run. */
export type Taken =
  | { readonly status: 'taken'; readonly lease: Lease; readonly loaded: Loaded }
  /** There is nothing to do: it is over, or somebody is at it. */
  | { readonly status: 'idle' }
  /** It ended here, and these are to be looked at. */
  | { readonly status: 'ended'; readonly woken: readonly string[] }
  /** It is somebody else's to do. */
  | { readonly status: 'postponed'; readonly wakeAt: number }

/** Reaches for a run: from then on it is the taker's until the lease ends, and what those before him still write is refused. */
export async function take(
  transaction: Transaction,
  tenant: string,
  id: string,
  at: number,
  { settings, registry }: { readonly settings: WorkflowSettings; readonly registry: WorkflowRegistry },
): Promise<Taken> {
  const run = await lock(transaction, id)
  if (run === undefined || !isOpen(run)) return { status: 'idle' }
  const isHeld = run.state === 'running' && run.wake_at !== null && run.wake_at.getTime() > at
  if (isHeld) return { status: 'idle' }
  const lost = run.state === 'running' ? run.lost_leases + 1 : run.lost_leases
  const end = endOf(run, lost, at, settings)
  if (end !== undefined) return { status: 'ended', woken: await endRun(transaction, run, end, at) }
  if (registry.find(run.workflow, run.version) === undefined) return postpone(transaction, run, at, settings)
  const [taken] = await transaction
    .updateTable('workflow_runs')
    .set({
      state: 'running',
      fence: run.fence + 1,
      lost_leases: lost,
      is_wanted: false,
      unknown_since: null,
      wake_at: new Date(at + settings.leaseMs),
    })
    .where('id', '=', id)
    .returningAll()
    .execute()
  const lease = { tenant, id, fence: taken!.fence, workflow: run.workflow, request_id: run.request_id }
  return { status: 'taken', lease, loaded: await load(transaction, taken!) }
}

/** Whether a run is to end before it is begun. */
function endOf(run: RunRow, lost: number, at: number, { maxLostLeases }: WorkflowSettings): RunEnd | undefined {
  if (run.cancellation !== null) return { state: 'cancelled', failure: cancelledBy(run.cancellation) }
  if (run.deadline_at !== null && run.deadline_at.getTime() <= at) return { state: 'failed', failure: deadlinePassed() }
  if (lost < maxLostLeases) return undefined
  return {
    state: 'failed',
    failure: {
      code: 'WORKFLOW_POISONED',
      category: 'server',
      message: `${lost} workers were lost one after the other at this run`,
      mayHaveTakenEffect: true,
    },
  }
}

async function postpone(
  transaction: Transaction,
  run: RunRow,
  at: number,
  { unknownVersionMs }: WorkflowSettings,
): Promise<Taken> {
  const since = run.unknown_since?.getTime() ?? at
  if (at - since >= unknownVersionMs) {
    const failure: WorkflowFailure = {
      code: 'WORKFLOW_VERSION_UNKNOWN',
      category: 'configuration',
      message: `No worker knows ${run.workflow} in version ${run.version}`,
      mayHaveTakenEffect: true,
    }
    return { status: 'ended', woken: await endRun(transaction, run, { state: 'failed', failure }, at) }
  }
  const wakeAt = at + Math.min(UNKNOWN_AGAIN_MS, Math.max(1, unknownVersionMs))
  await transaction
    .updateTable('workflow_runs')
    // A lease that has ended is counted once, by whoever goes on.
    .set({
      unknown_since: new Date(since),
      wake_at: new Date(wakeAt),
      state: run.state === 'running' ? 'waiting' : run.state,
    })
    .where('id', '=', run.id)
    .execute()
  return { status: 'postponed', wakeAt }
}

/** Lets go of a run that waits. @returns what has come meanwhile, so that it has to be looked at again; then it is still held. */
export async function release(
  transaction: Transaction,
  lease: Lease,
  wakeAt: number | undefined,
  until: number,
): Promise<Loaded | undefined> {
  const { is_wanted: isWanted } = await hold(transaction, lease, until)
  if (isWanted) {
    const [run] = await transaction
      .updateTable('workflow_runs')
      .set({ is_wanted: false })
      .where('id', '=', lease.id)
      .returningAll()
      .execute()
    return load(transaction, run!)
  }
  await letGo(transaction, lease, wakeAt)
  return undefined
}

/** Lets go of a run, whatever it is at. */
export async function letGo(transaction: Transaction, lease: Lease, wakeAt: number | undefined): Promise<void> {
  await transaction
    .updateTable('workflow_runs')
    .set({ state: 'waiting', lost_leases: 0, wake_at: wakeAt === undefined ? null : new Date(wakeAt) })
    .where('id', '=', lease.id)
    .where('fence', '=', lease.fence)
    .where('state', '=', 'running')
    .execute()
}

/** Ends a run that is held. */
export async function endHeld(
  transaction: Transaction,
  lease: Lease,
  end: RunEnd,
  at: number,
): Promise<readonly string[]> {
  await hold(transaction, lease, at)
  const run = await lock(transaction, lease.id)
  return endRun(transaction, run!, end, at)
}

export function deadlinePassed(): WorkflowFailure {
  return {
    code: 'DEADLINE_EXCEEDED',
    category: 'timeout',
    message: 'The deadline of the run has passed',
    mayHaveTakenEffect: true,
  }
}

export function cancelledBy(cancellation: unknown): WorkflowFailure {
  const { by, reason } = cancellation as { readonly by: string; readonly reason: string }
  return {
    code: 'WORKFLOW_CANCELLED',
    category: 'cancelled',
    message: `Cancelled by ${by}: ${reason}`,
    mayHaveTakenEffect: true,
  }
}

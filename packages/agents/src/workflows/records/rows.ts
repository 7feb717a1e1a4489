import type { StoredRow, Transaction } from '@holdfast/store/database'
import { LeaseLost } from '../failures.ts'
import type { ToldRun } from './tell.ts'

export type RunRow = StoredRow<'workflow_runs'>
export type StepRow = StoredRow<'workflow_steps'>
export type SignalRow = StoredRow<'workflow_signals'>

/** What is known of a run that another has begun. */
export type ChildRow = Pick<RunRow, 'id' | 'state' | 'output' | 'failure'>

/** What a run has come to so far. */
export interface Loaded {
  readonly run: RunRow
  readonly steps: readonly StepRow[]
  /** Those that no step has yet, in their order. */
  readonly signals: readonly SignalRow[]
  readonly children: ReadonlyMap<string, ChildRow>
}

/** Whose turn it is at a run. */
export interface Lease extends ToldRun {
  readonly tenant: string
  readonly fence: number
}

/** States of a run that is not over. */
export const OPEN = ['pending', 'running', 'waiting'] as const

export function isOpen({ state }: Pick<RunRow, 'state'>): boolean {
  return (OPEN as readonly string[]).includes(state)
}

/**
 * Holds a run until the transaction ends, and says again that somebody is at it.
 * @throws LeaseLost when another has it, or it is over.
 */
export async function hold(
  transaction: Transaction,
  lease: Lease,
  until: number,
): Promise<Pick<RunRow, 'cancellation' | 'is_wanted'>> {
  const held = await transaction
    .updateTable('workflow_runs')
    .set({ wake_at: new Date(until) })
    .where('id', '=', lease.id)
    .where('fence', '=', lease.fence)
    .where('state', '=', 'running')
    .returning(['cancellation', 'is_wanted'])
    .executeTakeFirst()
  if (held === undefined) throw new LeaseLost('The run is not this worker’s any more')
  return held
}

/** Everything that is needed to run its function again. */
export async function load(transaction: Transaction, run: RunRow): Promise<Loaded> {
  const steps = await transaction.selectFrom('workflow_steps').selectAll().where('run_id', '=', run.id).execute()
  const signals = await transaction
    .selectFrom('workflow_signals')
    .selectAll()
    .where('run_id', '=', run.id)
    .where('taken_by', 'is', null)
    .orderBy('seq')
    .execute()
  const waitsForChild = steps.some(({ kind, state }) => kind === 'delegate' && state === 'waiting')
  const children = waitsForChild
    ? await transaction
        .selectFrom('workflow_runs')
        .select(['id', 'state', 'output', 'failure'])
        .where('parent_run', '=', run.id)
        .execute()
    : []
  return { run, steps, signals, children: new Map(children.map((child) => [child.id, child])) }
}

/** A run, locked until the transaction ends. */
export function lock(transaction: Transaction, id: string): Promise<RunRow | undefined> {
  return transaction.selectFrom('workflow_runs').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
}

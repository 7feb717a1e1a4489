import { json } from '@holdfast/store/database'
import type { Transaction } from '@holdfast/store/database'
import { sql } from 'kysely'
import type { WorkflowFailure } from '../failures.ts'
import { OPEN } from './rows.ts'
import type { RunRow } from './rows.ts'
import { tell } from './tell.ts'

/** How a run ends. */
export type RunEnd =
  | { readonly state: 'completed'; readonly output: unknown }
  | { readonly state: 'failed' | 'cancelled'; readonly failure: WorkflowFailure }

/** Ends a run that is locked. @returns the runs that somebody has to look at now. */
export async function endRun(
  transaction: Transaction,
  run: RunRow,
  end: RunEnd,
  at: number,
): Promise<readonly string[]> {
  const { state } = end
  const failure = state === 'completed' ? undefined : end.failure
  await transaction
    .updateTable('workflow_runs')
    .set({
      state,
      ...(state === 'completed' ? { output: json(end.output) } : { failure: json(failure) }),
      wake_at: null,
      is_wanted: false,
      ended_at: new Date(at),
    })
    .where('id', '=', run.id)
    .execute()
  const woken = await cancelChildren(transaction, run, at)
  // Those of one that has failed stay as they are: it may be brought back.
  if (state !== 'failed') {
    await transaction
      .updateTable('workflow_steps')
      .set({ state: 'cancelled', ended_at: new Date(at) })
      .where('run_id', '=', run.id)
      .where('state', 'in', ['running', 'waiting'])
      .execute()
  }
  if (run.parent_run !== null) woken.push(...(await tellParent(transaction, run, run.parent_run, end, at)))
  const details = failure === undefined ? {} : { code: failure.code, message: failure.message }
  await tell(transaction, run, `workflow-${state}`, details)
  return woken
}

/** Those whose output the run waited for. Each ends itself when it is looked at. */
async function cancelChildren(transaction: Transaction, run: RunRow, at: number): Promise<string[]> {
  const waiting = await transaction
    .selectFrom('workflow_steps')
    .select('spec')
    .where('run_id', '=', run.id)
    .where('kind', '=', 'delegate')
    .where('state', '=', 'waiting')
    .execute()
  const ids = waiting.map(({ spec }) => spec['runId'] as string)
  for (const id of ids)
    await requestCancel(transaction, id, { by: run.started_by, reason: 'The run that waited for it is over' }, at)
  return ids
}

/** Says that a run is to end; whoever looks at it next ends it. */
export async function requestCancel(
  transaction: Transaction,
  id: string,
  { by, reason }: { readonly by: string; readonly reason: string },
  at: number,
): Promise<void> {
  await transaction
    .updateTable('workflow_runs')
    .set({ cancellation: json({ by, reason, at }), is_wanted: true, wake_at: wakeNow(at) })
    .where('id', '=', id)
    .where('state', 'in', OPEN)
    .execute()
}

/** The run that began this one goes on, or hears of it. */
async function tellParent(
  transaction: Transaction,
  run: RunRow,
  parent: string,
  end: RunEnd,
  at: number,
): Promise<readonly string[]> {
  if (run.parent_signal === null) {
    await transaction
      .updateTable('workflow_runs')
      .set({ is_wanted: true, wake_at: wakeNow(at) })
      .where('id', '=', parent)
      .where('state', 'in', OPEN)
      .execute()
    return [parent]
  }
  const report =
    end.state === 'completed'
      ? { runId: run.id, state: end.state, output: end.output }
      : { runId: run.id, state: end.state, failure: { code: end.failure.code, message: end.failure.message } }
  const seq = await nextSignal(transaction, parent, at)
  if (seq === undefined) return []
  await transaction
    .insertInto('workflow_signals')
    .values({
      run_id: parent,
      seq,
      created_at: new Date(at),
      signal: run.parent_signal,
      source: run.parent_step,
      payload: json(report),
      sent_by: `run:${run.id}`,
      // One that was brought back reports again.
      idempotency_key: `report:${run.id}:${run.fence}`,
    })
    .execute()
  return [parent]
}

/** The number of the next signal to a run, which is held until the transaction ends. `undefined` where it is over. */
export async function nextSignal(transaction: Transaction, id: string, at: number): Promise<number | undefined> {
  const row = await transaction
    .updateTable('workflow_runs')
    .set((column) => ({ signals: column('signals', '+', 1), is_wanted: true, wake_at: wakeNow(at) }))
    .where('id', '=', id)
    .where('state', 'in', OPEN)
    .returning('signals')
    .executeTakeFirst()
  return row?.signals
}

/** Now, unless somebody is at it: then it is the end of his lease, and he looks again himself. */
function wakeNow(at: number): ReturnType<typeof sql<Date>> {
  return sql<Date>`case when state = 'running' then wake_at else ${new Date(at)} end`
}

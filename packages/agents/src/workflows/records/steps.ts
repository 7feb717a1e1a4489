import { json } from '@holdfast/store/database'
import type { Transaction } from '@holdfast/store/database'
import type { WorkflowFailure } from '../failures.ts'
import { hold } from './rows.ts'
import type { Lease, StepRow } from './rows.ts'
import { tell } from './tell.ts'
import type { WorkflowEventName } from './tell.ts'

/** Where a step stands in its run. */
export interface Spot {
  /** With the branches that it is in, such as `offers/jets/search`. */
  readonly name: string
  readonly scope: string
  readonly position: number
  readonly kind: string
  /** Who does it, for the log: of an agent its name. */
  readonly agent?: string | undefined
}

/** What is written of a step. */
export interface StepChange {
  readonly state: StepRow['state']
  readonly attempts?: number | undefined
  readonly failures?: number | undefined
  readonly spec?: Readonly<Record<string, unknown>> | undefined
  readonly result?: unknown
  readonly failure?: WorkflowFailure | undefined
  readonly wakeAt?: number | undefined
  /** Signals that it has taken. */
  readonly taken?: readonly number[] | undefined
  /** `undefined` where nobody needs to hear of it. */
  readonly event: WorkflowEventName | undefined
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

/** What a write needs. */
export interface StepWrite {
  readonly lease: Lease
  readonly at: number
  /** Until when the run is held from now on. */
  readonly until: number
}

/**
 * Writes what became of a step, with its event and its line of the log, as long as the run is held. One that is over stays as it is: a person may have decided, or the same was written
 * before and nobody heard of it.
 * @returns the step as it is now.
 */
export async function writeStep(
  transaction: Transaction,
  { lease, at, until }: StepWrite,
  spot: Spot,
  change: StepChange,
): Promise<StepRow> {
  await hold(transaction, lease, until)
  return writeHeldStep(transaction, lease, at, spot, change)
}

/** The same in a transaction that holds the run already. */
export async function writeHeldStep(
  transaction: Transaction,
  lease: Lease,
  at: number,
  spot: Spot,
  change: StepChange,
): Promise<StepRow> {
  const before = await findStep(transaction, lease, spot.name)
  if (before?.state === 'completed' || before?.state === 'failed') return before
  const row = await (before === undefined
    ? insertStep(transaction, lease, at, spot, change)
    : updateStep(transaction, lease, at, spot, change))
  if (change.taken !== undefined && change.taken.length > 0) {
    await transaction
      .updateTable('workflow_signals')
      .set({ taken_by: spot.name })
      .where('run_id', '=', lease.id)
      .where('seq', 'in', change.taken)
      .execute()
  }
  if (change.state === 'completed' || change.state === 'failed') {
    await transaction.updateTable('workflow_runs').set({ lost_leases: 0 }).where('id', '=', lease.id).execute()
  }
  const { attempts } = row
  if (change.event === undefined) return row
  await tell(
    transaction,
    lease,
    change.event,
    { step: spot.name, kind: spot.kind, ...(attempts > 0 ? { attempt: attempts } : {}), ...change.details },
    spot.agent,
  )
  return row
}

export function findStep(transaction: Transaction, lease: Lease, name: string): Promise<StepRow | undefined> {
  return transaction
    .selectFrom('workflow_steps')
    .selectAll()
    .where('run_id', '=', lease.id)
    .where('name', '=', name)
    .executeTakeFirst()
}

function insertStep(
  transaction: Transaction,
  lease: Lease,
  at: number,
  { name, scope, position, kind }: Spot,
  change: StepChange,
): Promise<StepRow> {
  return transaction
    .insertInto('workflow_steps')
    .values({
      run_id: lease.id,
      name,
      scope,
      position,
      kind,
      started_at: new Date(at),
      ...columnsOf(change, at),
      state: change.state,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

function updateStep(
  transaction: Transaction,
  lease: Lease,
  at: number,
  { name }: Spot,
  change: StepChange,
): Promise<StepRow> {
  return transaction
    .updateTable('workflow_steps')
    .set(columnsOf(change, at))
    .where('run_id', '=', lease.id)
    .where('name', '=', name)
    .returningAll()
    .executeTakeFirstOrThrow()
}

function columnsOf(change: StepChange, at: number) {
  const { state, attempts, failures, spec, failure, wakeAt } = change
  const isOver = state === 'completed' || state === 'failed'
  return {
    state,
    wake_at: wakeAt === undefined ? null : new Date(wakeAt),
    ...(attempts === undefined ? {} : { attempts }),
    ...(failures === undefined ? {} : { failures }),
    ...(spec === undefined ? {} : { spec: json(spec) }),
    ...('result' in change ? { result: json(change.result ?? null) } : {}),
    ...(failure === undefined ? {} : { failure: json(failure) }),
    ...(isOver ? { ended_at: new Date(at) } : {}),
  }
}

import { randomUUID } from 'node:crypto'
import { json } from '@holdfast/store/database'
import { wholeFrom } from '../../mcp/shared/invalid.ts'
import type { WorkflowFailure } from '../failures.ts'
import { hold } from '../records/rows.ts'
import { findStep, writeHeldStep } from '../records/steps.ts'
import { tell } from '../records/tell.ts'
import type { DelegateOptions } from '../run.ts'
import type { Workflow } from '../workflow.ts'
import { settledAs } from './replay.ts'
import type { Reached, Replay, Settled } from './replay.ts'
import { checkSignal, YEAR_MS } from './waits.ts'

/** Hands work to another workflow: its run is begun in the transaction that keeps the step. */
export async function performDelegate(
  replay: Replay,
  reached: Reached,
  workflow: Workflow<never>,
  input: unknown,
  options: DelegateOptions,
): Promise<Settled> {
  const { record } = reached
  return record === undefined
    ? begin(replay, reached, workflow, input, options)
    : look(replay, reached, record.spec['runId'] as string)
}

async function begin(
  replay: Replay,
  reached: Reached,
  workflow: Workflow<never>,
  input: unknown,
  { wait = true, deadlineMs, report, source }: DelegateOptions,
): Promise<Settled> {
  const { lease, loaded, at } = replay
  const { run } = loaded
  if (deadlineMs !== undefined) wholeFrom('deadlineMs', deadlineMs, 1, YEAR_MS)
  const checked = await workflow.input.safeParseAsync(input)
  if (!checked.success) return refused(replay, reached, workflow.name)
  const given = replay.json(input, 'the input')
  const ends = [run.deadline_at?.getTime(), deadlineMs === undefined ? undefined : at + deadlineMs]
  const deadlineAt = Math.min(...ends.filter((end) => end !== undefined))
  const row = await replay.persist(async (transaction) => {
    await hold(transaction, lease, replay.writing.until)
    const before = await findStep(transaction, lease, reached.name)
    if (before !== undefined) return before
    const id = randomUUID()
    await transaction
      .insertInto('workflow_runs')
      .values({
        id,
        created_at: new Date(at),
        workflow: workflow.name,
        version: workflow.version,
        input: json(given),
        request_id: run.request_id,
        started_by: run.started_by,
        wake_at: new Date(at),
        deadline_at: deadlineAt === Infinity ? null : new Date(deadlineAt),
        // One that nobody waits for, and that reports to nobody, is on its own.
        ...(wait || report !== undefined
          ? {
              parent_run: run.id,
              parent_step: source ?? stepName(reached),
              parent_signal: wait ? null : checkSignal(report!),
            }
          : {}),
      })
      .execute()
    await tell(transaction, { id, workflow: workflow.name, request_id: run.request_id }, 'workflow-started', {
      version: workflow.version,
      by: `run:${run.id}`,
    })
    const details = { delegatedTo: workflow.name, childRunId: id }
    return writeHeldStep(
      transaction,
      lease,
      at,
      reached,
      wait
        ? { state: 'waiting', spec: { runId: id, workflow: workflow.name }, event: 'step-waiting', details }
        : { state: 'completed', spec: { runId: id }, result: { runId: id }, event: 'step-completed', details },
    )
  })
  await replay.environment.wake(lease.tenant, row.spec['runId'] as string)
  return settledAs(row)
}

/** What the other run has come to. */
async function look(replay: Replay, reached: Reached, runId: string): Promise<Settled> {
  const child = replay.child(runId)
  if (child?.state === 'completed')
    return settledAs(
      await replay.write(reached, {
        state: 'completed',
        result: child.output,
        event: 'step-completed',
        details: { childRunId: runId },
      }),
    )
  if (child !== undefined && child.state !== 'failed' && child.state !== 'cancelled') return { waitsUntil: undefined }
  const failure = (child?.failure ?? gone(runId)) as WorkflowFailure
  const { code, category, message, mayHaveTakenEffect } = failure
  return settledAs(
    await replay.write(reached, {
      state: 'failed',
      failure: { code, category, message, mayHaveTakenEffect },
      event: 'step-failed',
      details: { childRunId: runId, code, message },
    }),
  )
}

function refused(replay: Replay, reached: Reached, workflow: string): Promise<Settled> {
  const failure: WorkflowFailure = {
    code: 'INVALID_INPUT',
    category: 'validation',
    message: `The input does not fit the schema of ${workflow}`,
    mayHaveTakenEffect: false,
  }
  const { code, message } = failure
  return replay
    .write(reached, { state: 'failed', failure, event: 'step-failed', details: { code, message } })
    .then(settledAs)
}

/** Without the branches that it is in. */
function stepName({ name, scope }: Reached): string {
  return scope === '' ? name : name.slice(scope.length + 1)
}

function gone(runId: string): WorkflowFailure {
  return {
    code: 'WORKFLOW_RUN_UNKNOWN',
    category: 'client',
    message: `The run ${runId} is not kept any more`,
    mayHaveTakenEffect: true,
  }
}

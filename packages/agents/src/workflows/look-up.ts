import type { Transaction } from '@holdfast/store/database'
import { wholeFrom } from '../mcp/shared/invalid.ts'
import type { WorkflowEnvironment } from './environment.ts'
import { stepError, workflowError } from './failures.ts'
import type { WorkflowFailure } from './failures.ts'
import type { RunRow, StepRow } from './records/rows.ts'
import { topicOf } from './records/tell.ts'
import { tenantOf } from './start.ts'
import { checkRunId, isRunId, unknownRun } from './tell-run.ts'
import type { Caller, ListOptions, RunSnapshot, RunSummary, StepSnapshot } from './workflows.ts'

/** How soon a run that is waited for is looked at again, at first and at most, in ms. */
const FIRST_LOOK_MS = 100
const LAST_LOOK_MS = 2_000

const DAY_MS = 86_400_000

/** Reads in the name of whoever asks. */
function read<T>(
  { store }: WorkflowEnvironment,
  by: Caller,
  work: (transaction: Transaction) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  return typeof by === 'string' ? store.asWorker(by, work, { signal }) : store.withClaims(by, work, { signal })
}

export async function getRun(
  environment: WorkflowEnvironment,
  by: Caller,
  runId: string,
  signal?: AbortSignal,
): Promise<RunSnapshot | undefined> {
  if (!isRunId(runId)) return undefined
  return read(
    environment,
    by,
    async (transaction) => {
      const run = await transaction.selectFrom('workflow_runs').selectAll().where('id', '=', runId).executeTakeFirst()
      if (run === undefined) return undefined
      const steps = await transaction
        .selectFrom('workflow_steps')
        .selectAll()
        .where('run_id', '=', runId)
        .orderBy('started_at')
        .orderBy('position')
        .orderBy('name')
        .execute()
      return snapshotOf(run, steps)
    },
    signal,
  )
}

export async function listRuns(
  environment: WorkflowEnvironment,
  by: Caller,
  options: ListOptions,
): Promise<readonly RunSummary[]> {
  const { workflow, state, requestId, awaitsApproval = false, limit = 100, before, signal } = options
  wholeFrom('limit', limit, 1, 1_000)
  return read(
    environment,
    by,
    async (transaction) => {
      let query = transaction.selectFrom('workflow_runs').selectAll()
      if (workflow !== undefined) query = query.where('workflow', '=', workflow)
      if (state !== undefined) query = query.where('state', '=', state)
      if (requestId !== undefined) query = query.where('request_id', '=', requestId)
      if (awaitsApproval) {
        query = query
          .where('state', 'in', ['running', 'waiting'])
          .where((is) =>
            is.exists(
              is
                .selectFrom('workflow_steps')
                .select('workflow_steps.name')
                .whereRef('workflow_steps.run_id', '=', 'workflow_runs.id')
                .where('workflow_steps.kind', '=', 'approval')
                .where('workflow_steps.state', '=', 'waiting'),
            ),
          )
      }
      if (before !== undefined) {
        const last = transaction.selectFrom('workflow_runs').where('id', '=', checkRunId(before))
        query = query.where((is) =>
          is(is.refTuple('created_at', 'id'), '<', last.select(['created_at', 'id']).$asTuple('created_at', 'id')),
        )
      }
      const runs = await query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute()
      return runs.map(summaryOf)
    },
    signal,
  )
}

/** Waits for what a run comes to. */
export async function resultOf(
  environment: WorkflowEnvironment,
  by: Caller,
  runId: string,
  {
    timeoutMs = 30_000,
    signal,
  }: { readonly timeoutMs?: number | undefined; readonly signal?: AbortSignal | undefined },
): Promise<unknown> {
  const { clock } = environment
  wholeFrom('timeoutMs', timeoutMs, 1, DAY_MS)
  const until = clock.now() + timeoutMs
  const first = await outcomeOf(environment, by, runId, signal)
  if (isOver(first)) return settledAs(first)
  const waiting = environment.waits.enter(tenantOf(by), topicOf({ id: runId, request_id: first.request_id }))
  try {
    for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(lookMs * 2, LAST_LOOK_MS)) {
      // It may have ended before the events were listened to.
      const run = await outcomeOf(environment, by, runId, signal)
      if (isOver(run)) return settledAs(run)
      const leftMs = until - clock.now()
      if (leftMs <= 0)
        throw workflowError(
          'RESULT_TIMEOUT',
          'timeout',
          `The run ${runId} was not over within ${timeoutMs} ms; it goes on`,
        )
      await waiting.pause(Math.min(lookMs, leftMs), signal)
    }
  } finally {
    waiting.end()
  }
}

type RunOutcome = Pick<RunRow, 'state' | 'output' | 'failure' | 'request_id'>

async function outcomeOf(
  environment: WorkflowEnvironment,
  by: Caller,
  runId: string,
  signal: AbortSignal | undefined,
): Promise<RunOutcome> {
  const run = await read(
    environment,
    by,
    (transaction) =>
      transaction
        .selectFrom('workflow_runs')
        .select(['state', 'output', 'failure', 'request_id'])
        .where('id', '=', checkRunId(runId))
        .executeTakeFirst(),
    signal,
  )
  if (run === undefined) throw unknownRun(runId)
  return run
}

function isOver({ state }: RunOutcome): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled'
}

function settledAs({ state, output, failure }: RunOutcome): unknown {
  if (state === 'completed') return output
  throw stepError(failure as WorkflowFailure)
}

function snapshotOf(run: RunRow, steps: readonly StepRow[]): RunSnapshot {
  return {
    ...summaryOf(run),
    input: run.input,
    ...(run.state === 'completed' ? { output: run.output } : {}),
    steps: steps.map(stepOf),
  }
}

function summaryOf(run: RunRow): RunSummary {
  return {
    runId: run.id,
    workflow: run.workflow,
    version: run.version,
    state: run.state,
    startedBy: run.started_by,
    createdAt: run.created_at,
    ...(run.request_id === null ? {} : { requestId: run.request_id }),
    ...(run.parent_run === null ? {} : { parentRunId: run.parent_run }),
    ...(run.ended_at === null ? {} : { endedAt: run.ended_at }),
    ...(run.deadline_at === null ? {} : { deadlineAt: run.deadline_at }),
    ...(run.wake_at === null ? {} : { wakeAt: run.wake_at }),
    ...(run.failure === null ? {} : { failure: run.failure as WorkflowFailure }),
  }
}

function stepOf(step: StepRow): StepSnapshot {
  const { name, kind, state, attempts, spec } = step
  return {
    name,
    kind,
    state,
    attempts,
    spec,
    startedAt: step.started_at,
    ...(state === 'completed' ? { result: step.result } : {}),
    ...(step.failure === null || state === 'completed' ? {} : { failure: step.failure as WorkflowFailure }),
    ...(step.wake_at === null ? {} : { wakeAt: step.wake_at }),
    ...(step.ended_at === null ? {} : { endedAt: step.ended_at }),
  }
}

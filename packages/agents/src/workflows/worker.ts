import { sql } from 'kysely'
import { wholeFrom } from '../mcp/shared/invalid.ts'
import { advance, LocalAdvances } from './advance.ts'
import type { WorkflowEnvironment } from './environment.ts'
import type { WorkflowWorker } from './workflows.ts'

/** Runs that one sweep finds at most, of each kind. */
const MOST = 200

/** The jobs of runs have no time limit of their own, a day aside: steps have. */
const ATTEMPT_TIMEOUT_MS = 86_400_000

/** Who looks for runs that are due: it has no rows of its own. */
const SWEEPER = 'holdfast-workflows'

/** Starts somebody who lets runs go on. */
export async function startWorker(
  environment: WorkflowEnvironment,
  all: Set<LocalAdvances>,
  { concurrency = 4 }: { readonly concurrency?: number | undefined },
): Promise<WorkflowWorker> {
  const { jobs, settings, clock } = environment
  wholeFrom('concurrency', concurrency, 1, 1_000)
  const advances = new LocalAdvances()
  all.add(advances)
  const worker = await jobs.work<{ readonly runId: string }>(
    settings.queue,
    async ({ data, tenant, signal }) => {
      await advance(environment, advances, tenant, data.runId, signal)
    },
    { concurrency, attemptTimeoutMs: ATTEMPT_TIMEOUT_MS },
  )
  let isStopped = false
  let sweeping: Promise<unknown> = Promise.resolve()
  let task = clock.schedule(0, again)

  function again(): void {
    sweeping = sweep(environment)
      // The store or the queue is away: the next one finds them.
      .catch(() => 0)
      .finally(() => {
        if (!isStopped) task = clock.schedule(settings.sweepMs, again)
      })
  }

  return {
    get running() {
      return advances.running
    },
    async stop(options = {}) {
      isStopped = true
      task.cancel()
      advances.drain()
      await worker.stop(options)
      await sweeping
      all.delete(advances)
    },
  }
}

/** Wakes the runs that are due, and takes away those that have been over for long. @returns how many were woken. */
export async function sweep(environment: WorkflowEnvironment): Promise<number> {
  const { store, jobs, settings, clock } = environment
  await environment.follow()
  const at = clock.wallTime()
  const { rows } = await store.asWorker(SWEEPER, (transaction) =>
    sql<{ tenant: string; id: string; due_at: Date; is_over: boolean }>`
      select tenant, id, due_at, is_over from due_workflow_runs(${new Date(at)}, ${new Date(at - settings.keepMs)}, ${MOST})`.execute(
      transaction,
    ),
  )
  const due = rows.filter((row) => !row.is_over)
  for (const { tenant, id, due_at: dueAt } of due) {
    // One that waits in the queue already is not added again; one that was lost with its worker is, as the run was due at another time then.
    await jobs.add(settings.queue, { runId: id }, { tenant, deduplicationKey: `sweep:${id}:${dueAt.getTime()}` })
  }
  const old = Map.groupBy(
    rows.filter((row) => row.is_over),
    ({ tenant }) => tenant,
  )
  for (const [tenant, runs] of old) {
    await store.asWorker(tenant, (transaction) =>
      transaction
        .deleteFrom('workflow_runs')
        .where(
          'id',
          'in',
          runs.map(({ id }) => id),
        )
        .where('ended_at', '<', new Date(at - settings.keepMs))
        .execute(),
    )
  }
  return due.length
}

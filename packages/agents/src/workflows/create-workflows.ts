import { systemRandom } from '@holdfast/core'
import type { LocalAdvances } from './advance.ts'
import { patiently } from './environment.ts'
import type { WorkflowEnvironment } from './environment.ts'
import { getRun, listRuns, resultOf } from './look-up.ts'
import { workflowSettings } from './options.ts'
import type { WorkflowsOptions } from './options.ts'
import { start } from './start.ts'
import { cancel, decide, lookForSettlements, redrive, sendSignal } from './tell-run.ts'
import { RunWaits } from './run-waits.ts'
import { storeClock } from './store-clock.ts'
import { startWorker, sweep } from './worker.ts'
import { workflowRegistry } from './workflow.ts'
import type { Workflow } from './workflow.ts'
import type { Workflows, WorkflowWorker } from './workflows.ts'

/** The longest that a job can be put off, in ms: a year. */
const LONGEST_DELAY_MS = 31_536_000_000

/**
 * Makes workflows over a store and jobs.
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createWorkflows(options: WorkflowsOptions): Workflows {
  const { store, jobs, workflows, random = systemRandom } = options
  const followed = storeClock(store)
  const { clock = followed } = options
  const settings = workflowSettings(options)
  const registry = workflowRegistry(workflows)
  const waits = new RunWaits(store, clock)
  const environment: WorkflowEnvironment = {
    store,
    jobs,
    settings,
    registry,
    clock,
    async follow(transaction) {
      if (clock !== followed) return
      await (transaction === undefined ? patiently(clock, () => followed.follow()) : followed.follow(transaction))
    },
    random,
    waits,
    async wake(tenant, runId, at) {
      const delayMs = at === undefined ? 0 : Math.max(0, Math.ceil(at - clock.wallTime()))
      if (delayMs > LONGEST_DELAY_MS) return
      try {
        await jobs.add(
          settings.queue,
          { runId },
          { tenant, delayMs, ...(delayMs === 0 ? {} : { deduplicationKey: `wake:${runId}:${at}` }) },
        )
      } catch {
        // It is due in the store: the next sweep finds it.
      }
    },
  }
  const local = new Set<LocalAdvances>()
  const workers = new Set<WorkflowWorker>()
  const look = (runId: string): void => {
    for (const advances of local) advances.look(runId)
  }
  return Object.freeze({
    start: (by, workflow, input, more = {}) =>
      start(environment, by, workflow as Workflow<never> | string, input, more),
    signal: (by, runId, name, payload, more = {}) => sendSignal(environment, by, runId, name, payload ?? null, more),
    approve: (by, runId, step, { note } = {}) => decide(environment, by, runId, step, 'approved', note),
    reject: (by, runId, step, { note } = {}) => decide(environment, by, runId, step, 'rejected', note),
    async cancel(by, runId, { reason = 'No reason was given' } = {}) {
      const wasOpen = await cancel(environment, by, runId, reason)
      look(runId)
      return wasOpen
    },
    redrive: (by, runId) => redrive(environment, by, runId),
    settled: (tenant) => lookForSettlements(environment, tenant),
    get: (by, runId, { signal } = {}) => getRun(environment, by, runId, signal),
    list: (by, more = {}) => listRuns(environment, by, more),
    result: (by, runId, more = {}) => resultOf(environment, by, runId, more),
    async work(more = {}) {
      const worker = await startWorker(environment, local, more)
      workers.add(worker)
      return worker
    },
    sweep: () => sweep(environment),
    async close(more = {}) {
      await Promise.all([...workers].map((worker) => worker.stop(more)))
      await waits.close()
    },
  } satisfies Workflows)
}

import type { Clock } from '@holdfast/core'
import { JOB_DEFAULTS } from './checks.ts'
import type { ClaimedJob, Outcome, WorkSettings } from './driver.ts'
import type { JobHandler, JobWorker } from './job.ts'
import { runJob } from './run-job.ts'
import type { RunEnvironment } from './run-job.ts'

/** What a worker needs. */
export interface WorkerEnvironment extends Omit<RunEnvironment, 'shutdown'> {
  readonly settings: WorkSettings
  readonly clock: Clock
  readonly onStopped: () => void
}

/** Starts somebody who does the jobs of a queue. */
export async function startWorker(
  queue: string,
  handler: JobHandler<never>,
  environment: WorkerEnvironment,
): Promise<JobWorker> {
  const { driver, clock, settings, onStopped } = environment
  const shutdown = new AbortController()
  let running = 0
  let drained: (() => void) | undefined
  const run = async (job: ClaimedJob): Promise<Outcome> => {
    running += 1
    try {
      return await runJob(job, handler, { ...environment, shutdown: shutdown.signal })
    } finally {
      running -= 1
      if (running === 0) drained?.()
    }
  }
  const inner = await driver.work(queue, settings, run)
  let stopping: Promise<void> | undefined

  async function stop(drainMs: number): Promise<void> {
    const stopped = inner.stop()
    await drain(drainMs)
    shutdown.abort(new Error('The worker is shut down'))
    await stopped
    onStopped()
  }

  function drain(ms: number): Promise<void> {
    if (running === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const task = clock.schedule(ms, resolve)
      drained = () => {
        task.cancel()
        resolve()
      }
    })
  }

  return {
    queue,
    get running() {
      return running
    },
    stop: ({ drainMs = JOB_DEFAULTS.drainMs } = {}) => (stopping ??= stop(drainMs)),
  }
}

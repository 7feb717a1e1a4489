import { toHoldfastError } from '@holdfast/core'
import type { Clock, Events } from '@holdfast/core'
import { checkJson } from './checks.ts'
import type { ClaimedJob, JobDriver, Outcome } from './driver.ts'
import type { JobEnded, JobEvent } from './events.ts'
import { failureOf, isUnrecoverable, jobError } from './failures.ts'
import type { JobHandler, JobReference, RunningJob } from './job.ts'
import { untilAborted } from './until-aborted.ts'

/** How often a job that runs is asked after, whether somebody has cancelled it, in ms. */
const CANCEL_CHECK_MS = 500

const MAX_PROGRESS_BYTES = 65_536

/** How long a handler that has been told to end may take for it before its place is given to the next job, in ms. */
const LINGER_MS = 5_000

/** What a try needs around it. */
export interface RunEnvironment {
  readonly driver: JobDriver
  readonly clock: Clock
  readonly events: Events<JobEvent> | undefined
  readonly attemptTimeoutMs: number
  /** Aborts at a forced shutdown. */
  readonly shutdown: AbortSignal
}

/** Makes one try of a job. Never rejects. */
export async function runJob(
  claimed: ClaimedJob,
  handler: JobHandler<never>,
  environment: RunEnvironment,
): Promise<Outcome> {
  const { clock, events } = environment
  const { queue, id, attempt, envelope } = claimed
  const { tenant, requestId } = envelope
  const labels = { queue, id, tenant, attempt, ...(requestId === undefined ? {} : { requestId }) }
  const startedAt = clock.now()
  events?.emit({ type: 'job-started', at: clock.wallTime(), ...labels })
  const outcome = await attemptOf(claimed, handler, environment)
  const isFinal = outcome.status === 'failed' && (outcome.isFinal || attempt > envelope.retry.maxRetries)
  const told: JobEnded['outcome'] = outcome.status === 'failed' ? (isFinal ? 'failed' : 'retried') : outcome.status
  events?.emit({
    type: 'job-ended',
    at: clock.wallTime(),
    ...labels,
    durationMs: clock.now() - startedAt,
    outcome: told,
    ...(outcome.status === 'failed' ? { code: outcome.failure.code } : {}),
  })
  return outcome
}

async function attemptOf(
  claimed: ClaimedJob,
  handler: JobHandler<never>,
  environment: RunEnvironment,
): Promise<Outcome> {
  const { clock, driver, shutdown, attemptTimeoutMs } = environment
  const { envelope } = claimed
  const leftMs = (envelope.deadlineAt ?? Infinity) - clock.wallTime()
  if (leftMs <= 0) return failed(deadlineExceeded(), true)
  if (envelope.cancelled === true) return failed(cancelled(), true)
  if (shutdown.aborted) return { status: 'released' }

  const stop = new AbortController()
  const { signal } = stop
  let isReleased = false
  // One signal that others are passed on to: those that watch several cost more than a short job.
  const release = (event: Event): void => {
    isReleased = true
    stop.abort((event.target as AbortSignal).reason)
  }
  const others = claimed.signal === undefined ? [shutdown] : [shutdown, claimed.signal]
  for (const other of others) other.addEventListener('abort', release)
  const isLast = leftMs <= attemptTimeoutMs
  const watches = [
    clock.schedule(Math.min(attemptTimeoutMs, leftMs), () =>
      stop.abort(isLast ? deadlineExceeded() : timedOut(attemptTimeoutMs)),
    ),
    everyNow(clock, CANCEL_CHECK_MS, async () => {
      if (await wasCancelled(driver, claimed)) stop.abort(cancelled())
    }),
  ]
  const work = handlerResult(handler, claimed, signal, driver)
  try {
    const result = await untilAborted(work, signal)
    return { status: 'completed', result: checkJson(result, 'the result of a job') }
  } catch (error) {
    if (signal.aborted) await settledWithin(clock, LINGER_MS, work)
    if (isReleased) return { status: 'released' }
    const isOver = signal.aborted && (isLast || (signal.reason as { readonly code?: unknown }).code === 'JOB_CANCELLED')
    return failed(signal.aborted ? signal.reason : error, isOver || isUnrecoverable(error))
  } finally {
    for (const watch of watches) watch.cancel()
    for (const other of others) other.removeEventListener('abort', release)
  }
}

/** The handler at work. Not async itself: what it throws at once is a rejection all the same. */
function handlerResult(
  handler: JobHandler<never>,
  claimed: ClaimedJob,
  signal: AbortSignal,
  driver: JobDriver,
): Promise<unknown> {
  const { envelope, queue, id, attempt } = claimed
  const job: RunningJob = {
    queue,
    id,
    attempt,
    data: envelope.data,
    tenant: envelope.tenant,
    requestId: envelope.requestId,
    traceparent: envelope.traceparent,
    deadlineAt: envelope.deadlineAt,
    dueAt: envelope.dueAt,
    signal,
    progress: async (value) => claimed.progress(checkJson(value, 'progress', MAX_PROGRESS_BYTES)),
    childResults: () => Promise.all((envelope.children ?? []).map((child) => resultOf(driver, child))),
  }
  return Promise.resolve().then(() => handler(job as RunningJob<never>))
}

async function resultOf(driver: JobDriver, child: JobReference): Promise<unknown> {
  const found = await driver.find(child)
  if (found?.state === 'completed') return found.result
  throw jobError(
    'CHILD_RESULT_GONE',
    'client',
    `The result of the job ${child.id} of ${child.queue} is not kept any more`,
  )
}

/** Where the queue cannot be asked, nobody is known to have cancelled it. */
async function wasCancelled(driver: JobDriver, job: JobReference): Promise<boolean> {
  try {
    return await driver.isCancelled(job)
  } catch {
    return false
  }
}

function failed(thrown: unknown, isFinal: boolean): Outcome {
  const { retryAfterMs } = toHoldfastError(thrown, 'job')
  return {
    status: 'failed',
    failure: failureOf(thrown),
    isFinal,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

/** Again and again, each time so long after the last one has ended. */
function everyNow(clock: Clock, ms: number, look: () => Promise<void>): { cancel(): void } {
  let isOver = false
  let task = clock.schedule(ms, again)
  function again(): void {
    void look().finally(() => {
      if (!isOver) task = clock.schedule(ms, again)
    })
  }
  return {
    cancel() {
      isOver = true
      task.cancel()
    },
  }
}

/** Waits for the end of what nobody waits for any more, so that its place is taken for as long as it works; but not for ever. */
function settledWithin(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const task = clock.schedule(ms, resolve)
    const end = (): void => {
      task.cancel()
      resolve()
    }
    work.then(end, end)
  })
}

function deadlineExceeded(): Error {
  return jobError('DEADLINE_EXCEEDED', 'timeout', 'The deadline of the job has passed')
}

function cancelled(): Error {
  return jobError('JOB_CANCELLED', 'cancelled', 'The job was cancelled')
}

function timedOut(ms: number): Error {
  return jobError('ATTEMPT_TIMEOUT', 'timeout', `The job did not end within ${ms} ms`)
}

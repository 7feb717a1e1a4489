import { createHash } from 'node:crypto'
import { HoldfastError } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import type { Transaction } from '@holdfast/store/database'
import { invalid, wholeFrom } from '../../mcp/shared/invalid.ts'
import { isWorthAnotherTry, LeaseLost, workflowFailureOf, WRITE_UNCONFIRMED } from '../failures.ts'
import type { WorkflowFailure } from '../failures.ts'
import { hold } from '../records/rows.ts'
import { findStep, writeHeldStep } from '../records/steps.ts'
import type { StepChange } from '../records/steps.ts'
import { STEP_DEFAULTS } from '../run.ts'
import type { StepContext, StepOptions } from '../run.ts'
import { settledAs } from './replay.ts'
import type { Reached, Replay, Settled } from './replay.ts'

type Settings = Required<{ readonly [Name in keyof StepOptions]: NonNullable<StepOptions[Name]> }>

/** How often a transaction that was in another's way is made again, without it counting as a try. */
const CONFLICTS = 5

/** How soon a step that waits for a person to settle its write looks by itself, in ms: he may have done so at another place. */
const SETTLEMENT_LOOK_MS = 300_000

/** @throws HoldfastError `INVALID_OPTION` */
export function stepSettings(options: StepOptions): Settings {
  const { repeatable = STEP_DEFAULTS.repeatable, awaitsSettlement = STEP_DEFAULTS.awaitsSettlement } = options
  if (typeof repeatable !== 'boolean') throw invalid('repeatable', 'true or false', repeatable)
  if (typeof awaitsSettlement !== 'boolean') throw invalid('awaitsSettlement', 'true or false', awaitsSettlement)
  const whole = (name: 'retries' | 'backoffMs' | 'maxBackoffMs' | 'timeoutMs', least: number, most: number): number =>
    wholeFrom(name, options[name] ?? STEP_DEFAULTS[name], least, most)
  return {
    repeatable,
    awaitsSettlement,
    retries: whole('retries', 0, 100),
    backoffMs: whole('backoffMs', 0, 86_400_000),
    maxBackoffMs: whole('maxBackoffMs', 0, 86_400_000),
    timeoutMs: whole('timeoutMs', 1, 3_600_000),
  }
}

/** Does something outside, and keeps what it gave. */
export async function performStep(
  replay: Replay,
  reached: Reached,
  settings: Settings,
  work: (context: StepContext) => unknown,
  detailsOf: (value: unknown) => Readonly<Record<string, unknown>> = () => ({}),
): Promise<Settled> {
  const { record } = reached
  if (waitsStill(replay, reached)) return { waitsUntil: record?.wake_at?.getTime() }
  if (record?.state === 'running' && !settings.repeatable)
    return writeFailure(replay, reached, outcomeUnknown(), record.failures)
  let failures = record?.failures ?? 0
  for (let attempt = (record?.attempts ?? 0) + 1; ; attempt += 1) {
    // One that only looks whether somebody has settled its write is no news.
    const event = awaitedSettlement(reached) ? undefined : 'step-started'
    await replay.write(reached, { state: 'running', attempts: attempt, event })
    let value: unknown
    try {
      const given = await within(replay.environment.clock, settings.timeoutMs, replay.signal, (signal) =>
        work(contextFor(replay, reached.name, attempt, signal)),
      )
      value = replay.json(given, `the result of ${reached.name}`)
    } catch (error) {
      if (replay.isOver) return { waitsUntil: undefined }
      if (settings.awaitsSettlement && isUnconfirmed(error)) return awaitSettlement(replay, reached, error)
      failures += 1
      const settled = await afterFailure(replay, reached, settings, error, failures)
      if (settled === undefined) continue
      return settled
    }
    return settledAs(
      await replay.write(reached, {
        state: 'completed',
        result: value,
        event: 'step-completed',
        details: detailsOf(value),
      }),
    )
  }
}

/** Does something in the store, in one transaction with the step itself. */
export async function performTransaction(
  replay: Replay,
  reached: Reached,
  settings: Settings,
  work: (transaction: Transaction, context: StepContext) => Promise<unknown>,
): Promise<Settled> {
  const { record } = reached
  if (waitsStill(replay, reached)) return { waitsUntil: record?.wake_at?.getTime() }
  let failures = record?.failures ?? 0
  let conflicts = 0
  /** What its own function has thrown last. */
  let own: unknown
  const watched: typeof work = async (transaction, context) => {
    own = undefined
    try {
      return await work(transaction, context)
    } catch (error) {
      own = error
      throw error
    }
  }
  for (let attempt = (record?.attempts ?? 0) + 1; ;) {
    try {
      return settledAs(await transact(replay, reached, settings, attempt, watched))
    } catch (error) {
      if (replay.isOver) return { waitsUntil: undefined }
      if (error instanceof LeaseLost || (error !== own && isAway(error))) throw error
      const isConflict = HoldfastError.isInstance(error) && error.code === 'TRANSACTION_CONFLICT'
      if (isConflict && conflicts < CONFLICTS) {
        conflicts += 1
        continue
      }
      failures += 1
      const settled = await afterFailure(replay, reached, { ...settings, repeatable: true }, error, failures, attempt)
      if (settled !== undefined) return settled
      attempt += 1
    }
  }
}

function transact(
  replay: Replay,
  reached: Reached,
  { timeoutMs }: Settings,
  attempt: number,
  work: (transaction: Transaction, context: StepContext) => Promise<unknown>,
): ReturnType<typeof writeHeldStep> {
  const { lease, environment, signal } = replay
  return environment.store.asWorker(
    lease.tenant,
    async (transaction) => {
      await hold(transaction, lease, replay.writing.until)
      // The same may have been committed, and nobody heard of it.
      const before = await findStep(transaction, lease, reached.name)
      if (before?.state === 'completed' || before?.state === 'failed') return before
      const value = await work(transaction, contextFor(replay, reached.name, attempt, signal))
      const result = replay.json(value, `the result of ${reached.name}`)
      const change: StepChange = { state: 'completed', attempts: attempt, result, event: 'step-completed' }
      return writeHeldStep(transaction, lease, replay.at, reached, change)
    },
    { signal, timeoutMs },
  )
}

/** The same at each try of a step. */
function stepKey(tenant: string, runId: string, step: string): string {
  return createHash('sha256')
    .update(JSON.stringify([tenant, runId, step]))
    .digest('hex')
}

function contextFor(replay: Replay, step: string, attempt: number, signal: AbortSignal): StepContext {
  const { tenant, id, fence, request_id: requestId } = replay.lease
  return {
    idempotencyKey: stepKey(tenant, id, step),
    attempt,
    fence,
    signal,
    tenant,
    requestId: requestId ?? undefined,
  }
}

/** Whether the wait before the next try is not over yet. */
function waitsStill(replay: Replay, { record }: Reached): boolean {
  return record?.state === 'waiting' && record.wake_at !== null && record.wake_at.getTime() > replay.at
}

function isUnconfirmed(error: unknown): boolean {
  return HoldfastError.isInstance(error) && error.code === WRITE_UNCONFIRMED
}

/** Whether the step has been waiting for a person, who may have settled its write since. */
function awaitedSettlement({ record }: Reached): boolean {
  return record?.state === 'waiting' && (record.failure as WorkflowFailure | null)?.code === WRITE_UNCONFIRMED
}

/** It counts as no failure: nobody knows whether it is one. */
async function awaitSettlement(replay: Replay, reached: Reached, error: unknown): Promise<Settled> {
  const failure = workflowFailureOf(error, WRITE_UNCONFIRMED)
  const { code, message } = failure
  return settledAs(
    await replay.write(reached, {
      state: 'waiting',
      failure,
      wakeAt: replay.at + SETTLEMENT_LOOK_MS,
      event: awaitedSettlement(reached) ? undefined : 'step-waiting',
      details: { code, message },
    }),
  )
}

/** @returns `undefined` when it is tried again at once. */
async function afterFailure(
  replay: Replay,
  reached: Reached,
  settings: Settings,
  error: unknown,
  failures: number,
  attempts?: number,
): Promise<Settled | undefined> {
  const failure = workflowFailureOf(error, 'STEP_FAILED')
  if (failures > settings.retries || !isWorthAnotherTry(error, settings.repeatable))
    return writeFailure(replay, reached, failure, failures, attempts)
  const waitMs = Math.max(backoff(settings, failures, replay.environment.random()), retryAfterMs(error))
  const row = await replay.write(reached, {
    state: waitMs === 0 ? 'running' : 'waiting',
    failures,
    attempts,
    failure,
    wakeAt: replay.at + waitMs,
    event: 'step-retried',
    details: { code: failure.code, message: failure.message, waitMs },
  })
  return row.state === 'running' ? undefined : settledAs(row)
}

async function writeFailure(
  replay: Replay,
  reached: Reached,
  failure: WorkflowFailure,
  failures: number,
  attempts?: number,
): Promise<Settled> {
  const { code, message } = failure
  return settledAs(
    await replay.write(reached, {
      state: 'failed',
      failure,
      failures,
      attempts,
      event: 'step-failed',
      details: { code, message },
    }),
  )
}

/** That our own store is away says nothing about the step. That it took too long does. */
function isAway(error: unknown): boolean {
  if (!HoldfastError.isInstance(error) || error.code === 'TRANSACTION_CONFLICT') return false
  return ['network', 'overloaded', 'rejected', 'server', 'auth', 'configuration'].includes(error.category)
}

/** Between half of it and all of it, so that what failed together is not tried again together. */
function backoff({ backoffMs, maxBackoffMs }: Settings, failures: number, random: number): number {
  const whole = Math.min(backoffMs * 2 ** (failures - 1), Math.max(backoffMs, maxBackoffMs))
  return Math.round(whole * (0.5 + random / 2))
}

function retryAfterMs(error: unknown): number {
  return HoldfastError.isInstance(error) ? Math.min(error.retryAfterMs ?? 0, 86_400_000) : 0
}

function outcomeUnknown(): WorkflowFailure {
  return {
    code: 'STEP_OUTCOME_UNKNOWN',
    category: 'unknown',
    message: 'Its worker was lost in its midst, and it may not be done twice',
    mayHaveTakenEffect: true,
  }
}

/** Runs something for so long, and not longer than somebody wants it. */
async function within<T>(
  clock: Clock,
  ms: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  outer.throwIfAborted()
  const stop = new AbortController()
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => undefined)
  stop.signal.addEventListener('abort', () => reject(stop.signal.reason))
  const abort = (): void => stop.abort(outer.reason)
  outer.addEventListener('abort', abort)
  const timer = clock.schedule(ms, () => stop.abort(timedOut(ms)))
  try {
    return await Promise.race([Promise.resolve().then(() => work(stop.signal)), promise])
  } finally {
    timer.cancel()
    outer.removeEventListener('abort', abort)
  }
}

function timedOut(ms: number): HoldfastError {
  return new HoldfastError({
    code: 'STEP_TIMEOUT',
    category: 'timeout',
    message: `The step did not end within ${ms} ms`,
    retryable: true,
    mayHaveTakenEffect: true,
  })
}

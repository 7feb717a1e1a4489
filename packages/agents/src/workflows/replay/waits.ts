import { invalid, wholeFrom } from '../../mcp/shared/invalid.ts'
import type { SignalRow } from '../records/rows.ts'
import type { StepChange } from '../records/steps.ts'
import type { ApprovalOptions, Gathered, GatherOptions, GatherResult, Received } from '../run.ts'
import { settledAs } from './replay.ts'
import type { Reached, Replay, Settled } from './replay.ts'

/** A year, in ms. */
export const YEAR_MS = 31_536_000_000

/** Waits until a time. */
export async function performSleep(replay: Replay, reached: Reached, until: number | Date): Promise<Settled> {
  const { record } = reached
  const wakeAt = record?.wake_at?.getTime() ?? timeOf(until, replay.at)
  if (replay.at >= wakeAt) return over(replay, reached, { result: null })
  return record === undefined ? wait(replay, reached, wakeAt, {}) : { waitsUntil: wakeAt }
}

function timeOf(until: number | Date, now: number): number {
  if (!(until instanceof Date)) return now + wholeFrom('sleep', until, 0, YEAR_MS)
  const time = until.getTime()
  if (Number.isNaN(time) || time - now > YEAR_MS) throw invalid('sleep', 'a time within a year', String(until))
  return time
}

/** Waits for one signal. */
export async function performWait(
  replay: Replay,
  reached: Reached,
  { signal, timeoutMs }: { readonly signal: string; readonly timeoutMs?: number | undefined },
): Promise<Settled> {
  checkSignal(signal)
  const wakeAt = endOf(replay, reached, timeoutMs)
  const [came] = replay.signalsOf(signal, wakeAt ?? Infinity)
  if (came !== undefined) {
    const result: Received<unknown> = {
      status: 'received',
      payload: came.payload,
      source: came.source ?? undefined,
      by: came.sent_by,
      at: came.created_at.getTime(),
    }
    return over(replay, reached, { result, taken: replay.takeSignals([came]) })
  }
  if (wakeAt !== undefined && replay.at >= wakeAt) return over(replay, reached, { result: { status: 'timed-out' } })
  return wait(replay, reached, wakeAt, { signal })
}

/** Waits for the answers of several. */
export async function performGather(replay: Replay, reached: Reached, options: GatherOptions): Promise<Settled> {
  const { signal, expected, quorum, deadlineMs } = checkGather(options)
  const wakeAt = endOf(replay, reached, deadlineMs)!
  const came = replay.signalsOf(signal, wakeAt)
  const result = gatheredOf(came, { ...options, quorum })
  if (result.endedBy !== 'deadline' || replay.at >= wakeAt)
    return over(replay, reached, { result, taken: replay.takeSignals(came) })
  return wait(replay, reached, wakeAt, { signal, expected, quorum, missing: result.missing })
}

/** What the answers that are there come to. */
function gatheredOf(
  came: readonly Pick<SignalRow, 'source' | 'payload' | 'created_at'>[],
  { expected, quorum, endAtQuorum = false, counts = () => true }: GatherOptions & { readonly quorum: number },
): GatherResult<unknown> {
  const last = new Map<string, Gathered<unknown>>()
  const unexpected: Gathered<unknown>[] = []
  for (const { source, payload, created_at: at } of came) {
    const answer = { source: source ?? '', payload, at: at.getTime() }
    if (source !== null && expected.includes(source)) last.set(source, answer)
    else unexpected.push(answer)
  }
  const isComplete = last.size === expected.length
  const reachedQuorum = [...last.values()].filter(({ payload }) => counts(payload as never)).length >= quorum
  return {
    arrived: expected.flatMap((source) => last.get(source) ?? []),
    missing: expected.filter((source) => !last.has(source)),
    unexpected,
    isComplete,
    reachedQuorum,
    endedBy: isComplete ? 'all' : reachedQuorum && endAtQuorum ? 'quorum' : 'deadline',
  }
}

/** Asks a person. */
export async function performApproval(replay: Replay, reached: Reached, options: ApprovalOptions): Promise<Settled> {
  const { ask, roles, timeoutMs, late, overtakenBy } = checkApproval(options)
  const wakeAt = endOf(replay, reached, timeoutMs)
  if (reached.record === undefined) {
    const given = { ask, roles, ...(late === undefined ? {} : { late }) }
    const spec = replay.json(given, 'what is asked') as typeof given
    const asked = await replay.write(reached, {
      state: 'waiting',
      spec,
      wakeAt,
      event: 'approval-asked',
      details: { ask: spec.ask, roles, until: wakeAt ?? null },
    })
    if (asked.state !== 'waiting' || overtakenBy === undefined) return settledAs(asked)
  }
  const came = overtakenBy === undefined ? [] : replay.signalsOf(overtakenBy, wakeAt ?? Infinity)
  if (came.length > 0)
    return over(replay, reached, { result: { decision: 'overtaken' }, taken: replay.takeSignals(came) })
  if (wakeAt !== undefined && replay.at >= wakeAt) return over(replay, reached, { result: { decision: 'timed-out' } })
  return { waitsUntil: wakeAt }
}

/** When a wait ends: as it was when it began. */
function endOf(replay: Replay, { record }: Reached, ms: number | undefined): number | undefined {
  if (record !== undefined) return record.wake_at?.getTime()
  return ms === undefined ? undefined : replay.at + wholeFrom('timeoutMs', ms, 1, YEAR_MS)
}

async function over(
  replay: Replay,
  reached: Reached,
  { result, taken }: Pick<StepChange, 'result' | 'taken'>,
): Promise<Settled> {
  return settledAs(await replay.write(reached, { state: 'completed', result, taken, event: 'step-completed' }))
}

async function wait(
  replay: Replay,
  reached: Reached,
  wakeAt: number | undefined,
  spec: Readonly<Record<string, unknown>>,
): Promise<Settled> {
  if (reached.record !== undefined && JSON.stringify(reached.record.spec) === JSON.stringify(spec))
    return { waitsUntil: wakeAt }
  const details = { ...spec, ...(wakeAt === undefined ? {} : { until: wakeAt }) }
  return settledAs(await replay.write(reached, { state: 'waiting', spec, wakeAt, event: 'step-waiting', details }))
}

/** @throws HoldfastError `INVALID_OPTION` */
export function checkSignal(signal: string): string {
  if (typeof signal === 'string' && /^[^\p{Cc}]{1,100}$/u.test(signal)) return signal
  throw invalid('signal', 'text of 1 to 100 characters', signal)
}

function checkGather(options: GatherOptions): GatherOptions & { readonly quorum: number } {
  const { signal, expected, quorum, deadlineMs } = options
  checkSignal(signal)
  const areNames = Array.isArray(expected) && expected.every((name) => typeof name === 'string' && name !== '')
  if (!areNames || expected.length === 0 || expected.length > 1_000 || new Set(expected).size !== expected.length)
    throw invalid('expected', 'a list of 1 to 1,000 names, each once', expected)
  wholeFrom('deadlineMs', deadlineMs, 1, YEAR_MS)
  return { ...options, quorum: wholeFrom('quorum', quorum ?? expected.length, 1, expected.length) }
}

function checkApproval(options: ApprovalOptions): ApprovalOptions {
  const { roles, late, overtakenBy } = options
  if (overtakenBy !== undefined) checkSignal(overtakenBy)
  if (late !== undefined && (typeof late !== 'string' || late === '' || late.length > 1_000))
    throw invalid('late', 'text of 1 to 1,000 characters', late)
  const areRoles =
    Array.isArray(roles) && roles.every((role) => typeof role === 'string' && role !== '' && role.length <= 64)
  if (!areRoles || roles.length === 0 || roles.length > 20) throw invalid('roles', 'a list of 1 to 20 roles', roles)
  return options
}

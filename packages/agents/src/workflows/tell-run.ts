import { randomUUID } from 'node:crypto'
import { json } from '@holdfast/store/database'
import { sql } from 'kysely'
import type { Claims } from '@holdfast/store/database'
import { persist } from './environment.ts'
import type { WorkflowEnvironment } from './environment.ts'
import { WRITE_UNCONFIRMED, workflowError } from './failures.ts'
import { cancelledBy } from './records/lease.ts'
import { endRun, nextSignal, requestCancel } from './records/ends.ts'
import { isOpen, lock, OPEN } from './records/rows.ts'
import type { RunRow } from './records/rows.ts'
import { tell } from './records/tell.ts'
import { checkSignal } from './replay/waits.ts'
import type { Decision } from './run.ts'
import { checkKey, fingerprintOf, givenJson, nameOf, tenantOf } from './start.ts'
import type { Caller, SentSignal, SignalOptions } from './workflows.ts'

const MAX_NOTE = 10_000

/** Tells a run something. */
export async function sendSignal(
  environment: WorkflowEnvironment,
  by: Caller,
  runId: string,
  name: string,
  payload: unknown,
  options: SignalOptions,
): Promise<SentSignal> {
  const { settings, clock } = environment
  options.signal?.throwIfAborted()
  checkSignal(name)
  // Without one of the sender's it gets its own: where nobody hears of the commit, it is not sent twice.
  const key = checkKey('idempotencyKey', options.idempotencyKey) ?? `sent:${randomUUID()}`
  const isOwn = options.idempotencyKey === undefined
  const source = checkKey('source', options.source)
  const given = givenJson(payload, 'payload', settings.maxResultChars)
  const fingerprint = fingerprintOf([name, source, given])
  const tenant = tenantOf(by)
  await environment.follow()
  const at = clock.wallTime()
  const sent = await persist(environment, tenant, async (transaction): Promise<SentSignal> => {
    const run = known(await lock(transaction, checkRunId(runId)), runId)
    const before = await transaction
      .selectFrom('workflow_signals')
      .select('fingerprint')
      .where('run_id', '=', runId)
      .where('idempotency_key', '=', key)
      .executeTakeFirst()
    if (before !== undefined && before.fingerprint !== fingerprint)
      throw workflowError(
        'IDEMPOTENCY_KEY_REUSED',
        'validation',
        'This idempotency key was used before for something else',
      )
    if (before !== undefined) return { status: isOwn ? 'received' : 'repeated' }
    if (!isOpen(run)) return { status: 'late' }
    if (run.signals >= settings.maxSignals)
      throw workflowError('TOO_MANY_SIGNALS', 'rejected', `The run has had ${settings.maxSignals} signals`)
    const seq = await nextSignal(transaction, runId, at)
    await transaction
      .insertInto('workflow_signals')
      .values({
        run_id: runId,
        seq: seq!,
        created_at: new Date(at),
        signal: name,
        source,
        payload: json(given),
        sent_by: nameOf(by),
        idempotency_key: key,
        fingerprint,
      })
      .execute()
    await tell(transaction, run, 'signal-received', {
      signal: name,
      ...(source === null ? {} : { source }),
      by: nameOf(by),
    })
    return { status: 'received' }
  })
  if (sent.status === 'received') await environment.wake(tenant, runId)
  return sent
}

/** Keeps what a person has decided. */
export async function decide(
  environment: WorkflowEnvironment,
  by: Claims,
  runId: string,
  step: string,
  decision: 'approved' | 'rejected',
  note: string | undefined,
): Promise<void> {
  const { clock } = environment
  if (note !== undefined && (typeof note !== 'string' || note.length > MAX_NOTE))
    throw workflowError('INVALID_OPTION', 'validation', `note must be text of at most ${MAX_NOTE} characters`)
  await environment.follow()
  const at = clock.wallTime()
  const decisionId = randomUUID()
  await persist(environment, by.tenant, async (transaction) => {
    const run = known(await lock(transaction, checkRunId(runId)), runId)
    const asked = await transaction
      .selectFrom('workflow_steps')
      .selectAll()
      .where('run_id', '=', runId)
      .where('name', '=', step)
      .where('kind', '=', 'approval')
      .executeTakeFirst()
    if (asked === undefined)
      throw workflowError('APPROVAL_NOT_OPEN', 'client', `The run asks nothing by the name of "${step}" yet`)
    const roles = asked.spec['roles'] as readonly string[]
    if (!(by.roles ?? []).some((role) => roles.includes(role)))
      throw workflowError('APPROVAL_NOT_ALLOWED', 'auth', `Only who is ${roles.join(' or ')} may decide this`)
    // It was this one: nobody heard of its commit.
    if (asked.spec['decisionId'] === decisionId) return
    const { decision: ended } = (asked.result ?? {}) as { readonly decision?: Decision['decision'] }
    if (ended === 'overtaken')
      throw workflowError('APPROVAL_TOO_LATE', 'rejected', `What "${step}" asked has changed: look at the run again`)
    const hasEnded = asked.wake_at !== null && asked.wake_at.getTime() <= at
    if (ended === 'timed-out' || (asked.state === 'waiting' && hasEnded))
      throw workflowError('APPROVAL_TOO_LATE', 'rejected', tooLate(asked.spec, step))
    if (asked.state === 'completed')
      throw workflowError('APPROVAL_DECIDED', 'rejected', `"${step}" has been decided already`)
    if (!isOpen(run) || asked.state !== 'waiting')
      throw workflowError('APPROVAL_NOT_OPEN', 'rejected', `It is too late to decide "${step}"`)
    const result = { decision, by: by.user, ...(note === undefined ? {} : { note }), at }
    await transaction
      .updateTable('workflow_steps')
      .set({
        state: 'completed',
        spec: json({ ...asked.spec, decisionId }),
        result: json(result),
        wake_at: null,
        ended_at: new Date(at),
      })
      .where('run_id', '=', runId)
      .where('name', '=', step)
      .execute()
    await transaction
      .insertInto('audit')
      .values({
        actor: by.user,
        action: `workflow.${decision}`,
        target: `run:${runId}`,
        details: json({ workflow: run.workflow, step, ...(note === undefined ? {} : { note }) }),
      })
      .execute()
    await wantRun(transaction, run, at)
    await tell(transaction, run, 'approval-decided', { step, ...result })
  })
  await environment.wake(by.tenant, runId)
}

/** What whoever decides too late is told. */
function tooLate({ late }: Readonly<Record<string, unknown>>, step: string): string {
  return typeof late === 'string' ? late : `It is too late to decide "${step}"`
}

async function wantRun(transaction: Parameters<typeof lock>[0], run: RunRow, at: number): Promise<void> {
  await transaction
    .updateTable('workflow_runs')
    .set({ is_wanted: true, ...(run.state === 'running' ? {} : { wake_at: new Date(at) }) })
    .where('id', '=', run.id)
    .execute()
}

/** Ends a run where it is. @returns whether it was not over yet. */
export async function cancel(
  environment: WorkflowEnvironment,
  by: Caller,
  runId: string,
  reason: string,
): Promise<boolean> {
  const { clock } = environment
  const tenant = tenantOf(by)
  await environment.follow()
  const at = clock.wallTime()
  const woken = await persist(environment, tenant, async (transaction): Promise<readonly string[] | undefined> => {
    const run = known(await lock(transaction, checkRunId(runId)), runId)
    if (!isOpen(run)) return undefined
    const said = { by: nameOf(by), reason: reason.slice(0, 1_000) }
    await requestCancel(transaction, runId, said, at)
    // Whoever is at it ends it.
    if (run.state === 'running' && run.wake_at !== null && run.wake_at.getTime() > at) return []
    return endRun(transaction, run, { state: 'cancelled', failure: cancelledBy(said) }, at)
  })
  for (const id of woken ?? []) await environment.wake(tenant, id)
  return woken !== undefined
}

/** Lets a run that has failed go on. */
export async function redrive(environment: WorkflowEnvironment, by: Caller, runId: string): Promise<void> {
  const { clock } = environment
  const tenant = tenantOf(by)
  await environment.follow()
  const at = clock.wallTime()
  await persist(environment, tenant, async (transaction) => {
    const run = known(await lock(transaction, checkRunId(runId)), runId)
    if (run.state !== 'failed')
      throw workflowError('WORKFLOW_NOT_FAILED', 'rejected', `The run is ${run.state}, and not failed`)
    const { steps = [] } = run.failure as { readonly steps?: readonly string[] }
    if (steps.length > 0) {
      await transaction
        .deleteFrom('workflow_steps')
        .where('run_id', '=', runId)
        .where('name', 'in', steps)
        .where('state', '=', 'failed')
        .execute()
    }
    await transaction
      .updateTable('workflow_runs')
      .set({
        state: 'waiting',
        failure: json(null),
        wake_at: new Date(at),
        ended_at: null,
        lost_leases: 0,
        unknown_since: null,
        ...(run.deadline_at !== null && run.deadline_at.getTime() <= at ? { deadline_at: null } : {}),
      })
      .where('id', '=', runId)
      .execute()
    await tell(transaction, run, 'workflow-redriven', { by: nameOf(by), steps })
  })
  await environment.wake(tenant, runId)
}

/** Lets the steps look at once that wait for a person to settle their write. */
export async function lookForSettlements(environment: WorkflowEnvironment, tenant: string): Promise<number> {
  await environment.follow()
  const at = environment.clock.wallTime()
  const woken = await persist(environment, tenant, async (transaction) => {
    const runs = await transaction
      .selectFrom('workflow_runs')
      .selectAll()
      .where('state', 'in', OPEN)
      .where('id', 'in', (is) =>
        is.selectFrom('workflow_steps').select('run_id').where('state', '=', 'waiting').where(isUnconfirmed),
      )
      .orderBy('id')
      .forUpdate()
      .execute()
    for (const run of runs) {
      await transaction
        .updateTable('workflow_steps')
        .set({ wake_at: new Date(at) })
        .where('run_id', '=', run.id)
        .where('state', '=', 'waiting')
        .where(isUnconfirmed)
        .execute()
      await wantRun(transaction, run, at)
    }
    return runs.map(({ id }) => id)
  })
  for (const id of woken) await environment.wake(tenant, id)
  return woken.length
}

/** Of the table of steps. */
const isUnconfirmed = sql<boolean>`failure ->> 'code' = ${WRITE_UNCONFIRMED}`

export function checkRunId(runId: string): string {
  if (isRunId(runId)) return runId
  throw unknownRun(typeof runId === 'string' ? runId : 'of that id')
}

export function isRunId(runId: string): boolean {
  return typeof runId === 'string' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(runId)
}

export function unknownRun(runId: string): Error {
  return workflowError('WORKFLOW_RUN_UNKNOWN', 'client', `There is no run ${runId.slice(0, 40)}`)
}

function known(run: RunRow | undefined, runId: string): RunRow {
  if (run === undefined) throw unknownRun(runId)
  return run
}

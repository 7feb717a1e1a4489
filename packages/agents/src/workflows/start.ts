import { createHash, randomUUID } from 'node:crypto'
import { json } from '@holdfast/store/database'
import type { Transaction } from '@holdfast/store/database'
import { checkJson } from '../jobs/checks.ts'
import { wholeFrom } from '../mcp/shared/invalid.ts'
import { persist } from './environment.ts'
import type { WorkflowEnvironment } from './environment.ts'
import { workflowError } from './failures.ts'
import { tell } from './records/tell.ts'
import { YEAR_MS } from './replay/waits.ts'
import type { Workflow } from './workflow.ts'
import type { Caller, StartedRun, StartOptions } from './workflows.ts'

export function tenantOf(by: Caller): string {
  return typeof by === 'string' ? by : by.tenant
}

export function nameOf(by: Caller): string {
  return typeof by === 'string' ? 'worker' : by.user
}

/** What came with a key, so that it is not used for something else. */
export function fingerprintOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}

export function checkKey(name: string, value: string | undefined): string | null {
  if (value === undefined) return null
  if (typeof value === 'string' && value !== '' && value.length <= 200) return value
  throw workflowError('INVALID_OPTION', 'validation', `${name} must be text of 1 to 200 characters`)
}

/** What was given, as JSON has it. @throws HoldfastError `INVALID_INPUT` */
export function givenJson(value: unknown, what: string, maxChars: number): unknown {
  try {
    return checkJson(value, what, maxChars)
  } catch (error) {
    throw workflowError('INVALID_INPUT', 'validation', (error as Error).message)
  }
}

/** Starts a run, or finds the one that has its key. */
export async function start(
  environment: WorkflowEnvironment,
  by: Caller,
  given: Workflow<never> | string,
  input: unknown,
  options: StartOptions,
): Promise<StartedRun> {
  const { registry, clock, settings } = environment
  const { deadlineMs, delayMs = 0, signal } = options
  signal?.throwIfAborted()
  if (deadlineMs !== undefined) wholeFrom('deadlineMs', deadlineMs, 1, YEAR_MS)
  wholeFrom('delayMs', delayMs, 0, YEAR_MS)
  const name = typeof given === 'string' ? given : given.name
  const workflow = registry.latest(name)
  if (workflow === undefined) throw workflowError('WORKFLOW_UNKNOWN', 'client', `There is no workflow "${name}"`)
  const checked = await workflow.input.safeParseAsync(input)
  if (!checked.success) throw invalidInput(name, checked.error.issues)
  const text = givenJson(input, 'input', settings.maxResultChars)
  const idempotencyKey = checkKey('idempotencyKey', options.idempotencyKey)
  await environment.follow(options.transaction)
  const at = clock.wallTime()
  const tenant = tenantOf(by)
  const run = {
    id: randomUUID(),
    created_at: new Date(at),
    workflow: name,
    version: workflow.version,
    input: json(text),
    request_id: options.requestId ?? null,
    started_by: nameOf(by),
    idempotency_key: idempotencyKey,
    fingerprint: idempotencyKey === null ? null : fingerprintOf(options.idempotencyInput ?? [name, text]),
    wake_at: new Date(at + delayMs),
    deadline_at: deadlineMs === undefined ? null : new Date(at + deadlineMs),
  }
  const insert = (transaction: Transaction): Promise<StartedRun> => insertRun(transaction, run, settings.maxOpenRuns)
  const started = await (options.transaction === undefined
    ? persist(environment, tenant, insert)
    : insert(options.transaction))
  if (options.transaction === undefined) await environment.wake(tenant, started.runId, at + delayMs)
  return started
}

async function insertRun(
  transaction: Transaction,
  run: Parameters<ReturnType<Transaction['insertInto']>['values']>[0] & {
    readonly id: string
    readonly workflow: string
    readonly version: number
    readonly request_id: string | null
    readonly started_by: string
    readonly fingerprint: string | null
    readonly idempotency_key: string | null
  },
  maxOpenRuns: number,
): Promise<StartedRun> {
  const before = await findRun(transaction, run)
  if (before !== undefined) return before
  const { count } = await transaction
    .selectFrom('workflow_runs')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow()
  if (count >= maxOpenRuns)
    throw workflowError('TOO_MANY_RUNS', 'rejected', `The tenant has ${maxOpenRuns} runs that are not over`)
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('workflow_runs')
    .values(run as never)
    .onConflict((conflict) => conflict.columns(['tenant', 'idempotency_key']).doNothing())
    .executeTakeFirstOrThrow()
  // Somebody was quicker, and has committed.
  if (numInsertedOrUpdatedRows === 0n) return (await findRun(transaction, run))!
  await tell(transaction, run, 'workflow-started', { version: run.version, by: run.started_by })
  return { runId: run.id, repeated: false }
}

async function findRun(
  transaction: Transaction,
  run: {
    readonly id: string
    readonly fingerprint: string | null
    readonly idempotency_key: string | null
  },
): Promise<StartedRun | undefined> {
  const before = await transaction
    .selectFrom('workflow_runs')
    .select(['id', 'fingerprint'])
    .where((is) => is.or([is('id', '=', run.id), is('idempotency_key', '=', run.idempotency_key)]))
    .executeTakeFirst()
  if (before === undefined) return undefined
  if (before.fingerprint !== run.fingerprint)
    throw workflowError(
      'IDEMPOTENCY_KEY_REUSED',
      'validation',
      'This idempotency key was used before for something else',
    )
  return { runId: before.id, repeated: before.id !== run.id }
}

function invalidInput(
  name: string,
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): Error {
  const [issue] = issues
  const where = ['input', ...(issue?.path ?? []).map(String)].join('.')
  return workflowError('INVALID_INPUT', 'validation', `${name}: ${where}: ${issue?.message ?? 'is wrong'}`)
}

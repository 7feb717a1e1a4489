import { createHash } from 'node:crypto'
import { createEvents, subscribe } from '@holdfast/agents/events'
import type { Subscription } from '@holdfast/agents/events'
import { createOrchestrator } from '@holdfast/agents/orchestrator'
import { createWorkflows } from '@holdfast/agents/workflows'
import type { Workflows } from '@holdfast/agents/workflows'
import type { Desk, DeskDefinition, DeskRuntime, DeskSchedule, NewRequest } from '@holdfast/agents/desks'
import { systemClock } from '@holdfast/core'
import { json, once } from '@holdfast/store/database'
import type { Claims, Transaction } from '@holdfast/store/database'
import type { AskedBack, OpenDesks, RequestView, TakenRequest } from './desks.ts'
import type { Log } from '../http/context.ts'
import { describeFailure } from '../routes/failures.ts'
import type { Storage } from './storage.ts'

/** Runs of workflows that this process does at once. */
const RUNS_AT_ONCE = 8

/** The queue of what is done again and again. */
const SCHEDULES = 'schedules'

/** Who is told of the events that start something. */
const TRIGGERS = 'desks'

/** What {@link openDesks} is made with. */
export interface OpenDesksOptions {
  readonly definitions: readonly DeskDefinition[]
  readonly storage: Storage
  readonly runtime: Omit<DeskRuntime, 'store'>
  /** Whose schedules run, and who is there from the beginning. */
  readonly tenants: readonly string[]
  readonly log: Log
}

/** Desks that are open, and what ends them. */
export interface Opened {
  readonly desks: OpenDesks
  close(): Promise<void>
}

/** Builds the desks, begins to work on what waits, and sets their schedules. */
export async function openDesks(options: OpenDesksOptions): Promise<Opened> {
  const { definitions, storage, runtime, tenants, log } = options
  const { store, jobs } = storage
  for (const tenant of tenants) await store.asWorker(tenant, (transaction) => makeTenant(transaction, tenant))
  const desks = new Map<string, Desk>()
  for (const { name, build } of definitions) desks.set(name, await build({ ...runtime, store }))
  const workflows = createWorkflows({
    store,
    jobs,
    workflows: [...desks.values()].flatMap((desk) => desk.workflows),
  })
  const events = createEvents({ store })
  await workflows.work({ concurrency: RUNS_AT_ONCE })
  await keepSchedules(storage, desks, workflows, tenants)
  const triggers = await pullTriggers({ storage, workflows }, desks, tenants, log)
  return {
    desks: {
      names: [...desks.keys()],
      store,
      workflows,
      events,
      take: (by, desk, request, key) =>
        take({ storage, workflows }, by, { name: desk, desk: desks.get(desk)! }, request, key),
      find: (by, id) => find({ storage, workflows }, by, id),
      list: (by, options) => list(storage, by, options),
      async hook(tenant, deskName, name, body, signal) {
        const hook = desks.get(deskName)?.hooks?.[name]
        if (hook === undefined) return false
        await hook({ tenant, body, workflows, signal })
        return true
      },
    },
    async close() {
      await events.close()
      await triggers.stop()
      await workflows.close()
      await Promise.all([...desks.values()].map((desk) => desk.close?.()))
    },
  }
}

/** Starts what events start, whichever process hears of them. */
function pullTriggers(
  { storage, workflows }: Parts,
  desks: ReadonlyMap<string, Desk>,
  tenants: readonly string[],
  log: Log,
): Promise<Subscription> {
  const triggers = [...desks.values()].flatMap((desk) => desk.triggers ?? [])
  const orchestrator = triggers.length === 0 ? undefined : createOrchestrator({ workflows, specialists: {}, triggers })
  return subscribe({
    store: storage.store,
    name: TRIGGERS,
    events: [...new Set(triggers.map(({ event }) => event))],
    tenants,
    handle: (tenant, { id, topic, event, payload }) => {
      const [, requestId] = /^request:(.+)$/.exec(topic) ?? []
      return orchestrator!.handle(tenant, { id, event, payload, ...(requestId === undefined ? {} : { requestId }) })
    },
    onTrouble: (error, owed, isGivenUp = false) =>
      log[isGivenUp ? 'error' : 'warn'](
        { ...describeFailure(error), event: owed?.event, topic: owed?.topic, isGivenUp },
        'what an event starts was not started',
      ),
  })
}

async function makeTenant(transaction: Transaction, id: string): Promise<void> {
  await transaction
    .insertInto('tenants')
    .values({ id, name: id })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

/** One job at each time, which starts a run for each tenant; those are finished whatever happens. */
async function keepSchedules(
  { jobs }: Storage,
  desks: ReadonlyMap<string, Desk>,
  workflows: Workflows,
  tenants: readonly string[],
): Promise<void> {
  const all = new Map<string, DeskSchedule>()
  for (const [desk, { schedules = [] }] of desks) {
    for (const schedule of schedules) all.set(scheduleKey(desk, schedule.name), schedule)
  }
  if (all.size === 0) return
  await jobs.work<{ readonly key: string }>(SCHEDULES, async ({ data: { key } }) => {
    const schedule = all.get(key)
    // Of a desk that is no longer there.
    if (schedule === undefined) return
    const at = systemClock.wallTime()
    const idempotencyKey = `${key}:${schedule.key(at)}`
    for (const tenant of tenants) {
      await workflows.start(tenant, schedule.workflow, schedule.input(at) as never, {
        idempotencyKey,
        idempotencyInput: idempotencyKey,
      })
    }
  })
  for (const [key, { cron, timeZone }] of all) {
    await jobs.schedule(key, { queue: SCHEDULES, cron, timeZone, data: { key } })
  }
  for (const { key, queue } of await jobs.schedules()) {
    if (queue === SCHEDULES && !all.has(key)) await jobs.unschedule(key)
  }
}

/** Queues take keys of 64 characters; longer ones are told apart by their hash. */
function scheduleKey(desk: string, schedule: string): string {
  const key = `${desk}-${schedule}`
  return key.length <= 64 ? key : createHash('sha256').update(key).digest('hex').slice(0, 40)
}

interface Parts {
  readonly storage: Storage
  readonly workflows: Workflows
}

async function take(
  { storage, workflows }: Parts,
  by: Claims,
  { name, desk }: { readonly name: string; readonly desk: Desk },
  request: NewRequest,
  idempotencyKey: string | undefined,
): Promise<TakenRequest | AskedBack> {
  const opened = desk.open(request)
  if ('missing' in opened) return opened
  const { workflow, input, criteria } = opened
  return storage.store.asWorker(by.tenant, async (transaction) => {
    const begin = async (): Promise<{ readonly id: string; readonly runId: string }> => {
      const { id } = await transaction
        .insertInto('requests')
        .values({ user_id: by.user, text: request.text, criteria: json({ ...criteria, desk: name }) })
        .returning('id')
        .executeTakeFirstOrThrow()
      const { runId } = await workflows.start(by, workflow, input as never, { requestId: id, transaction })
      return { id, runId }
    }
    if (idempotencyKey === undefined) return { ...(await begin()), repeated: false }
    const key = `request:${by.user}:${idempotencyKey}`
    const { result, repeated } = await once(transaction, key, { desk: name, request }, begin)
    return { ...result, repeated }
  })
}

async function find({ storage, workflows }: Parts, by: Claims, id: string): Promise<RequestView | undefined> {
  const found = await storage.store.withClaims(by, async (transaction) => {
    const row = await transaction.selectFrom('requests').selectAll().where('id', '=', id).executeTakeFirst()
    if (row === undefined || !maySee(by, row.user_id)) return undefined
    const proposal = await transaction
      .selectFrom('proposals')
      .select(['status', 'ranking'])
      .where('request_id', '=', id)
      .orderBy('created_at', 'desc')
      .limit(1)
      .executeTakeFirst()
    return { row, proposal }
  })
  if (found === undefined) return undefined
  const runs = await workflows.list(by, { requestId: id, limit: 1_000 })
  // The others are those that it has handed work to.
  const run = runs.find(({ parentRunId }) => parentRunId === undefined)
  const steps = run === undefined ? [] : ((await workflows.get(by, run.runId))?.steps ?? [])
  const asked = steps.filter(({ kind, state }) => kind === 'approval' && state === 'waiting')
  return {
    ...viewOf(found.row),
    ...(found.proposal === undefined ? {} : { proposal: found.proposal }),
    ...(run === undefined
      ? {}
      : {
          run: {
            runId: run.runId,
            state: run.state,
            ...(run.failure === undefined ? {} : { failure: run.failure.code }),
          },
        }),
    approvals: asked
      .filter(({ spec }) => hasOne(by, spec['roles']))
      .map(({ name: step, spec }) => ({ step, ask: spec['ask'] })),
  }
}

function list(
  { store }: Storage,
  by: Claims,
  { limit, before }: { readonly limit: number; readonly before?: Date | undefined },
): ReturnType<OpenDesks['list']> {
  return store.withClaims(by, async (transaction) => {
    let query = transaction.selectFrom('requests').selectAll().orderBy('created_at', 'desc').limit(limit)
    if (before !== undefined) query = query.where('created_at', '<', before)
    if (!isStaff(by)) query = query.where('user_id', '=', by.user)
    return (await query.execute()).map(viewOf)
  })
}

function viewOf(row: {
  readonly id: string
  readonly status: string
  readonly text: string
  readonly criteria: unknown
  readonly created_at: Date
}): Omit<RequestView, 'approvals'> {
  const { desk = '', ...criteria } = row.criteria as { readonly desk?: string } & Readonly<Record<string, unknown>>
  return { id: row.id, desk, status: row.status, text: row.text, criteria, createdAt: row.created_at }
}

/** Whether a request may be seen: one's own, or all of the tenant for its staff. */
function maySee(by: Claims, userId: string): boolean {
  return isStaff(by) || by.user === userId
}

function isStaff({ roles = [] }: Claims): boolean {
  return roles.includes('staff')
}

function hasOne({ roles = [] }: Claims, wanted: unknown): boolean {
  return Array.isArray(wanted) && roles.some((role) => wanted.includes(role))
}

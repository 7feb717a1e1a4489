import { createEvents, subscribe } from '@holdfast/agents/events'
import type { Subscription } from '@holdfast/agents/events'
import { createOrchestrator } from '@holdfast/agents/orchestrator'
import { createWorkflows } from '@holdfast/agents/workflows'
import type { Decision, StepSnapshot, Workflows } from '@holdfast/agents/workflows'
import type { Desk, DeskDefinition, DeskRuntime, NewRequest } from '@holdfast/agents/desks'
import { createWebhooks } from '@holdfast/agents/webhooks'
import type { EncryptionKey, WebhookEvent } from '@holdfast/agents/webhooks'
import { createEvents as coreEvents } from '@holdfast/core'
import type { CoreEvent, Events as CoreEvents } from '@holdfast/core'
import type { Claims, Store, WriteSettlement } from '@holdfast/store/database'
import type { Journal } from '@holdfast/store/journal'
import { createKnownKeys } from '../access/known-keys.ts'
import { createAuditTrail } from '../audit/audit-trail.ts'
import type { KeptAccounts } from '../budgets/keep-accounts.ts'
import type { WebhookOptions } from '../config/options.ts'
import { logWebhookEvent } from '../telemetry/webhook-log.ts'
import type { Log } from '../http/context.ts'
import { describeFailure } from '../routes/failures.ts'
import { acceptedRequest, beginRequest, isOutage } from './accepted-request.ts'
import type { AskedBack, OpenDesks, RequestView, TakenRequest, WaitingRequests } from './desks.ts'
import { deskSchedules } from './desk-schedules.ts'
import { createLeads } from './leads.ts'
import { makeTenant } from './make-tenant.ts'
import type { ServerIntake } from './open-intake.ts'
import { openRequestJournal } from './request-journal.ts'
import type { RequestJournal, WaitingRequest } from './request-journal.ts'
import { sealSecrets } from './seal-secrets.ts'
import type { ServerWrites } from './server-writes.ts'
import { openSync, unscheduleOthers } from '../sync/open-sync.ts'
import type { OpenSyncOptions } from '../sync/open-sync.ts'
import { keepHouse } from './housekeeping.ts'
import type { Keep } from './housekeeping.ts'
import type { Storage } from './storage.ts'

/** Runs of workflows that this process does at once. */
const RUNS_AT_ONCE = 8

/** How long the store may take for a request before the journal takes it, in ms. */
const STORE_TIMEOUT_MS = 5_000
/** Who is told of the events that start something. */
const TRIGGERS = 'desks'

/** What {@link openDesks} is made with. */
export interface OpenDesksOptions {
  readonly definitions: readonly DeskDefinition[]
  readonly storage: Storage
  readonly runtime: Omit<DeskRuntime, 'store' | 'sync'>
  /** Whose schedules run, and who is there from the beginning. */
  readonly tenants: readonly string[]
  /** Where webhooks may lead. */
  readonly webhooks: WebhookOptions | undefined
  /** What their secrets are encrypted with in the store. */
  readonly encryptionKeys: readonly EncryptionKey[]
  /** What remembers the writes of the connectors. */
  readonly writes: Pick<ServerWrites, 'unconfirmed' | 'settle' | 'useStore'>
  readonly keep: Keep
  readonly apiKeyGraceMs: number
  readonly log: Log
  /** Where the guard of the webhooks reports. */
  readonly events: CoreEvents<CoreEvent>
  readonly accounts: Pick<KeptAccounts, 'useStore'> | undefined
  readonly intake: Omit<ServerIntake, 'close'> | undefined
  /** What several sources know of the same, where there are any. */
  readonly sync: Pick<OpenSyncOptions, 'sync' | 'sources' | 'observe'> | undefined
}

/** Desks that are open, and what ends them. */
export interface Opened {
  readonly desks: OpenDesks
  /** What the store and the queue must have before anything is begun. Rejects while one of them is away; then it is to be called again. */
  prepare(): Promise<void>
  /** Requests are accepted into it while the store is away, from now on. It is closed with the desks. @throws HoldfastError of the journal */
  accept(journal: Journal): Promise<void>
  close(): Promise<void>
}

/** Builds the desks, and works on what waits as soon as the store and the queue are there. */
export async function openDesks(options: OpenDesksOptions): Promise<Opened> {
  const { definitions, storage, runtime, tenants, log } = options
  const { store, jobs } = storage
  const desks = new Map<string, Desk>()
  const synced = options.sync === undefined ? undefined : openSync({ ...options.sync, store, jobs, log })
  for (const { name, build } of definitions) desks.set(name, await build({ ...runtime, store, sync: synced?.sync }))
  const workflows = createWorkflows({
    store,
    jobs,
    workflows: [...desks.values()].flatMap((desk) => desk.workflows),
  })
  const events = createEvents({ store })
  const told = coreEvents<WebhookEvent>()
  told.on((event) => logWebhookEvent(log, event))
  const { encryptionKeys } = options
  const reported = { events: told, coreEvents: options.events }
  const webhooks = createWebhooks({ store, tenants, encryptionKeys, ...reported, ...options.webhooks })
  const seal = (): Promise<void> => sealSecrets(webhooks, tenants, log)
  const schedules = deskSchedules({ store, jobs, workflows, desks, tenants })
  const parts: Parts = { store, workflows, journal: undefined }
  let areTenantsThere = false
  let isWorking = false
  let isKept = false
  let isSealed = false
  let triggers: Subscription | undefined
  return {
    desks: {
      names: [...desks.keys()],
      tenants,
      keys: createKnownKeys({ store, graceMs: options.apiKeyGraceMs }),
      audit: createAuditTrail(store),
      leads: options.intake && createLeads(store, options.intake),
      workflows,
      events,
      webhooks,
      writes: {
        unconfirmed: options.writes.unconfirmed,
        settle: (settlement) => settleWrite(options, workflows, settlement),
      },
      sync: synced?.sync,
      take: (by, desk, request, key) => take(parts, by, { name: desk, desk: desks.get(desk)! }, request, key),
      find: (by, id) => findAnywhere(parts, by, id),
      list: (by, options) => list(parts, by, options),
      requests: () => ({
        waiting: parts.journal?.requests.size ?? 0,
        refused: parts.journal?.requests.refused ?? 0,
        journal: parts.journal?.state() ?? 'closed',
      }),
      async hook(tenant, deskName, name, body, signal) {
        const hook = desks.get(deskName)?.hooks?.[name]
        if (hook === undefined) return false
        await hook({ tenant, body, workflows, signal })
        return true
      },
    },
    async prepare() {
      for (const tenant of tenants) await store.asWorker(tenant, (transaction) => makeTenant(transaction, tenant))
      areTenantsThere = true
      options.intake?.useStore(store)
      await options.accounts?.useStore(store)
      options.writes.useStore(store)
      isSealed ||= await seal().then(() => true)
      await webhooks.start()
      parts.journal?.requests.start()
      if (!isWorking) await workflows.work({ concurrency: RUNS_AT_ONCE })
      isWorking = true
      await schedules.keep()
      isKept ||= await keepHouse({ store, jobs, tenants, keep: options.keep, log }, seal).then(() => true)
      await (synced?.prepare() ?? unscheduleOthers(jobs))
      triggers ??= await pullTriggers(parts, desks, tenants, log)
    },
    async accept(journal) {
      const requests = await openRequestJournal({
        journal,
        begin: (accepted, options) => beginRequest(parts, accepted, options),
        log,
      })
      parts.journal = { requests, state: () => journal.snapshot().state }
      if (areTenantsThere) requests.start()
    },
    async close() {
      await parts.journal?.requests.close()
      await Promise.all([events.close(), webhooks.close(), triggers?.stop()])
      await workflows.close()
      await Promise.all([...[...desks.values()].map((desk) => desk.close?.()), synced?.close()])
    },
  }
}

/** Takes down what a person has found out about a write; what waits for that goes on. */
async function settleWrite(
  { writes, tenants, log }: OpenDesksOptions,
  workflows: Workflows,
  settlement: WriteSettlement,
): Promise<void> {
  await writes.settle(settlement)
  for (const tenant of tenants) {
    await workflows
      .settled(tenant)
      .catch((error: unknown) =>
        log.warn({ ...describeFailure(error), tenant }, 'what waits for a settled write goes on some minutes later'),
      )
  }
}

/** Starts what events start, whichever process hears of them. */
function pullTriggers(
  { store, workflows }: Parts,
  desks: ReadonlyMap<string, Desk>,
  tenants: readonly string[],
  log: Log,
): Promise<Subscription> {
  const triggers = [...desks.values()].flatMap((desk) => desk.triggers ?? [])
  const orchestrator = triggers.length === 0 ? undefined : createOrchestrator({ workflows, specialists: {}, triggers })
  return subscribe({
    store,
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

interface Parts {
  readonly store: Store
  readonly workflows: Workflows
  /** Where requests wait while the store is away; there is none while somebody else has its directory. */
  journal: { readonly requests: RequestJournal; readonly state: () => WaitingRequests['journal'] } | undefined
}

async function take(
  parts: Parts,
  by: Claims,
  desk: { readonly name: string; readonly desk: Desk },
  request: NewRequest,
  idempotencyKey: string | undefined,
): Promise<TakenRequest | AskedBack> {
  const accepted = acceptedRequest(by, desk, request, idempotencyKey)
  if ('missing' in accepted) return accepted
  const { id } = accepted
  const { requests } = parts.journal ?? {}
  if (requests === undefined) return { id, ...(await beginRequest(parts, accepted)) }
  if (!requests.isAway) {
    const signal = AbortSignal.timeout(STORE_TIMEOUT_MS)
    try {
      return { id, ...(await beginRequest(parts, accepted, { signal })) }
    } catch (error) {
      // Whether or not it was begun, by its key it is begun once.
      if (!isOutage(error) && !signal.aborted) throw error
    }
  }
  return { id, repeated: await requests.accept(accepted) }
}

/** In the store, or on its way there. */
async function findAnywhere(parts: Parts, by: Claims, id: string): Promise<RequestView | undefined> {
  const { requests } = parts.journal ?? {}
  const waiting = (): RequestView | undefined => waitingView(requests?.find(id), by)
  const before = waiting()
  if (before !== undefined && requests?.isAway === true) return before
  try {
    return (await find(parts, by, id)) ?? waiting()
  } catch (error) {
    const now = isOutage(error) ? waiting() : undefined
    if (now === undefined) throw error
    return now
  }
}

function waitingView(found: WaitingRequest | undefined, by: Claims): RequestView | undefined {
  if (found === undefined) return undefined
  const { accepted, at, refused } = found
  const { id, tenant, user, desk, text, criteria } = accepted
  if (tenant !== by.tenant || !maySee(by, user)) return undefined
  return {
    id,
    desk,
    ...(refused === undefined ? { status: 'accepted', waitsFor: 'store' } : { status: 'refused', failure: refused }),
    text,
    criteria,
    createdAt: new Date(at),
    approvals: [],
  }
}

async function find({ store, workflows }: Parts, by: Claims, id: string): Promise<RequestView | undefined> {
  const found = await store.withClaims(by, async (transaction) => {
    const row = await transaction.selectFrom('requests').selectAll().where('id', '=', id).executeTakeFirst()
    if (row === undefined || !maySee(by, row.user_id)) return undefined
    const proposal = await transaction
      .selectFrom('proposals')
      .select(['status', 'ranking'])
      .where('request_id', '=', id)
      .orderBy('created_at', 'desc')
      .limit(1)
      .executeTakeFirst()
    const waiting = await transaction
      .selectFrom('workflow_runs')
      .innerJoin('workflow_steps', 'run_id', 'id')
      .select('workflow_steps.failure')
      .where('request_id', '=', id)
      .where('workflow_runs.state', 'in', ['running', 'waiting'])
      .where('workflow_steps.state', '=', 'waiting')
      .where('workflow_steps.failure', 'is not', null)
      .execute()
    const waitsForPerson = waiting.some(({ failure }) => (failure as { code?: string }).code === 'WRITE_UNCONFIRMED')
    return { row, proposal, waitsForPerson }
  })
  if (found === undefined) return undefined
  const runs = await workflows.list(by, { requestId: id, limit: 1_000 })
  // The first: the others are those that it has handed work to, and those that events have started.
  const run = runs.findLast(({ parentRunId }) => parentRunId === undefined)
  const steps = run === undefined ? [] : ((await workflows.get(by, run.runId))?.steps ?? [])
  const mine = steps.filter(({ kind, spec }) => kind === 'approval' && hasOne(by, spec['roles']))
  const open = mine.filter(({ state }) => state === 'waiting')
  const lapsed = mine.flatMap((step) => lapsedAs(step, open.length > 0))
  return {
    ...viewOf(found.row),
    ...(found.proposal === undefined ? {} : { proposal: found.proposal }),
    ...(found.waitsForPerson ? { waitsFor: 'settlement' } : {}),
    ...(run === undefined
      ? {}
      : {
          run: {
            runId: run.runId,
            state: run.state,
            ...(run.failure === undefined ? {} : { failure: run.failure.code }),
          },
        }),
    approvals: open.map(({ name: step, spec }) => ({ step, ask: spec['ask'] })),
    ...(lapsed.length === 0 ? {} : { lapsed }),
  }
}

/** What cannot be decided any more, and why. One that was decided counts where something else is asked now: whoever sends his decision twice must not decide that. */
function lapsedAs(
  { name: step, spec, result }: StepSnapshot,
  isAskedAgain: boolean,
): NonNullable<RequestView['lapsed']> {
  const { decision } = (result ?? {}) as { readonly decision?: Decision['decision'] }
  const { late = 'The time for this decision is over.' } = spec as { readonly late?: string }
  switch (decision) {
    case undefined:
      return []
    case 'timed-out':
      return [{ step, message: late }]
    case 'overtaken':
      return [{ step, message: 'What was asked has changed: look at the request again.' }]
    default:
      return isAskedAgain
        ? [{ step, message: 'It was decided; something else is asked now: look at the request.' }]
        : []
  }
}

function list(
  { store }: Parts,
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

import { nextRuns } from '@holdfast/agents/jobs'
import type { Jobs, JobWorker } from '@holdfast/agents/jobs'
import { createSync } from '@holdfast/agents/sync'
import type { Source } from '@holdfast/agents/sync'
import { createEvents, systemClock } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import type { Store } from '@holdfast/store/database'
import { SYNC_OPTIONS_DEFAULTS } from '../config/options.ts'
import type { SyncKind, SyncOptions } from '../config/options.ts'
import { kindOf } from '../config/sync-fields.ts'
import { scheduleKey } from '../desks/schedule-key.ts'
import type { Log } from '../http/context.ts'
import { logSyncEvent } from '../telemetry/sync-log.ts'
import type { SyncEvent } from './events.ts'
import { kindsOf } from './kinds.ts'
import type { OpenSources } from './open-sources.ts'
import { shownState } from './pull-state.ts'
import { createPulls } from './run-pull.ts'
import type { ServerSync } from './server-sync.ts'
import { createStanding } from './standing.ts'
import { readWaiting } from './waiting.ts'

/** What the clock says is due, and what is to be pulled. */
const SCHEDULES = 'sync-schedules'
const PULLS = 'sync-pulls'

/** Pulls that this process does at once. */
const PULLS_AT_ONCE = 2
/** The first pull of a large account takes its time. In ms. */
const PULL_TIMEOUT_MS = 14_400_000
/** While the store does not take what became of a pull. */
const RETRY = { maxRetries: 5, backoffMs: 5_000, maxBackoffMs: 60_000 }

/** Once a night, after the keys. */
const EACH_NIGHT = { cron: '37 3 * * *', timeZone: 'UTC' }
const PURGE = 'sync-purge'

/** What {@link openSync} is made with. */
export interface OpenSyncOptions {
  readonly sync: SyncOptions
  readonly sources: OpenSources
  readonly store: Store
  readonly jobs: Pick<Jobs, 'add' | 'work' | 'schedule' | 'schedules' | 'unschedule'>
  readonly log: Log
  /** Hears of each pull of this process. */
  readonly observe?: ((event: SyncEvent) => void) | undefined
  /** Default: the system's. */
  readonly clock?: Clock | undefined
}

/** Sync at work. */
export interface OpenedSync {
  readonly sync: ServerSync
  /** Sets the schedules, and has pulled what never was. Rejects while the store or the queue is away; then it is to be called again. */
  prepare(): Promise<void>
  close(): Promise<void>
}

/** Makes sync of the configuration, in a store and by a queue. */
export function openSync({
  sync: options,
  sources,
  store,
  jobs,
  log,
  observe,
  clock = systemClock,
}: OpenSyncOptions): OpenedSync {
  const pulls = createPulls()
  const opened = Object.keys(options.sources).map(
    (name) => [name, sources.make(name, { store, clock, onProblem: pulls.onProblem })] as const,
  )
  const kinds = kindsOf(options)
  const sync = createSync({
    store,
    kinds,
    sources: Object.fromEntries(opened.map(([name, source]): [string, Source] => [name, pulls.watched(name, source)])),
    keepDeletedMs: options.keepDeletedMs ?? SYNC_OPTIONS_DEFAULTS.keepDeletedMs,
    clock,
  })
  const events = createEvents<SyncEvent>()
  events.on((event) => logSyncEvent(log, event))
  if (observe !== undefined) events.on(observe)
  const runtime = { store, sync, clock, emit: (event: SyncEvent) => events.emit(event) }
  let workers: readonly JobWorker[] = []

  const isOf = (source: string, tenant: string): boolean =>
    Object.hasOwn(options.sources, source) && tenantsOf(options, source).includes(tenant)
  const add = (tenant: string, source: string) =>
    jobs.add(PULLS, { source }, { tenant, deduplicationKey: `${tenant}:${source}`, retry: RETRY })

  const due = async ({ data }: { readonly data: { readonly source?: string } }): Promise<void> => {
    const { source } = data
    if (source === undefined) {
      for (const tenant of tenantsOf(options)) while ((await sync.purge(tenant)) > 0);
      return
    }
    // Of a source that is no longer there.
    if (!Object.hasOwn(options.sources, source)) return
    for (const tenant of tenantsOf(options, source)) await add(tenant, source)
  }

  const standing = createStanding(
    (tenant) => served.state(tenant),
    tenantsOf(options),
    () => clock.now(),
  )
  const served: ServerSync = {
    kinds: Object.keys(kinds) as SyncKind[],
    find: sync.find,
    get: sync.get,
    conflict: sync.conflict,
    resolve: sync.resolve,
    standing: standing.get,
    async state(tenant) {
      const [rows, waiting] = await store.asWorker(tenant, async (transaction) => [
        await transaction.selectFrom('sync_pulls').selectAll().execute(),
        await transaction
          .selectFrom('sync_conflicts')
          .select(['kind', ({ fn }) => fn.countAll<string>().as('many')])
          .where('kind', 'in', Object.keys(kinds))
          .groupBy('kind')
          .execute(),
      ])
      const now = new Date(clock.wallTime())
      const states = Object.entries(options.sources).flatMap(([name, source]) => {
        if (!isOf(name, tenant)) return []
        const { cron, timeZone } = { ...SYNC_OPTIONS_DEFAULTS, ...source }
        const [nextAt] = nextRuns(cron, timeZone, now, 1)
        const row = rows.find((one) => one.source === name)
        return [{ name, from: source.from, kind: kindOf(source), cron, timeZone, nextAt: nextAt!, ...shownState(row) }]
      })
      return {
        sources: states,
        conflicts: Object.fromEntries(Object.keys(kinds).map((kind) => [kind, manyOf(waiting, kind)])),
      }
    },
    waiting: (tenant, of, query) => readWaiting(store, tenant, of, query),
    async pull(tenant, source) {
      if (!isOf(source, tenant)) return undefined
      const { state } = await add(tenant, source)
      return state === 'deduplicated' ? 'deduplicated' : 'added'
    },
  }
  return {
    sync: served,
    async prepare() {
      if (workers.length === 0) {
        const clockwork = await jobs.work<{ readonly source?: string }>(SCHEDULES, due)
        const puller = await jobs.work<{ readonly source: string }>(
          PULLS,
          async ({ tenant, data: { source }, signal }) => {
            if (isOf(source, tenant)) await pulls.run(runtime, tenant, source, signal)
          },
          { concurrency: PULLS_AT_ONCE, attemptTimeoutMs: PULL_TIMEOUT_MS },
        )
        workers = [clockwork, puller]
      }
      const keys = new Set([PURGE])
      await jobs.schedule(PURGE, { queue: SCHEDULES, ...EACH_NIGHT, data: {} })
      for (const [name, source] of Object.entries(options.sources)) {
        const { cron, timeZone } = { ...SYNC_OPTIONS_DEFAULTS, ...source }
        const key = scheduleKey('sync', name)
        keys.add(key)
        await jobs.schedule(key, { queue: SCHEDULES, cron, timeZone, data: { source: name } })
      }
      await unscheduleOthers(jobs, keys)
      for (const tenant of tenantsOf(options)) {
        const { sources: states } = await served.state(tenant)
        for (const { name, state } of states) if (state === 'never') await add(tenant, name)
      }
      await standing.refresh()
    },
    async close() {
      // What is under way goes back to the queue, before its connections are closed.
      await Promise.all(workers.map((worker) => worker.stop()))
      await Promise.all(opened.map(([, source]) => source.close?.()))
    },
  }
}

/** Takes back the schedules of sources that are no longer there. @param keys those that stay. */
export async function unscheduleOthers(
  jobs: Pick<Jobs, 'schedules' | 'unschedule'>,
  keys: ReadonlySet<string> = new Set(),
): Promise<void> {
  for (const { key, queue } of await jobs.schedules())
    if (queue === SCHEDULES && !keys.has(key)) await jobs.unschedule(key)
}

/** Whose the records of a source are; of all sources without a name. */
export function tenantsOf({ sources }: SyncOptions, name?: string): readonly string[] {
  const some = name === undefined ? Object.values(sources) : [sources[name]!]
  return [...new Set(some.flatMap(({ tenants = SYNC_OPTIONS_DEFAULTS.tenants }) => tenants))]
}

function manyOf(rows: readonly { readonly kind: string; readonly many: string }[], kind: string): number {
  return Number(rows.find((row) => row.kind === kind)?.many ?? 0)
}

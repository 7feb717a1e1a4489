import { lastRuns } from '@holdfast/agents/jobs'
import type { Desk, DeskSchedule } from '@holdfast/agents/desks'
import type { RunningJob } from '@holdfast/agents/jobs'
import type { Workflows } from '@holdfast/agents/workflows'
import { systemClock } from '@holdfast/core'
import type { Store } from '@holdfast/store/database'
import { scheduleKey } from './schedule-key.ts'
import type { Storage } from './storage.ts'

/** The queue of what is done again and again. */
const SCHEDULES = 'schedules'

/** Times that were missed, and are made up for; the first of them reaches back to the last that was not. */
const MOST_MISSED = 31

/** For some hours: what is behind it may be away. */
const PATIENTLY = Object.freeze({ maxRetries: 100, backoffMs: 1_000, maxBackoffMs: 300_000 })

/** A schedule's own job has no time with it; the one that it leads to for each tenant has. */
interface DueJob {
  readonly key: string
  readonly dueAt?: number
}

/** What the schedules of desks need. */
export interface DeskSchedulesOptions {
  readonly store: Pick<Store, 'asWorker'>
  readonly jobs: Pick<Storage['jobs'], 'add' | 'schedule' | 'schedules' | 'unschedule' | 'work'>
  readonly workflows: Pick<Workflows, 'start'>
  readonly desks: ReadonlyMap<string, Pick<Desk, 'schedules'>>
  readonly tenants: readonly string[]
}

/** One job at each time, which leads to one for each tenant, which starts runs: one for each time that it was due since the last. */
export function deskSchedules(options: DeskSchedulesOptions): { keep(): Promise<void> } {
  const { jobs, tenants } = options
  const all = new Map<string, DeskSchedule>()
  for (const [desk, { schedules = [] }] of options.desks) {
    for (const schedule of schedules) all.set(scheduleKey(desk, schedule.name), schedule)
  }
  let isWorking = false
  const handle = async ({ data, dueAt, tenant }: Pick<RunningJob<DueJob>, 'data' | 'dueAt' | 'tenant'>) => {
    const { key, dueAt: of } = data
    const schedule = all.get(key)
    // Of a desk that is no longer there.
    if (schedule === undefined) return
    if (of !== undefined) {
      await startRuns(options, tenant, key, schedule, of)
      return
    }
    const due: DueJob = { key, dueAt: dueAt ?? systemClock.wallTime() }
    for (const one of tenants) await jobs.add(SCHEDULES, due, { tenant: one, retry: PATIENTLY })
  }
  return {
    async keep() {
      if (all.size === 0) return
      if (!isWorking) await jobs.work<DueJob>(SCHEDULES, handle)
      isWorking = true
      for (const [key, { cron, timeZone }] of all) {
        const data: DueJob = { key }
        await jobs.schedule(key, { queue: SCHEDULES, cron, timeZone, data, options: { retry: PATIENTLY } })
      }
      for (const { key, queue } of await jobs.schedules()) {
        if (queue === SCHEDULES && !all.has(key)) await jobs.unschedule(key)
      }
    },
  }
}

/** Starts a run for each time that there is none for, from the last that there is one for: each has its time in its key, so it is begun once, whoever is late. */
async function startRuns(
  { store, workflows }: DeskSchedulesOptions,
  tenant: string,
  key: string,
  schedule: DeskSchedule,
  dueAt: number,
): Promise<void> {
  const { cron, timeZone, workflow } = schedule
  const times = lastRuns(cron, timeZone, new Date(dueAt), MOST_MISSED + 1).map((time) => time.getTime())
  const last = await lastTime(store, tenant, key)
  const missed = last === undefined ? times.slice(0, 1) : times.slice(0, MOST_MISSED).filter((time) => time > last)
  let from = last ?? times[1]!
  for (const until of missed.toReversed()) {
    const idempotencyKey = `${key}:${new Date(until).toISOString()}`
    const input = schedule.input({ from, until })
    await workflows.start(tenant, workflow, input as never, { idempotencyKey, idempotencyInput: idempotencyKey })
    from = until
  }
}

/** The last time that a tenant has a run for; runs are kept for a month. */
async function lastTime(store: Pick<Store, 'asWorker'>, tenant: string, key: string): Promise<number | undefined> {
  const run = await store.asWorker(tenant, (transaction) =>
    transaction
      .selectFrom('workflow_runs')
      .select('idempotency_key')
      // Those of an earlier version have the day alone.
      .where('idempotency_key', 'like', `${key}:%T%Z`)
      .orderBy('idempotency_key', 'desc')
      .limit(1)
      .executeTakeFirst(),
  )
  return run === undefined ? undefined : Date.parse(run.idempotency_key!.slice(key.length + 1))
}

import { randomUUID } from 'node:crypto'
import { createWorkflows } from '@holdfast/agents/workflows'
import type { Workflow, Workflows, WorkflowsOptions } from '@holdfast/agents/workflows'
import { fakeClock } from '@holdfast/core/testing'
import type { FakeClock } from '@holdfast/core/testing'
import { openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'

interface WaitingJob {
  readonly tenant: string
  readonly data: unknown
  readonly dueAt: number
}

type Handler = (job: { readonly data: unknown; readonly tenant: string; readonly signal: AbortSignal }) => unknown

/** A queue that is worked on when the test says so. */
export interface HandJobs {
  readonly port: WorkflowsOptions['jobs']
  readonly waiting: WaitingJob[]
  /** What was thrown by handlers. */
  readonly failures: unknown[]
  /** Does every job that is due, one after the other, and those that they add. */
  work(): Promise<void>
}

function handJobs(clock: FakeClock): HandJobs {
  const waiting: WaitingJob[] = []
  const failures: unknown[] = []
  const handlers: Handler[] = []
  const port = {
    add: (queue: string, data: unknown, { tenant = '', delayMs = 0 } = {}) => {
      waiting.push({ tenant, data, dueAt: clock.wallTime() + delayMs })
      return Promise.resolve({ queue, id: randomUUID(), state: 'added' as const })
    },
    work: (queue: string, handler: Handler) => {
      handlers.push(handler)
      const stop = (): Promise<void> => {
        handlers.splice(handlers.indexOf(handler), 1)
        return Promise.resolve()
      }
      return Promise.resolve({ queue, running: 0, stop })
    },
  }
  return {
    port: port as unknown as WorkflowsOptions['jobs'],
    waiting,
    failures,
    async work() {
      for (;;) {
        const at = waiting.findIndex(({ dueAt }) => dueAt <= clock.wallTime())
        if (at === -1 || handlers[0] === undefined) return
        const [job] = waiting.splice(at, 1)
        try {
          await handlers[0]({ ...job!, signal: new AbortController().signal })
        } catch (error) {
          failures.push(error)
        }
      }
    },
  }
}

/** A store in memory, a queue by hand, time by hand. */
export interface Harness {
  readonly store: Store
  readonly clock: FakeClock
  readonly jobs: HandJobs
  readonly workflows: Workflows
  readonly tenant: string
  /** Time passes, for the wall clock alone; then everything that is due is done. */
  pass(ms: number): Promise<void>
  /** The same store with other workflows, as in a process that comes after. */
  again(workflows: readonly Workflow<never>[], options?: Partial<WorkflowsOptions>): Promise<Harness>
  /** The names of the run's events, in their order. */
  events(topic: string): Promise<readonly string[]>
}

let shared: Promise<Store> | undefined

/** One store for all tests of a file: each has a tenant of its own. */
export function sharedStore(): Promise<Store> {
  return (shared ??= openStore())
}

/** At the end of a file: the next one, perhaps in the same process, opens its own. */
export async function closeSharedStore(): Promise<void> {
  const store = await shared
  shared = undefined
  await store?.close()
}

export async function setUp(
  workflows: readonly Workflow<never>[],
  options: Partial<WorkflowsOptions> = {},
): Promise<Harness> {
  const store = await sharedStore()
  const tenant = `t-${randomUUID()}`
  await store.asWorker(tenant, (transaction) =>
    transaction.insertInto('tenants').values({ id: tenant, name: 'Tenant' }).execute(),
  )
  return harnessOn(store, fakeClock({ wallTime: Date.UTC(2026, 0, 1) }), tenant, workflows, options)
}

async function harnessOn(
  store: Store,
  clock: FakeClock,
  tenant: string,
  list: readonly Workflow<never>[],
  options: Partial<WorkflowsOptions>,
): Promise<Harness> {
  const jobs = handJobs(clock)
  const workflows = createWorkflows({ store, jobs: jobs.port, workflows: list, clock, random: () => 1, ...options })
  await workflows.work()
  return {
    store,
    clock,
    jobs,
    workflows,
    tenant,
    async pass(ms) {
      clock.setWallTime(clock.wallTime() + ms)
      await jobs.work()
    },
    again: (others, more = options) => harnessOn(store, clock, tenant, others, more),
    async events(topic) {
      const rows = await store.asWorker(tenant, (transaction) =>
        transaction.selectFrom('outbox').select('event').where('topic', '=', topic).orderBy('seq').execute(),
      )
      return rows.map(({ event }) => event)
    },
  }
}

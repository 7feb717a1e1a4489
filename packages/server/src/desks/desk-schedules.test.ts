import { defineWorkflow } from '@holdfast/agents/workflows'
import { createWorkflows } from '@holdfast/agents/workflows'
import type { WorkflowsOptions } from '@holdfast/agents/workflows'
import { openStore } from '@holdfast/store/database'
import type { Store } from '@holdfast/store/database'
import * as z from 'zod'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { deskSchedules } from './desk-schedules.ts'
import type { DeskSchedulesOptions } from './desk-schedules.ts'

let store: Store
let tenants = 0
beforeAll(async () => {
  store = await openStore()
}, 60_000)
afterAll(() => store.close())

const report = defineWorkflow({
  name: 'report',
  version: 1,
  input: z.object({ from: z.number(), until: z.number() }),
  run: () => Promise.resolve(null),
})

/** A desk with a report at 9:00 in New York, for two tenants; of those in `broken` no run can be begun. */
async function setUp() {
  const names = [`t-${(tenants += 1)}`, `t-${(tenants += 1)}`]
  for (const name of names)
    await store.asWorker(name, (transaction) => transaction.insertInto('tenants').values({ id: name, name }).execute())
  const broken = new Set<string>()
  const added: { readonly data: never; readonly tenant: string }[] = []
  let handle: ((job: object) => Promise<void>) | undefined
  const jobs = {
    add: (_queue: string, data: never, { tenant }: { readonly tenant: string }) => {
      added.push({ data, tenant })
      return Promise.resolve()
    },
    work: (_queue: string, handler: typeof handle) => Promise.resolve((handle = handler)),
    schedule: () => Promise.resolve(),
    schedules: () => Promise.resolve([]),
  } as unknown as DeskSchedulesOptions['jobs']
  const port = { add: () => Promise.resolve() } as unknown as WorkflowsOptions['jobs']
  const workflows = createWorkflows({ store, jobs: port, workflows: [report] })
  const start: DeskSchedulesOptions['workflows']['start'] = (by, ...rest) =>
    broken.has(by as string) ? Promise.reject(new Error('no more runs')) : workflows.start(by, ...rest)
  const daily = { name: 'daily', cron: '0 9 * * *', timeZone: 'America/New_York', workflow: report }
  const desks = new Map([['desk', { schedules: [{ ...daily, input: (time: object) => time }] }]])
  await deskSchedules({ store, jobs, workflows: { start }, desks, tenants: names }).keep()
  return {
    names,
    broken,
    /** The queue brings a time; what of its jobs fails comes again later. */
    async due(at: string): Promise<void> {
      await handle!({ data: { key: 'desk-daily' }, dueAt: Date.parse(at), tenant: 'default' })
      const failed: typeof added = []
      for (const job of added.splice(0)) await handle!(job).catch(() => failed.push(job))
      added.push(...failed)
    },
    /** From when to when there are runs. */
    spans: (tenant: string) =>
      store.asWorker(tenant, async (transaction) => {
        const rows = await transaction.selectFrom('workflow_runs').select('input').orderBy('idempotency_key').execute()
        const time = (at: number): string => new Date(at).toISOString().slice(0, 16)
        return rows.map(({ input }) => {
          const { from, until } = input as { from: number; until: number }
          return `${time(from)} ${time(until)}`
        })
      }),
  }
}

it('start a run from the time before to that which was due, also on a day of 23 or of 25 hours', async () => {
  const { due, names, spans } = await setUp()
  await due('2026-03-08T13:00:00Z')
  expect(await spans(names[0]!)).toEqual(['2026-03-07T14:00 2026-03-08T13:00'])
  await due('2026-11-01T14:00:00Z')
  expect((await spans(names[0]!)).at(-1)).toBe('2026-10-31T13:00 2026-11-01T14:00')
})

it('start a run for each time that was missed, once, without a gap', async () => {
  const { due, names, spans } = await setUp()
  await due('2026-11-24T14:00:00Z')
  // Three days later, twice: each is begun late.
  await due('2026-11-27T14:00:00Z')
  await due('2026-11-27T14:00:00Z')
  await due('2026-11-26T14:00:00Z')
  expect(await spans(names[0]!)).toEqual([
    '2026-11-23T14:00 2026-11-24T14:00',
    '2026-11-24T14:00 2026-11-25T14:00',
    '2026-11-25T14:00 2026-11-26T14:00',
    '2026-11-26T14:00 2026-11-27T14:00',
  ])
})

it('reach back to the last run when more was missed than is made up for', async () => {
  const { due, names, spans } = await setUp()
  await due('2026-06-01T13:00:00Z')
  await due('2026-08-01T13:00:00Z')
  const [, first, ...others] = await spans(names[0]!)
  expect(first).toBe('2026-06-01T13:00 2026-07-02T13:00')
  expect(others).toHaveLength(30)
})

it('of one tenant are begun when those of another cannot be, which follow as soon as they can', async () => {
  const { due, names, broken, spans } = await setUp()
  broken.add(names[0]!)
  await due('2026-11-24T14:00:00Z')
  expect([await spans(names[0]!), await spans(names[1]!)]).toEqual([[], ['2026-11-23T14:00 2026-11-24T14:00']])
  broken.clear()
  await due('2026-11-25T14:00:00Z')
  expect(await spans(names[0]!)).toEqual(await spans(names[1]!))
})

import { expect, it, vi } from 'vitest'
import { fakeLog } from '../../test/fakes.ts'
import { forgetOld, keepHouse } from './housekeeping.ts'
import type { Housekeeping } from './housekeeping.ts'

type What = 'keys' | 'writes' | 'events'
type Forget = (what: What, before: Date) => number

// Another file of this process may have loaded it with the real store.
vi.hoisted(() => vi.resetModules())
vi.mock('@holdfast/store/database', () => {
  const of = (what: What) => (transaction: { readonly forget: Forget }, before: Date) =>
    Promise.resolve(transaction.forget(what, before))
  return { forgetKeys: of('keys'), forgetWrites: of('writes'), forgetEvents: of('events') }
})

const DAY_MS = 86_400_000

/** @param old how much of each a tenant has that is too old. */
function houseWith(old: Readonly<Record<string, number>>) {
  const left = new Map<string, number>()
  for (const [tenant, many] of Object.entries(old)) {
    for (const what of ['keys', 'writes', 'events']) left.set(`${tenant} ${what}`, many)
  }
  const asked: { readonly of: string; readonly before: Date }[] = []
  const store = {
    asWorker: async (tenant: string, work: (transaction: never) => Promise<unknown>) => {
      const forget: Forget = (what, before) => {
        const of = `${tenant} ${what}`
        asked.push({ of, before })
        const now = Math.min(1_000, left.get(of) ?? 0)
        left.set(of, (left.get(of) ?? 0) - now)
        return now
      }
      return work({ forget } as never)
    },
  } as unknown as Housekeeping['store']
  const keep = { keepKeysMs: DAY_MS, keepEventsMs: 2 * DAY_MS }
  return { store, tenants: Object.keys(old), keep, log: fakeLog(), left, asked }
}

it('forgets the old keys, writes and events of each tenant, until there are none', async () => {
  const { left, asked, ...given } = houseWith({ acme: 2_500, globex: 0 })
  const begun = Date.now()
  await forgetOld(given)
  expect([...left.values()]).toEqual([0, 0, 0, 0, 0, 0])
  const times = (of: string): number => asked.filter((one) => one.of === of).length
  for (const what of ['keys', 'writes', 'events'])
    expect([times(`acme ${what}`), times(`globex ${what}`)]).toEqual([4, 1])
  const ageOf = (of: string): number => begun - asked.find((one) => one.of === of)!.before.getTime()
  expect(ageOf('acme keys')).toBeLessThanOrEqual(DAY_MS)
  expect(ageOf('acme keys')).toBeGreaterThan(DAY_MS - 60_000)
  expect(ageOf('acme events')).toBeGreaterThan(2 * DAY_MS - 60_000)
})

it('is a job of each night, that each process can do', async () => {
  const { left, asked: _, ...given } = houseWith({ acme: 1 })
  let work: (() => Promise<void>) | undefined
  const schedule = vi.fn<(key: string, options: unknown) => Promise<void>>(() => Promise.resolve())
  const seal = vi.fn<() => Promise<void>>(() => Promise.resolve())
  const house: Housekeeping = {
    ...given,
    jobs: {
      work: (_queue: string, does: () => Promise<void>) => Promise.resolve(void (work = does)),
      schedule,
    } as unknown as Housekeeping['jobs'],
  }
  await keepHouse(house, seal)
  expect(seal).not.toHaveBeenCalled()
  expect(schedule.mock.calls).toEqual([
    ['forget-keys', { queue: 'housekeeping', cron: '17 3 * * *', timeZone: 'UTC', data: {} }],
  ])
  await work?.()
  expect([...left.values()]).toEqual([0, 0, 0])
  expect(seal).toHaveBeenCalledOnce()
})

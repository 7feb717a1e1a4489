import { expect, it, vi } from 'vitest'
import { fakeLog } from '../../test/fakes.ts'
import { forgetOldKeys, keepHouse } from './housekeeping.ts'
import type { Housekeeping } from './housekeeping.ts'

vi.mock('@holdfast/store/database', () => ({
  forgetKeys: (transaction: { readonly forget: (before: Date) => number }, before: Date) =>
    Promise.resolve(transaction.forget(before)),
  forgetWrites: (transaction: { readonly forgetWrites: (before: Date) => number }, before: Date) =>
    Promise.resolve(transaction.forgetWrites(before)),
}))

function house(old: Readonly<Record<string, number>>) {
  const left = new Map(Object.entries(old))
  const written: { readonly tenant: string; readonly before: Date }[] = []
  const asked: { readonly tenant: string; readonly before: Date }[] = []
  const store = {
    asWorker: async (tenant: string, work: (transaction: never) => Promise<unknown>) => {
      const forget = (before: Date): number => {
        asked.push({ tenant, before })
        const now = Math.min(1_000, left.get(tenant) ?? 0)
        left.set(tenant, (left.get(tenant) ?? 0) - now)
        return now
      }
      const forgetWrites = (before: Date): number => {
        written.push({ tenant, before })
        return written.length === 1 ? 1_000 : 0
      }
      return work({ forget, forgetWrites } as never)
    },
  } as unknown as Housekeeping['store']
  return { store, tenants: Object.keys(old), keepKeysMs: 86_400_000, log: fakeLog(), left, asked, written }
}

it('forgets the old keys of each tenant, until there are none', async () => {
  const { left, asked, written, ...given } = house({ acme: 2_500, globex: 0 })
  const begun = Date.now()
  await forgetOldKeys(given)
  expect([...left.values()]).toEqual([0, 0])
  expect(asked.map(({ tenant }) => tenant)).toEqual(['acme', 'acme', 'acme', 'acme', 'globex'])
  expect(written.map(({ tenant }) => tenant)).toEqual(['acme', 'acme', 'globex'])
  expect(written[0]?.before).toEqual(asked[0]?.before)
  expect(begun - asked[0]!.before.getTime()).toBeGreaterThanOrEqual(86_400_000 - 60_000)
})

it('is a job of each night, that each process can do', async () => {
  const { left, asked: _, written: __, ...given } = house({ acme: 1 })
  let work: (() => Promise<void>) | undefined
  const schedule = vi.fn<(key: string, options: unknown) => Promise<void>>(() => Promise.resolve())
  await keepHouse({
    ...given,
    jobs: {
      work: (_queue: string, does: () => Promise<void>) => Promise.resolve(void (work = does)),
      schedule,
    } as unknown as Housekeeping['jobs'],
  })
  expect(schedule.mock.calls).toEqual([
    ['forget-keys', { queue: 'housekeeping', cron: '17 3 * * *', timeZone: 'UTC', data: {} }],
  ])
  await work?.()
  expect(left.get('acme')).toBe(0)
})

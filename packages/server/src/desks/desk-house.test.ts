import { createEvents, createIntegration } from '@holdfast/core'
import type { CoreEvent, Integration } from '@holdfast/core'
import { expect, it, vi } from 'vitest'
import { fakeLog } from '../../test/fakes.ts'
import { readEnvironment } from '../environment/environment.ts'
import { startDesks } from './desk-house.ts'
import type { DeskHouseOptions } from './desk-house.ts'
import { openServerWrites } from './server-writes.ts'
import type { openStorage } from './storage.ts'

const opened = vi.hoisted(() => vi.fn<typeof openStorage>(() => Promise.reject(new Error('not today'))))
vi.mock('./storage.ts', () => ({ openStorage: opened }))

const desks = [{ name: 'desk', title: 'Desk', integrations: [], build: () => Promise.reject(new Error('not built')) }]

/** The guards that the storage was to be opened with, and those that `/health` is told of. */
async function guardsWith(integrations: readonly Integration[]) {
  opened.mockClear()
  const log = fakeLog()
  const house = await startDesks({
    config: { desks },
    environment: readEnvironment({}, { desks }),
    integrations,
    events: createEvents<CoreEvent>(),
    runtime: {} as DeskHouseOptions['runtime'],
    log,
    takesRequests: false,
    writes: openServerWrites(log),
  })
  await house?.stop()
  const [[{ storeIntegration, jobsIntegration }]] = opened.mock.calls as [Parameters<typeof openStorage>]
  return { store: storeIntegration, jobs: jobsIntegration, shown: house?.integrations }
}

it('guards the store and the jobs by the integrations of those names, where the configuration has them', async () => {
  const [store, jobs] = [createIntegration({ name: 'store' }), createIntegration({ name: 'jobs' })]
  const guards = await guardsWith([createIntegration({ name: 'avinode' }), jobs, store])
  expect(guards.store).toBe(store)
  expect(guards.jobs).toBe(jobs)
  expect(guards.shown).toEqual([store, jobs])
})

it('makes its own where the configuration has none of that name', async () => {
  const jobs = createIntegration({ name: 'jobs' })
  const guards = await guardsWith([jobs])
  expect(guards.store.name).toBe('store')
  expect(guards.jobs).toBe(jobs)
  expect(guards.shown).toEqual([guards.store, jobs])
})

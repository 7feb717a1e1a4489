import { describe, expect, it } from 'vitest'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import type { Permit, Rejection } from '../policy/admission.ts'
import { fakeClock, recordEvents } from '../testing/index.ts'
import type { BulkheadConfiguration } from './options.ts'
import { createBulkhead } from './create-bulkhead.ts'

function setUp(options: Partial<BulkheadConfiguration> = {}) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const recorded = recordEvents(events)
  const bulkhead = createBulkhead({ name: 'crm', maxConcurrent: 2, clock, events, ...options })
  return { clock, events, recorded, bulkhead }
}

/** Fails unless leave was given at once. */
function permitOf(answer: Permit | Rejection | Promise<Permit | Rejection>): Permit {
  if (answer instanceof Promise || !answer.admitted) throw new Error('no leave was given')
  return answer
}

describe('a bulkhead', () => {
  it('lets as many calls in as it has slots, without a promise, and refuses the next with BULKHEAD_FULL', () => {
    const { bulkhead } = setUp()
    const first = permitOf(bulkhead.acquire())
    permitOf(bulkhead.tryAcquire())
    for (const answer of [bulkhead.acquire(), bulkhead.tryAcquire()]) {
      expect(answer).toMatchObject({ admitted: false, error: { code: 'BULKHEAD_FULL', category: 'rejected' } })
      expect(answer).toMatchObject({ error: { retryable: true, mayHaveTakenEffect: false, integration: 'crm' } })
    }
    expect(first.settle('failure')).toBe('failure')
    permitOf(bulkhead.acquire())
    expect(bulkhead.snapshot()).toMatchObject({
      running: 2,
      queued: 0,
      totals: { admitted: 3, rejected: 2, abandoned: 0, success: 0, slow: 0, failure: 1, ignored: 0 },
    })
  })

  it('makes a new error for each refusal (B29)', () => {
    const { bulkhead } = setUp({ maxConcurrent: 0 })
    const errors = [bulkhead.tryAcquire(), bulkhead.tryAcquire()].map((answer) => !answer.admitted && answer.error)
    expect(errors[0]).not.toBe(errors[1])
    expect(errors.every((error) => HoldfastError.isInstance(error))).toBe(true)
  })

  it('gives a slot back once, however often the permit is settled or undone', () => {
    const { bulkhead } = setUp()
    const [first, second] = [permitOf(bulkhead.acquire()), permitOf(bulkhead.acquire())]
    expect(first.settle('success')).toBe('success')
    expect(first.settle('failure')).toBe('ignored')
    first.undo?.()
    second.undo?.()
    second.undo?.()
    expect(second.settle('success')).toBe('ignored')
    expect(bulkhead.running).toBe(0)
  })

  it('gives all who settle exactly once the same permit, and takes back as many slots as were given', () => {
    const { bulkhead } = setUp()
    const [first, second] = [1, 2].map(() => permitOf(bulkhead.tryAcquire({ settlesOnce: true })))
    expect(first).toBe(second)
    expect(bulkhead.running).toBe(2)
    expect(first?.settle('failure')).toBe('failure')
    second?.undo?.()
    expect(bulkhead.snapshot()).toMatchObject({ running: 0, totals: { admitted: 1, failure: 1 } })
  })

  it('knows nothing of a call whose permit was undone', () => {
    const { bulkhead } = setUp()
    const before = bulkhead.snapshot()
    permitOf(bulkhead.acquire()).undo?.()
    expect(bulkhead.snapshot()).toEqual(before)
  })

  it('keeps the slot while the work goes on after its verdict (B14)', async () => {
    for (const end of ['resolves', 'rejects'] as const) {
      const { clock, bulkhead } = setUp({ maxConcurrent: 1, maxQueued: 1, maxQueueMs: Infinity })
      const work = Promise.withResolvers<void>()
      const permit = permitOf(bulkhead.acquire())
      const next = bulkhead.acquire()
      permit.settle('failure', { until: work.promise })
      await clock.advance(59_999)
      expect(bulkhead.snapshot()).toMatchObject({ running: 1, lingering: 1, queued: 1, totals: { failure: 1 } })
      if (end === 'resolves') work.resolve()
      else work.reject(new Error('too late'))
      expect(await next).toMatchObject({ admitted: true })
      expect(bulkhead.snapshot()).toMatchObject({ running: 1, lingering: 0, queued: 0 })
    }
  })

  it('gives the slot back when the promise of the work is broken itself', async () => {
    const { clock, bulkhead } = setUp({ maxConcurrent: 1 })
    // oxlint-disable-next-line unicorn/no-thenable -- that is the case
    const broken = { then: () => expect.unreachable('not a promise') }
    permitOf(bulkhead.acquire()).settle('failure', { until: broken as unknown as PromiseLike<void> })
    await clock.settle()
    expect(bulkhead.running).toBe(0)
  })

  it('lets nobody in with no slots, and everybody who waits once it has some', async () => {
    const { clock, bulkhead } = setUp({ maxConcurrent: 0, maxQueued: 10 })
    expect(bulkhead.tryAcquire().admitted).toBe(false)
    const waiting = [bulkhead.acquire(), bulkhead.acquire()]
    expect(bulkhead.queued).toBe(2)
    bulkhead.resize(3)
    expect([bulkhead.running, bulkhead.queued]).toEqual([2, 0])
    const answers = await Promise.all(waiting)
    expect(answers.map(({ admitted }) => admitted)).toEqual([true, true])
    expect(clock.pending).toBe(0)
  })

  it('shrinks as permits come back', async () => {
    const { bulkhead } = setUp({ maxConcurrent: 3, maxQueued: 10 })
    const permits = [1, 2, 3].map(() => permitOf(bulkhead.acquire()))
    const waiting = bulkhead.acquire()
    bulkhead.resize(1)
    expect([bulkhead.maxConcurrent, bulkhead.running, bulkhead.queued]).toEqual([1, 3, 1])
    permits[0]?.settle('success')
    permits[1]?.settle('success')
    expect([bulkhead.running, bulkhead.queued]).toEqual([1, 1])
    permits[2]?.settle('success')
    expect([bulkhead.running, bulkhead.queued]).toEqual([1, 0])
    expect(await waiting).toMatchObject({ admitted: true })
  })

  it('refuses options and sizes that make no sense', () => {
    const { bulkhead } = setUp()
    for (const size of [-1, 1.5, Number.NaN, 1_000_001]) {
      expect(() => bulkhead.resize(size)).toThrow(/^bulkhead.maxConcurrent must be a whole number from 0 to 1,000,000/)
    }
    expect(() => createBulkhead({ name: 'crm', maxQueueMs: -1 })).toThrow('bulkhead.maxQueueMs must be a number')
    expect(() => createBulkhead({ name: 'crm', maxQueued: 1.5 })).toThrow('bulkhead.maxQueued must be a whole number')
    expect(() => createBulkhead({ name: 'Not a name' })).toThrow('bulkhead.name must be')
    expect(() => createBulkhead({} as BulkheadConfiguration)).toThrow('bulkhead.name must be')
    expect(() => createBulkhead({ name: 'crm', limit: 1 } as BulkheadConfiguration)).toThrow(
      'bulkhead.limit is not an option',
    )
    expect(bulkhead.maxConcurrent).toBe(2)
  })

  it('hands out frozen copies of what it knows (B30)', () => {
    const { bulkhead } = setUp()
    const before = bulkhead.snapshot()
    permitOf(bulkhead.acquire())
    expect([before.running, before.totals.admitted]).toEqual([0, 0])
    expect(Object.isFrozen(before) && Object.isFrozen(before.totals)).toBe(true)
  })
})

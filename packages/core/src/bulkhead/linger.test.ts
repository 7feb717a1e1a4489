import { describe, expect, it } from 'vitest'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { createIntegration } from '../integration/create-integration.ts'
import type { Permit, Rejection } from '../policy/admission.ts'
import { fakeClock, recordEvents } from '../testing/index.ts'
import { createBulkhead } from './create-bulkhead.ts'
import type { BulkheadConfiguration } from './options.ts'

const NEVER = new Promise<never>(() => undefined)

function setUp(options: Partial<BulkheadConfiguration> = {}) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const recorded = recordEvents(events)
  const bulkhead = createBulkhead({ name: 'crm', maxConcurrent: 2, maxLingerMs: 1_000, clock, events, ...options })
  const take = (): Permit => permitOf(bulkhead.tryAcquire())
  return { clock, events, recorded, bulkhead, take }
}

function permitOf(answer: Permit | Rejection): Permit {
  if (!answer.admitted) throw answer.error
  return answer
}

describe('a slot whose work never ends', () => {
  it('comes back after maxLingerMs, so that hung work does not take a bulkhead for good', async () => {
    const { clock, bulkhead, take } = setUp()
    for (const permit of [take(), take()]) permit.settle('failure', { until: NEVER })
    await clock.advance(999)
    expect(bulkhead.tryAcquire()).toMatchObject({ error: { code: 'BULKHEAD_FULL' } })
    expect(bulkhead.snapshot()).toMatchObject({ running: 2, lingering: 2, totals: { reclaimed: 0 } })
    await clock.advance(1)
    expect([bulkhead.tryAcquire(), bulkhead.acquire()]).toMatchObject([{ admitted: true }, { admitted: true }])
    expect(bulkhead.tryAcquire().admitted).toBe(false)
    expect(bulkhead.snapshot()).toMatchObject({ running: 2, lingering: 0, totals: { reclaimed: 2, failure: 2 } })
  })

  it('comes back to the integration that made the hung calls', async () => {
    const { clock, bulkhead } = setUp({ maxConcurrent: 3 })
    const crm = createIntegration({
      name: 'crm',
      clock,
      admissions: [bulkhead],
      attemptTimeoutMs: 100,
      retry: { maxRetries: 0 },
      breaker: false,
      goodputLimit: false,
    })
    const hung = [1, 2, 3].map(() => crm.call(() => NEVER).catch(({ code }: { code: string }) => code))
    await clock.advance(100)
    expect(await Promise.all(hung)).toEqual(Array(3).fill('ATTEMPT_TIMEOUT'))
    await expect(crm.call(() => 'well')).rejects.toMatchObject({ code: 'BULKHEAD_FULL' })
    await clock.advance(1_000)
    await expect(crm.call(() => 'well')).resolves.toBe('well')
    expect(clock.pending).toBe(0)
  })

  it('is seen to be back by whoever looks, and sets no timer while nobody waits', async () => {
    const { clock, bulkhead, take } = setUp()
    take().settle('failure', { until: NEVER })
    expect(clock.pending).toBe(0)
    await clock.advance(1_000)
    expect(bulkhead.running).toBe(0)
    expect(bulkhead.snapshot()).toMatchObject({ lingering: 0, totals: { reclaimed: 1 } })
  })

  it('goes to who waits at that moment, with one timer for all of them', async () => {
    const { clock, bulkhead, take } = setUp({ maxQueued: 10, maxQueueMs: Infinity })
    const [first, second] = [take(), take()]
    first.settle('failure', { until: NEVER })
    await clock.advance(400)
    const waiting = [bulkhead.acquire(), bulkhead.acquire(), bulkhead.acquire()]
    second.settle('failure', { until: NEVER })
    expect(clock.pending).toBe(1)
    await clock.advance(599)
    expect(bulkhead.queued).toBe(3)
    await clock.advance(1)
    expect(bulkhead.queued).toBe(2)
    await clock.advance(399)
    expect([bulkhead.queued, clock.pending]).toEqual([2, 1])
    await clock.advance(1)
    expect([bulkhead.queued, clock.pending]).toEqual([1, 0])
    permitOf((await waiting[0]) as Permit).settle('success')
    expect(await waiting[2]).toMatchObject({ admitted: true })
  })

  it('leaves no timer behind when those who waited have left', async () => {
    const { clock, bulkhead, take } = setUp({ maxConcurrent: 1, maxQueued: 10, maxQueueMs: Infinity })
    take().settle('failure', { until: NEVER })
    const controller = new AbortController()
    const waiting = [1, 2].map(async () => bulkhead.acquire({ signal: controller.signal }))
    await clock.settle()
    expect(clock.pending).toBe(1)
    controller.abort('enough')
    expect(await Promise.allSettled(waiting)).toMatchObject([{ reason: 'enough' }, { reason: 'enough' }])
    expect(clock.pending).toBe(0)
  })

  it('is given back once, though the work ends after all', async () => {
    for (const end of ['resolve', 'reject'] as const) {
      const { clock, bulkhead, take } = setUp({ maxConcurrent: 1 })
      const work = Promise.withResolvers<void>()
      take().settle('failure', { until: work.promise })
      await clock.advance(1_000)
      take()
      work[end]()
      await clock.settle()
      expect(bulkhead.tryAcquire().admitted).toBe(false)
      expect(bulkhead.snapshot()).toMatchObject({ running: 1, lingering: 0, totals: { reclaimed: 1 } })
    }
  })

  it('is kept while the limit has become smaller, and the next one is let in when there is room again', async () => {
    const { clock, bulkhead, take } = setUp({ maxQueued: 1, maxQueueMs: Infinity })
    take()
    take().settle('failure', { until: NEVER })
    bulkhead.resize(1)
    const waiting = bulkhead.acquire()
    await clock.advance(1_000)
    expect(bulkhead.snapshot()).toMatchObject({ running: 1, queued: 1, totals: { reclaimed: 1 } })
    bulkhead.resize(2)
    expect(await waiting).toMatchObject({ admitted: true })
  })

  it('is reported with how long its work has gone on', async () => {
    const { clock, recorded, bulkhead, take } = setUp({ maxConcurrent: 1, maxQueued: 1, maxQueueMs: Infinity })
    take().settle('failure', { until: NEVER })
    void bulkhead.acquire()
    await clock.advance(1_000)
    expect(recorded.types).toEqual(['call-queued', 'slot-reclaimed', 'call-dequeued'])
    expect(recorded.of('slot-reclaimed')).toEqual([
      { type: 'slot-reclaimed', at: clock.wallTime(), bulkhead: 'crm', lingeredMs: 1_000 },
    ])
  })

  it('is reclaimed once, also when a listener looks at the bulkhead meanwhile', async () => {
    const { clock, events, bulkhead, take } = setUp()
    const seen: number[] = []
    events.on(({ type }) => void (type === 'slot-reclaimed' && seen.push(bulkhead.running)))
    events.on(() => {
      throw new Error('a listener')
    })
    for (const permit of [take(), take()]) permit.settle('failure', { until: NEVER })
    await clock.advance(1_000)
    expect(bulkhead.snapshot()).toMatchObject({ running: 0, lingering: 0, totals: { reclaimed: 2 } })
    expect(seen).toHaveLength(2)
  })

  it('stays taken for good with Infinity, and comes back at once with 0', async () => {
    const forGood = setUp({ maxConcurrent: 1, maxLingerMs: Infinity, maxQueued: 1, maxQueueMs: Infinity })
    forGood.take().settle('failure', { until: NEVER })
    void forGood.bulkhead.acquire()
    expect(forGood.clock.pending).toBe(0)
    await forGood.clock.advance(1e12)
    expect(forGood.bulkhead.snapshot()).toMatchObject({ running: 1, lingering: 1, queued: 1 })

    const atOnce = setUp({ maxConcurrent: 1, maxLingerMs: 0, maxQueued: 1 })
    const permit = atOnce.take()
    const waiting = atOnce.bulkhead.acquire()
    permit.settle('failure', { until: NEVER })
    await atOnce.clock.advance(0)
    expect(await waiting).toMatchObject({ admitted: true })
    expect(() => createBulkhead({ name: 'crm', maxLingerMs: -1 })).toThrow('bulkhead.maxLingerMs must be a number')
  })
})

describe('a place in the queue', () => {
  it('is not taken by a call whose signal is none, and no slot is lost to it', async () => {
    const { clock, bulkhead, take } = setUp({ maxConcurrent: 1, maxQueued: 1 })
    const permit = take()
    await expect(bulkhead.acquire({ signal: {} as AbortSignal })).rejects.toThrow(TypeError)
    expect([bulkhead.queued, clock.pending]).toEqual([0, 0])
    permit.settle('success')
    expect(bulkhead.running).toBe(0)
  })

  it('is not given for a deadline that is no time', () => {
    const { clock, bulkhead } = setUp({ maxConcurrent: 0, maxQueued: 1 })
    expect(bulkhead.acquire({ deadlineAt: Number.NaN })).toMatchObject({ error: { code: 'QUEUE_TIMEOUT' } })
    expect([bulkhead.queued, clock.pending]).toEqual([0, 0])
  })
})

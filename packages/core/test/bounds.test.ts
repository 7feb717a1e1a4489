import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { createBulkhead, createCapacity, createRateLimiters, createThrottle } from '../src/admission/index.ts'
import { createCache, createDedupe } from '../src/cache/index.ts'
import {
  type CoreEvent,
  createBreaker,
  createEvents,
  createHedge,
  createIntegration,
  createRetry,
  createTimeout,
  pipeline,
} from '../src/index.ts'
import { createMetrics } from '../src/metrics/index.ts'
import { createRegistry } from '../src/presets/index.ts'
import { createSessions } from '../src/sessions/index.ts'
import { seededRandom } from '../src/testing/index.ts'
import { VirtualClock } from './harness/virtual-clock.ts'

const MILLION = 1_000_000
const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS

const clock = new VirtualClock()

describe('a million distinct keys', { timeout: 60_000 }, () => {
  it('leave a cache with its bound of entries, failures and bytes', async () => {
    const cache = createCache<number>({ name: 'answers', clock, maxEntries: 1_000, negativeMs: DAY_MS })
    for (let key = 0; key < MILLION; key++) cache.set(`key ${key}`, key, { tenant: `tenant ${key % 1_000}` })
    expect(cache.size).toBe(1_000)
    expect(cache.bytes).toBeLessThanOrEqual(7_000)
    expect(cache.snapshot().evictions).toBe(MILLION - 1_000)
    expect(cache.peek(`key ${MILLION - 1}`, { tenant: 'tenant 999' })?.value).toBe(MILLION - 1)
    const failing = (): never => {
      throw new Error('not there')
    }
    let asked = 0
    for (let key = 0; key < 100_000; key++) {
      const look = cache.get(`missing ${key}`, failing).catch(() => (asked += 1))
      if (key % 1_000 === 999) await look
    }
    await clock.settle()
    expect(asked).toBe(100_000)
    expect(cache.size).toBe(1_000)
    // The latest failures are remembered, the first are forgotten.
    const look = async (key: number): Promise<unknown> =>
      cache
        .get(`missing ${key}`, () => 1)
        .then(
          ({ state }) => state,
          ({ code }) => code as unknown,
        )
    expect(await look(99_999)).toBe('REMEMBERED_FAILURE')
    expect(await look(0)).toBe('computed')
  })

  it('leave deletions by tag bounded, too', () => {
    const cache = createCache<number>({ name: 'answers', clock })
    cache.set('kept', 1, { tags: ['one of many'] })
    for (let tag = 0; tag < 100_000; tag++) cache.deleteByTag(`tag ${tag}`)
    // Which tags were deleted is no longer known one by one, so that what has tags and is older goes.
    expect(cache.peek('kept')).toBeUndefined()
  })

  it('leave nothing in a deduplication', async () => {
    const dedupe = createDedupe()
    let most = 0
    for (let key = 0; key < 100_000; key++) {
      const work = dedupe.run(`key ${key}`, async () => key)
      most = Math.max(most, dedupe.size)
      if (key % 100 === 99) await work
    }
    await clock.settle()
    expect(most).toBeLessThanOrEqual(200)
    expect(dedupe.size).toBe(0)
  })

  it('leave keyed limiters with as many as they may keep', () => {
    const limiters = createRateLimiters({ name: 'chat', limit: 5, maxKeys: 1_000, clock })
    for (let key = 0; key < MILLION; key++) limiters.for(`key ${key}`).tryAcquire()
    expect(limiters.size).toBe(1_000)
    expect(clock.pending).toBe(0)
  })

  it('leave sessions with as many as they may keep, and one task for all of them', () => {
    const sessions = createSessions<number>({ name: 'calls', clock, maxSessions: 1_000 })
    for (let key = 0; key < MILLION; key++) sessions.create(`key ${key}`, key)
    expect(sessions.snapshot()).toMatchObject({ size: 1_000, created: MILLION, evicted: MILLION - 1_000 })
    expect([...sessions.values()]).toHaveLength(1_000)
    expect(clock.pending).toBe(1)
    sessions.clear()
    expect(clock.pending).toBe(0)
  })

  it('leave figures with as many series as they may have, and lose no count', () => {
    const events = createEvents<CoreEvent>()
    const metrics = createMetrics({ events, clock, maxSeries: 500 })
    for (let key = 0; key < MILLION; key++) {
      events.emit({
        type: 'call-succeeded',
        at: 0,
        integration: 'crm',
        operation: `operation ${key}`,
        durationMs: 1,
        attempts: 1,
      })
    }
    const summary = metrics.summary()
    expect(Object.keys(summary).length).toBeLessThanOrEqual(502)
    expect(summary['crm']?.count).toBe(MILLION)
    expect(summary['crm/other']?.count).toBe(MILLION - 499)
    metrics.stop()
  })

  it('leave a capacity with as many sessions as it may remember', () => {
    const capacity = createCapacity({ name: 'chat', share: 0.5, maxSessions: 1_000, clock })
    for (let key = 0; key < MILLION; key++) capacity.tryAcquire({ session: `session ${key}` })
    const { admitted, rejected } = capacity.snapshot().totals
    expect(admitted + rejected).toBe(MILLION)
    // Only the latest are remembered: the first ones are decided anew, by what room there is.
    const decided = Array.from({ length: 100 }, (_, key) => capacity.tryAcquire({ session: `session ${key}` }).admitted)
    expect(new Set(decided)).toEqual(new Set([true, false]))
  })

  it('leave a bulkhead’s queue without callers once they have gone', async () => {
    const bulkhead = createBulkhead({ name: 'seats', maxConcurrent: 1, maxQueued: 100, maxQueueMs: Infinity, clock })
    const first = bulkhead.tryAcquire()
    let ended = 0
    for (let key = 0; key < 100_000; key++) {
      const controller = new AbortController()
      const waiting = bulkhead.acquire({ caller: `caller ${key}`, signal: controller.signal })
      if (waiting instanceof Promise) waiting.catch(() => (ended += 1))
      if (key >= 50) controller.abort()
    }
    await clock.settle()
    expect([ended, bulkhead.queued]).toEqual([99_950, 50])
    if (first.admitted) first.settle('success')
    expect(bulkhead.running).toBe(1)
  })

  it('leave a registry with as many integrations as it may keep', () => {
    const registry = createRegistry({ maxIntegrations: 100, clock })
    for (let key = 0; key < 20_000; key++) registry.integration('database', `name-${key}`)
    expect(registry.size).toBe(100)
    expect(registry.snapshots()).toHaveLength(100)
    expect(clock.pending).toBe(0)
  })
})

describe('100,000 calls on one signal', { timeout: 60_000 }, () => {
  it('through a pipeline with everything in it leave as many listeners and timers as before', async () => {
    const bulkhead = createBulkhead({ name: 'seats', maxConcurrent: 50, maxQueued: 100, maxQueueMs: 5_000, clock })
    const line = pipeline(
      [
        createTimeout({ timeoutMs: 10_000, clock }),
        bulkhead,
        createRetry({ backoffMs: 5 }),
        createHedge({ delayMs: 8 }),
        createBreaker({ name: 'crm', clock }),
        createTimeout({ timeoutMs: 1_000, clock }),
      ],
      { clock, random: seededRandom(1), idempotent: true },
    )
    const cache = createCache<number>({ name: 'answers', freshMs: 0, clock })
    const dedupe = createDedupe()
    const { signal } = new AbortController()
    let [ended, most] = [0, 0]
    for (let call = 0; call < 100_000; call++) {
      const work = (): Promise<number> =>
        line.execute(
          async ({ attempt }) => {
            if (call % 3 > 0) await clock.sleep(call % 20)
            if (call % 50 === 0 && attempt === 1) throw Object.assign(new Error('busy'), { status: 503 })
            return call
          },
          { signal },
        )
      const answer =
        call % 4 === 0
          ? cache.get(`key ${call % 1_000}`, work, { signal })
          : call % 4 === 1
            ? dedupe.run(`key ${call % 1_000}`, work, { signal })
            : work()
      const end = (): void => void (ended += 1)
      answer.then(end, end)
      if (call % 100 < 99) continue
      most = Math.max(most, getEventListeners(signal, 'abort').length)
      await clock.advance(100)
    }
    await clock.advance(10_000)
    expect(ended).toBe(100_000)
    expect(most).toBeGreaterThan(50)
    expect(most).toBeLessThan(1_000)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
    expect([bulkhead.running, bulkhead.queued, dedupe.size, clock.pending]).toEqual([0, 0, 0, 0])
  })
})

describe('a week of fake time', { timeout: 60_000 }, () => {
  it('leaves a breaker that opens again and again with nothing but its latest window', () => {
    const time = new VirtualClock()
    for (const windowCalls of [0, 50]) {
      const breaker = createBreaker({ name: 'crm', clock: time, random: seededRandom(1), windowCalls, rampUpMs: 5_000 })
      const random = seededRandom(2)
      const start = time.now()
      let calls = 0
      while (time.now() < start + WEEK_MS) {
        // A burst now and then, and long silences.
        time.jump(random() < 0.9 ? 20 : random() * 600_000)
        const permit = breaker.tryAcquire()
        if (!permit.admitted) continue
        calls += 1
        if (random() < 0.01) continue
        permit.settle(random() < 0.4 ? 'failure' : 'success')
      }
      expect(calls).toBeGreaterThan(1_000)
      const { window, generation } = breaker.snapshot()
      expect(window.calls).toBeLessThanOrEqual(600)
      expect(generation).toBeGreaterThan(100)
      expect(JSON.stringify(breaker.record()).length).toBeLessThan(200)
      // However often it has opened, it opens again within its bound.
      breaker.open()
      expect(breaker.snapshot().nextProbeInMs).toBeLessThanOrEqual(600)
      expect(time.pending).toBe(0)
    }
  })

  it('leaves a circuit that was open all the time half-open, and a window empty', () => {
    const time = new VirtualClock()
    const breaker = createBreaker({ name: 'crm', clock: time, minimumCalls: 2 })
    const throttle = createThrottle({ name: 'crm', clock: time })
    for (let call = 0; call < 100; call++) {
      const permits = [breaker.tryAcquire(), throttle.tryAcquire()]
      for (const permit of permits) if (permit.admitted) permit.settle('failure')
    }
    expect(breaker.state).toBe('open')
    time.jump(WEEK_MS)
    expect(breaker.state).toBe('half-open')
    expect(breaker.snapshot().window.calls).toBe(0)
    expect(throttle.snapshot()).toMatchObject({ requests: 0, accepted: 0, rejectedShare: 0 })
    expect(time.pending).toBe(0)
  })

  it('leaves an integration, its figures and its budget as small as after an hour', async () => {
    const time = new VirtualClock()
    const events = createEvents<CoreEvent>()
    const metrics = createMetrics({ events, clock: time })
    const random = seededRandom(4)
    const crm = createIntegration({ name: 'crm', clock: time, random, events, idempotent: true, hedge: {} })
    const use = async (calls: number, gapMs: number): Promise<number> => {
      for (let call = 0; call < calls; call++) {
        const fails = random() < 0.2
        const outcome = crm.call(
          async () => {
            await time.sleep(random() * 50)
            if (fails) throw Object.assign(new Error(`failure ${call}`), { status: 503, code: `E${call}` })
          },
          { operation: `operation-${call % 20}` },
        )
        outcome.catch(() => undefined)
        await time.advance(random() * 2 * gapMs)
      }
      await time.advance(60_000)
      return JSON.stringify([metrics.summary(), crm.snapshot()]).length
    }
    const afterAnHour = await use(3_600, 1_000)
    const afterAWeek = await use(10_000, 60_000)
    expect(time.now()).toBeGreaterThan(WEEK_MS * 0.9)
    expect(afterAWeek).toBeLessThan(afterAnHour * 2)
    expect(time.pending).toBe(0)
    metrics.stop()
  })
})

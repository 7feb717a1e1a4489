import { describe, expect, it } from 'vitest'
import { createEvents } from '../events/channel.ts'
import type { CircuitState, CoreEvent } from '../events/events.ts'
import { createIntegration } from '../integration/create-integration.ts'
import { type FakeClock, fakeClock, scriptedOperation, type ScriptStep } from '../testing/index.ts'
import { createMetrics, type Metrics, type SeriesMetrics } from './metrics.ts'
import type { MetricsOptions } from './options.ts'

interface SetUp {
  readonly clock: FakeClock
  readonly metrics: Metrics
  /** Emits an event of the integration `crm`, unless it says otherwise. */
  readonly emit: (type: string, fields?: object) => void
  readonly succeed: (durationMs?: number, fields?: object) => void
  readonly fail: (code: string, category: string, fields?: object) => void
  readonly crm: () => SeriesMetrics
}

function setUp(options: Partial<MetricsOptions> = {}, clock: FakeClock = fakeClock()): SetUp {
  const events = createEvents<CoreEvent>()
  const metrics = createMetrics({ events, clock, ...options })
  const emit: SetUp['emit'] = (type, fields = {}) =>
    events.emit({ type, at: clock.wallTime(), integration: 'crm', ...fields } as unknown as CoreEvent)
  return {
    clock,
    metrics,
    emit,
    succeed: (durationMs = 10, fields = {}) => emit('call-succeeded', { durationMs, attempts: 1, ...fields }),
    fail: (code, category, fields = {}) =>
      emit('call-failed', { durationMs: 10, attempts: 1, code, category, ...fields }),
    crm: () => metrics.of('crm') as SeriesMetrics,
  }
}

describe('metrics of calls', () => {
  it('tell count, errors, their share, and the latencies', () => {
    const { succeed, fail, crm } = setUp()
    for (let ms = 1; ms <= 95; ms++) succeed(ms)
    for (let i = 0; i < 5; i++) fail('ATTEMPT_TIMEOUT', 'timeout', { durationMs: 1_000 })
    const { count, succeeded, errorCount, errorRatio, averageMs, p50Ms, p95Ms, p99Ms } = crm()
    expect({ count, succeeded, errorCount, errorRatio }).toEqual({
      count: 100,
      succeeded: 95,
      errorCount: 5,
      errorRatio: 0.05,
    })
    expect(averageMs).toBeCloseTo((4_560 + 5_000) / 100, 6)
    for (const [ms, right] of [
      [p50Ms, 50],
      [p95Ms, 95],
      [p99Ms, 1_000],
    ] as const) {
      expect(Math.abs((ms ?? NaN) - right)).toBeLessThanOrEqual(right * 0.01)
    }
  })

  it('tell errors by category and by code', () => {
    const { fail, crm } = setUp()
    fail('ATTEMPT_TIMEOUT', 'timeout')
    fail('HTTP_500', 'server')
    fail('HTTP_502', 'server')
    expect(crm().errorsByCategory).toEqual({ timeout: 1, server: 2 })
    expect(crm().errorsByCode).toEqual({ ATTEMPT_TIMEOUT: 1, HTTP_500: 1, HTTP_502: 1 })
  })

  it('count a cancelled call as neither success nor error', () => {
    const { succeed, fail, crm } = setUp()
    succeed()
    fail('CANCELLED', 'cancelled')
    expect(crm()).toMatchObject({
      count: 2,
      succeeded: 1,
      cancelled: 1,
      errorCount: 0,
      errorRatio: 0,
      errorsByCode: {},
    })
  })

  it('count a rejected call as an error that took no time', () => {
    const { succeed, fail, emit, crm } = setUp()
    succeed(400)
    emit('call-rejected', { code: 'CIRCUIT_OPEN' })
    fail('CIRCUIT_OPEN', 'rejected', { durationMs: 0, attempts: 0 })
    expect(crm()).toMatchObject({ errorCount: 1, rejectionsByCode: { CIRCUIT_OPEN: 1 }, averageMs: 400, p50Ms: 400 })
    expect(crm().retriesExhausted).toBe(0)
  })

  it('tell how attempts of each number went, without those that were cancelled', () => {
    const { emit, crm } = setUp()
    const failed = { code: 'HTTP_503', category: 'overloaded', durationMs: 5, outcome: 'failure' }
    for (let i = 0; i < 3; i++) emit('attempt-failed', { ...failed, attempt: 1 })
    emit('attempt-failed', { ...failed, category: 'cancelled', outcome: 'ignored', attempt: 1 })
    emit('attempt-succeeded', { attempt: 1, durationMs: 5, outcome: 'success' })
    emit('attempt-succeeded', { attempt: 2, durationMs: 5, outcome: 'slow' })
    expect(crm().attempts).toEqual({
      1: { succeeded: 1, failed: 3, successRatio: 0.25 },
      2: { succeeded: 1, failed: 0, successRatio: 1 },
    })
    expect(crm().events['attempt-failed']).toMatchObject({ count: 3, byCategory: { overloaded: 3 } })
    expect(crm().events['attempt-cancelled']?.count).toBe(1)
  })

  it('tell retries, and calls that failed in spite of them', () => {
    const { emit, succeed, fail, crm } = setUp()
    emit('retry-scheduled', { attempt: 2, delayMs: 100 })
    emit('retry-scheduled', { attempt: 3, delayMs: 200 })
    succeed(10, { attempts: 3 })
    fail('HTTP_500', 'server', { attempts: 3 })
    fail('HTTP_400', 'client', { attempts: 1 })
    expect(crm()).toMatchObject({ retries: 2, retriesExhausted: 1 })
  })

  it('tell the time to the first output of streams apart', () => {
    const { emit, crm } = setUp()
    emit('attempt-succeeded', { attempt: 1, durationMs: 9_000, firstOutputMs: 300, outcome: 'success' })
    expect(crm().firstOutput).toEqual({ averageMs: 300, p50Ms: 300, p95Ms: 300, p99Ms: 300 })
  })

  it('count types of events that are not known here, and leave out what is of no integration and no cache', () => {
    const { emit, metrics, crm } = setUp()
    emit('hedge-won', { attempt: 2 })
    emit('tier-served', { integration: undefined, tier: 'stale' })
    expect(crm().events['hedge-won']).toMatchObject({ count: 1, byAttempt: { 2: 1 } })
    expect(Object.keys(metrics.summary())).toEqual(['crm'])
  })

  it('say nothing of what they have not heard of, and that nothing was measured', () => {
    const { emit, metrics, crm } = setUp()
    expect(metrics.of('crm')).toBe(undefined)
    emit('retry-scheduled', { attempt: 2, delayMs: 100 })
    expect(metrics.of('crm', 'search')).toBe(undefined)
    expect(crm()).toMatchObject({ count: 0, errorRatio: 0, averageMs: undefined, p99Ms: undefined, circuit: undefined })
  })

  it('end when they are stopped, and keep what was counted', () => {
    const { succeed, metrics, crm } = setUp()
    succeed()
    metrics.stop()
    succeed()
    expect(crm().total.count).toBe(1)
  })
})

describe('metrics of an integration at work', () => {
  it('agree with what it counted itself', async () => {
    const clock = fakeClock()
    const events = createEvents<CoreEvent>()
    const metrics = createMetrics({ events, clock })
    const crm = createIntegration({ name: 'crm', clock, events, idempotent: true, random: () => 0.5 })
    const calls: Promise<unknown>[] = []
    for (let i = 0; i < 12; i++) {
      const works: ScriptStep<string> = { value: 'found', afterMs: 40 }
      const script = i % 3 === 0 ? [{ error: 'service_unavailable', afterMs: 20 }, works] : [works]
      calls.push(crm.call(scriptedOperation(clock, script), { operation: 'search' }))
    }
    await clock.advance(10_000)
    await Promise.all(calls)
    const { totals } = crm.snapshot()
    const figures = metrics.of('crm', 'search')
    expect(figures).toMatchObject({ count: totals.calls, succeeded: totals.succeeded, retries: totals.retries })
    expect(figures?.attempts).toMatchObject({ 1: { succeeded: 8, failed: 4 }, 2: { succeeded: 4, failed: 0 } })
  })
})

describe('metrics of operations', () => {
  it('are counted apart, and in their integration too', () => {
    const { succeed, fail, metrics, crm } = setUp()
    succeed(10, { operation: 'search' })
    fail('HTTP_500', 'server', { operation: 'search' })
    succeed(90, { operation: 'update' })
    succeed()
    expect(metrics.of('crm', 'search')).toMatchObject({ count: 2, errorCount: 1, errorRatio: 0.5 })
    expect(metrics.of('crm', 'update')).toMatchObject({ count: 1, averageMs: 90 })
    expect(crm()).toMatchObject({ count: 4, averageMs: 30 })
    expect(Object.keys(metrics.summary())).toEqual(['crm', 'crm/search', 'crm/update'])
    expect(metrics.summary()['crm/update']).toEqual(metrics.of('crm', 'update'))
  })

  it('stay few however many names there are: the rest is counted as `other`, and none is lost (B31)', () => {
    const { succeed, metrics, crm } = setUp({ maxSeries: 10 })
    for (let i = 0; i < 100_000; i++) succeed(10, { operation: `operation-${i}` })
    for (let i = 0; i < 100; i++) succeed(10, { integration: `integration-${i}` })
    expect(Object.keys(metrics.summary())).toHaveLength(12)
    expect(metrics.of('crm', 'other')?.count).toBe(100_000 - 9)
    expect(crm().count).toBe(100_000)
    expect(metrics.of('other')?.count).toBe(100)
  })

  it('may have the names of what every object has', () => {
    const { fail, metrics } = setUp()
    fail('__proto__', 'constructor', { operation: '__proto__' })
    const { errorsByCode, errorsByCategory } = metrics.of('crm', '__proto__') as SeriesMetrics
    expect(Object.entries(errorsByCode)).toEqual([['__proto__', 1]])
    expect(Object.entries(errorsByCategory)).toEqual([['constructor', 1]])
  })

  it('tell at most 64 codes apart', () => {
    const { fail, crm } = setUp()
    for (let i = 0; i < 1_000; i++) fail(`CODE_${i}`, 'server')
    expect(Object.keys(crm().errorsByCode)).toHaveLength(65)
    expect(crm().errorsByCode['other']).toBe(1_000 - 64)
  })
})

describe('the window of metrics', () => {
  it('forgets slice by slice, and the total never', async () => {
    const { clock, succeed, crm } = setUp()
    for (let i = 0; i < 9; i++) {
      succeed(100 * (i + 1))
      await clock.advance(10_000)
    }
    // Now it is 90 s: the slices from 40 s on are in, the present one is empty.
    expect(crm()).toMatchObject({ count: 5, averageMs: 700 })
    expect(crm().total).toMatchObject({ count: 9, averageMs: 500 })
    await clock.advance(50_000)
    expect(crm().count).toBe(0)
    expect(crm().total.count).toBe(9)
  })

  it('is empty at once after an idle time, and what comes then is all there is in it (B6)', async () => {
    const { clock, succeed, fail, crm } = setUp()
    for (let i = 0; i < 40; i++) fail('HTTP_500', 'server')
    await clock.advance(3_600_000)
    expect(crm()).toMatchObject({ count: 0, errorRatio: 0, errorsByCode: {}, p95Ms: undefined })
    succeed(7)
    expect(crm()).toMatchObject({ count: 1, errorRatio: 0, p95Ms: 7 })
    expect(crm().total).toMatchObject({ count: 41, errorCount: 40 })
  })

  it('does not care when the wall clock is set (B7)', async () => {
    const { clock, succeed, crm } = setUp()
    succeed()
    clock.setWallTime(0)
    expect(crm().count).toBe(1)
    await clock.advance(60_000)
    expect(crm().count).toBe(0)
    clock.setWallTime(4_000_000_000_000)
    succeed()
    expect(crm().count).toBe(1)
  })

  it('works where the clock began below zero', async () => {
    const { clock, succeed, crm } = setUp({}, fakeClock({ now: -25_000 }))
    for (let i = 0; i < 5; i++) {
      succeed()
      await clock.advance(10_000)
    }
    expect(crm()).toMatchObject({ count: 5 })
    await clock.advance(20_000)
    expect(crm()).toMatchObject({ count: 3 })
  })

  it('may have any length and number of slices', async () => {
    const { clock, succeed, crm } = setUp({ windowMs: 1_000, slices: 1 })
    succeed()
    await clock.advance(999)
    expect(crm().count).toBe(1)
    await clock.advance(1)
    expect(crm().count).toBe(0)
  })

  it('needs no timer', () => {
    const { clock, succeed } = setUp()
    succeed()
    expect(clock.pending).toBe(0)
  })

  it('hands out figures that do not change later (B30)', () => {
    const { succeed, fail, crm } = setUp()
    fail('HTTP_500', 'server')
    const before = crm()
    const copy = structuredClone(before)
    fail('HTTP_500', 'server')
    succeed()
    expect(before).toEqual(copy)
  })
})

describe('metrics of circuits', () => {
  const change = (emit: SetUp['emit'], type: string, from: CircuitState, to: CircuitState, fields = {}): void =>
    emit(type, { from, to, reason: 'failures', ...fields })

  it('tell the state, and the time in each, by integration', async () => {
    const { clock, emit, succeed, metrics, crm } = setUp()
    succeed(1, { operation: 'search' })
    await clock.advance(60_000)
    change(emit, 'circuit-opened', 'closed', 'open')
    await clock.advance(5_000)
    change(emit, 'circuit-half-opened', 'open', 'half-open')
    await clock.advance(1_000)
    change(emit, 'circuit-opened', 'half-open', 'open')
    await clock.advance(2_000)
    expect(crm().circuit).toEqual({
      state: 'open',
      msByState: { closed: 60_000, open: 7_000, 'half-open': 1_000 },
    })
    expect(crm().events['circuit-opened']?.count).toBe(2)
    expect(metrics.of('crm', 'search')?.circuit).toBe(undefined)
  })

  it('go by the time at which a change was due, when it is seen later', async () => {
    const { clock, emit, crm } = setUp()
    change(emit, 'circuit-opened', 'closed', 'open')
    await clock.advance(30_000)
    change(emit, 'circuit-half-opened', 'open', 'half-open', { at: clock.wallTime() - 25_000 })
    expect(crm().circuit?.msByState).toEqual({ closed: 0, open: 5_000, 'half-open': 25_000 })
  })

  it('never tell a negative time, nor one that a step of the wall clock made (B7)', async () => {
    const { clock, emit, crm } = setUp()
    change(emit, 'circuit-opened', 'closed', 'open')
    await clock.advance(5_000)
    clock.setWallTime(0)
    change(emit, 'circuit-closed', 'open', 'closed')
    await clock.advance(1_000)
    expect(crm().circuit?.msByState).toEqual({ closed: 1_000, open: 5_000 })
    change(emit, 'circuit-opened', 'closed', 'open', { at: -1e12 })
    change(emit, 'circuit-closed', 'open', 'closed', { at: 1e15 })
    expect(Object.values(crm().circuit?.msByState ?? {}).every((ms) => ms >= 0)).toBe(true)
  })
})

describe('metrics of other parts', () => {
  it('stand under the name of the part, which may be that of an integration', () => {
    const { emit, metrics, crm } = setUp()
    const unnamed = { integration: undefined }
    emit('call-shed', { ...unnamed, bulkhead: 'crm', code: 'QUEUE_TIMEOUT' })
    emit('fallback-served', { ...unnamed, fallback: 'quotes', servedBy: 'last-known', failures: 1 })
    for (const part of ['limiter', 'throttle', 'capacity']) emit('call-refused', { ...unnamed, [part]: part })
    expect(crm().events['call-shed']).toMatchObject({ count: 1, byCode: { QUEUE_TIMEOUT: 1 } })
    expect(metrics.of('quotes')?.fallbacks).toBe(1)
    expect(Object.keys(metrics.summary())).toEqual(['crm', 'quotes', 'limiter', 'throttle', 'capacity'])
  })

  it('tell what a cache served, and how much of it was stale', () => {
    const { emit, metrics } = setUp()
    const cache = { integration: undefined, cache: 'quotes' }
    for (const type of ['cache-miss', 'cache-hit', 'cache-hit', 'cache-stale']) emit(type, cache)
    expect(metrics.of('quotes')).toMatchObject({ cacheHitRatio: 0.75, staleServed: 1, count: 0 })
  })
})

describe('the options of metrics', () => {
  const events = createEvents<CoreEvent>()

  it.each([
    [{ events, slices: 0 }, 'metrics.slices must be a whole number from 1 to 60, but is 0'],
    [{ events, windowMs: 5 }, 'metrics.windowMs must be a number from 10 to 86,400,000, but is 5'],
    [{ events, maxSeries: 0 }, 'metrics.maxSeries must be a whole number from 1 to 100,000, but is 0'],
    [{}, 'metrics.events must be an object with emit, on, but is undefined'],
    [{ events, window: 1 }, /metrics\.window is not an option/],
  ])('refuse %j', (options, message) => {
    expect(() => createMetrics(options as MetricsOptions)).toThrow(message)
  })
})

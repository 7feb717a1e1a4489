import { describe, expect, it } from 'vitest'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { fakeClock, recordEvents, seededRandom } from '../testing/index.ts'
import type { BreakerConfiguration } from './breaker.ts'
import { createBreaker } from './create-breaker.ts'
import { openTime } from './open-time.ts'

/** Long times, so that what happens can be seen. */
const CALM = { windowMs: 30_000, consecutiveFailures: 0, openMs: 5_000, maxOpenMs: 60_000, rampUpMs: 30_000 }

function setUp(options: Partial<BreakerConfiguration> = {}) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const record = recordEvents(events)
  const breaker = createBreaker({
    ...CALM,
    name: 'crm',
    clock,
    events,
    random: () => 0.5,
    minimumCalls: 1,
    halfOpenSuccesses: 1,
    rampUpMs: 0,
    ...options,
  })
  const fail = (error?: unknown): void => {
    const admission = breaker.tryAcquire()
    if (!admission.admitted) throw admission.error
    admission.settle('failure', { error })
  }
  const rejection = (): HoldfastError => {
    const admission = breaker.tryAcquire()
    if (admission.admitted) throw new Error('it was admitted')
    return admission.error
  }
  return { clock, breaker, record, fail, rejection }
}

describe('an open circuit', () => {
  it('rejects with CIRCUIT_OPEN, saying how long to wait and that nothing was sent', async () => {
    const { clock, fail, rejection } = setUp({ openMs: 1_000 })
    fail()
    await clock.advance(400)
    const error = rejection()
    expect(error).toMatchObject({
      code: 'CIRCUIT_OPEN',
      category: 'rejected',
      retryAfterMs: 600,
      mayHaveTakenEffect: false,
      integration: 'crm',
    })
  })

  it('makes a new error for each rejection, with the last failure as its cause and no stack (B29)', () => {
    const { fail, rejection } = setUp()
    const failure = new Error('the reason')
    fail(failure)
    const [first, second] = [rejection(), rejection()]
    expect(first).not.toBe(second)
    expect(first.cause).toBe(failure)
    expect(second.cause).toBe(failure)
    expect((second.stack ?? '').split('\n')).toHaveLength(1)
  })

  it('leaves the stacks of other errors alone', () => {
    const { fail, rejection } = setUp()
    const limit = Error.stackTraceLimit
    fail()
    rejection()
    expect(Error.stackTraceLimit).toBe(limit)
    expect(new Error('another').stack?.split('\n').length).toBeGreaterThan(1)
  })

  it('turns half-open when its time is over, without any timer, and shows it before anybody calls (B26)', async () => {
    const { clock, breaker, fail, record } = setUp({ openMs: 1_000 })
    fail()
    expect(clock.pending).toBe(0)
    await clock.advance(999)
    expect(breaker.snapshot()).toMatchObject({ state: 'open', nextProbeInMs: 1, admittedShare: 0 })
    await clock.advance(5_001)
    expect(breaker.state).toBe('half-open')
    const [opened, halfOpened] = record.all
    expect(record.types).toEqual(['circuit-opened', 'circuit-half-opened'])
    expect(halfOpened).toMatchObject({ reason: 'waited', at: (opened?.at ?? 0) + 1_000 })
  })

  it('reopens for good after concurrent failures, and not for ever (B26)', async () => {
    const { clock, breaker } = setUp({ openMs: 1_000 })
    const permits = Array.from({ length: 20 }, () => breaker.tryAcquire())
    for (const permit of permits) if (permit.admitted) permit.settle('failure')
    await clock.advance(1_000)
    expect(breaker.state).toBe('half-open')
  })

  it('does not care when the wall clock is set an hour back or forth (B7)', async () => {
    for (const step of [-3_600_000, 3_600_000]) {
      const { clock, breaker, fail } = setUp({ openMs: 1_000 })
      fail()
      clock.setWallTime(clock.wallTime() + step)
      expect(breaker.state).toBe('open')
      await clock.advance(1_000)
      expect(breaker.state).toBe('half-open')
    }
  })

  it('doubles its time at each reopening up to the bound, and starts over once it was well for long', async () => {
    const { clock, breaker, fail, record } = setUp({ openMs: 1_000, maxOpenMs: 6_000, windowMs: 1_000 })
    for (let i = 0; i < 5; i++) {
      fail()
      await clock.advance(6_000)
    }
    expect(record.of('circuit-opened').map((event) => event.openMs)).toEqual([1_000, 2_000, 4_000, 6_000, 6_000])
    const probe = breaker.tryAcquire()
    if (probe.admitted) probe.settle('success')
    expect(breaker.state).toBe('closed')
    await clock.advance(20_000)
    fail()
    expect(record.of('circuit-opened').at(-1)?.openMs).toBe(1_000)
  })

  it('remembers its reopenings when it fails again soon after it closed', async () => {
    const { clock, breaker, fail, record } = setUp({ openMs: 1_000, windowMs: 10_000 })
    fail()
    await clock.advance(1_000)
    const probe = breaker.tryAcquire()
    if (probe.admitted) probe.settle('success')
    await clock.advance(5_000)
    fail()
    expect(record.of('circuit-opened').map((event) => event.openMs)).toEqual([1_000, 2_000])
  })

  it('begins a later trouble with a short time again, however long the one before was', async () => {
    const { clock, breaker, fail, record } = setUp({ openMs: 1_000, maxOpenMs: 8_000, openJitter: 0, windowMs: 10_000 })
    fail()
    for (let reopening = 0; reopening < 50; reopening++) {
      await clock.advance(8_000)
      const probe = breaker.tryAcquire()
      if (probe.admitted) probe.settle('failure')
    }
    breaker.close()
    fail()
    expect(record.of('circuit-opened').at(-1)?.openMs).toBe(1_000)
    for (let reopening = 0; reopening < 50; reopening++) {
      await clock.advance(8_000)
      const probe = breaker.tryAcquire()
      if (probe.admitted) probe.settle('failure')
    }
    expect(breaker.record().reopenings).toBe(3)
  })

  it('stays open at least as long as Retry-After says, within its bound', () => {
    for (const [retryAfterMs, openMs] of [
      [20_000, 20_000],
      [600_000, 60_000],
      [10, 5_000],
    ]) {
      const { fail, record } = setUp({ openJitter: 0, maxOpenMs: 5_000 })
      fail(
        new HoldfastError({
          code: 'HTTP_503',
          category: 'overloaded',
          message: '',
          retryable: true,
          retryAfterMs: retryAfterMs ?? 0,
        }),
      )
      expect(record.of('circuit-opened')[0]?.openMs).toBe(openMs)
    }
  })
})

describe('the open time', () => {
  const options = { openMs: 1_000, maxOpenMs: 8_000, openJitter: 0.2 }

  it('spreads from 80 % to 120 % of the doubled time', () => {
    expect(openTime(options, 0, 0, () => 0)).toBe(800)
    expect(openTime(options, 2, 0, () => 0.5)).toBe(4_000)
    expect(openTime(options, 9, 0, () => 0.999999999)).toBeCloseTo(9_600)
  })

  it('spreads what Retry-After says upwards only', () => {
    expect(openTime(options, 0, 5_000, () => 0)).toBe(5_000)
    expect(openTime(options, 0, 5_000, () => 0.5)).toBe(5_500)
  })

  it('is finite after any number of reopenings (B12)', () => {
    for (const reopenings of [0, 100, 1_024, 1e9])
      expect(openTime(options, reopenings, 0, () => 0.5)).toBeLessThan(8_001)
  })

  it('keeps the probes of 100 clients apart: no tenth of the spread gets a fifth of them', () => {
    const random = seededRandom(7)
    const buckets = new Array<number>(10).fill(0)
    for (let client = 0; client < 100; client++) {
      const bucket = Math.floor((openTime(options, 0, 0, random) - 800) / 40)
      buckets[bucket] = (buckets[bucket] ?? 0) + 1
    }
    expect(Math.max(...buckets)).toBeLessThan(20)
  })
})

import { describe, expect, it } from 'vitest'
import { fakeClock } from '../testing/index.ts'
import { createBreaker } from './create-breaker.ts'
import type { BreakerRecord } from './record.ts'

/** Long times, so that what happens can be seen. */
const CALM = { windowMs: 30_000, consecutiveFailures: 0, openMs: 5_000, maxOpenMs: 60_000, rampUpMs: 30_000 }

function newBreaker(clock = fakeClock()) {
  const options = { minimumCalls: 1, openMs: 10_000, openJitter: 0, halfOpenSuccesses: 1, rampUpMs: 30_000 }
  return { clock, breaker: createBreaker({ name: 'crm', clock, ...CALM, ...options }) }
}

function fail(breaker: ReturnType<typeof createBreaker>): void {
  const admission = breaker.tryAcquire()
  if (admission.admitted) admission.settle('failure')
}

/** Through JSON, as on a disk. */
function saved(record: BreakerRecord): BreakerRecord {
  return JSON.parse(JSON.stringify(record)) as BreakerRecord
}

describe('a breaker’s record', () => {
  it('keeps an open circuit open for the rest of its time in another process, whenever it is taken up (B20)', async () => {
    for (const laterMs of [0, 4_000, 9_999]) {
      const before = newBreaker()
      fail(before.breaker)
      const record = saved(before.breaker.record())
      const after = newBreaker(fakeClock({ now: 777, wallTime: before.clock.wallTime() + laterMs }))
      after.breaker.restore(record)
      expect(after.breaker.snapshot()).toMatchObject({ state: 'open', nextProbeInMs: 10_000 - laterMs })
      await after.clock.advance(10_000 - laterMs)
      expect(after.breaker.state).toBe('half-open')
    }
  })

  it('does not trust a machine’s clock further than the longest time to wait (B7)', () => {
    const before = newBreaker()
    fail(before.breaker)
    const record = before.breaker.record()
    const early = newBreaker(fakeClock({ wallTime: before.clock.wallTime() - 86_400_000 }))
    early.breaker.restore(record)
    expect(early.breaker.snapshot().nextProbeInMs).toBe(60_000)
    const late = newBreaker(fakeClock({ wallTime: before.clock.wallTime() + 86_400_000 }))
    late.breaker.restore(record)
    expect(late.breaker.state).toBe('half-open')
  })

  it('keeps how often it was reopened, so that the next time open is longer', async () => {
    const { clock, breaker } = newBreaker()
    for (let opening = 0; opening < 2; opening++) {
      fail(breaker)
      await clock.advance(20_000)
    }
    const other = newBreaker()
    other.breaker.restore(saved(breaker.record()))
    fail(other.breaker)
    expect(other.breaker.snapshot().nextProbeInMs).toBe(40_000)
  })

  it('goes on with a ramp, stays isolated, and takes a probed circuit for one that may be probed at once', async () => {
    const { clock, breaker } = newBreaker()
    fail(breaker)
    await clock.advance(10_000)
    const probe = breaker.tryAcquire()
    expect(breaker.record()).toMatchObject({ state: 'half-open' })
    const probed = newBreaker(fakeClock({ wallTime: clock.wallTime() }))
    probed.breaker.restore(breaker.record())
    expect(probed.breaker.state).toBe('half-open')
    if (probe.admitted) probe.settle('success')
    await clock.advance(15_000)
    const ramping = newBreaker(fakeClock({ wallTime: clock.wallTime() }))
    ramping.breaker.restore(saved(breaker.record()))
    expect(ramping.breaker.snapshot()).toMatchObject({ state: 'ramping', admittedShare: 0.5 })
    breaker.isolate()
    ramping.breaker.restore(saved(breaker.record()))
    expect(ramping.breaker.state).toBe('isolated')
  })

  it('is a copy: nothing done to it or after it changes the other (B30)', () => {
    const { breaker } = newBreaker()
    const record = breaker.record()
    expect(Object.isFrozen(record)).toBe(true)
    fail(breaker)
    expect(record.state).toBe('closed')
  })

  it('makes permits that were given before count no more (B2)', () => {
    const { breaker } = newBreaker()
    const permit = breaker.tryAcquire()
    breaker.restore({ state: 'closed', since: 0, reopenings: 0 })
    if (permit.admitted) permit.settle('failure')
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', window: { calls: 0 } })
  })

  it.each([
    [{ state: 'ajar', since: 0, reopenings: 0 }, /record.state must be 'closed' or 'open'/],
    [{ state: 'open', since: Number.NaN, reopenings: 0 }, /record.since must be a finite number/],
    [{ state: 'open', since: 0, reopenings: 'two' }, /record.reopenings must be a finite number/],
  ])('is refused when it is none: %j', (record, message) => {
    expect(() => newBreaker().breaker.restore(record as never)).toThrow(message)
  })
})

describe('new options for a breaker', () => {
  it('leave its state, its window and its reopenings as they are', () => {
    const { breaker } = newBreaker()
    fail(breaker)
    breaker.reconfigure({ openMs: 1 })
    expect(breaker.snapshot()).toMatchObject({ state: 'open', nextProbeInMs: 10_000 })
    const closed = createBreaker({ name: 'crm', minimumCalls: 5 })
    for (let call = 0; call < 3; call++) fail(closed)
    closed.reconfigure({ minimumCalls: 4 })
    expect(closed.snapshot().window.failures).toBe(3)
    fail(closed)
    expect(closed.state).toBe('open')
  })

  it('begin a new window when its length changes', () => {
    const breaker = createBreaker({ name: 'crm', minimumCalls: 5 })
    fail(breaker)
    breaker.reconfigure({ windowMs: 60_000 })
    expect(breaker.snapshot().window.calls).toBe(0)
  })

  it('are refused as a whole when one of them cannot be used', () => {
    const { breaker } = newBreaker()
    expect(() => breaker.reconfigure({ openMs: 0 })).toThrow(/crm.openMs must be/)
    fail(breaker)
    expect(breaker.snapshot().nextProbeInMs).toBe(10_000)
  })
})

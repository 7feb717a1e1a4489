import { describe, expect, it } from 'vitest'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { fakeClock, recordEvents } from '../testing/index.ts'
import type { Rejection } from '../policy/admission.ts'
import type { BreakerConfiguration, BreakerPermit } from './breaker.ts'
import { createBreaker } from './create-breaker.ts'

/** Long times, so that what happens can be seen. */
const CALM = { windowMs: 30_000, consecutiveFailures: 0, openMs: 5_000, maxOpenMs: 60_000, rampUpMs: 30_000 }

async function halfOpen(options: Partial<BreakerConfiguration> = {}) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const breaker = createBreaker({ name: 'crm', clock, events, random: () => 0.5, ...CALM, openMs: 1_000, ...options })
  breaker.open()
  await clock.advance(1_000)
  expect(breaker.state).toBe('half-open')
  const record = recordEvents(events)
  const probe = (): BreakerPermit => admitted(breaker.tryAcquire())
  return { clock, breaker, record, probe }
}

function admitted(admission: BreakerPermit | Rejection): BreakerPermit {
  if (!admission.admitted) throw admission.error
  return admission
}

describe('a half-open circuit', () => {
  it('lets exactly as many of 1,000 arrivals through as it has probes (B27)', async () => {
    const { breaker } = await halfOpen({ halfOpenProbes: 3 })
    const arrivals = Array.from({ length: 1_000 }, () => breaker.tryAcquire())
    expect(arrivals.filter((arrival) => arrival.admitted)).toHaveLength(3)
    expect(arrivals.at(-1)).toMatchObject({ admitted: false, error: { code: 'CIRCUIT_OPEN' } })
    expect(breaker.wouldAdmit()).toBe(false)
  })

  it('closes, ramping, after enough probes in a row have passed', async () => {
    const { breaker, probe, record } = await halfOpen({ halfOpenSuccesses: 2 })
    probe().settle('success')
    expect(breaker.state).toBe('half-open')
    probe().settle('success')
    expect(breaker.state).toBe('ramping')
    expect(record.all).toMatchObject([{ type: 'circuit-ramping', from: 'half-open', reason: 'probes-passed' }])
  })

  it('closes at once when there is no ramp (B41)', async () => {
    const { breaker, probe } = await halfOpen({ halfOpenSuccesses: 1, rampUpMs: 0 })
    probe().settle('success')
    expect(breaker.state).toBe('closed')
  })

  it.each(['failure', 'slow'] as const)('opens again after one probe that ends in %s', async (outcome) => {
    const { breaker, probe, record } = await halfOpen()
    probe().settle('success')
    probe().settle(outcome)
    expect(breaker.state).toBe('open')
    expect(record.of('circuit-opened')).toMatchObject([{ reason: 'probe-failed', openMs: 2_000 }])
  })

  it('takes a cancelled probe back without a verdict (B3)', async () => {
    const { breaker, probe, record } = await halfOpen()
    probe().settle('ignored')
    expect(breaker.state).toBe('half-open')
    expect(record.all).toEqual([])
    expect(breaker.wouldAdmit()).toBe(true)
  })

  it('is live after every outcome of a probe (B5)', async () => {
    for (const outcome of ['success', 'slow', 'failure', 'ignored'] as const) {
      const { breaker, probe, clock } = await halfOpen({ halfOpenSuccesses: 2 })
      probe().settle(outcome)
      await clock.advance(10_000)
      expect(breaker.wouldAdmit(), outcome).toBe(true)
    }
  })

  it('counts a probe that never settles as failed when its lease ends, and probes again later (B4)', async () => {
    const { breaker, probe, clock, record } = await halfOpen({ probeLeaseMs: 3_000 })
    const hung = probe()
    await clock.advance(2_999)
    expect(breaker.state).toBe('half-open')
    await clock.advance(1)
    expect(breaker.state).toBe('open')
    expect(record.of('circuit-opened')).toMatchObject([{ reason: 'probe-expired', openMs: 2_000 }])
    await clock.advance(2_000)
    expect(breaker.wouldAdmit()).toBe(true)
    hung.settle('success')
    expect(breaker.state).toBe('half-open')
  })

  it('lets another probe through beside one that hangs, after the open time, then after twice as long (B4)', async () => {
    const { breaker, probe, clock } = await halfOpen({ probeLeaseMs: 30_000, maxOpenMs: 2_000, halfOpenSuccesses: 1 })
    const hung = probe()
    const admittedAt: number[] = []
    const startedAt = clock.now()
    for (let step = 0; step < 60; step++) {
      await clock.advance(100)
      if (breaker.tryAcquire().admitted) admittedAt.push(clock.now() - startedAt)
    }
    expect(admittedAt).toEqual([1_000, 3_000, 5_000])
    // What becomes of the first says nothing about now.
    hung.settle('failure')
    expect(breaker.state).toBe('half-open')
  })

  it('does not count a probe as failed that renews its lease in time', async () => {
    const { breaker, probe, clock } = await halfOpen({ probeLeaseMs: 3_000, halfOpenSuccesses: 1 })
    const long = probe()
    await clock.advance(2_000)
    long.renew()
    await clock.advance(2_999)
    expect(breaker.state).toBe('half-open')
    await clock.advance(1)
    expect(breaker.state).toBe('open')
    long.renew()
    expect(breaker.state).toBe('open')
  })

  it('dates what time has changed to when it was due, however late it is looked at (B28)', async () => {
    const { breaker, probe, clock, record } = await halfOpen({ probeLeaseMs: 3_000 })
    probe()
    const at = clock.wallTime()
    await clock.advance(86_400_000)
    expect(breaker.state).toBe('half-open')
    expect(record.all).toMatchObject([
      { type: 'circuit-opened', at: at + 3_000 },
      { type: 'circuit-half-opened', at: at + 5_000 },
    ])
  })

  it('is not judged by calls that began before it opened (B2)', async () => {
    const clock = fakeClock()
    const breaker = createBreaker({
      name: 'crm',
      clock,
      random: () => 0.5,
      ...CALM,
      openMs: 1_000,
      halfOpenSuccesses: 1,
    })
    const late = [admitted(breaker.tryAcquire()), admitted(breaker.tryAcquire())]
    breaker.open()
    late[0]?.settle('success')
    expect(breaker.state).toBe('open')
    await clock.advance(1_000)
    expect(breaker.state).toBe('half-open')
    late[1]?.settle('failure')
    expect(breaker.state).toBe('half-open')
    expect(breaker.wouldAdmit()).toBe(true)
  })

  it('gets no extra permit when a probe of an earlier half-open time returns (B40)', async () => {
    const { breaker, probe, clock } = await halfOpen({ probeLeaseMs: 3_000 })
    const old = probe()
    await clock.advance(5_000)
    probe()
    old.settle('ignored')
    expect(breaker.wouldAdmit()).toBe(false)
  })
})

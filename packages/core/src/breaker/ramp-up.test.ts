import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fakeClock } from '../testing/index.ts'
import type { BreakerConfiguration } from './breaker.ts'
import { createBreaker } from './create-breaker.ts'
import { CreditAdmission, rampUpShare } from './ramp-up.ts'

/** Long times, so that what happens can be seen. */
const CALM = { windowMs: 30_000, consecutiveFailures: 0, openMs: 5_000, maxOpenMs: 60_000, rampUpMs: 30_000 }

describe('the share of a ramp', () => {
  it('grows in a straight line: a quarter of the time, a quarter of the traffic', () => {
    const shares = [0, 3, 6, 15, 30, 45, 60, 61].map((seconds) => rampUpShare(seconds * 1_000, 60_000, 0.1))
    expect(shares).toEqual([0.1, 0.1, 0.1, 0.25, 0.5, 0.75, 1, 1])
  })

  it('is everything at once when the ramp takes no time', () => {
    expect(rampUpShare(0, 0, 0.1)).toBe(1)
  })
})

describe('admission by credit', () => {
  it('lets arrival k through exactly when floor(k * share) exceeds floor((k - 1) * share)', () => {
    // Shares whose products with k are exact, or are not but never come near a whole number by rounding alone.
    for (const share of [0.1, 0.25, 0.3, 0.5, 0.7, 0.75, 0.9, 1]) {
      const admission = new CreditAdmission()
      for (let k = 1; k <= 200; k++) {
        const expected = Math.floor(k * share + 1e-9) > Math.floor((k - 1) * share + 1e-9)
        expect(admission.wouldAdmit(share)).toBe(expected)
        expect(admission.admit(share), `share ${share}, arrival ${k}`).toBe(expected)
      }
    }
  })

  it('never lets more through than the sum of the shares, nor one whole call less', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { maxLength: 500 }), (shares) => {
        const admission = new CreditAdmission()
        let admitted = 0
        let sum = 0
        for (const share of shares) {
          sum += share
          if (admission.admit(share)) admitted += 1
          expect(admitted).toBeLessThanOrEqual(sum + 1e-6)
          expect(admitted).toBeGreaterThan(sum - 1 - 1e-6)
        }
      }),
    )
  })
})

async function ramping(options: Partial<BreakerConfiguration> = {}) {
  const clock = fakeClock()
  const breaker = createBreaker({
    ...CALM,
    name: 'crm',
    clock,
    random: () => 0.5,
    openMs: 1_000,
    halfOpenSuccesses: 1,
    rampUpMs: 60_000,
    rampUpMinimumShare: 0.1,
    ...options,
  })
  breaker.open()
  await clock.advance(1_000)
  const probe = breaker.tryAcquire()
  if (probe.admitted) probe.settle('success')
  expect(breaker.state).toBe('ramping')
  return { clock, breaker }
}

describe('a ramping circuit', () => {
  it('lets a quarter of the calls through at a quarter of the time', async () => {
    const { clock, breaker } = await ramping()
    await clock.advance(15_000)
    const arrivals = Array.from({ length: 100 }, () => breaker.tryAcquire())
    expect(arrivals.filter(({ admitted }) => admitted)).toHaveLength(25)
    expect(arrivals[0]).toMatchObject({ admitted: false, error: { code: 'CIRCUIT_RAMPING', category: 'rejected' } })
    expect(breaker.snapshot().admittedShare).toBe(0.25)
  })

  it('lets a growing share through in each slice of time, with no burst, and is closed at the end', async () => {
    const { clock, breaker } = await ramping()
    const perSlice: number[] = []
    for (let slice = 0; slice < 6; slice++) {
      let admitted = 0
      for (let call = 0; call < 100; call++) {
        const admission = breaker.tryAcquire()
        if (admission.admitted) {
          admitted += 1
          admission.settle('success')
        }
        await clock.advance(100)
      }
      perSlice.push(admitted)
    }
    expect(perSlice).toEqual([11, 25, 41, 59, 74, 92])
    expect(breaker.state).toBe('closed')
    expect(breaker.snapshot()).toMatchObject({ admittedShare: 1, window: { calls: 214 } })
  })

  it('says ramp-complete at its very end, also when nobody looks for a day', async () => {
    const { clock, breaker } = await ramping()
    await clock.advance(59_999)
    expect(breaker.state).toBe('ramping')
    await clock.advance(86_400_000)
    expect(breaker.state).toBe('closed')
  })

  it('opens again by the same rule as a closed circuit, for longer', async () => {
    const { clock, breaker } = await ramping({ minimumCalls: 2 })
    await clock.advance(30_000)
    let failures = 0
    while (failures < 2) {
      const admission = breaker.tryAcquire()
      if (!admission.admitted) continue
      admission.settle('failure')
      failures += 1
    }
    expect(breaker.snapshot()).toMatchObject({ state: 'open', nextProbeInMs: 2_000 })
  })
})

import { describe, expect, it } from 'vitest'
import { fakeClock, seededRandom } from '../testing/index.ts'
import type { Permit } from '../policy/admission.ts'
import { createThrottle } from './create-throttle.ts'

const WINDOW_MS = 120_000

/** A dependency behind a throttle, sent 100 requests a second, each answered 100 ms later. */
function simulate(accepts: (now: number, nth: number) => boolean, untilMs: number, seed = 1) {
  let now = 0
  const clock = Object.assign(fakeClock(), { now: () => now })
  const throttle = createThrottle({ name: 'llm', clock, random: seededRandom(seed), windowMs: WINDOW_MS })
  const underway: { readonly permit: Permit; readonly good: boolean; readonly at: number }[] = []
  const sent: number[] = []
  const accepted: number[] = []
  let inSecond = 0
  for (; now < untilMs; now += 10) {
    if (now % 1_000 === 0) inSecond = 0
    while (underway[0] !== undefined && underway[0].at <= now) {
      const { permit, good } = underway.shift() as (typeof underway)[0]
      permit.settle(good ? 'success' : 'failure')
    }
    const admission = throttle.tryAcquire()
    if (!admission.admitted) continue
    const second = Math.floor(now / 1_000)
    const good = accepts(now, inSecond++)
    sent[second] = (sent[second] ?? 0) + 1
    if (good) accepted[second] = (accepted[second] ?? 0) + 1
    underway.push({ permit: admission, good, at: now + 100 })
  }
  /** Per second, on average between two times. */
  const rate = (counts: readonly number[], fromMs: number, toMs: number): number =>
    counts.slice(fromMs / 1_000, toMs / 1_000).reduce((sum, count) => sum + (count ?? 0), 0) / ((toMs - fromMs) / 1_000)
  return {
    sent: (fromMs: number, toMs: number) => rate(sent, fromMs, toMs),
    accepted: (fromMs: number, toMs: number) => rate(accepted, fromMs, toMs),
  }
}

describe('a throttle before a dependency that gets 100 requests a second', () => {
  it('lets a tenth through in an outage, and everything again within one window after it', () => {
    const [from, to] = [300_000, 600_000]
    const { sent } = simulate((now) => now < from || now >= to, 900_000)
    expect(sent(0, from)).toBe(100)
    expect(sent(from + WINDOW_MS, to)).toBeGreaterThan(8)
    expect(sent(from + WINDOW_MS, to)).toBeLessThan(12)
    expect(sent(to + WINDOW_MS, 900_000)).toBe(100)
  })

  it('comes back in steps rather than at once', () => {
    const { sent } = simulate((now) => now >= 300_000, 420_000)
    expect(sent(300_000, 312_000)).toBeLessThan(20)
    expect(sent(312_000, 324_000)).toBeLessThan(40)
    expect(sent(372_000, 420_000)).toBe(100)
  })

  it.each([20, 30, 40])('sends about twice what it accepts when that is %i a second', (capacity) => {
    const { sent, accepted } = simulate((_, nth) => nth < capacity, 1_200_000)
    expect(accepted(600_000, 1_200_000)).toBeGreaterThan(capacity * 0.95)
    expect(sent(600_000, 1_200_000) / capacity).toBeGreaterThan(1.8)
    expect(sent(600_000, 1_200_000) / capacity).toBeLessThan(2.2)
  })

  it('turns nothing away while half of the requests are accepted', () => {
    const { sent } = simulate((_, nth) => nth < 50, 600_000)
    expect(sent(0, 600_000)).toBe(100)
  })

  it('does not take a lucky moment in an outage for its end', () => {
    const random = seededRandom(3)
    const { sent } = simulate(() => random() < 0.05, 1_200_000)
    expect(sent(300_000, 1_200_000)).toBeLessThan(13)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AdaptiveLimit, gradientLimit } from './adaptive-limit.ts'

const BOUNDS = { initialLimit: 20, minLimit: 1, maxLimit: 200, windowMs: 1_000, minimumSamples: 50 }

/** Feeds whole windows, one a second; each call begins when the one before it ends. */
function setUp(bounds: Partial<typeof BOUNDS> = {}) {
  const limit = new AdaptiveLimit({ ...BOUNDS, ...bounds })
  let now = 0
  const window = (responseMs: number | undefined, inFlight: number, results = 50): void => {
    now += 1_000
    for (let i = 0; i < results; i++) limit.add(now, now, responseMs, inFlight)
  }
  return { limit, window }
}

describe('the gradient', () => {
  it('adds the square root while responses are no more than a quarter slower than the baseline', () => {
    expect(gradientLimit(100, 50, 50)).toBe(110)
    expect(gradientLimit(100, 50, 62.5)).toBe(110)
    expect(gradientLimit(100, 50, 10)).toBe(110)
  })

  it('keeps the part that is served, halves at most, and adds the same', () => {
    expect(gradientLimit(100, 50, 78.125)).toBe(90)
    expect(gradientLimit(100, 50, 125)).toBe(60)
    expect(gradientLimit(100, 50, 5_000)).toBe(60)
  })
})

describe('an adaptive limit', () => {
  it('has no verdict before a window is over and there are enough results', () => {
    const limit = new AdaptiveLimit(BOUNDS)
    for (let i = 0; i < 49; i++) limit.add(0, 0, 10, 20)
    expect([limit.limit, limit.baselineMs]).toEqual([20, undefined])
    limit.add(0, 0, 10, 20)
    expect(limit.baselineMs).toBe(10)
    const { limit: after } = limit
    for (let i = 0; i < 500; i++) limit.add(999, 0, 1_000, 20)
    expect(limit.limit).toBe(after)
  })

  it('stays as it is while it is not used up and responses are well', () => {
    const { limit, window } = setUp()
    for (let i = 0; i < 100; i++) window(100, 19)
    expect(limit.limit).toBe(20)
  })

  it('falls to what is served when responses are slow, used up or not', () => {
    const { limit, window } = setUp()
    window(100, 10)
    window(250, 16)
    expect(limit.limit).toBe(16 * 0.5 + 4)
  })

  it('lowers itself to measure once it is used up, counts only calls that began then, and goes back', () => {
    const limit = new AdaptiveLimit(BOUNDS)
    for (let i = 0; i < 50; i++) limit.add(1_000, 900, 100, 20)
    expect(limit).toMatchObject({ probing: true, limit: 14, baselineMs: 100 })
    for (let i = 0; i < 50; i++) limit.add(2_100, 999, 900, 20)
    expect(limit).toMatchObject({ probing: true, limit: 14, baselineMs: 100 })
    for (let i = 0; i < 50; i++) limit.add(2_200, 2_150, 50, 14)
    expect(limit).toMatchObject({ probing: false, limit: 20 + Math.sqrt(20), baselineMs: 50 })
  })

  it('measures less and less often while the baseline is confirmed', () => {
    const { limit, window } = setUp({ maxLimit: 20 })
    const probes: number[] = []
    for (let i = 0; i < 300; i++) {
      window(100, Math.floor(limit.limit))
      if (limit.probing) probes.push(i)
    }
    expect(probes.map((at, i) => at - (probes[i - 1] ?? 0))).toEqual([0, 3, 5, 9, 17, 33, 65, 65, 65])
  })

  it('takes over a baseline that has changed, and averages one that has not', () => {
    const { limit, window } = setUp()
    window(100, 20)
    window(110, 14)
    expect(limit.baselineMs).toBe(105)
    while (!limit.probing) window(105, Math.floor(limit.limit))
    window(200, 14)
    expect(limit.baselineMs).toBe(200)
  })

  it('falls by a fifth when a tenth of the results are drops, which are no response times (B36)', () => {
    const { limit, window } = setUp()
    window(100, 10)
    for (let i = 0; i < 90; i++) limit.add(1_500, 1_500, 100, 10)
    for (let i = 0; i < 10; i++) limit.add(1_500, 1_500, undefined, 10)
    limit.add(2_000, 2_000, 100, 10)
    expect(limit).toMatchObject({ limit: 20, baselineMs: 100 })
    for (let i = 0; i < 8; i++) limit.add(2_500, 2_500, undefined, 10)
    limit.add(3_000, 3_000, undefined, 10)
    for (let i = 0; i < 8; i++) limit.add(3_000, 3_000, undefined, 10)
    expect(limit).toMatchObject({ limit: 16, baselineMs: 100 })
  })

  it('falls to its minimum and no further under drops alone, and never rises (B36)', () => {
    const { limit, window } = setUp({ minLimit: 2 })
    let before = limit.limit
    for (let i = 0; i < 50; i++) {
      window(undefined, Math.floor(limit.limit))
      expect(limit.limit).toBeLessThanOrEqual(before)
      before = limit.limit
    }
    expect(limit).toMatchObject({ limit: 2, baselineMs: undefined, probing: false })
  })

  it('needs fewer results while it is small', () => {
    const { limit, window } = setUp({ initialLimit: 1 })
    window(100, 1, 4)
    expect(limit.baselineMs).toBe(undefined)
    window(100, 1, 1)
    expect(limit.baselineMs).toBe(100)
  })

  it('goes down to five times what is used, step by step', () => {
    const { limit, window } = setUp({ initialLimit: 100 })
    window(100, 2)
    expect(limit.limit).toBe(90)
    for (let i = 0; i < 100; i++) window(100, 2)
    expect(limit.limit).toBe(10)
  })

  it('is not moved far by a single response that takes a hundred times as long', () => {
    const { limit, window } = setUp()
    window(100, 10)
    limit.add(2_000, 2_000, 10_000, 19)
    window(100, 19)
    expect(limit.limit).toBe(20)
  })

  it('stays within its bounds, whatever it is told', () => {
    const ms = fc.oneof(
      fc.constantFrom(undefined, 0, -1, Number.NaN, Infinity, Number.MIN_VALUE, Number.MAX_VALUE),
      fc.double({ min: 0, max: 10_000, noNaN: true }),
    )
    const result = fc.tuple(fc.nat(500), fc.nat(2_000), ms, fc.integer({ min: 1, max: 300 }), fc.nat(60))
    fc.assert(
      fc.property(fc.array(result, { maxLength: 100 }), (results) => {
        const limit = new AdaptiveLimit({ ...BOUNDS, minimumSamples: 5 })
        let now = 0
        for (const [afterMs, tookMs, responseMs, inFlight, count] of results) {
          now += afterMs
          for (let i = 0; i < count; i++) limit.add(now, now - tookMs, responseMs, inFlight)
          expect(limit.limit).toBeGreaterThanOrEqual(1)
          expect(limit.limit).toBeLessThanOrEqual(200)
        }
      }),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { seededRandom } from '../testing/index.ts'
import { backoffDelay, retryDelay } from './backoff.ts'

const options = { backoffMs: 200, factor: 2, maxBackoffMs: 10_000, jitter: 'none' } as const

describe('the wait before a retry', () => {
  it.each([
    [2, [200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]],
    [3, [200, 600, 1_800, 5_400, 10_000]],
    [1, [200, 200, 200]],
  ])('grows by factor %s up to its bound (B11)', (factor, expected) => {
    const delays = expected.map((_, index) => backoffDelay({ ...options, factor }, index + 1, () => 0.5))
    expect(delays).toEqual(expected)
  })

  it('is a random share of that with full jitter, whatever the factor (B11)', () => {
    const full = { ...options, factor: 3, jitter: 'full' } as const
    expect([1, 2, 3].map((retry) => backoffDelay(full, retry, () => 0.25))).toEqual([50, 150, 450])
    expect(backoffDelay(full, 1, () => 0)).toBe(0)
  })

  it('is a number from 0 to its bound for 10,000 retries (B12)', () => {
    const random = seededRandom(5)
    for (const jitter of ['full', 'none'] as const) {
      for (const backoffMs of [0, 200]) {
        for (let retry = 1; retry <= 10_000; retry++) {
          const delay = backoffDelay({ ...options, backoffMs, jitter, factor: 10 }, retry, random)
          expect(delay >= 0 && delay <= 10_000, `retry ${retry}: ${delay}`).toBe(true)
        }
      }
    }
  })

  it('is never shorter than Retry-After, at most a tenth longer, and longer than its own bound if need be', () => {
    const random = seededRandom(5)
    for (let i = 0; i < 1_000; i++) {
      const delay = retryDelay(options, 1, 60_000, random)
      expect(delay).toBeGreaterThanOrEqual(60_000)
      expect(delay).toBeLessThan(66_000)
    }
    expect(retryDelay(options, 3, 100, random)).toBe(800)
    expect(retryDelay(options, 1, 0, random)).toBe(200)
  })
})

import { describe, expect, it } from 'vitest'
import { seededRandom } from '../testing/index.ts'
import { type Backoff, Waits } from './backoff.ts'

const options: Backoff = { backoffMs: 200, growth: 'exponential', factor: 2, maxBackoffMs: 10_000, jitter: 'none' }

/** The first waits with these options. */
function waits(more: Partial<Backoff>, count: number, random: () => number = () => 0.5): number[] {
  const sequence = new Waits({ ...options, ...more }, random)
  return Array.from({ length: count }, () => sequence.next(0))
}

const rounded = (values: readonly number[]): number[] => values.map((value) => Math.round(value * 10) / 10)

describe('the waits between attempts', () => {
  it.each([
    [2, [200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]],
    [3, [200, 600, 1_800, 5_400, 10_000]],
    [1, [200, 200, 200]],
  ])('grow by factor %s up to their bound (B11)', (factor, expected) => {
    expect(waits({ factor }, expected.length)).toEqual(expected)
  })

  it('stay the same, or grow by the same step, where that was chosen', () => {
    expect(waits({ growth: 'constant' }, 4)).toEqual([200, 200, 200, 200])
    expect(waits({ growth: 'linear', maxBackoffMs: 700 }, 5)).toEqual([200, 400, 600, 700, 700])
  })

  it('are a random share of that with full jitter, and of its upper half with equal jitter, whatever the factor (B11)', () => {
    expect(waits({ factor: 3, jitter: 'full' }, 3, () => 0.25)).toEqual([50, 150, 450])
    expect(waits({ jitter: 'full' }, 2, () => 0)).toEqual([0, 0])
    expect(waits({ factor: 3, jitter: 'equal' }, 3, () => 0.25)).toEqual([125, 375, 1_125])
    expect(waits({ jitter: 'equal' }, 2, () => 0)).toEqual([100, 200])
  })

  it('lie between the base and three times the wait before with decorrelated jitter', () => {
    // 100 + (300 - 100) / 2, 100 + (600 - 100) / 2, …
    expect(waits({ jitter: 'decorrelated', backoffMs: 100 }, 4)).toEqual([200, 350, 575, 912.5])
    const random = seededRandom(7)
    const sequence = new Waits({ ...options, jitter: 'decorrelated', maxBackoffMs: 3_000 }, random)
    let previous = 200
    for (let retry = 0; retry < 1_000; retry++) {
      const wait = sequence.next(0)
      expect(wait).toBeGreaterThanOrEqual(200)
      expect(wait).toBeLessThanOrEqual(Math.min(3_000, previous * 3))
      previous = wait
    }
  })

  it('are spread with decorrelated jitter from the first one on', () => {
    const random = seededRandom(11)
    const first = Array.from({ length: 100 }, () => new Waits({ ...options, jitter: 'decorrelated' }, random).next(0))
    expect(Math.min(...first)).toBeLessThan(250)
    expect(Math.max(...first)).toBeGreaterThan(550)
  })

  it('follow Polly’s curve with smooth jitter', () => {
    const polly = waits({ jitter: 'smooth', backoffMs: 1_000 }, 5)
    expect(rounded(polly)).toEqual([897.4, 1_093, 2_035.7, 4_046, 8_083.6])
  })

  it('are numbers from 0 to their bound for 10,000 retries (B12)', () => {
    const random = seededRandom(5)
    for (const jitter of ['none', 'full', 'equal', 'decorrelated', 'smooth'] as const) {
      for (const growth of ['constant', 'linear', 'exponential'] as const) {
        for (const backoffMs of [0, 200]) {
          const bad = waits({ backoffMs, jitter, growth, factor: 10 }, 10_000, random).filter(
            (wait) => !(wait >= 0 && wait <= 10_000),
          )
          expect(bad, `${jitter}, ${growth}, ${backoffMs} ms`).toEqual([])
        }
      }
    }
  })

  it('do not jump to their bound at the flat end of the smooth curve', () => {
    expect(waits({ jitter: 'smooth', factor: 1 }, 1_000).filter((wait) => wait > 200)).toEqual([])
  })

  it('are never shorter than Retry-After, at most a tenth longer, and longer than their own bound if need be', () => {
    const random = seededRandom(5)
    for (let i = 0; i < 1_000; i++) {
      const wait = new Waits(options, random).next(60_000)
      expect(wait).toBeGreaterThanOrEqual(60_000)
      expect(wait).toBeLessThan(66_000)
    }
    const sequence = new Waits(options, random)
    expect([sequence.next(0), sequence.next(0), sequence.next(100)]).toEqual([200, 400, 800])
  })
})

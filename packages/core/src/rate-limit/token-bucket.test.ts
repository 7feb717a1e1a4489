import { describe, expect, it } from 'vitest'
import { systemClock } from '../clock/system-clock.ts'
import type { Rejection } from '../policy/admission.ts'
import { fakeClock } from '../testing/index.ts'
import { createRateLimiter } from './create-rate-limiter.ts'
import type { RateLimiterConfiguration } from './options.ts'

/** Ten calls in a second, three at once. */
function setUp(options: Partial<RateLimiterConfiguration> = {}) {
  const clock = fakeClock({ now: 12_345.678 })
  const limiter = createRateLimiter({ name: 'mail', limit: 10, intervalMs: 1_000, burst: 3, clock, ...options })
  /** How many of so many calls are let in now. */
  const letsIn = (calls: number): number =>
    Array.from({ length: calls }, () => limiter.tryAcquire()).filter(({ admitted }) => admitted).length
  return { clock, limiter, letsIn }
}

describe('a token bucket', () => {
  it('lets a burst in, then one call each time a token has come', async () => {
    const { clock, letsIn } = setUp()
    expect(letsIn(5)).toBe(3)
    const later: number[] = []
    for (const ms of [99, 1, 99, 1, 100, 250, 50, 1_000]) {
      await clock.advance(ms)
      later.push(letsIn(5))
    }
    // Of the 250 ms, two tokens; the 50 ms complete the third; of the second, no more than the burst.
    expect(later).toEqual([0, 1, 0, 1, 1, 2, 1, 3])
  })

  it('says when to come again, in whole milliseconds', async () => {
    const { clock, limiter, letsIn } = setUp({ limit: 3 })
    letsIn(3)
    await clock.advance(100)
    const refusal = limiter.tryAcquire() as Rejection
    expect(refusal).toMatchObject({ admitted: false, error: { code: 'RATE_LIMIT_EXCEEDED', category: 'rejected' } })
    expect(refusal.error).toMatchObject({ retryable: true, mayHaveTakenEffect: false, integration: 'mail' })
    const { retryAfterMs = 0 } = refusal.error
    expect(retryAfterMs).toBe(234)
    const { nextInMs } = limiter.snapshot()
    expect(nextInMs).toBeCloseTo(1_000 / 3 - 100, 6)
    await clock.advance(nextInMs - 0.01)
    expect(letsIn(1)).toBe(0)
    await clock.advance(retryAfterMs - (nextInMs - 0.01))
    expect(letsIn(2)).toBe(1)
  })

  it('is worth one burst after an idle week (B6)', async () => {
    const { clock, letsIn } = setUp()
    letsIn(3)
    await clock.advance(7 * 86_400_000)
    expect(letsIn(100)).toBe(3)
    await clock.advance(100)
    expect(letsIn(100)).toBe(1)
  })

  it('does not notice a step of the wall clock (B7)', async () => {
    const { clock, letsIn } = setUp()
    letsIn(3)
    for (const step of [3_600_000, -7_200_000]) {
      clock.setWallTime(clock.wallTime() + step)
      expect(letsIn(1)).toBe(0)
      await clock.advance(100)
      expect(letsIn(2)).toBe(1)
    }
  })

  it('does not drift: a hundred thousand calls, each as early as it may, take the time they must', () => {
    const start = 12_345.678
    let now = start
    const limiter = createRateLimiter({
      name: 'mail',
      limit: 3,
      intervalMs: 7,
      burst: 1,
      clock: { ...systemClock, now: () => now },
    })
    for (let calls = 0; calls < 100_000; calls++) {
      now += limiter.snapshot().nextInMs
      if (!limiter.tryAcquire().admitted) expect.fail('it came when it was told to')
    }
    expect(Math.abs(now - start - (99_999 * 7) / 3)).toBeLessThan(0.01)
  })

  it('has a burst of its limit when nothing else is said', () => {
    const clock = fakeClock()
    const limiter = createRateLimiter({ name: 'mail', limit: 7, clock })
    const answers = Array.from({ length: 20 }, () => limiter.tryAcquire())
    expect(answers.filter(({ admitted }) => admitted)).toHaveLength(7)
  })

  it('keeps what was taken however the call ends, and has back what was undone', () => {
    const { limiter, letsIn } = setUp()
    const permits = [limiter.tryAcquire(), limiter.tryAcquire(), limiter.tryAcquire()]
    const [first, second] = permits.flatMap((answer) => (answer.admitted ? [answer] : []))
    expect(first?.settle('ignored')).toBe('ignored')
    first?.undo?.()
    expect(letsIn(1)).toBe(0)
    second?.undo?.()
    second?.undo?.()
    expect(limiter.snapshot().totals).toEqual({ admitted: 2, rejected: 1, abandoned: 0 })
    expect(letsIn(5)).toBe(1)
  })

  it('never has more than its burst, whatever is undone late', async () => {
    const { clock, limiter, letsIn } = setUp()
    const answer = limiter.tryAcquire()
    await clock.advance(60_000)
    if (answer.admitted) answer.undo?.()
    expect(letsIn(10)).toBe(3)
  })

  it('refuses options that make no sense', () => {
    const make = (options: object) => () => createRateLimiter({ name: 'mail', limit: 1, ...options })
    expect(make({ limit: undefined })).toThrow('rateLimiter.limit must be a whole number from 1')
    expect(make({ limit: 0 })).toThrow('rateLimiter.limit must be a whole number from 1')
    expect(make({ name: undefined })).toThrow('rateLimiter.name must be')
    expect(make({ intervalMs: 0 })).toThrow('rateLimiter.intervalMs must be a number from 1 to 86,400,000')
    expect(make({ burst: 0 })).toThrow('rateLimiter.burst must be')
    expect(make({ maxWaitMs: -1 })).toThrow('rateLimiter.maxWaitMs must be')
    expect(make({ maxKeys: 1 })).toThrow('rateLimiter.maxKeys is not an option')
    expect(make({ algorithm: 'log' })).toThrow("rateLimiter.algorithm must be 'token-bucket' or 'sliding-window'")
    expect(make({ algorithm: 'sliding-window', burst: 5 })).toThrow('rateLimiter.burst must be left out with a sliding')
  })
})

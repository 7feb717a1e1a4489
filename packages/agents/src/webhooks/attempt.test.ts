import { describe, expect, it } from 'vitest'
import { backoffOf, outcomeOf } from './attempt.ts'

describe('an attempt that failed', () => {
  it('is followed by one after a wait that doubles up to a limit, half of it by chance', () => {
    const settings = { backoffMs: 100, maxBackoffMs: 1_000 }
    const longest = [1, 2, 3, 4, 5, 5_000].map((attempt) => backoffOf(attempt, settings, () => 1))
    expect(longest).toEqual([100, 200, 400, 800, 1_000, 1_000])
    expect(backoffOf(2, settings, () => 0)).toBe(100)
    expect(backoffOf(9, { backoffMs: 0, maxBackoffMs: 0 }, () => 1)).toBe(0)
  })

  it('waits as long as the receiver asks, but not longer than the limit', () => {
    const asking = (seconds: string): unknown =>
      outcomeOf({ status: 503, headers: { 'retry-after': seconds } }, 10, 60_000)
    expect(asking('30')).toEqual({ type: 'failed', code: 'HTTP_503', retryInMs: 30_000 })
    expect(asking('86400')).toEqual({ type: 'failed', code: 'HTTP_503', retryInMs: 60_000 })
    expect(asking('0')).toEqual({ type: 'failed', code: 'HTTP_503', retryInMs: 10 })
  })

  it('ends it for the receiver when that is gone, and for nobody else', () => {
    expect(outcomeOf({ status: 410 }, 10, 60_000)).toEqual({ type: 'gone', code: 'GONE' })
    for (const status of [301, 400, 401, 404, 422, 500])
      expect(outcomeOf({ status }, 10, 60_000)).toEqual({ type: 'failed', code: `HTTP_${status}`, retryInMs: 10 })
  })
})

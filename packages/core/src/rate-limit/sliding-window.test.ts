import { describe, expect, it } from 'vitest'
import { fakeClock } from '../testing/index.ts'
import { createRateLimiter } from './create-rate-limiter.ts'
import { SlidingWindow } from './meter.ts'

function setUp(limit = 10, start = 0) {
  const clock = fakeClock({ now: start })
  const limiter = createRateLimiter({ name: 'mail', algorithm: 'sliding-window', limit, intervalMs: 1_500, clock })
  const letsIn = (calls: number): number =>
    Array.from({ length: calls }, () => limiter.tryAcquire()).filter(({ admitted }) => admitted).length
  return { clock, limiter, letsIn }
}

describe('a sliding window', () => {
  it('lets a call in when one has left the window, at most a fifteenth late', async () => {
    // Slices of 100 ms: what came in [0, 100) leaves at 1,600.
    const { clock, limiter, letsIn } = setUp()
    expect(letsIn(4)).toBe(4)
    await clock.advance(250)
    expect(letsIn(10)).toBe(6)
    expect(limiter.snapshot().nextInMs).toBe(1_350)
    await clock.advance(1_349)
    expect(letsIn(1)).toBe(0)
    await clock.advance(1)
    expect(letsIn(10)).toBe(4)
    expect(limiter.snapshot().nextInMs).toBe(200)
    await clock.advance(200)
    expect(letsIn(10)).toBe(6)
  })

  it('does not let twice the limit in around the turn of a window, as two fixed windows would', async () => {
    const { clock, letsIn } = setUp(100)
    await clock.advance(1_499)
    expect(letsIn(1_000)).toBe(100)
    await clock.advance(1)
    expect(letsIn(1_000)).toBe(0)
    await clock.advance(1_400)
    expect(letsIn(1_000)).toBe(0)
  })

  it('is empty after an idle week (B6), wherever the clock began', async () => {
    for (const start of [-1_000_000.5, 0, 3e12]) {
      const { clock, letsIn } = setUp(10, start)
      expect(letsIn(20)).toBe(10)
      await clock.advance(7 * 86_400_000)
      expect(letsIn(20)).toBe(10)
      await clock.advance(1_400)
      expect(letsIn(20)).toBe(0)
    }
  })

  it('has back what was undone, as long as it counts', async () => {
    const { clock, limiter, letsIn } = setUp(2)
    const [early, late] = [limiter.tryAcquire(), limiter.tryAcquire()]
    await clock.advance(500)
    if (early.admitted) early.undo?.()
    expect(letsIn(5)).toBe(1)
    await clock.advance(86_400_000)
    expect(letsIn(1)).toBe(1)
    if (late.admitted) late.undo?.()
    expect(letsIn(5)).toBe(1)
  })

  it('foretells when those who wait will go: their own calls fill the window too', () => {
    const window = new SlidingWindow(2, 1_500)
    for (const at of [0, 250]) window.take(at)
    const foretold = [0, 1, 2, 3, 4, 5].map((ahead) => window.freeAt(300, ahead))
    expect(foretold).toEqual([1_600, 1_800, 3_200, 3_400, 4_800, 5_000])
    // And so it comes, when each goes as early as it may.
    const come: number[] = []
    let now = 300
    while (come.length < 6) {
      now = window.freeAt(now, 0)
      come.push(now)
      window.take(now)
    }
    expect(come).toEqual(foretold)
  })
})

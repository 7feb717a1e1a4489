import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RollingCount } from './rolling-count.ts'

describe('a rolling count', () => {
  it('holds everything of the last nine tenths of its time and nothing older than all of it (B6)', () => {
    const steps = fc.array(fc.oneof(fc.nat(30), fc.nat(5_000)), { maxLength: 100 })
    fc.assert(
      fc.property(steps, fc.integer({ min: -1_000_000, max: 1_000_000 }), (gaps, origin) => {
        const count = new RollingCount(1_000)
        const times: number[] = []
        let now = origin
        for (const gap of gaps) {
          now += gap
          count.add(now)
          times.push(now)
          const total = count.total(now)
          expect(total).toBeGreaterThanOrEqual(times.filter((time) => time > now - 900).length)
          expect(total).toBeLessThanOrEqual(times.filter((time) => time > now - 1_000).length)
        }
      }),
    )
  })

  it('is empty at first and after an idle time', () => {
    const count = new RollingCount(500)
    expect(count.total(0)).toBe(0)
    for (let i = 0; i < 40; i++) count.add(0)
    expect(count.total(3_600_000)).toBe(0)
  })
})

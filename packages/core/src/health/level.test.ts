import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HealthStatus } from '../integration/integration.ts'
import type { Priority } from '../policy/admission.ts'
import { HeldLevel, LEVELS, type Part, rate } from './level.ts'

const WEIGHTS = { high: 4, medium: 2, low: 1 }

function part(priority: Priority, status: HealthStatus, weight: number = WEIGHTS[priority]): Part {
  return { priority, status, weight }
}

function levelOf(...parts: Part[]): string {
  const { rank, score, reason } = rate(parts)
  return `${LEVELS[rank]} ${score.toFixed(2)} ${reason}`
}

const parts = fc.array(
  fc.record({
    priority: fc.constantFrom<Priority>('high', 'medium', 'low'),
    status: fc.constantFrom<HealthStatus>('healthy', 'degraded', 'critical'),
    weight: fc.oneof(fc.constantFrom(0, 0.1, 1, 2, 4, 1_000), fc.double({ min: 0.001, max: 1_000, noNaN: true })),
  }),
  { maxLength: 200 },
)

describe('the rating of a system', () => {
  it('is FULL with nothing to watch, and with nothing that has a weight', () => {
    expect(levelOf()).toBe('FULL 1.00 score')
    expect(levelOf(part('low', 'critical', 0))).toBe('FULL 1.00 score')
  })

  it('goes by the weighted share of what is well', () => {
    expect(levelOf(part('high', 'healthy'), part('low', 'degraded'))).toBe('DEGRADED 0.96 score')
    expect(levelOf(part('high', 'healthy'), part('low', 'critical'))).toBe('DEGRADED 0.80 score')
    expect(levelOf(part('high', 'healthy'), part('medium', 'critical'))).toBe('LIMITED 0.67 score')
    expect(levelOf(part('medium', 'healthy'), part('medium', 'critical'))).toBe('LIMITED 0.50 score')
    expect(levelOf(part('low', 'healthy'), part('medium', 'critical'))).toBe('EMERGENCY 0.33 score')
  })

  it('is LIMITED at best with one high-priority integration lost, and EMERGENCY with all of them', () => {
    const many = Array.from({ length: 50 }, () => part('medium', 'healthy'))
    expect(levelOf(...many, part('high', 'healthy'), part('high', 'critical'))).toBe('LIMITED 0.96 high-priority-lost')
    expect(levelOf(...many, part('high', 'critical'), part('high', 'critical'))).toBe(
      'EMERGENCY 0.93 high-priority-lost',
    )
    expect(levelOf(...many, part('high', 'critical', 0))).toBe('EMERGENCY 1.00 high-priority-lost')
  })

  it('is FULL exactly when all that counts is healthy, and DEGRADED at worst when nothing is critical', () => {
    fc.assert(
      fc.property(parts, (some) => {
        const { rank, score } = rate(some)
        expect(score).toBeGreaterThanOrEqual(0)
        expect(score).toBeLessThanOrEqual(1)
        const counted = some.filter(({ weight }) => weight > 0)
        const isAllWell = counted.every(({ status }) => status === 'healthy')
        const hasLostHigh = some.some(({ priority, status }) => priority === 'high' && status === 'critical')
        expect(rank === 3).toBe(isAllWell && !hasLostHigh)
        if (some.every(({ status }) => status !== 'critical')) expect(rank).toBeGreaterThanOrEqual(2)
        if (hasLostHigh) expect(rank).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('never gets better when one of the parts gets worse', () => {
    const worse: Record<HealthStatus, HealthStatus> = {
      healthy: 'degraded',
      degraded: 'critical',
      critical: 'critical',
    }
    fc.assert(
      fc.property(parts, fc.nat(), (some, place) => {
        const index = some.length === 0 ? 0 : place % some.length
        const after = some.map((each, at) => (at === index ? { ...each, status: worse[each.status] } : each))
        expect(rate(after).rank).toBeLessThanOrEqual(rate(some).rank)
        expect(rate(after).score).toBeLessThanOrEqual(rate(some).score)
      }),
    )
  })
})

describe('a level that is held', () => {
  it('falls at once, over any number of steps, and rises one step per third of a dwell', () => {
    const level = new HeldLevel(30, 0)
    const follow = (rank: number, now: number): number => {
      const next = level.next(rank, now)
      if (next !== undefined) level.move(next, now)
      return level.rank
    }
    expect(follow(0, 1)).toBe(0)
    expect([10, 19, 20, 21, 29, 30, 39, 40, 41].map((now) => follow(3, now))).toEqual([0, 0, 1, 1, 1, 2, 2, 3, 3])
  })

  it('goes as far as things have got better, and from there by when the rest has', () => {
    const level = new HeldLevel(30, 0)
    level.move(0, 0)
    const follow = (rank: number, now: number): number => {
      const next = level.next(rank, now)
      if (next !== undefined) level.move(next, now)
      return level.rank
    }
    expect([0, 9, 10, 99].map((now) => follow(1, now))).toEqual([0, 0, 1, 1])
    expect([100, 119, 120, 129, 130].map((now) => follow(3, now))).toEqual([1, 1, 2, 2, 3])
  })

  it('lets a step that was refused come up again only after another dwell', () => {
    const level = new HeldLevel(30, 0)
    level.move(2, 0)
    const proposed = Array.from({ length: 100 }, (_, now) => now).filter((now) => level.next(3, now) === 3)
    expect(proposed).toEqual([30, 60, 90])
  })

  it('waits for a whole dwell anew after each relapse', () => {
    const level = new HeldLevel(30, 0)
    level.move(1, 0)
    for (let now = 0; now < 1_000; now += 20) expect(level.next(now % 40 === 0 ? 3 : 1, now)).toBeUndefined()
  })

  it('rises at each look when there is no dwell', () => {
    const level = new HeldLevel(0, 0)
    level.move(0, 0)
    expect(level.next(3, 0)).toBe(1)
  })

  it('counts the time spent in each level', () => {
    const level = new HeldLevel(30, 100)
    level.move(1, 150)
    level.move(3, 170)
    expect(level.spentMs(175)).toEqual({ FULL: 55, DEGRADED: 0, LIMITED: 20, EMERGENCY: 0 })
    expect(level.spentMs(180)).toEqual({ FULL: 60, DEGRADED: 0, LIMITED: 20, EMERGENCY: 0 })
  })

  it('reaches a level as soon as no look in its share of the dwell found things worse, by one step a look', () => {
    const steps = fc.array(fc.tuple(fc.nat(3), fc.nat(50)), { maxLength: 100 })
    fc.assert(
      fc.property(steps, (looks) => {
        const level = new HeldLevel(30, 0)
        const seen: { at: number; rank: number }[] = []
        let now = 0
        for (const [rank, gap] of looks) {
          now += gap
          seen.push({ at: now, rank })
          const before = level.rank
          const next = level.next(rank, now)
          if (next !== undefined) level.move(next, now)
          const better = before + 1
          const goodFrom = seen[seen.findLastIndex((look) => look.rank < better) + 1]?.at ?? Infinity
          const isDue = rank > before && now - goodFrom >= better * 10
          expect(level.rank).toBe(isDue ? better : Math.min(before, rank))
        }
        const spent = Object.values(level.spentMs(now)).reduce((sum, ms) => sum + ms, 0)
        expect(spent).toBe(now)
      }),
    )
  })
})

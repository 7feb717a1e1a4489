import { describe, expect, it } from 'vitest'
import { fakeClock } from '../testing/index.ts'
import { CountWindow } from '../window/count-window.ts'
import type { BreakerConfiguration } from './breaker.ts'
import { createBreaker } from './create-breaker.ts'
import { wilsonLowerBound } from './wilson.ts'

function setUp(options: Partial<BreakerConfiguration>) {
  const clock = fakeClock()
  const breaker = createBreaker({ name: 'crm', clock, random: () => 0.5, ...options })
  const settle = (outcome: 'success' | 'failure', count = 1): void => {
    for (let call = 0; call < count; call++) {
      const admission = breaker.tryAcquire()
      if (admission.admitted) admission.settle(outcome)
    }
  }
  return { clock, breaker, settle }
}

describe('a window of the last calls', () => {
  it('counts them whenever they were', () => {
    const window = new CountWindow(4)
    for (const outcome of ['failure', 'success', 'slow', 'failure'] as const) window.add(outcome)
    expect(window.counts()).toEqual({ calls: 4, failures: 2, slow: 1 })
    window.add('success')
    expect(window.counts()).toEqual({ calls: 4, failures: 1, slow: 1 })
    for (let call = 0; call < 4; call++) window.add('success')
    expect(window.counts()).toEqual({ calls: 4, failures: 0, slow: 0 })
  })

  it('opens the circuit by calls that are hours apart', async () => {
    const { clock, breaker, settle } = setUp({ windowCalls: 6, minimumCalls: 6 })
    settle('success', 10)
    for (let call = 0; call < 3; call++) {
      expect(breaker.state).toBe('closed')
      await clock.advance(3_600_000)
      settle('failure')
    }
    expect(breaker.state).toBe('open')
  })

  it('must hold the minimum of calls', () => {
    expect(() => createBreaker({ name: 'crm', windowCalls: 4 })).toThrow(
      /windowCalls must be 0, or at least minimumCalls \(5\)/,
    )
  })
})

describe('the Wilson rule', () => {
  it.each([
    [2, 2, 0.342],
    [3, 3, 0.438],
    [5, 5, 0.566],
    [5, 10, 0.237],
    [50, 100, 0.404],
    [0, 0, 0],
    [0, 10, 0],
  ])('knows that %i failures of %i mean at least %f', (failures, calls, bound) => {
    expect(wilsonLowerBound(failures, calls)).toBeCloseTo(bound, 3)
  })

  it('opens at a call a minute, where a minimum of calls never would', async () => {
    const usual = setUp({})
    const wilson = setUp({ rule: 'wilson', windowMs: 1_800_000 })
    for (const { clock, settle } of [usual, wilson]) {
      for (let minute = 0; minute < 5; minute++) {
        await clock.advance(60_000)
        settle('failure')
      }
    }
    expect(usual.breaker.state).toBe('closed')
    expect(wilson.breaker.state).toBe('open')
  })

  it('does not open on three failures in a row, nor on half of many calls', () => {
    const few = setUp({ rule: 'wilson' })
    few.settle('failure', 3)
    expect(few.breaker.state).toBe('closed')
    const many = setUp({ rule: 'wilson' })
    for (let call = 0; call < 50; call++) {
      many.settle('success')
      many.settle('failure')
    }
    expect(many.breaker.state).toBe('closed')
  })
})

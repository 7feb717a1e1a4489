import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RetryBudget } from '../../src/retry/budget.ts'

const MEMORY_MS = 10_000
const ROUNDING = 1e-6

/** How much events at these times weigh at a later one. */
function weightOf(times: readonly number[], now: number): number {
  return times.reduce((sum, time) => sum + Math.exp((time - now) / MEMORY_MS), 0)
}

const options = fc.record({
  budgetRatio: fc.constantFrom(0, 0.1, 0.2, 1),
  budgetFloor: fc.constantFrom(0, 1, 3, 10),
})
const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant('call' as const) },
  { weight: 5, arbitrary: fc.constant('retry' as const) },
  { weight: 3, arbitrary: fc.constantFrom(0, 1, 400, 1_000, 9_999, 30_000, 604_800_000) },
  { weight: 1, arbitrary: options },
)

describe('a retry budget under any order of calls, retries, waits and new options', () => {
  it('gives a retry exactly while all of them weigh no more than the share of the calls, or the floor', () => {
    fc.assert(
      fc.property(options, fc.array(step, { maxLength: 200, size: 'max' }), (first, steps) => {
        const budget = new RetryBudget(first)
        const calls: number[] = []
        const retries: number[] = []
        let now = -5_000
        for (const one of steps) {
          if (typeof one === 'number') {
            now += one
          } else if (one === 'call') {
            calls.push(now)
            budget.deposit(now)
          } else if (one === 'retry') {
            const { budgetFloor, budgetRatio } = budget.options
            const allowed = Math.max(budgetFloor, budgetRatio * weightOf(calls, now))
            const wanted = weightOf(retries, now) + 1
            const isGiven = budget.tryWithdraw(now)
            if (Math.abs(wanted - allowed) > ROUNDING) expect(isGiven).toBe(wanted < allowed)
            if (isGiven) retries.push(now)
          } else {
            budget.options = one
          }
        }
      }),
      { numRuns: Number(process.env['MODEL_RUNS'] ?? 500) },
    )
  })

  it('lets no more than twice its floor through in any ten seconds, however they are asked for', () => {
    const gaps = fc.array(fc.constantFrom(0, 0, 1, 200, 999, 1_000, 3_000, 9_999, 10_000), {
      maxLength: 200,
      size: 'max',
    })
    fc.assert(
      fc.property(gaps, fc.constantFrom(1, 2, 10), (steps, budgetFloor) => {
        const budget = new RetryBudget({ budgetRatio: 0, budgetFloor })
        const given: number[] = []
        let now = 0
        for (const gapMs of steps) {
          now += gapMs
          while (budget.tryWithdraw(now)) given.push(now)
          expect(given.filter((time) => time > now - MEMORY_MS).length).toBeLessThanOrEqual(2 * budgetFloor)
        }
      }),
    )
  })
})

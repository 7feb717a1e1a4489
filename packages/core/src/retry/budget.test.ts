import { describe, expect, it } from 'vitest'
import { RetryBudget } from './budget.ts'

function withdrawAll(budget: RetryBudget, now: number): number {
  let count = 0
  while (budget.tryWithdraw(now)) count += 1
  return count
}

describe('a retry budget', () => {
  it('holds its floor when there are few calls', () => {
    const budget = new RetryBudget({ budgetRatio: 0.2, budgetFloor: 10 })
    expect(withdrawAll(budget, 0)).toBe(10)
  })

  it('holds a share of the calls of the last ten seconds when that is more', () => {
    const budget = new RetryBudget({ budgetRatio: 0.2, budgetFloor: 10 })
    for (let call = 0; call < 1_000; call++) budget.deposit(call)
    expect(withdrawAll(budget, 1_000)).toBe(200)
    expect(withdrawAll(budget, 5_000)).toBe(0)
    expect(withdrawAll(budget, 60_000)).toBe(10)
  })

  it('holds nothing when both are 0 (B41)', () => {
    const budget = new RetryBudget({ budgetRatio: 0, budgetFloor: 0 })
    for (let call = 0; call < 100; call++) budget.deposit(0)
    expect(withdrawAll(budget, 0)).toBe(0)
  })
})

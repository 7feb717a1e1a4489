import { describe, expect, it } from 'vitest'
import { seededRandom } from '../testing/index.ts'
import { RetryBudget } from './budget.ts'

function withdrawAll(budget: RetryBudget, now: number): number {
  let count = 0
  while (count < 100_000 && budget.tryWithdraw(now)) count += 1
  return count
}

describe('a retry budget', () => {
  it('holds its floor when there are few calls', () => {
    const budget = new RetryBudget({ budgetRatio: 0.2, budgetFloor: 10 })
    expect(withdrawAll(budget, 0)).toBe(10)
  })

  it('holds a share of the latest calls when that is more, once', () => {
    const budget = new RetryBudget({ budgetRatio: 0.2, budgetFloor: 10 })
    for (let call = 0; call < 1_000; call++) budget.deposit(0)
    expect(withdrawAll(budget, 0)).toBe(200)
    expect(withdrawAll(budget, 5_000)).toBe(0)
  })

  it('forgets calls and retries after a while, whenever it is looked at again (B6)', () => {
    const budget = new RetryBudget({ budgetRatio: 0.2, budgetFloor: 10 })
    for (let call = 0; call < 1_000; call++) budget.deposit(0)
    expect(withdrawAll(budget, 0)).toBe(200)
    expect(withdrawAll(budget, 604_800_000)).toBe(10)
  })

  it('holds nothing when both are 0 (B41)', () => {
    const budget = new RetryBudget({ budgetRatio: 0, budgetFloor: 0 })
    for (let call = 0; call < 100; call++) budget.deposit(0)
    expect(withdrawAll(budget, 0)).toBe(0)
  })

  it('says whether it holds a retry without taking it', () => {
    const budget = new RetryBudget({ budgetRatio: 0, budgetFloor: 1 })
    for (let times = 0; times < 3; times++) expect(budget.tryWithdraw(0, 0)).toBe(true)
    expect(withdrawAll(budget, 0)).toBe(1)
    expect(budget.tryWithdraw(0, 0)).toBe(false)
  })

  it('is not without end when a time is earlier than the one before (B7)', () => {
    const budget = new RetryBudget({ budgetRatio: 0.2, budgetFloor: 10 })
    for (let call = 0; call < 100; call++) budget.deposit(1_000_000)
    expect(withdrawAll(budget, 0)).toBe(20)
  })

  it('keeps a total outage at 1,000 calls a second with three retries each to 1.2 times the calls', () => {
    const budget = new RetryBudget({ budgetRatio: 0.2, budgetFloor: 10 })
    const random = seededRandom(3)
    let retries = 0
    for (let call = 0; call < 60_000; call++) {
      const now = call + random()
      budget.deposit(now)
      for (let retry = 0; retry < 3; retry++) if (budget.tryWithdraw(now)) retries += 1
    }
    expect(retries).toBeGreaterThan(11_000)
    expect(retries).toBeLessThanOrEqual(60_000 * 0.2 + 10)
  })
})

import { AllTiersFailedError } from '@holdfast/ai'
import type { TierAttempt } from '@holdfast/ai'
import { HoldfastError } from '@holdfast/core'
import { describe, expect, it } from 'vitest'
import { budgetRefusal } from './budget-refusal.ts'

const skipped = (tier: string, code: string, more: Partial<TierAttempt> = {}): TierAttempt => ({
  tier,
  outcome: 'skipped',
  code,
  category: 'rejected',
  mayHaveTakenEffect: false,
  startMs: 0,
  durationMs: 0,
  ...more,
})
const exceeded = (tier: string, retryAfterMs?: number): TierAttempt =>
  skipped(tier, 'BUDGET_EXCEEDED', retryAfterMs === undefined ? {} : { retryAfterMs })
const allFailed = (...attempts: TierAttempt[]): Error => new AllTiersFailedError('desk', 'r-1', attempts)
const nothing = skipped('stale', 'NOTHING_REMEMBERED')

function refusal(mayHaveTakenEffect: boolean): HoldfastError {
  const is = { code: 'BUDGET_EXCEEDED', category: 'rejected', message: 'no room', retryable: false } as const
  return new HoldfastError({ ...is, retryAfterMs: 5, mayHaveTakenEffect })
}

describe('a question that only budgets have kept from an answer', () => {
  it('is one that a single failover has refused', () => {
    expect(budgetRefusal(refusal(false))).toEqual({ retryAfterMs: 5 })
  })

  it.each<[string, Error, number | undefined]>([
    ['whose other tiers had nothing to say', allFailed(exceeded('models', 60), nothing), 60],
    ['that has room with some model soonest', allFailed(exceeded('a', 60), exceeded('b', 20), exceeded('c')), 20],
    ['that never has any', allFailed(exceeded('models'), nothing), undefined],
    [
      'that was refused inside a tier',
      allFailed(skipped('direct', 'ALL_TIERS_FAILED', { outcome: 'failed' }), exceeded('direct/agent', 9), nothing),
      9,
    ],
  ])('is one %s', (_title, error, retryAfterMs) => {
    expect(budgetRefusal(error)).toEqual({ retryAfterMs })
  })

  it.each<[string, unknown]>([
    ['that was refused after its tools may have written', refusal(true)],
    [
      'of which an earlier tier may have done something',
      allFailed(skipped('n8n', 'CONNECTION_LOST', { outcome: 'failed', mayHaveTakenEffect: true }), exceeded('models')),
    ],
    [
      'of which a tier inside another may have done something',
      allFailed(
        skipped('direct', 'ALL_TIERS_FAILED', { mayHaveTakenEffect: true }),
        skipped('direct/agent', 'NOTHING_REMEMBERED', { mayHaveTakenEffect: true }),
        exceeded('models'),
      ),
    ],
    [
      'whose first tier was down',
      allFailed(skipped('n8n', 'CONNECTION_REFUSED', { outcome: 'failed' }), exceeded('b')),
    ],
    ['whose first circuit is open', allFailed(skipped('n8n', 'CIRCUIT_OPEN'), exceeded('models'))],
    ['without an answer and without a budget', allFailed(nothing)],
    ['whose tiers inside are not told', allFailed(skipped('direct', 'ALL_TIERS_FAILED'), exceeded('models'))],
    ['that failed in an unforeseen way', new TypeError('x')],
  ])('is not one %s', (_title, error) => {
    expect(budgetRefusal(error)).toBeUndefined()
  })
})

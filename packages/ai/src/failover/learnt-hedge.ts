import { hedgePolicy } from '@holdfast/core/by-hand'
import type { Clock } from '@holdfast/core'
import { between, DAY_MS, invalid } from '../errors/invalid-options.ts'
import { hedgeAfter } from '../tiers/hedging.ts'
import type { Hedging } from '../tiers/hedging.ts'
import { FAILOVER_DEFAULTS } from './options.ts'
import type { FailoverOptions } from './options.ts'

/** What makes the hedge of each model of a failover: every model learns its own times, and all share one budget. @throws HoldfastError INVALID_OPTION. */
export function hedgesOf(options: FailoverOptions, clock: Clock): () => Hedging | undefined {
  const { hedge, hedgeAfterMs = FAILOVER_DEFAULTS.hedgeAfterMs } = options
  if (hedge === undefined || hedge === false) {
    const fixed = hedgeAfterMs === false ? undefined : hedgeAfter(between('hedgeAfterMs', hedgeAfterMs, 0, DAY_MS))
    return () => fixed
  }
  if (hedgeAfterMs !== false) throw invalid('hedgeAfterMs', 'left out where there is a hedge', hedgeAfterMs)
  const { budget } = hedgePolicy(hedge)
  if ('maxHedges' in hedge) {
    throw invalid('hedge.maxHedges', 'left out: never more than two are asked at once', hedge.maxHedges)
  }
  return () => {
    const policy = hedgePolicy(hedge)
    return Object.freeze({
      get delayMs() {
        return policy.delayMs
      },
      asked: () => budget.deposit(clock.now()),
      tryHedge: () => budget.tryWithdraw(clock.now()),
      took: (ms: number) => policy.observe(ms),
    })
  }
}

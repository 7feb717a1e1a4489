import { HedgePolicy } from '../hedge/hedge.ts'
import { resolveHedgeOptions } from '../hedge/options.ts'
import type { HedgeOptions } from '../hedge/options.ts'

/**
 * A hedge for attempts that are made by hand: it says when (`delayMs`, learnt by `observe(durationMs)`) and how often (`budget`: `deposit(now)` for each call,
 * `tryWithdraw(now)` for each attempt beside another); the attempts are its caller's.
 *
 * @throws HoldfastError `INVALID_OPTION`
 */
export function hedgePolicy(options: HedgeOptions = {}): HedgePolicy {
  return new HedgePolicy(resolveHedgeOptions('hedge', options))
}

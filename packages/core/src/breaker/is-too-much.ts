import type { Complete } from '../validation/defaults.ts'
import type { BreakerOptions } from './options.ts'
import { wilsonLowerBound } from './wilson.ts'

/** Whether so many bad calls are too large a share of all, by the `rule` of a circuit. */
export function isTooMuch(
  { rule, minimumCalls }: Pick<Complete<BreakerOptions>, 'rule' | 'minimumCalls'>,
  bad: number,
  calls: number,
  bound: number,
): boolean {
  return rule === 'wilson' ? wilsonLowerBound(bad, calls) > bound : calls >= minimumCalls && bad / calls >= bound
}

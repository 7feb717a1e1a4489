import type { Clock, Random } from '../clock/clock.ts'
import { checkSame } from '../policy/check-same.ts'
import { checkWaits } from '../retry/options.ts'
import { RetryPolicy } from '../retry/retry.ts'
import { invalid } from '../validation/validate.ts'
import type { Policy } from './pipeline.ts'

/**
 * Refuses what a policy was given and a pipeline would pass over, and a retry for whose waits it has no time.
 * @throws HoldfastError `INVALID_OPTION`, which says what holds in its place.
 */
export function checkFit(owner: string, policy: Policy, clock: Clock, random: Random, deadlineMs: number): void {
  const isRetry = policy instanceof RetryPolicy
  const own = (isRetry ? policy.options : policy) as { readonly clock?: Clock }
  checkSame(`${owner}.clock`, own.clock, clock)
  if (!isRetry) return
  const { options } = policy
  checkSame(`${owner}.random`, options.random, random)
  for (const key of ['deadlineMs', 'classify'] as const) {
    if (options[key] === undefined) continue
    throw invalid(`${owner}.${key} does not count in a pipeline: give it a timeout first, or a classify`)
  }
  checkWaits(owner, options, deadlineMs)
}

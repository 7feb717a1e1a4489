import type { Clock } from '../clock/clock.ts'
import { type CategoryRule, ruleOf } from '../errors/category-rules.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { toHoldfastError } from '../errors/to-holdfast-error.ts'
import type { AttemptOutcome } from '../events/events.ts'

/** Whether a dependency took a request on, from how it was settled. A `failure` that does not say what failed counts as not accepted. */
export function acceptanceOf(
  outcome: AttemptOutcome,
  error: unknown,
  name: string,
  clock: Clock,
): CategoryRule['throttle'] {
  // A reason to ignore a call, such as its caller's own, is not taken for the dependency's failure.
  const isKnown = error !== undefined && (outcome === 'failure' || HoldfastError.isInstance(error))
  if (isKnown) return ruleOf(toHoldfastError(error, name, clock).category).throttle
  return outcome === 'failure' ? 'not-accepted' : outcome === 'ignored' ? 'ignored' : 'accepted'
}

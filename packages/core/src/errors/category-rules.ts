import type { AttemptOutcome } from '../events/events.ts'
import type { ErrorCategory } from './category.ts'

/** What an error of one category means to each policy. */
export interface CategoryRule {
  /** Whether another attempt may be made, if the error itself says `retryable` too. */
  readonly retry: boolean
  /** How the attempt counts for the circuit breaker. `success`: the dependency answered, and rightly so. */
  readonly breaker: AttemptOutcome
  /**
   * How the attempt counts for a throttle, which sends less while too few are accepted. `accepted`: the dependency took the
   * request on, whatever came of it. `not-accepted`: it turned the request away, or was not there. `ignored`: nothing was asked.
   */
  readonly throttle: 'accepted' | 'not-accepted' | 'ignored'
  /** Whether another step or tier should be tried. */
  readonly fallback: boolean
}

/* @__NO_SIDE_EFFECTS__ */
function rule(
  retry: boolean,
  breaker: AttemptOutcome,
  throttle: CategoryRule['throttle'],
  fallback: boolean,
): CategoryRule {
  return Object.freeze({ retry, breaker, throttle, fallback })
}

/** The one table that decides, by category, what happens after an error. */
export const CATEGORY_RULES: Readonly<Record<ErrorCategory, CategoryRule>> = /* @__PURE__ */ Object.freeze({
  timeout: rule(true, 'failure', 'not-accepted', true),
  network: rule(true, 'failure', 'not-accepted', true),
  // It closes the gate until Retry-After instead: the dependency works, we ask too much.
  'rate-limit': rule(true, 'ignored', 'not-accepted', true),
  quota: rule(false, 'failure', 'accepted', true),
  overloaded: rule(true, 'failure', 'not-accepted', true),
  server: rule(true, 'failure', 'accepted', true),
  malformed: rule(true, 'failure', 'accepted', true),
  client: rule(false, 'success', 'accepted', false),
  validation: rule(false, 'ignored', 'ignored', false),
  auth: rule(false, 'failure', 'accepted', true),
  configuration: rule(false, 'failure', 'accepted', true),
  'context-length': rule(false, 'success', 'accepted', false),
  cancelled: rule(false, 'ignored', 'ignored', false),
  rejected: rule(false, 'ignored', 'ignored', true),
  exhausted: rule(false, 'ignored', 'ignored', true),
  unknown: rule(true, 'failure', 'accepted', true),
})

/** The rule for a category; one from a newer version of the package, which the table does not know, counts as `unknown`. */
export function ruleOf(category: ErrorCategory): CategoryRule {
  return CATEGORY_RULES[category] ?? CATEGORY_RULES.unknown
}

import type { AttemptOutcome } from '../events/events.ts'
import type { ErrorCategory } from './category.ts'

/** What an error of one category means to each policy. */
export interface CategoryRule {
  /** Whether another attempt may be made, if the error itself says `retryable` too. */
  readonly retry: boolean
  /** How the attempt counts for the circuit breaker. `success`: the dependency answered, and rightly so. */
  readonly breaker: AttemptOutcome
  /** Whether another step or tier should be tried. */
  readonly fallback: boolean
}

function rule(retry: boolean, breaker: AttemptOutcome, fallback: boolean): CategoryRule {
  return Object.freeze({ retry, breaker, fallback })
}

/** The one table that decides, by category, what happens after an error. */
export const CATEGORY_RULES: Readonly<Record<ErrorCategory, CategoryRule>> = Object.freeze({
  timeout: rule(true, 'failure', true),
  network: rule(true, 'failure', true),
  // It closes the gate until Retry-After instead: the dependency works, we ask too much.
  'rate-limit': rule(true, 'ignored', true),
  quota: rule(false, 'failure', true),
  overloaded: rule(true, 'failure', true),
  server: rule(true, 'failure', true),
  malformed: rule(true, 'failure', true),
  client: rule(false, 'success', false),
  validation: rule(false, 'ignored', false),
  auth: rule(false, 'failure', true),
  configuration: rule(false, 'failure', true),
  'context-length': rule(false, 'success', false),
  cancelled: rule(false, 'ignored', false),
  rejected: rule(false, 'ignored', true),
  exhausted: rule(false, 'ignored', true),
  unknown: rule(true, 'failure', true),
})

/** The rule for a category; one from a newer version of the package, which the table does not know, counts as `unknown`. */
export function ruleOf(category: ErrorCategory): CategoryRule {
  return CATEGORY_RULES[category] ?? CATEGORY_RULES.unknown
}

import { HoldfastError } from '@holdfast/core'
import type { GuardrailRule } from '../events.ts'

/**
 * A rule refused the question; the model was not asked. Another tier may be, and the circuit breaker does not count it.
 */
export function inputBlocked(rule: GuardrailRule): HoldfastError {
  return new HoldfastError({
    code: 'INPUT_BLOCKED',
    category: 'rejected',
    message: `The guardrails do not let this question through: rule "${rule}".`,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

/** A rule refused the answer. What the model did besides talking, it may have done. */
export function answerBlocked(rule: GuardrailRule): HoldfastError {
  return new HoldfastError({
    code: 'ANSWER_BLOCKED',
    category: 'rejected',
    message: `The guardrails do not let this answer through: rule "${rule}".`,
    retryable: false,
  })
}

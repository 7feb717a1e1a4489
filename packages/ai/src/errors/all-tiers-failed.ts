import { HoldfastError } from '@holdfast/core'
import type { HoldfastErrorJson } from '@holdfast/core'
import type { TierAttempt } from '../provenance/provenance.ts'

/**
 * Every tier was tried, or passed over, and none answered. Never retryable: the list has done all the trying there is,
 * and `isRetryable` tells the AI SDK so, whose own `maxRetries` would otherwise play the whole list again.
 */
export class AllTiersFailedError extends HoldfastError {
  /** What became of each tier, in the order in which they were started. */
  readonly attempts: readonly TierAttempt[]
  readonly requestId: string
  readonly isRetryable: false

  constructor(assistant: string, requestId: string, attempts: readonly TierAttempt[], cause?: unknown) {
    const summary = attempts.map((attempt) => `${attempt.tier} ${attempt.code ?? attempt.outcome}`).join(', ')
    super({
      code: 'ALL_TIERS_FAILED',
      category: 'exhausted',
      message: `No tier of "${assistant}" could answer: ${summary}.`,
      retryable: false,
      status: 503,
      mayHaveTakenEffect: attempts.some((attempt) => attempt.mayHaveTakenEffect === true),
      cause,
    })
    this.name = 'AllTiersFailedError'
    this.attempts = attempts
    this.requestId = requestId
    this.isRetryable = false
  }

  override toJSON(): HoldfastErrorJson & { readonly requestId: string; readonly attempts: readonly TierAttempt[] } {
    return { ...super.toJSON(), requestId: this.requestId, attempts: this.attempts }
  }
}

/** The attempts an error tells of, when it comes from a list of tiers inside a tier. */
export function attemptsOf(error: unknown): readonly TierAttempt[] | undefined {
  if (!HoldfastError.isInstance(error)) return undefined
  const attempts = (error as { readonly attempts?: unknown }).attempts
  return Array.isArray(attempts) ? (attempts as readonly TierAttempt[]) : undefined
}

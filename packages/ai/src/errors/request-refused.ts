import { HoldfastError } from '@holdfast/core'
import type { HoldfastErrorJson } from '@holdfast/core'
import type { TierAttempt } from '../provenance/provenance.ts'

/**
 * A model has said that the request itself is wrong: malformed, forbidden, too long for every model there is. Nobody else was asked, since all would say the
 * same; `isRetryable` tells the AI SDK that asking again helps as little. Code and category are those of the model's error.
 */
export class RequestRefusedError extends HoldfastError {
  /** What became of each model, in the order in which they were asked; the last one refused. */
  readonly attempts: readonly TierAttempt[]
  readonly requestId: string
  readonly isRetryable: false

  constructor(error: HoldfastError, requestId: string, attempts: readonly TierAttempt[]) {
    const { code, category, message, status, mayHaveTakenEffect, integration } = error
    super({
      code,
      category,
      message,
      retryable: false,
      mayHaveTakenEffect,
      cause: error,
      stack: false,
      ...(status === undefined ? {} : { status }),
      ...(integration === undefined ? {} : { integration }),
    })
    this.name = 'RequestRefusedError'
    this.attempts = attempts
    this.requestId = requestId
    this.isRetryable = false
  }

  override toJSON(): HoldfastErrorJson & { readonly requestId: string; readonly attempts: readonly TierAttempt[] } {
    return { ...super.toJSON(), requestId: this.requestId, attempts: this.attempts }
  }
}

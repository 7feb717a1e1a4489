import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { TierAttempt } from './provenance.ts'

/** What a caller tells an assistant about a request, in `providerOptions.holdfast` of the model call. */
export interface RequestContext {
  /** Default: a new UUID. */
  readonly requestId?: string
  /** Whose request this is. Answers are never shared between tenants. Default: `default`. */
  readonly tenant?: string
  /** Which of its API keys it came with: a label for budgets, never the key. 1 to 32 of `a-z`, `0-9`, `.`, `_`, `-`. Default: none. */
  readonly key?: string
  /** The conversation, for tiers that keep one at the other end. */
  readonly sessionId?: string
  /** Set by the tier list for the tiers after the first: what was tried before, so that a write is not done twice. */
  readonly priorAttempts?: readonly TierAttempt[]
}

/** Of a caller that tells nothing. */
export const NOTHING_TOLD: RequestContext = Object.freeze({})

/** Reads the {@link RequestContext} of a model call; an empty one when the caller said nothing. */
export function requestContext(options: LanguageModelV4CallOptions): RequestContext {
  return options.providerOptions?.['holdfast'] ?? NOTHING_TOLD
}

import type { ErrorCategory } from '@holdfast/core'
import type { AttemptUsage } from '../failover/price.ts'

/** What became of one tier that was tried, or passed over, for an answer. */
export interface TierAttempt {
  readonly tier: string
  /** Who spoke inside the tier, where it knows: `n8n`, `llm:gpt-5-mini`, `rules`. */
  readonly servedBy?: string
  /**
   * - `served`: its answer is the answer.
   * - `failed`: it was asked and failed.
   * - `skipped`: a policy refused before it was asked (an open circuit, say), or it had nothing to offer.
   * - `overtaken`: it was too slow, and the tier started beside it won.
   * - `cancelled`: it was started beside another, which won.
   */
  readonly outcome: 'served' | 'failed' | 'skipped' | 'overtaken' | 'cancelled'
  /** Why it did not serve. */
  readonly code?: string
  readonly category?: ErrorCategory
  /** `skipped` only: until the policy that refused would let it be asked, in ms, where that is known. */
  readonly retryAfterMs?: number
  /** Whether the attempt may have done something at the other end although no confirmation came. */
  readonly mayHaveTakenEffect?: boolean
  /** Since the request began, in ms. */
  readonly startMs: number
  readonly durationMs: number
  /** From its start to its first output, in ms. */
  readonly firstOutputMs?: number
  /** Of a model in a failover: whose it is, which, and with which of several keys. */
  readonly provider?: string
  readonly modelId?: string
  readonly credential?: string
  /** Of a model in a failover: the tokens of this attempt, also of one that failed. */
  readonly usage?: AttemptUsage
  /** What this attempt cost, at the price of its own model. */
  readonly cost?: number
}

/** Who answered, from where, how old the answer is, and what was tried before. On every answer, in `providerMetadata.holdfast`. */
export interface Provenance {
  readonly requestId: string
  readonly assistant: string
  /** The tier whose answer this is. */
  readonly tier: string
  readonly servedBy: string
  /** True when it is not the assistant's first tier that speaks. */
  readonly degraded: boolean
  /** True for a remembered answer; then `ageMs` says since when it is remembered. */
  readonly stale: boolean
  readonly ageMs?: number
  /** Of a remembered answer to a similar question, not the same one: how near the two are, 0 to 1. */
  readonly similarity?: number
  /** Whether a second tier was started beside a slow one. */
  readonly hedged: boolean
  /** The answer broke off in its middle, and the model named here went on with it, or began anew. */
  readonly resumed?: 'continue' | 'restart'
  readonly durationMs: number
  readonly firstOutputMs?: number
  readonly attempts: readonly TierAttempt[]
  /** What all attempts have cost together, as far as it is known. */
  readonly cost?: number
}

/**
 * What a tier's model may say about its own answer, in `providerMetadata.holdfast` of its result or finish part.
 * The tier list folds it into the {@link Provenance}. Who serves, how old the answer is and how near its question was should be told as headers of
 * the stream's response as well (`reportHeaders`), so that it is known at the commit.
 */
export interface TierReport {
  readonly servedBy?: string
  readonly stale?: boolean
  readonly ageMs?: number
  /** The remembered answer was given to a similar question: how near the two are, 0 to 1. */
  readonly similarity?: number
  /** False: this answer must not be remembered (it did something, or it holds only for now). */
  readonly rememberable?: boolean
  /** True: the answer is that something may have been done at the other end, and nobody knows. */
  readonly mayHaveTakenEffect?: boolean
  /** What was tried inside the tier; tier names are prefixed with the outer tier's (`direct/agent`). */
  readonly attempts?: readonly TierAttempt[]
}

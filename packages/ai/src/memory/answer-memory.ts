import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'

/** An answer that was given before. */
export interface RememberedAnswer {
  readonly text: string
  /** Who gave it then. */
  readonly tier: string
  readonly servedBy: string
  /** Wall time when it was given. */
  readonly at: number
}

/** A remembered answer with its age. */
export type RecalledAnswer = RememberedAnswer & {
  readonly ageMs: number
  /** How near the question that was answered is to the one asked now: cosine of their vectors, 0 to 1. Absent: it is the same question. */
  readonly similarity?: number
}

/** Keeps good answers by assistant, tenant and normalised question. Bounded; never shared between tenants. */
export interface AnswerMemory {
  readonly size: number
  remember(assistant: string, options: LanguageModelV4CallOptions, answer: RememberedAnswer): void
  recall(assistant: string, options: LanguageModelV4CallOptions): RecalledAnswer | undefined
  /**
   * The answer to a question that means the same, for when `recall` knows none. May ask somebody else, so it may take a while;
   * `options.abortSignal` ends it.
   *
   * @throws the reason of `options.abortSignal`, and nothing else.
   */
  readonly recallSimilar?: (
    assistant: string,
    options: LanguageModelV4CallOptions,
  ) => Promise<RecalledAnswer | undefined>
  clear(): void
}

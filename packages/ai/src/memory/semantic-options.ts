import type { EmbeddingModelV3, EmbeddingModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { AnswerMemory, RecalledAnswer } from './answer-memory.ts'
import type { AnswerMemoryOptions } from './answer-shelf.ts'

/** How a {@link createSemanticMemory semantic memory} works. Vectors count for `maxBytes`. */
export interface SemanticMemoryOptions extends AnswerMemoryOptions {
  /** Any embedding model of the AI SDK, of version 4 or 3 of its specification, such as an `embeddingFailover`. */
  readonly model: EmbeddingModelV4 | EmbeddingModelV3
  /** How near two questions must be: the cosine of their vectors. 0.5 to 1. Default: 0.92. */
  readonly threshold?: number
  /** A question that is asked waits no longer than this for its vector, in ms; then nothing similar is known. 1 to 60,000. Default: 200. */
  readonly recallTimeoutMs?: number
  /** The same, in the background, for one that was answered, in ms. 1 to 86,400,000. Default: 10,000. */
  readonly rememberTimeoutMs?: number
  /** Vectors asked for at once, for remembering as for recalling; what comes on top is only known by its words. 1 to 1,000. Default: 16. */
  readonly maxUnderWay?: number
  /** More words in which questions that mean the same may differ: those of your trade. In lower case. Default: none. */
  readonly everydayWords?: readonly string[]
}

/** What {@link SemanticMemoryOptions} fall back to, beside `ANSWER_MEMORY_DEFAULTS`. */
export const SEMANTIC_MEMORY_DEFAULTS: Readonly<{
  threshold: number
  recallTimeoutMs: number
  rememberTimeoutMs: number
  maxUnderWay: number
}> = Object.freeze({ threshold: 0.92, recallTimeoutMs: 200, rememberTimeoutMs: 10_000, maxUnderWay: 16 })

/** What a semantic memory holds, and what it has done since it was made. */
export interface SemanticMemorySnapshot {
  /** Answers, and those of them that can be found by their meaning. */
  readonly size: number
  readonly vectors: number
  readonly bytes: number
  /** Answers whose vectors are being asked for. */
  readonly underWay: number
  /** Answers remembered without a vector: too many were under way; the model had none, or there was no room for it. */
  readonly dropped: number
  readonly failed: number
  /** Answers recalled to a similar question. */
  readonly similar: number
}

/** An {@link AnswerMemory} that also knows questions which mean the same. */
export interface SemanticMemory extends AnswerMemory {
  readonly recallSimilar: (
    assistant: string,
    options: LanguageModelV4CallOptions,
  ) => Promise<RecalledAnswer | undefined>
  snapshot(): SemanticMemorySnapshot
}

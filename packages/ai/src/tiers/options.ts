import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { Clock, Events, Random } from '@holdfast/core'
import type { AiEvent } from '../events/events.ts'
import type { AnswerMemory } from '../memory/answer-memory.ts'

/** One way to produce an answer. */
export interface Tier {
  /** As it appears in the provenance. 1 to 64 characters: lower-case letters, digits, `-`. */
  readonly name: string
  readonly model: LanguageModelV4
  /** Time slice: how long this tier may take to its commit, in ms. Default: what is left of the deadline. */
  readonly timeoutMs?: number
  /**
   * When the tier is safe to repeat and has produced no output for this long, the next tier starts beside it; the first
   * output wins and the other one is cancelled. In ms. Default: never.
   */
  readonly hedgeAfterMs?: number
  /** Whether another tier may be asked the same while this one is still at work. Default: false. */
  readonly safeToRepeat?: boolean | ((options: LanguageModelV4CallOptions) => boolean)
  /**
   * When this tier's answer becomes the answer. `first-output`: with its first text, tool call or file; a failure after
   * that is passed on as an error. `complete`: only when it is whole; then a cut in the middle is invisible to the reader, at
   * the price of a later first word. Default: `first-output`.
   */
  readonly commit?: 'first-output' | 'complete'
  /** Answers of this tier are remembered, if the list has a memory. Default: true. */
  readonly remember?: boolean
}

/** An ordered list of tiers. */
export interface TierListOptions {
  /** The assistant's name; becomes the `modelId`. */
  readonly name: string
  /** At least one; the last one should be unable to fail. */
  readonly tiers: readonly Tier[]
  /** Total time to the commit of some tier, in ms. Default: 30,000. */
  readonly deadlineMs?: number
  /** Where good answers are kept for a stale tier. */
  readonly memory?: AnswerMemory
  readonly events?: Events<AiEvent>
  readonly clock?: Clock
  readonly random?: Random
}

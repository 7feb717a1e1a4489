import type { LanguageModelV3, LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { Clock, Events } from '@holdfast/core'
import type { AiEvent } from '../events/events.ts'
import type { AnswerMemory } from '../memory/answer-memory.ts'

/**
 * When a model's answer becomes the answer. `first-output`: with its first text, reasoning or file; a failure after that cannot be hidden any more.
 * `complete`: only when it is whole. A beginning, `{ chars, ms }`: with so many characters, or so long after the first, whichever is sooner.
 */
export type Commit = 'first-output' | 'complete' | CommitBeginning

/**
 * What happens when an answer breaks off after its commit.
 * - `error`: the stream ends with the error.
 * - `restart`: another model answers from the beginning, after a part `custom` of kind `holdfast.restart`. Only for a reader that then forgets what came before.
 * - `continue`: another model goes on where it broke off, and the reader notices nothing but the pause. Only with text, without tools, JSON or reasoning; and
 *   only where the joint is certain. Otherwise as `error`.
 * - `continue-or-restart`: the first, and where that is not possible the second.
 */
export type OnMidStream = 'error' | 'restart' | 'continue' | 'continue-or-restart'

/** A beginning of an answer that is long enough to trust it. */
export interface CommitBeginning {
  /** Characters of text and reasoning. 1 to 1,000,000. */
  readonly chars: number
  /** Since the first output, in ms. 1 to 86,400,000. */
  readonly ms: number
  /** An answer with fewer characters than this by then is too slow, and fails (`TOO_SLOW`). 0 to `chars`. Default: 0. */
  readonly minimumChars?: number | undefined
}

/** One way to produce an answer. */
export interface Tier {
  /** As it appears in the provenance. 1 to 64 characters: lower-case letters, digits, `-`. */
  readonly name: string
  /** Any language model of the AI SDK, of version 4 or 3 of its specification. */
  readonly model: LanguageModelV4 | LanguageModelV3
  /** Time slice: how long this tier may take to its commit, in ms. 1 to 86,400,000. Default: what is left of the deadline. */
  readonly timeoutMs?: number
  /**
   * When the tier is safe to repeat and has produced no output for this long, the next tier starts beside it; the first
   * output wins and the other one is cancelled. If the next tier fails, the one after it takes its place. In ms.
   * 0 to 86,400,000. Default: never.
   */
  readonly hedgeAfterMs?: number
  /**
   * Marks a last resort, a tier that answers at once and with less than the others could: a remembered answer, a notice. It
   * starts beside a slow tier only when that has produced no output for this long, in ms, and when no other tier is left to
   * try before it. 0 to 86,400,000. Default: no last resort; it starts beside a slow tier as soon as the hedge is due.
   */
  readonly lastResortAfterMs?: number
  /**
   * Whether another tier may be asked the same while this one is still at work, or after its provider has run a tool and the answer has failed. Otherwise only
   * those are asked after that which run nothing (`TOOL_HAS_RUN`): last resorts, and this package's tiers of ready texts (templates, static, stale and offline tier, last word). Default: false.
   */
  readonly safeToRepeat?: boolean | ((options: LanguageModelV4CallOptions) => boolean)
  /**
   * When this tier's answer becomes the answer. `first-output`: with its first text, reasoning or file; a failure after
   * that is passed on as an error. Tool calls are kept back until the answer is whole, so they alone do not commit it.
   * `complete`: only when it is whole; then a cut in the middle is invisible to the reader, at
   * the price of a later first word. Default: `first-output`.
   */
  readonly commit?: Commit
  /**
   * Marks a tier that stands before the assistant's own and answers only what is for it, an emergency say, and rejects
   * everything else. Its answers are not `degraded`, nor are those of the first tier that is not marked. Default: false.
   */
  readonly exceptional?: boolean
  /** Answers of this tier are remembered, if the list has a memory. Default: true. */
  readonly remember?: boolean
}

/** An ordered list of tiers. */
export interface TierListOptions {
  /** The assistant's name; becomes the `modelId`. 1 to 64 characters: lower-case letters, digits, `-`. */
  readonly name: string
  /** At least one; the last one should be unable to fail. */
  readonly tiers: readonly Tier[]
  /**
   * Total time to the commit of some tier, in ms. 1 to 86,400,000. For each tier that follows, a tenth of it (or that tier's
   * own slice, if shorter) is held in reserve, at most half of what is left. The last tier is asked even when it has run
   * out. Default: 30,000.
   */
  readonly deadlineMs?: number
  /** After the commit: longest silence between two outputs, in ms. 1 to 86,400,000. Default: 30,000. */
  readonly idleTimeoutMs?: number
  /**
   * How much of one answer may be kept back, before its commit or for the sake of its tool calls, in bytes. An answer that
   * is larger fails with `ANSWER_TOO_LARGE`, since to commit it half-way would break the promise of `complete`.
   * 1,024 to 1,073,741,824. Default: 1,048,576 (1 MiB).
   */
  readonly maxHeldBytes?: number
  /** Where good answers are kept for a stale tier. */
  readonly memory?: AnswerMemory
  readonly events?: Events<AiEvent>
  readonly clock?: Clock
}

/** What {@link TierListOptions} and {@link Tier} fall back to. */
export const TIER_LIST_DEFAULTS: Readonly<{
  deadlineMs: number
  idleTimeoutMs: number
  maxHeldBytes: number
  commit: 'first-output'
}> = Object.freeze({
  deadlineMs: 30_000,
  idleTimeoutMs: 30_000,
  maxHeldBytes: 1_048_576,
  commit: 'first-output',
})

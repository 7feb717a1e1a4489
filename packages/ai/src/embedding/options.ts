import type { EmbeddingModelV3, EmbeddingModelV4 } from '@ai-sdk/provider'
import type { Clock, Events, Integration, Random } from '@holdfast/core'
import type { AiEvent } from '../events/events.ts'
import type { Budgets } from '../failover/budget/budgets.ts'

/** One embedding model of an {@link embeddingFailover}, and what is known of it. */
export interface EmbeddingMember {
  /** Any embedding model of the AI SDK, of version 4 or 3 of its specification. */
  readonly model: EmbeddingModelV4 | EmbeddingModelV3
  /** In events, provenance and circuits. 1 to 64 of `a-z`, `0-9`, `-`. Default: made of provider, model and `credential`. */
  readonly name?: string | undefined
  /** Which of several keys it uses: a label, never the key. Each has a circuit of its own. 1 to 32 of `a-z`, `0-9`, `-`. Default: none. */
  readonly credential?: string | undefined
  /** Guards its calls. Default: one of its own, of kind `ai-service`, with `attemptTimeoutMs` and without retries. */
  readonly integration?: Integration | undefined
  /** How long its vectors are. 1 to 100,000; all members that say so must say the same. Default: not known. */
  readonly dimensions?: number | undefined
  /** Whose `providerOptions` it reads; as for a model of a failover. Default: by its provider. */
  readonly namespaces?: readonly string[] | undefined
  /** What a million tokens cost. Default: not known. */
  readonly pricePerMillion?: number | undefined
}

/** How an {@link embeddingFailover} behaves. */
export interface EmbeddingFailoverOptions {
  /** Becomes the `modelId`, and `assistant` in events. 1 to 64 of `a-z`, `0-9`, `-`. Default: `embeddings`. */
  readonly name?: string | undefined
  /** How long vectors must be, where a call does not say so itself. 1 to 100,000. Default: what the members say, otherwise as long as the first there are. */
  readonly dimensions?: number | undefined
  /** Total time for one call, in ms. 1 to 86,400,000. Default: 30,000. */
  readonly deadlineMs?: number | undefined
  /** Time for one model, in ms; for models without an integration of their own. 1 to 86,400,000. Default: 10,000. */
  readonly attemptTimeoutMs?: number | undefined
  /** What may be spent, and by whom ({@link createBudgets}); it may be shared with failovers of language models. Default: no limit. */
  readonly budgets?: Budgets | undefined
  readonly events?: Events<AiEvent> | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
}

/** What {@link EmbeddingFailoverOptions} fall back to. */
export const EMBEDDING_FAILOVER_DEFAULTS: Readonly<{
  name: 'embeddings'
  deadlineMs: number
  attemptTimeoutMs: number
}> = Object.freeze({ name: 'embeddings', deadlineMs: 30_000, attemptTimeoutMs: 10_000 })

import type { EmbeddingModelV4, EmbeddingModelV4CallOptions, EmbeddingModelV4Result } from '@ai-sdk/provider'
import { systemClock } from '@holdfast/core'
import { between, DAY_MS, invalid, named } from '../errors/invalid-options.ts'
import { EmbeddingRequest } from './embedding-request.ts'
import { dimensionsOf, embeddingMembersOf } from './members.ts'
import type { EmbeddingPlan, GivenEmbedding } from './members.ts'
import { EMBEDDING_FAILOVER_DEFAULTS } from './options.ts'
import type { EmbeddingFailoverOptions } from './options.ts'

/** How the AI SDK asks a model for the bytes it takes at once; a symbol, since the specification has no word for it. */
const MAX_BYTES = Symbol.for('vercel.ai.embeddingModel.maxInputBytesPerCall')

/**
 * Several embedding models that stand in for each other, as one: the first that answers serves. Each has a circuit of its own, errors are told apart as in a
 * {@link failover} of language models, and vectors of different lengths never come out of it.
 *
 * Vectors of two models mean nothing to each other, also where they are equally long: give it the same model at several providers, in several regions or with
 * several keys.
 *
 * Throws {@link AllTiersFailedError} when none could answer, {@link RequestRefusedError} when a model found fault with the request itself, and the caller's own
 * reason when it gave up. None of them is retried by the AI SDK.
 *
 * @param models in their order; plain ones, or with what is known of them.
 * @throws HoldfastError INVALID_OPTION when an option is wrong, or members say that their vectors differ in length.
 * @example
 * ```ts
 * import { embeddingFailover, provenanceOf } from '@holdfast/ai'
 * import { embed } from 'ai'
 * import { MockEmbeddingModelV4 } from 'ai/test'
 *
 * const down = new MockEmbeddingModelV4({ provider: 'openai', doEmbed: () => Promise.reject(new Error('down')) })
 * const up = new MockEmbeddingModelV4({
 *   provider: 'azure',
 *   doEmbed: async ({ values }) => ({ embeddings: values.map(() => [0.1, 0.2]), usage: { tokens: 2 }, warnings: [] }),
 * })
 * const model = embeddingFailover([down, { model: up, dimensions: 2, pricePerMillion: 0.02 }])
 * const { embedding, providerMetadata } = await embed({ model, value: 'Good morning' })
 * console.log(embedding, provenanceOf(providerMetadata)?.attempts)
 * ```
 */
export function embeddingFailover(
  models: readonly GivenEmbedding[],
  options: EmbeddingFailoverOptions = {},
): EmbeddingModelV4 {
  const plan = planOf(models, options)
  const all = plan.members.map(({ model }) => model)
  return Object.freeze({
    specificationVersion: 'v4' as const,
    provider: 'holdfast',
    modelId: plan.name,
    get maxEmbeddingsPerCall(): Promise<number | undefined> {
      return least(all.map((model) => model.maxEmbeddingsPerCall))
    },
    get [MAX_BYTES](): Promise<number | undefined> {
      return least(all.map((model) => (model as { readonly [MAX_BYTES]?: Limit })[MAX_BYTES]))
    },
    get supportsParallelCalls(): Promise<boolean> {
      return everyOf(all.map((model) => model.supportsParallelCalls))
    },
    doEmbed: (call: EmbeddingModelV4CallOptions): Promise<EmbeddingModelV4Result> =>
      new EmbeddingRequest(plan, call).run(),
  })
}

function planOf(models: readonly GivenEmbedding[], options: EmbeddingFailoverOptions): EmbeddingPlan {
  const { clock = systemClock, events } = options
  const { name = EMBEDDING_FAILOVER_DEFAULTS.name, deadlineMs = EMBEDDING_FAILOVER_DEFAULTS.deadlineMs } = options
  named('name', name)
  const members = embeddingMembersOf(models, options, clock)
  let dimensions = dimensionsOf('dimensions', options.dimensions)
  for (const [index, member] of members.entries()) {
    dimensions ??= member.dimensions
    if ((member.dimensions ?? dimensions) === dimensions) continue
    throw invalid(`models[${index}].dimensions`, `${dimensions}, as of the others`, member.dimensions)
  }
  return {
    name,
    members,
    deadlineMs: between('deadlineMs', deadlineMs, 1, DAY_MS),
    events,
    clock,
    dimensions,
    told: new Set(),
  }
}

type Limit = PromiseLike<number | undefined> | number | undefined

/** The least of what models say; one that cannot say it has no say. */
async function least(limits: readonly Limit[]): Promise<number | undefined> {
  const settled = await Promise.allSettled(limits)
  const known = settled.flatMap((limit) => (limit.status === 'fulfilled' ? (limit.value ?? []) : []))
  return known.length === 0 ? undefined : Math.min(...known)
}

async function everyOf(answers: readonly (PromiseLike<boolean> | boolean)[]): Promise<boolean> {
  const settled = await Promise.allSettled(answers)
  return settled.every((answer) => answer.status === 'fulfilled' && answer.value)
}

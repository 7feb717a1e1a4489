import type { EmbeddingModelV3, EmbeddingModelV4 } from '@ai-sdk/provider'
import { invalid } from '../errors/invalid-options.ts'

/**
 * Takes an embedding model of the specification's version 3 for one of version 4. It has never heard of `dimensions`, and gives its own.
 *
 * @param option how the model is called in an error message.
 * @throws HoldfastError INVALID_OPTION for anything but a version 3 or 4 model.
 */
export function asEmbeddingV4(model: EmbeddingModelV3 | EmbeddingModelV4, option: string): EmbeddingModelV4 {
  const version = (model as { specificationVersion?: unknown } | undefined)?.specificationVersion
  if (version === 'v4') return model as EmbeddingModelV4
  if (version !== 'v3') throw invalid(`${option}.specificationVersion`, '"v4" or "v3"', version)
  const older = model as EmbeddingModelV3
  return {
    specificationVersion: 'v4',
    provider: older.provider,
    modelId: older.modelId,
    get maxEmbeddingsPerCall() {
      return older.maxEmbeddingsPerCall
    },
    get supportsParallelCalls() {
      return older.supportsParallelCalls
    },
    doEmbed: ({ dimensions: _, ...options }) => older.doEmbed(options),
  }
}

import type { EmbeddingModelV4Result } from '@ai-sdk/provider'
import { dimensionMismatch, embeddingsMalformed } from '../errors/failures.ts'

/**
 * Looks through what a model has given for so many texts.
 *
 * @returns how long the vectors are.
 * @throws HoldfastError EMBEDDINGS_MALFORMED, DIMENSION_MISMATCH.
 */
export function checkVectors(
  { embeddings }: EmbeddingModelV4Result,
  count: number,
  expected: number | undefined,
): number {
  const given: unknown = embeddings
  if (!Array.isArray(given) || given.length !== count || !given.every(isVector)) throw embeddingsMalformed()
  const dimensions = expected ?? given[0]!.length
  const other = given.find(({ length }) => length !== dimensions)
  if (other !== undefined) throw dimensionMismatch(dimensions, other.length)
  return dimensions
}

function isVector(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((number) => Number.isFinite(number))
}

import { HoldfastError } from '@holdfast/core'
import { ZodError } from 'zod'
import type { ToolName } from '../tools/run-tool.ts'
import type { Phrases } from './phrases/index.ts'

/**
 * What to say when a system works, but did not accept what it was asked: a number it does not know, say. That is an answer, and
 * another tier could only ask the same.
 *
 * @returns nothing for any other failure.
 */
export function notAccepted(
  error: unknown,
  tool: ToolName,
  input: Readonly<Record<string, unknown>>,
  phrases: Phrases,
): string | undefined {
  if (error instanceof ZodError) return phrases.notAccepted
  if (!HoldfastError.isInstance(error) || error.mayHaveTakenEffect) return undefined
  if (error.category !== 'client' && error.category !== 'validation') return undefined
  if (tool === 'read_quotes' && error.status === 404) return phrases.quotesUnknown(String(input['requestId']))
  if (error.code === 'SEQUENCE_NOT_FOUND' || error.code === 'SEQUENCE_AMBIGUOUS') {
    return phrases.sequenceUnknown(String(input['sequence']))
  }
  return phrases.notAccepted
}

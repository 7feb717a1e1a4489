import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { HoldfastError } from '@holdfast/core'
import type { AnswerMemory, RecalledAnswer } from '../memory/answer-memory.ts'
import type { TierReport } from '../provenance/provenance.ts'
import { sayAge } from '../provenance/describe.ts'
import { textModel } from '../stream-parts/text-answer.ts'
import type { TextAnswer } from '../stream-parts/text-answer.ts'

/** What a stale tier is made of. */
export interface StaleTierOptions {
  readonly memory: AnswerMemory
  /** The name under which the answers were remembered: that of the tier list. */
  readonly assistant: string
  /**
   * The sentence that says how old the answer is, and, if it has a `similarity`, that it was given to another question. A string stands before the answer; `{ before, after }` puts sentences on
   * either side. If it throws, the default is used. Default: one English sentence before the answer.
   */
  readonly notice?: (
    answer: RecalledAnswer,
    options: LanguageModelV4CallOptions,
  ) => string | { readonly before?: string; readonly after?: string }
}

/**
 * A model that says again what was answered before to the same question, and how old that is. Its report says
 * `stale: true` and `ageMs`. It asks nobody, so it works while nothing else does. Where the memory knows a question that means the
 * same (`recallSimilar`), its answer is said, and the report has a `similarity`.
 *
 * `doGenerate` and `doStream` reject with `NOTHING_REMEMBERED` (category `rejected`, so the tier counts as skipped) when
 * the question is a new one.
 */
export function staleTier(options: StaleTierOptions): LanguageModelV4 {
  const { memory, assistant, notice } = options
  const recall = async (call: LanguageModelV4CallOptions): Promise<TextAnswer> => {
    const answer = memory.recall(assistant, call) ?? (await similarTo(call, memory, assistant))
    if (answer === undefined) throw nothingRemembered()
    const { ageMs, similarity } = answer
    const report: TierReport = {
      servedBy: 'memory',
      stale: true,
      ageMs,
      ...(similarity === undefined ? {} : { similarity }),
      rememberable: false,
    }
    return { text: withNotice(answer, call, notice), report }
  }
  return textModel('stale', recall)
}

/** A memory that breaks down knows nothing similar. */
async function similarTo(
  call: LanguageModelV4CallOptions,
  memory: AnswerMemory,
  assistant: string,
): Promise<RecalledAnswer | undefined> {
  try {
    return await memory.recallSimilar?.(assistant, call)
  } catch {
    return undefined
  } finally {
    call.abortSignal?.throwIfAborted()
  }
}

function withNotice(
  answer: RecalledAnswer,
  call: LanguageModelV4CallOptions,
  notice: StaleTierOptions['notice'],
): string {
  try {
    const said = notice?.(answer, call)
    if (said !== undefined) {
      const { before, after } = typeof said === 'string' ? { before: said, after: undefined } : said
      return [before, answer.text, after].filter((piece) => piece !== undefined && piece !== '').join('\n\n')
    }
  } catch {
    // The sentence below will do.
  }
  const to = answer.similarity === undefined ? '' : ' to a similar question'
  return `This answer was given ${sayAge(answer.ageMs, 'en')}${to}; at the moment it cannot be checked again.\n\n${answer.text}`
}

function nothingRemembered(): HoldfastError {
  return new HoldfastError({
    code: 'NOTHING_REMEMBERED',
    category: 'rejected',
    message: 'This question has not been answered before.',
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

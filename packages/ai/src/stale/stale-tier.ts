import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { HoldfastError } from '@holdfast/core'
import type { AnswerMemory, RememberedAnswer } from '../memory/answer-memory.ts'
import type { TierReport } from '../provenance/provenance.ts'
import { sayAge } from '../provenance/describe.ts'
import { textModel } from '../stream-parts/text-answer.ts'

/** A remembered answer with its age. */
export type RecalledAnswer = RememberedAnswer & { readonly ageMs: number }

/** What a stale tier is made of. */
export interface StaleTierOptions {
  readonly memory: AnswerMemory
  /** The name under which the answers were remembered: that of the tier list. */
  readonly assistant: string
  /**
   * The sentence that says how old the answer is. A string stands before the answer; `{ before, after }` puts sentences on
   * either side. If it throws, the default is used. Default: one English sentence before the answer.
   */
  readonly notice?: (
    answer: RecalledAnswer,
    options: LanguageModelV4CallOptions,
  ) => string | { readonly before?: string; readonly after?: string }
}

/**
 * A model that says again what was answered before to the same question, and how old that is. Its report says
 * `stale: true` and `ageMs`. It asks nobody, so it works while nothing else does.
 *
 * `doGenerate` and `doStream` reject with `NOTHING_REMEMBERED` (category `rejected`, so the tier counts as skipped) when
 * the question is a new one.
 */
export function staleTier(options: StaleTierOptions): LanguageModelV4 {
  const recall = (call: LanguageModelV4CallOptions): { text: string; report: TierReport } => {
    const answer = options.memory.recall(options.assistant, call)
    if (answer === undefined) throw nothingRemembered()
    return {
      text: withNotice(answer, call, options.notice),
      report: { servedBy: 'memory', stale: true, ageMs: answer.ageMs, rememberable: false },
    }
  }
  return textModel('stale', recall)
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
  return `This answer was given ${sayAge(answer.ageMs, 'en')}; at the moment it cannot be checked again.\n\n${answer.text}`
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

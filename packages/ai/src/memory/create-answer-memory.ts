import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { AnswerMemory, RememberedAnswer } from './answer-memory.ts'
import { AnswerShelf } from './answer-shelf.ts'
import type { AnswerMemoryOptions } from './answer-shelf.ts'

/**
 * A bounded memory of good answers. The key is the assistant, the tenant, the system text and everything the user has said
 * in the conversation, normalised; so an answer never reaches another tenant, nor a follow-up that only sounds alike.
 * Questions with files, and requests for JSON, are left out.
 *
 * @throws HoldfastError INVALID_OPTION.
 */
export function createAnswerMemory(options: AnswerMemoryOptions = {}): AnswerMemory {
  const shelf = new AnswerShelf(options)
  return Object.freeze({
    get size(): number {
      return shelf.size
    },
    remember(assistant: string, call: LanguageModelV4CallOptions, answer: RememberedAnswer): void {
      const question = shelf.read(assistant, call)
      if (question !== undefined) shelf.remember(question, call, answer)
    },
    recall(assistant: string, call: LanguageModelV4CallOptions) {
      const question = shelf.read(assistant, call)
      return question === undefined ? undefined : shelf.recall(question.key)
    },
    clear: (): void => shelf.clear(),
  })
}

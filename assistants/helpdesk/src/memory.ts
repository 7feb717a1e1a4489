import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { AnswerMemory } from '@holdfast/ai'
import type { Redactor } from '@holdfast/ai/guardrails'

/**
 * A memory that knows questions as models get to see them: without what is redacted. So nothing of it is kept, nor sent to whoever makes vectors of questions, and two questions that
 * are one to a model are one here.
 */
export function redactedMemory(memory: AnswerMemory, redactor: Redactor): AnswerMemory {
  const seen = (call: LanguageModelV4CallOptions): LanguageModelV4CallOptions => ({
    ...call,
    prompt: call.prompt.map((message) => {
      if (message.role !== 'user') return message
      const content = message.content.map((part) =>
        part.type === 'text' ? { ...part, text: redactor.redact(part.text).text } : part,
      )
      return { ...message, content }
    }),
  })
  const { recallSimilar } = memory
  return Object.freeze({
    get size() {
      return memory.size
    },
    remember: (assistant, call, answer) => memory.remember(assistant, seen(call), answer),
    recall: (assistant, call) => memory.recall(assistant, seen(call)),
    ...(recallSimilar === undefined
      ? {}
      : {
          recallSimilar: (assistant: string, call: LanguageModelV4CallOptions) => recallSimilar(assistant, seen(call)),
        }),
    clear: () => memory.clear(),
  } satisfies AnswerMemory)
}

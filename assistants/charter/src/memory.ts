import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { AnswerMemory } from '@holdfast/ai'
import { withoutDate } from './conversation.ts'
import type { ConversationReader } from './conversation.ts'
import { allPhrases } from './rules/phrases/index.ts'

/**
 * A memory for the charter desk: an answer is kept only when the question changed nothing, and "tomorrow" asked today is another
 * question than "tomorrow" asked yesterday. What the desk says about how an answer came about is not kept with it.
 */
export function charterMemory(memory: AnswerMemory, conversations: ConversationReader): AnswerMemory {
  const dated = (call: LanguageModelV4CallOptions): LanguageModelV4CallOptions => {
    const { relativeDate, segments } = conversations.read(call)
    // The system text is part of the key under which an answer is kept.
    const prompt = withoutDate(call.prompt)
    if (!relativeDate) return { ...call, prompt }
    const days = segments.map(({ date }) => date ?? '').join(' ')
    return { ...call, prompt: [...prompt, { role: 'system', content: `days: ${days}` }] }
  }
  return Object.freeze({
    get size(): number {
      return memory.size
    },
    remember(assistant, call, answer) {
      if (!conversations.isHarmless(call)) return
      memory.remember(assistant, dated(call), { ...answer, text: withoutNotices(answer.text) })
    },
    recall: (assistant, call) => memory.recall(assistant, dated(call)),
    clear: () => memory.clear(),
  } satisfies AnswerMemory)
}

function withoutNotices(text: string): string {
  let bare = text
  for (const { directNotice, rulesNotice } of allPhrases) {
    for (const notice of [directNotice, rulesNotice]) bare = bare.replace(`\n\n_${notice}_`, '')
  }
  return bare
}

import type { LanguageModelV4CallOptions, LanguageModelV4Prompt } from '@ai-sdk/provider'
import type { AnswerMemory } from '@holdfast/ai'
import { withoutDate } from './conversation.ts'
import type { ConversationReader } from './conversation.ts'
import { allPhrases } from './rules/phrases/index.ts'
import type { Intent } from './understanding/index.ts'

/** Intents that no API is asked for: their answers belong to the conversation they were given in. */
const NOT_ABOUT_DATA: ReadonlySet<Intent> = new Set(['greeting', 'help', 'out-of-scope', 'misuse'])

/**
 * A memory for the charter desk: an answer is kept only when the question changed nothing, and "tomorrow" asked today is another
 * question than "tomorrow" asked yesterday. A question that says all by itself is the same wherever in a conversation it is
 * asked; "and on Sunday?" belongs to the turns before it. What the desk says about how an answer came about is not kept with it.
 */
export function charterMemory(memory: AnswerMemory, conversations: ConversationReader): AnswerMemory {
  const dated = (call: LanguageModelV4CallOptions): LanguageModelV4CallOptions => {
    const { relativeDate, segments } = conversations.read(call)
    // The system text is part of the key under which an answer is kept.
    const prompt = withoutDate(asked(call))
    if (!relativeDate) return { ...call, prompt }
    const days = segments.map(({ date }) => date ?? '').join(' ')
    return { ...call, prompt: [...prompt, { role: 'system', content: `days: ${days}` }] }
  }
  /** The prompt with the last question only, if it reads the same without what was said before. */
  const asked = (call: LanguageModelV4CallOptions): LanguageModelV4Prompt => {
    const last = call.prompt.findLast(({ role }) => role === 'user')
    const alone = call.prompt.filter((message) => message.role === 'system' || message === last)
    if (alone.length === call.prompt.length) return call.prompt
    const reading = conversations.read({ ...call, prompt: alone })
    if (NOT_ABOUT_DATA.has(reading.intent) || reading.missing.length > 0) return call.prompt
    return JSON.stringify(reading) === JSON.stringify(conversations.read(call)) ? alone : call.prompt
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

import { textOf, type ChatRequest } from './request.ts'

/** A request for the rest of an answer that was cut off. */
export interface CutOff {
  /** What was asked before that. */
  readonly before: ChatRequest
  /** What had come of the answer. */
  readonly said: string
  /** The words that the rest has to begin with. */
  readonly anchor: string
}

/** Whether somebody asks for the rest of an answer, and says with which words, between marks, it is to begin. */
export function cutOff(chat: ChatRequest): CutOff | undefined {
  const [said, asked] = chat.messages.slice(-2)
  if (said?.role !== 'assistant' || asked?.role !== 'user') return undefined
  const anchor = /\bcut off\b[^]*\blast words\b[^]*<<<([^]+)>>>$/.exec(textOf(asked))?.[1]
  if (anchor === undefined) return undefined
  return { before: { ...chat, messages: chat.messages.slice(0, -2) }, said: textOf(said), anchor }
}

/** The rest of an answer; all of it, where it would not have begun so. */
export function restOf(answer: string, { said, anchor }: CutOff): string {
  const at = answer.lastIndexOf(anchor, said.length - anchor.length)
  return at < 0 ? answer : answer.slice(at)
}

import { words } from '../brain/wording.ts'

/** What the model says: text, or calls of tools. */
export type Thought =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'calls'; readonly calls: readonly ToolCall[] }

/** A call of a tool that the caller offered. */
export interface ToolCall {
  readonly id: string
  readonly name: string
  /** JSON. */
  readonly arguments: string
}

/** Roughly what a tokenizer would count. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / 4)
}

/** A thought as far as the limit lets it be said. */
export interface Spoken {
  readonly parts: readonly string[]
  readonly finishReason: 'stop' | 'length' | 'tool_calls'
  readonly tokens: number
}

/** Cuts what is said into parts, and stops at the limit. */
export function speak(thought: Thought, limitTokens: number): Spoken {
  if (thought.kind === 'calls') {
    const tokens = thought.calls.reduce((sum, call) => sum + countTokens(call.name + call.arguments) + 4, 0)
    return { parts: [], finishReason: 'tool_calls', tokens }
  }
  const parts: string[] = []
  let tokens = 0
  for (const word of words(thought.text)) {
    if (tokens + countTokens(word) > limitTokens) return { parts, finishReason: 'length', tokens }
    tokens += countTokens(word)
    parts.push(word)
  }
  return { parts, finishReason: 'stop', tokens }
}

/** The arguments of a call as they are streamed: a few characters at a time. */
export function pieces(call: ToolCall): readonly string[] {
  return call.arguments.match(/.{1,24}/gs) ?? []
}

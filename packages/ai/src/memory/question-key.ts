import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { requestContext } from '../provenance/request-context.ts'

/** A question longer than this is not worth its place in the memory, in characters of its key. */
const LONGEST_KEY = 16_384

/** A question, and all that tells it from another. */
export interface Question {
  /**
   * The key under which its answer is remembered: assistant, tenant, system text, and what the user has said in the whole
   * conversation, since "and on Sunday?" means nothing without the turns before it.
   */
  readonly key: string
  /** The key without the last turn: what two questions must have in common to be compared by their meaning. */
  readonly partition: () => string
  /** The last turn of the user, as it was said. */
  readonly said: string
}

/**
 * Reads the question out of a call. Two that differ only in case, white space, punctuation or the form of their characters
 * (Unicode NFKC) have the same key.
 *
 * @returns nothing when the question cannot be told by its words alone: a file in it, JSON asked for, no user turn.
 */
export function readQuestion(
  assistant: string,
  options: LanguageModelV4CallOptions,
  extra: string = '',
): Question | undefined {
  if (options.responseFormat?.type === 'json') return undefined
  const tenant = requestContext(options).tenant ?? 'default'
  const system: string[] = []
  const turns: string[] = []
  let said = ''
  for (const message of options.prompt) {
    if (message.role === 'system') system.push(message.content)
    if (message.role !== 'user') continue
    said = ''
    for (const part of message.content) {
      if (part.type !== 'text') return undefined
      said += `${part.text} `
    }
    turns.push(normalise(said))
  }
  if (turns.every((turn) => turn === '')) return undefined
  // JSON, because no choice of separator is safe from what a user may type.
  const key = JSON.stringify([assistant, tenant, system, turns, extra])
  if (key.length > LONGEST_KEY) return undefined
  return { key, said, partition: () => JSON.stringify([assistant, tenant, system, turns.slice(0, -1), extra]) }
}

/**
 * Lower case, NFKC, single spaces; punctuation goes, but not inside a number or a word (`9.30`, `n8n-flow`), nor right before a
 * number (`-5`, `.5`), nor signs that make another word (`C#`, `5%`).
 */
export function normalise(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/(?<=[\p{L}\p{N}])['’](?=[\p{L}\p{N}])/gu, "'")
    .replaceAll(/(?<![\p{L}\p{N}])[^\P{P}#%&@*]+(?!\p{N})|[^\P{P}#%&@*]+(?![\p{L}\p{N}])/gu, ' ')
    .replaceAll(/\s+/gu, ' ')
    .trim()
}

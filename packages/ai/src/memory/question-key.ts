import type { LanguageModelV4CallOptions, LanguageModelV4Message } from '@ai-sdk/provider'
import { hashOf } from '../failover/hash.ts'
import { requestContext } from '../provenance/request-context.ts'

/** A question longer than this is not worth its place in the memory, in characters of its key. */
const LONGEST_KEY = 16_384

/** One hash of 32 bits would meet its like among some ten thousand answers. */
const SEEDS = [0x811c9dc5, 0x01234567, 0x5bd1e995, 0x2545f491]

/** A question, and all that tells it from another. */
export interface Question {
  /**
   * The key under which its answer is remembered: assistant, tenant, system text, what the user has said in the whole
   * conversation, since "and on Sunday?" means nothing without the turns before it, and a digest of what was answered before, since
   * "how much is the second?" means nothing without that.
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
  /** What came before each turn of the user; what follows the last one, such as tools, is done for its answer. */
  const heard: string[] = []
  let before = ''
  let said = ''
  for (const message of options.prompt) {
    if (message.role === 'system') system.push(message.content)
    else if (message.role !== 'user') before += heardIn(message)
    if (message.role !== 'user') continue
    heard.push(digestOf(before))
    before = ''
    said = ''
    for (const part of message.content) {
      if (part.type !== 'text') return undefined
      said += `${part.text} `
    }
    turns.push(normalise(said))
  }
  if (turns.every((turn) => turn === '')) return undefined
  // JSON, because no choice of separator is safe from what a user may type.
  const key = JSON.stringify([assistant, tenant, system, turns, heard, extra])
  if (key.length > LONGEST_KEY) return undefined
  return { key, said, partition: () => JSON.stringify([assistant, tenant, system, turns.slice(0, -1), heard, extra]) }
}

/** What a turn of the assistant, or the result of a tool, says to whoever reads on. The ids of calls are new each time, and thoughts are not shown. */
function heardIn({ content }: Extract<LanguageModelV4Message, { role: 'assistant' | 'tool' }>): string {
  return content
    .map((part) => {
      if (part.type === 'text') return `${normalise(part.text)}\n`
      if (part.type === 'tool-call') return JSON.stringify([part.toolName, part.input])
      if (part.type === 'tool-result') return JSON.stringify([part.toolName, part.output])
      return part.type === 'reasoning' ? '' : JSON.stringify(part)
    })
    .join('')
}

/** Short, and the same for the same text: an answer is longer than a question. */
function digestOf(text: string): string {
  return text === '' ? '' : SEEDS.map((seed) => hashOf(text, seed).toString(36)).join('-')
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

import type { LanguageModelV4Prompt } from '@ai-sdk/provider'
import { hashOf } from '../hash.ts'

/** What the ids of tool calls may look like. */
export interface ToolCallIdRule {
  readonly allowed: RegExp
  /** Stands before the nine letters and digits that take the place of an id which is not allowed. */
  readonly prefix: string
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** As many digits of base 62 as hold 53 bits; what Mistral demands. */
const LENGTH = 9

/**
 * Other ids for those of a prompt that a provider would refuse: for the same id always the same, in every turn, so that a provider's cache of the prompt holds; and
 * never one for two.
 *
 * @returns `undefined` where all are allowed.
 */
export function otherIds(prompt: LanguageModelV4Prompt, rule: ToolCallIdRule): ReadonlyMap<string, string> | undefined {
  const taken = new Set<string>()
  const refused = new Set<string>()
  for (const message of prompt) {
    if (message.role !== 'assistant' && message.role !== 'tool') continue
    for (const part of message.content) {
      if (part.type !== 'tool-call' && part.type !== 'tool-result') continue
      if (rule.allowed.test(part.toolCallId)) taken.add(part.toolCallId)
      else refused.add(part.toolCallId)
    }
  }
  if (refused.size === 0) return undefined
  const others = new Map<string, string>()
  for (const id of refused) {
    let other = otherId(id, rule)
    for (let again = 1; taken.has(other); again++) other = otherId(`${id}\n${again}`, rule)
    taken.add(other)
    others.set(id, other)
  }
  return others
}

function otherId(id: string, { prefix }: ToolCallIdRule): string {
  let left = (hashOf(id, 0x9e3779b9) & 0x1fffff) * 4_294_967_296 + hashOf(id)
  let digits = ''
  for (let place = 0; place < LENGTH; place++) {
    digits = DIGITS.charAt(left % 62) + digits
    left = Math.floor(left / 62)
  }
  return prefix + digits
}

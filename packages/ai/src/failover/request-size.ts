import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { tokensOf } from './price.ts'

/** How far the estimate of a prompt's tokens may be above the truth: a model is passed over only when even the least it can be does not fit. */
export const LEAST_SHARE = 0.6

/** What a request asks of a model. */
export interface RequestNeeds {
  readonly tools: boolean
  readonly files: boolean
  /** Tokens of the prompt and its tools, estimated. Files count for nothing: nobody can tell what a provider makes of them. */
  readonly inputTokens: number
}

/** Reads off a request what it needs. */
export function needsOf(options: LanguageModelV4CallOptions): RequestNeeds {
  let chars = 0
  let files = false
  // Of a request that is none: whoever is asked says what is wrong with it.
  for (const message of Array.isArray(options.prompt) ? options.prompt : []) {
    if (typeof message.content === 'string') {
      chars += message.content.length
      continue
    }
    for (const part of message.content) {
      if (part.type === 'text' || part.type === 'reasoning') chars += part.text.length
      else if (part.type === 'file') files = true
      else if (part.type === 'tool-call') chars += lengthOf(part.input)
      else if (part.type === 'tool-result') chars += lengthOf(part.output)
    }
  }
  const tools = (options.tools?.length ?? 0) > 0
  if (tools) chars += lengthOf(options.tools)
  return { tools, files, inputTokens: tokensOf(chars) }
}

function lengthOf(value: unknown): number {
  try {
    return typeof value === 'string' ? value.length : (JSON.stringify(value) ?? '').length
  } catch {
    return 0
  }
}

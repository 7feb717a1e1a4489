import type { LanguageModelV4Content, LanguageModelV4StreamPart } from '@ai-sdk/provider'

/**
 * Whether a stream part is output, that is, something a reader gets to see or a program to act on: text or reasoning that
 * is more than white space, tool input, a tool call, a file. Everything else (`stream-start`, `response-metadata`, block
 * starts and ends, sources, pings, raw chunks) is preamble, and can still be thrown away. This is the AI SDK's own list, a
 * little stricter on white space: models that go astray send it without end.
 */
export function isOutput(part: LanguageModelV4StreamPart): boolean {
  switch (part.type) {
    case 'text-delta':
    case 'reasoning-delta':
      return hasInk(part.delta)
    case 'tool-input-delta':
      return part.delta.length > 0
    case 'tool-call':
    case 'file':
    case 'reasoning-file':
      return true
    default:
      return false
  }
}

/** Whether the content of a whole answer holds any output, by the rule of {@link isOutput}. */
export function hasOutput(content: readonly LanguageModelV4Content[]): boolean {
  return content.some((part) => {
    switch (part.type) {
      case 'text':
      case 'reasoning':
        return hasInk(part.text)
      case 'tool-call':
      case 'file':
      case 'reasoning-file':
        return true
      default:
        return false
    }
  })
}

/** Whether a part belongs to a tool call. Such parts are kept back until the answer is whole. */
export function isToolPart(part: LanguageModelV4StreamPart): boolean {
  switch (part.type) {
    case 'tool-input-start':
    case 'tool-input-delta':
    case 'tool-input-end':
    case 'tool-call':
    case 'tool-result':
    case 'tool-approval-request':
      return true
    default:
      return false
  }
}

/** About how much memory a part holds, in bytes. Cheap rather than exact: it serves to bound what is kept back. */
export function sizeOf(part: LanguageModelV4StreamPart): number {
  const base = 64
  switch (part.type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'tool-input-delta':
      return base + 2 * part.delta.length
    case 'tool-call':
      return base + 2 * part.input.length
    case 'tool-result':
      return base + jsonSize(part.result)
    case 'file':
    case 'reasoning-file':
      return base + (part.data.type === 'data' ? part.data.data.length : part.data.url.href.length)
    case 'raw':
      return base + jsonSize(part.rawValue)
    default:
      return base
  }
}

/** Most deltas begin with a letter: looking at the first character spares them the search. */
function hasInk(text: string): boolean {
  return text.charCodeAt(0) > 32 || /\S/.test(text)
}

function jsonSize(value: unknown): number {
  try {
    return 2 * (JSON.stringify(value) ?? '').length
  } catch {
    return 1024
  }
}

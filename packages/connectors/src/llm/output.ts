import type { LanguageModelV4Content, LanguageModelV4StreamPart } from '@ai-sdk/provider'

/** Whether a part of an answer, whole or streamed, is any of it. Providers open a text that stays empty. */
export function isOutput(part: LanguageModelV4Content | LanguageModelV4StreamPart): boolean {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return part.text !== ''
    case 'text-delta':
    case 'reasoning-delta':
      return part.delta !== ''
    default:
      return part.type === 'tool-call' || part.type === 'file' || part.type === 'reasoning-file'
  }
}

import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'

/** What the user has said last, files left out; empty when no user has spoken. */
export function lastUserText(options: Pick<LanguageModelV4CallOptions, 'prompt'>): string {
  const last = options.prompt.findLast(({ role }) => role === 'user')
  if (last?.role !== 'user') return ''
  return last.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
}

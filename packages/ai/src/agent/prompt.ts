import type { LanguageModelV4CallOptions, LanguageModelV4Prompt, SharedV4Warning } from '@ai-sdk/provider'
import type { ModelMessage } from 'ai'

/** The prompt of a model call as the messages of the AI SDK's functions; the two differ only in how files are written. */
export function messagesOf(prompt: LanguageModelV4Prompt): ModelMessage[] {
  return prompt.map((message) => {
    if (message.role === 'system') return message
    const content = message.content.map((part) => {
      if (part.type !== 'file') return part
      if (part.data.type === 'data') return { ...part, data: part.data.data }
      return part.data.type === 'url' ? { ...part, data: part.data.url } : part
    })
    return { ...message, content } as ModelMessage
  })
}

/** The settings a caller may give an agent, as the AI SDK's functions take them. */
export function settingsOf(options: LanguageModelV4CallOptions): Record<string, unknown> {
  const { maxOutputTokens, temperature, topP, topK, presencePenalty, frequencyPenalty, seed, reasoning } = options
  const settings = { maxOutputTokens, temperature, topP, topK, presencePenalty, frequencyPenalty, seed, reasoning }
  const given = { ...settings, stopSequences: options.stopSequences, headers: options.headers }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

/** What an agent cannot do for its caller. */
export function warningsOf(options: LanguageModelV4CallOptions): SharedV4Warning[] {
  const warnings: SharedV4Warning[] = []
  if ((options.tools?.length ?? 0) > 0) {
    warnings.push({ type: 'unsupported', feature: 'tools', details: 'An agent uses tools of its own only.' })
  }
  if (options.responseFormat?.type === 'json') {
    warnings.push({ type: 'unsupported', feature: 'responseFormat', details: 'An agent answers in text.' })
  }
  return warnings
}

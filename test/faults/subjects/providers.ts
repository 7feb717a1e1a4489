import { createAnthropic } from '@ai-sdk/anthropic'
import type { LanguageModelV4 } from '@ai-sdk/provider'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { Endpoint } from '../subject.ts'

/** The same by Anthropic's wire format. */
export function anthropicDirectly({ baseUrl, apiKey, model }: Endpoint): LanguageModelV4 {
  return createAnthropic({ baseURL: baseUrl, apiKey })(model)
}

/** The model as every user of the AI SDK would make it; all libraries get the same. */
export function directly({ baseUrl, apiKey, model }: Endpoint): LanguageModelV4 {
  return createOpenAICompatible({
    name: 'sandbox',
    baseURL: baseUrl,
    apiKey,
    includeUsage: true,
    supportsStructuredOutputs: true,
  })(model)
}

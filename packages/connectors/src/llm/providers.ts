import type { LanguageModelV4 } from '@ai-sdk/provider'
import type { CheckedOptions, LlmProvider } from './options.ts'

interface ProviderOptions extends CheckedOptions {
  readonly fetch: typeof globalThis.fetch
}

interface Provider {
  /** What the AI SDK's provider calls itself, by which a failover knows whose options and marks it reads; `undefined` for the model's own name. */
  readonly id: string | undefined
  readonly load: (options: ProviderOptions) => Promise<LanguageModelV4>
}

/** Key and address are always given: the SDK would look for them in the environment otherwise. */
function settings({ apiKey, baseUrl, headers, fetch }: ProviderOptions): {
  apiKey: string
  baseURL: string
  headers: Record<string, string>
  fetch: typeof globalThis.fetch
} {
  return { apiKey, baseURL: baseUrl, headers, fetch }
}

/** OpenAI's chat completions of somebody else, who is also asked for the usage of a stream. */
async function compatible(options: ProviderOptions, name: string): Promise<LanguageModelV4> {
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible')
  return createOpenAICompatible({ ...settings(options), name, includeUsage: true }).chatModel(options.model)
}

/** How to make a model of each provider. The packages are large, so each is loaded when it is used. */
export const PROVIDERS: Readonly<Record<LlmProvider, Provider>> = {
  anthropic: {
    id: 'anthropic.messages',
    load: async (options) => (await import('@ai-sdk/anthropic')).createAnthropic(settings(options))(options.model),
  },
  google: {
    id: 'google.generative-ai',
    load: async (options) => (await import('@ai-sdk/google')).createGoogle(settings(options))(options.model),
  },
  openai: {
    id: 'openai.chat',
    load: async (options) => (await import('@ai-sdk/openai')).createOpenAI(settings(options)).chat(options.model),
  },
  openrouter: { id: 'openrouter', load: (options) => compatible(options, 'openrouter') },
  'openai-compatible': { id: undefined, load: (options) => compatible(options, options.name) },
}

import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { LanguageModelV4 } from '@ai-sdk/provider'
import type { Dispatcher } from 'undici'
import { checkedModel } from './checked-model.ts'
import { modelFetch } from './model-fetch.ts'

/** Which language model answers. */
export interface OpenAICompatibleModelOptions {
  /** Up to and including the version: `https://api.openai.com/v1`. */
  readonly baseUrl: string
  readonly apiKey: string
  /** As the endpoint calls it: `gpt-5-mini`. */
  readonly model: string
  /** The provider's name in results and errors. Default: `llm`. */
  readonly name?: string
  /** Time to connect, TLS included, in ms. The integration around the model owns every other timeout. Default: 5,000. */
  readonly connectTimeoutMs?: number
  /** A longer reply is refused, in bytes. Default: 8 MiB. */
  readonly maxResponseBytes?: number
  /** A connection pool to share. Default: one of its own. */
  readonly dispatcher?: Dispatcher
}

/**
 * A model behind any endpoint that speaks OpenAI's chat completions. Its wire format is the AI SDK's
 * (`@ai-sdk/openai-compatible`); its network is ours, and so are its errors: a 200 that carries an error, a web page or nothing,
 * and a stream that ends before its finish are failures.
 *
 * It makes one request per call and no retries; wrap it with `guarded` of `@holdfast/ai`.
 */
export function openAICompatibleModel(options: OpenAICompatibleModelOptions): LanguageModelV4 {
  const name = options.name ?? 'llm'
  const model = createOpenAICompatible({
    name,
    baseURL: options.baseUrl,
    apiKey: options.apiKey,
    includeUsage: true,
    fetch: modelFetch(options, name),
  }).chatModel(options.model)
  return checkedModel(model, { provider: name, model: options.model, service: name })
}

import type { LanguageModelV4 } from '@ai-sdk/provider'
import { checkedModel } from './checked-model.ts'
import { modelFetch } from './model-fetch.ts'
import { checkOptions } from './options.ts'
import type { LanguageModelOptions } from './options.ts'
import { PROVIDERS } from './providers.ts'

/**
 * A model from plain data. The wire format is that of the AI SDK's own package for the provider, which is loaded when a first model of it is made;
 * network and errors are ours, as with {@link openAICompatibleModel}: a 200 with an error in it, an error in the middle of a stream and a stream
 * without its end are failures, and no key is in any of them.
 *
 * One request per call and no retries: give it to `guarded` or `failover` of `@holdfast/ai`.
 *
 * @example
 * ```ts
 * import { failover } from '@holdfast/ai'
 * import { languageModel } from '@holdfast/connectors/llm'
 *
 * const model = failover([
 *   languageModel({ provider: 'anthropic', model: 'claude-sonnet-4-5', apiKey: 'key' }),
 *   languageModel({ provider: 'google', model: 'gemini-2.5-flash', apiKey: 'key' }),
 * ])
 * console.log(model.modelId)
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function languageModel(options: LanguageModelOptions): LanguageModelV4 {
  const checked = checkOptions(options)
  const { provider, model, name } = checked
  const { id, load } = PROVIDERS[provider]
  const loading = load({ ...checked, fetch: modelFetch(options, name) })
  // Told by the first call.
  loading.catch(() => undefined)
  return checkedModel(
    {
      get supportedUrls() {
        return loading.then(({ supportedUrls }) => supportedUrls)
      },
      doGenerate: async (call) => (await loading).doGenerate(call),
      doStream: async (call) => (await loading).doStream(call),
    },
    { provider: id ?? name, model, service: name },
  )
}

import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider'
import type { Dispatcher } from 'undici'
import { createAgent, undiciFetch } from '../http/index.ts'
import { checkedFetch } from './checked-fetch.ts'
import { llmFailure, malformed } from './failures.ts'

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
  const dispatcher = options.dispatcher ?? createAgent(options)
  const fetchOptions = options.maxResponseBytes === undefined ? {} : { maxResponseBytes: options.maxResponseBytes }
  const model = createOpenAICompatible({
    name,
    baseURL: options.baseUrl,
    apiKey: options.apiKey,
    includeUsage: true,
    fetch: checkedFetch(undiciFetch(dispatcher, fetchOptions), name),
  }).chatModel(options.model)

  return {
    specificationVersion: 'v4',
    provider: name,
    modelId: options.model,
    supportedUrls: model.supportedUrls,
    async doGenerate(call) {
      let result: LanguageModelV4GenerateResult
      try {
        result = await model.doGenerate(plain(call))
      } catch (error) {
        throw llmFailure(error, name, call.abortSignal)
      }
      if (result.content.length === 0) throw malformed('EMPTY_REPLY', name, 'with neither text nor a tool call')
      return served(result, name, options.model)
    },
    async doStream(call) {
      try {
        const result = await model.doStream(plain(call))
        return { ...result, stream: checkedStream(result.stream, name, options.model, call.abortSignal) }
      } catch (error) {
        throw llmFailure(error, name, call.abortSignal)
      }
    },
  }
}

/** Our request context is not for the wire. */
function plain(call: LanguageModelV4CallOptions): LanguageModelV4CallOptions {
  if (call.providerOptions?.['holdfast'] === undefined) return call
  const { holdfast: _, ...providerOptions } = call.providerOptions
  return { ...call, providerOptions }
}

function served(result: LanguageModelV4GenerateResult, name: string, model: string): LanguageModelV4GenerateResult {
  return { ...result, providerMetadata: { ...result.providerMetadata, holdfast: { servedBy: `${name}:${model}` } } }
}

/**
 * Turns an error part into ours and ends there: what follows one (a `finish`, say) must not make the answer look whole. An error of the
 * source becomes ours too, since the SDK's holds the prompt.
 */
function checkedStream(
  source: ReadableStream<LanguageModelV4StreamPart>,
  name: string,
  model: string,
  signal: AbortSignal | undefined,
): ReadableStream<LanguageModelV4StreamPart> {
  const reader = source.getReader()
  let output = false
  const check = (part: LanguageModelV4StreamPart): LanguageModelV4StreamPart => {
    if (part.type === 'error') return { type: 'error', error: llmFailure(part.error, name, signal) }
    if (part.type === 'text-delta' || part.type === 'tool-call' || part.type === 'reasoning-delta') output = true
    if (part.type !== 'finish') return part
    if (!output) return { type: 'error', error: malformed('EMPTY_REPLY', name, 'with neither text nor a tool call') }
    return { ...part, providerMetadata: { ...part.providerMetadata, holdfast: { servedBy: `${name}:${model}` } } }
  }
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { value, done } = await reader.read()
          if (done) return controller.close()
          const part = check(value)
          controller.enqueue(part)
          if (part.type !== 'error') return
          controller.close()
          void reader.cancel().catch(() => undefined)
        } catch (error) {
          controller.error(llmFailure(error, name, signal))
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

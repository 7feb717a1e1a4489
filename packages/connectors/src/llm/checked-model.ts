import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4GenerateResult } from '@ai-sdk/provider'
import { checkedStream } from './checked-stream.ts'
import { endFailure, llmFailure } from './failures.ts'
import { isOutput } from './output.ts'

/** What a model is called where. */
export interface CheckedModelNames {
  /** Becomes the model's `provider`. */
  readonly provider: string
  readonly model: string
  /** In errors and in `servedBy`. */
  readonly service: string
}

/**
 * A model of the AI SDK with our errors: what it throws, what comes in its stream, and what it calls a success and is none.
 * Without the request's own context, which is not for the wire.
 */
export function checkedModel(
  model: Pick<LanguageModelV4, 'supportedUrls' | 'doGenerate' | 'doStream'>,
  names: CheckedModelNames,
): LanguageModelV4 {
  const { service } = names
  const servedBy = `${service}:${names.model}`
  return {
    specificationVersion: 'v4',
    provider: names.provider,
    modelId: names.model,
    get supportedUrls() {
      return model.supportedUrls
    },
    async doGenerate(call) {
      let result: LanguageModelV4GenerateResult
      try {
        result = await model.doGenerate(plain(call))
      } catch (error) {
        throw llmFailure(error, service, call.abortSignal)
      }
      const failure = endFailure(result.finishReason, result.content.some(isOutput), service)
      if (failure !== undefined) throw failure
      return { ...result, providerMetadata: { ...result.providerMetadata, holdfast: { servedBy } } }
    },
    async doStream(call) {
      try {
        const result = await model.doStream(plain(call))
        return { ...result, stream: checkedStream(result.stream, { service, servedBy, signal: call.abortSignal }) }
      } catch (error) {
        throw llmFailure(error, service, call.abortSignal)
      }
    },
  }
}

function plain(call: LanguageModelV4CallOptions): LanguageModelV4CallOptions {
  if (call.providerOptions?.['holdfast'] === undefined) return call
  const { holdfast: _, ...providerOptions } = call.providerOptions
  return { ...call, providerOptions }
}

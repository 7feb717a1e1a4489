import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'

/** A model that is told something before all that callers tell it. */
export function withInstructions(model: LanguageModelV4, text: string): LanguageModelV4 {
  const told = (call: LanguageModelV4CallOptions): LanguageModelV4CallOptions => ({
    ...call,
    prompt: [{ role: 'system', content: text }, ...call.prompt],
  })
  return Object.freeze({
    specificationVersion: 'v4' as const,
    provider: model.provider,
    modelId: model.modelId,
    supportedUrls: model.supportedUrls,
    doGenerate: (call: LanguageModelV4CallOptions) => model.doGenerate(told(call)),
    doStream: (call: LanguageModelV4CallOptions) => model.doStream(told(call)),
  })
}

import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider'

/**
 * A model whose answers end with words of ours, whatever the model says. It is added to a whole answer only: one that breaks off
 * stays broken off.
 */
export function withNotice(
  model: LanguageModelV4,
  notice: (call: LanguageModelV4CallOptions) => string,
): LanguageModelV4 {
  return Object.freeze({
    specificationVersion: 'v4' as const,
    provider: model.provider,
    modelId: model.modelId,
    supportedUrls: model.supportedUrls,
    async doGenerate(call: LanguageModelV4CallOptions) {
      const result = await model.doGenerate(call)
      return { ...result, content: [...result.content, { type: 'text' as const, text: `\n\n${notice(call)}` }] }
    },
    async doStream(call: LanguageModelV4CallOptions) {
      const result = await model.doStream(call)
      return { ...result, stream: withClosingWords(result.stream, () => `\n\n${notice(call)}`) }
    },
  })
}

// By hand: a TransformStream costs several times as much, for every word.
function withClosingWords(
  source: ReadableStream<LanguageModelV4StreamPart>,
  words: () => string,
): ReadableStream<LanguageModelV4StreamPart> {
  const reader = source.getReader()
  return new ReadableStream<LanguageModelV4StreamPart>(
    {
      async pull(controller) {
        const { done, value: part } = await reader.read()
        if (done) {
          controller.close()
          return
        }
        const good =
          part.type === 'finish' && part.finishReason.unified !== 'error' && part.finishReason.unified !== 'interrupted'
        if (good) {
          controller.enqueue({ type: 'text-start', id: 'notice' })
          controller.enqueue({ type: 'text-delta', id: 'notice', delta: words() })
          controller.enqueue({ type: 'text-end', id: 'notice' })
        }
        controller.enqueue(part)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

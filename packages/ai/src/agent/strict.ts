import type { LanguageModelV4, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { incompleteAnswer, partFailure } from '../errors/failures.ts'

/**
 * The same model, whose stream throws where a lenient reader would take half an answer for a whole one: on an error part,
 * on a finish with reason `error` or `interrupted`, and when it ends without a finish.
 */
export function strict(model: LanguageModelV4): LanguageModelV4 {
  return {
    specificationVersion: 'v4',
    provider: model.provider,
    modelId: model.modelId,
    get supportedUrls() {
      return model.supportedUrls
    },
    doGenerate: (options) => model.doGenerate(options),
    async doStream(options) {
      const result = await model.doStream(options)
      return { ...result, stream: whole(result.stream) }
    },
  }
}

// By hand: a TransformStream costs several times as much, for every word.
function whole(source: ReadableStream<LanguageModelV4StreamPart>): ReadableStream<LanguageModelV4StreamPart> {
  const reader = source.getReader()
  let finished = false
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await reader.read()
        if (done) {
          if (!finished) throw incompleteAnswer()
          controller.close()
          return
        }
        const failure = partFailure(value)
        if (failure !== undefined) {
          reader.cancel(failure).catch(() => undefined)
          throw failure
        }
        finished ||= value.type === 'finish'
        controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

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
      let finished = false
      const check = new TransformStream<LanguageModelV4StreamPart, LanguageModelV4StreamPart>({
        transform(part, controller) {
          const failure = partFailure(part)
          if (failure !== undefined) throw failure
          finished ||= part.type === 'finish'
          controller.enqueue(part)
        },
        flush() {
          if (!finished) throw incompleteAnswer()
        },
      })
      return { ...result, stream: result.stream.pipeThrough(check) }
    },
  }
}

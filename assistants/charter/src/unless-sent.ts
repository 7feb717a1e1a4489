import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { requestContext } from '@holdfast/ai'
import { HoldfastError } from '@holdfast/core'

/**
 * A model that is passed over when the message asks for something to be done that an earlier attempt may have done already: then the
 * words are ours, and not a language model's.
 */
export function unlessSent(
  model: LanguageModelV4,
  asksForWrite: (call: LanguageModelV4CallOptions) => boolean,
): LanguageModelV4 {
  const check = (call: LanguageModelV4CallOptions): void => {
    const { priorAttempts = [] } = requestContext(call)
    const mayBeSent = priorAttempts.some((attempt) => attempt.mayHaveTakenEffect === true)
    if (mayBeSent && asksForWrite(call)) throw notAgain()
  }
  return Object.freeze({
    specificationVersion: 'v4' as const,
    provider: model.provider,
    modelId: model.modelId,
    supportedUrls: model.supportedUrls,
    async doGenerate(call: LanguageModelV4CallOptions) {
      check(call)
      return model.doGenerate(call)
    },
    async doStream(call: LanguageModelV4CallOptions) {
      check(call)
      return model.doStream(call)
    },
  })
}

function notAgain(): HoldfastError {
  return new HoldfastError({
    code: 'WRITE_UNCONFIRMED',
    category: 'rejected',
    message: 'An earlier attempt may have done it; the language model is not asked to do it again.',
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

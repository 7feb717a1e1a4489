import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider'
import type { CallOptions, Integration, StreamRules } from '@holdfast/core'
import { emptyAnswer, finishFailure, partFailure } from '../errors/failures.ts'
import { requestContext } from '../provenance/request-context.ts'
import { hasOutput, isOutput } from '../stream-parts/output.ts'

/** How the calls of a guarded model are made. */
export interface GuardedOptions {
  /**
   * Whether the same request may be sent twice without harm, so that a failed one may be retried. Default: what the
   * integration says.
   */
  readonly idempotent?: boolean | ((options: LanguageModelV4CallOptions) => boolean)
  /** Total time of one call in ms, if shorter than the integration's own deadline. */
  readonly deadlineMs?: number
}

/**
 * Runs a model through an integration: its timeouts, retries and circuit breaker guard every call. A call fails not only
 * when the model rejects: an error part, a finish with reason `error` or `interrupted`, a stream without a finish and an
 * answer without output (`EMPTY_ANSWER`) are failures too, and count as such for the breaker. Up to the first output
 * they can still be retried; after it the stream ends with the error.
 *
 * `doGenerate` and `doStream` throw HoldfastError only, or the caller's own abort reason. Usage, content and metadata pass
 * through as they are.
 *
 * @example
 * ```ts
 * import { guarded } from '@holdfast/ai'
 * import { createIntegration } from '@holdfast/core'
 * import { MockLanguageModelV4 } from 'ai/test'
 *
 * const integration = createIntegration({ name: 'llm', kind: 'ai-service', attemptTimeoutMs: 20_000 })
 * const model = guarded(new MockLanguageModelV4({ modelId: 'gpt' }), integration)
 * console.log(model.modelId, integration.circuit.state)
 * ```
 */
export function guarded(
  model: LanguageModelV4,
  integration: Integration,
  options: GuardedOptions = {},
): LanguageModelV4 {
  const { idempotent, deadlineMs } = options
  const callOptions = (call: LanguageModelV4CallOptions): CallOptions => {
    const { requestId } = requestContext(call)
    const repeatable = typeof idempotent === 'function' ? idempotent(call) : idempotent
    return {
      ...(call.abortSignal === undefined ? {} : { signal: call.abortSignal }),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      ...(repeatable === undefined ? {} : { idempotent: repeatable }),
      ...(requestId === undefined ? {} : { requestId }),
    }
  }

  return Object.freeze({
    specificationVersion: 'v4' as const,
    provider: model.provider,
    modelId: model.modelId,
    get supportedUrls() {
      return model.supportedUrls
    },
    doGenerate: (call: LanguageModelV4CallOptions): Promise<LanguageModelV4GenerateResult> =>
      integration.call(async (attempt) => {
        const result = await model.doGenerate({ ...call, abortSignal: attempt.signal })
        const failure = finishFailure(result.finishReason.unified)
        if (failure !== undefined) throw failure
        if (!hasOutput(result.content)) throw emptyAnswer()
        return result
      }, callOptions(call)),
    doStream: async (call: LanguageModelV4CallOptions): Promise<LanguageModelV4StreamResult> => {
      let rest: Omit<LanguageModelV4StreamResult, 'stream'> = {}
      let latest = 0
      let spoken = false
      const rules: StreamRules<LanguageModelV4StreamPart> = {
        isOutput,
        isEnd: (part) => part.type === 'finish',
        failure: (part) => {
          spoken ||= isOutput(part)
          const failure = partFailure(part, integration.name)
          return failure ?? (part.type === 'finish' && !spoken ? emptyAnswer() : undefined)
        },
      }
      const stream = await integration.stream(
        async (attempt) => {
          spoken = false
          latest = attempt.attempt
          const result = await model.doStream({ ...call, abortSignal: attempt.signal })
          const { stream: parts, ...others } = result
          // A model that does not heed its signal may open the stream of an earlier attempt when that has ended long ago.
          if (attempt.attempt === latest) rest = others
          return parts
        },
        rules,
        callOptions(call),
      )
      return { ...rest, stream }
    },
  })
}

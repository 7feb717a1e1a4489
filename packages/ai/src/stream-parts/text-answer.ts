import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
  LanguageModelV4Usage,
} from '@ai-sdk/provider'
import type { TierReport } from '../provenance/provenance.ts'
import { reportHeaders, reportMetadata } from '../provenance/report.ts'

/** Nothing is known about tokens: no language model spoke. */
export function noUsage(): LanguageModelV4Usage {
  return {
    inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: undefined, text: undefined, reasoning: undefined },
  }
}

/** A ready text as the result of `doGenerate`. */
export function textResult(text: string, report: TierReport): LanguageModelV4GenerateResult {
  return {
    content: [{ type: 'text', text }],
    finishReason: { unified: 'stop', raw: undefined },
    usage: noUsage(),
    warnings: [],
    providerMetadata: reportMetadata(report),
  }
}

/** A ready text as the result of `doStream`: a legal stream, whole, with the report in its headers and its finish. */
export function textStreamResult(text: string, report: TierReport): LanguageModelV4StreamResult {
  const parts: LanguageModelV4StreamPart[] = [
    { type: 'stream-start', warnings: [] },
    { type: 'text-start', id: 'text' },
    { type: 'text-delta', id: 'text', delta: text },
    { type: 'text-end', id: 'text' },
    {
      type: 'finish',
      finishReason: { unified: 'stop', raw: undefined },
      usage: noUsage(),
      providerMetadata: reportMetadata(report),
    },
  ]
  const stream = new ReadableStream<LanguageModelV4StreamPart>({
    start(controller) {
      for (const part of parts) controller.enqueue(part)
      controller.close()
    },
  })
  return { stream, response: { headers: reportHeaders(report) } }
}

/** A ready text, and what is told of it. */
export interface TextAnswer {
  readonly text: string
  readonly report: TierReport
}

/**
 * A model for a tier that has a ready text for every question it answers. What `answer` throws comes out as it is; a caller that has already given up gets its own
 * reason back, and `answer` is not asked.
 *
 * @param modelId its provider is `holdfast`, unless said otherwise.
 */
export function textModel(
  modelId: string,
  answer: (call: LanguageModelV4CallOptions) => TextAnswer | PromiseLike<TextAnswer>,
  provider: string = 'holdfast',
): LanguageModelV4 {
  const answerTo = (call: LanguageModelV4CallOptions): TextAnswer | PromiseLike<TextAnswer> => {
    call.abortSignal?.throwIfAborted()
    return answer(call)
  }
  return Object.freeze({
    specificationVersion: 'v4' as const,
    provider,
    modelId,
    supportedUrls: {},
    async doGenerate(call: LanguageModelV4CallOptions) {
      const { text, report } = await answerTo(call)
      return textResult(text, report)
    },
    async doStream(call: LanguageModelV4CallOptions) {
      const { text, report } = await answerTo(call)
      return textStreamResult(text, report)
    },
  })
}

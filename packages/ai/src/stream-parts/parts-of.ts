import type {
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider'

/** A whole answer as the stream of one: what {@link collect} would make the answer of again. */
export function streamResultOf(result: LanguageModelV4GenerateResult): LanguageModelV4StreamResult {
  const { request, response } = result
  const stream = new ReadableStream<LanguageModelV4StreamPart>({
    start(controller) {
      for (const part of partsOf(result)) controller.enqueue(part)
      controller.close()
    },
  })
  return {
    stream,
    ...(request === undefined ? {} : { request }),
    ...(response?.headers === undefined ? {} : { response: { headers: response.headers } }),
  }
}

function* partsOf(result: LanguageModelV4GenerateResult): Generator<LanguageModelV4StreamPart> {
  const { warnings, response, finishReason, usage, providerMetadata } = result
  yield { type: 'stream-start', warnings }
  if (response !== undefined) {
    const { headers: _, body: __, ...metadata } = response
    yield { type: 'response-metadata', ...metadata }
  }
  for (const [index, content] of contentOf(result).entries()) yield* blockOf(content, String(index))
  yield { type: 'finish', finishReason, usage, ...(providerMetadata === undefined ? {} : { providerMetadata }) }
}

/** Where the provider says which text is the answer, drafts before it go. */
function contentOf({
  content,
  structuredOutputText: text,
}: LanguageModelV4GenerateResult): readonly LanguageModelV4Content[] {
  if (text === undefined) return content
  return [...content.filter(({ type }) => type !== 'text'), { type: 'text', text }]
}

function* blockOf(content: LanguageModelV4Content, id: string): Generator<LanguageModelV4StreamPart> {
  if (content.type !== 'text' && content.type !== 'reasoning') {
    yield content
    return
  }
  const { type, text: delta, providerMetadata } = content
  yield { type: `${type}-start`, id, ...(providerMetadata === undefined ? {} : { providerMetadata }) }
  yield { type: `${type}-delta`, id, delta }
  const citations = content.type === 'text' ? content.citations : undefined
  yield citations === undefined ? { type: `${type}-end`, id } : { type: 'text-end', id, citations }
}

import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4Prompt,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
} from '@ai-sdk/provider'
import type { Provenance } from '@holdfast/ai'
import { HoldfastError } from '@holdfast/core'

/** A question for an assistant. */
export interface Question {
  readonly prompt: LanguageModelV4Prompt
  readonly settings?: Pick<
    LanguageModelV4CallOptions,
    'temperature' | 'topP' | 'maxOutputTokens' | 'stopSequences' | 'seed' | 'presencePenalty' | 'frequencyPenalty'
  >
  readonly requestId: string
  readonly tenant: string
  /** The label of the API key that it came with, for budgets. */
  readonly key?: string
  /** The conversation as the tiers know it. */
  readonly sessionId?: string
  /** Aborts when the reader has left, or when the server stops. */
  readonly signal: AbortSignal
}

/** How an answer ended. */
export interface AnswerEnd {
  readonly finishReason: 'stop' | 'length' | 'content_filter'
  /** Missing when the tier did not say: a workflow does not. */
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number } | undefined
  /** Missing only when the assistant is no tier list. */
  readonly provenance: Provenance | undefined
}

/** A whole answer. */
export interface Answer extends AnswerEnd {
  readonly text: string
  /** The provenance as HTTP headers. */
  readonly headers: Readonly<Record<string, string>>
}

/** An answer that has begun: some tier has committed to it. */
export interface StreamedAnswer {
  readonly headers: Readonly<Record<string, string>>
  /** Pieces of text, then the end. Throws when the answer breaks off; then there is no end. */
  readonly parts: AsyncGenerator<string | AnswerEnd, void, void>
}

/** Asks for a whole answer. Rejects when no tier gives one. */
export async function askWhole(model: LanguageModelV4, question: Question): Promise<Answer> {
  const result = await model.doGenerate(callOptions(question))
  const text = result.content.reduce((all, part) => (part.type === 'text' ? all + part.text : all), '')
  return {
    ...answerEnd(result.finishReason, result.usage, result.providerMetadata),
    text,
    headers: provenanceHeaders(result.response?.headers, question.requestId),
  }
}

/** Asks for an answer piece by piece. Resolves when some tier commits; rejects when none does. */
export async function askStream(model: LanguageModelV4, question: Question): Promise<StreamedAnswer> {
  const result = await model.doStream(callOptions(question))
  return { headers: provenanceHeaders(result.response?.headers, question.requestId), parts: readParts(result.stream) }
}

async function* readParts(stream: ReadableStream<LanguageModelV4StreamPart>): AsyncGenerator<string | AnswerEnd, void> {
  const reader = stream.getReader()
  let whole = false
  try {
    for (;;) {
      const { done, value: part } = await reader.read()
      if (done) break
      if (part.type === 'text-delta') {
        if (part.delta !== '') yield part.delta
      } else if (part.type === 'finish') {
        const end = answerEnd(part.finishReason, part.usage, part.providerMetadata)
        whole = true
        yield end
      } else if (part.type === 'error') {
        throw part.error
      }
    }
    if (!whole) throw brokenOff('The answer ended without saying that it is whole.')
  } finally {
    // Also when the consumer stops early: then the source must hear of it.
    if (!whole) await reader.cancel().catch(() => undefined)
  }
}

function callOptions(question: Question): LanguageModelV4CallOptions {
  const { prompt, settings, requestId, tenant, key, sessionId, signal } = question
  return {
    ...settings,
    prompt,
    abortSignal: signal,
    providerOptions: {
      holdfast: {
        requestId,
        tenant,
        ...(key === undefined ? {} : { key }),
        ...(sessionId === undefined ? {} : { sessionId }),
      },
    },
  }
}

function answerEnd(
  reason: LanguageModelV4FinishReason,
  usage: LanguageModelV4Usage,
  metadata: SharedV4ProviderMetadata | undefined,
): AnswerEnd {
  if (reason.unified === 'error' || reason.unified === 'interrupted') {
    throw brokenOff('The answer broke off before it was whole.')
  }
  return {
    finishReason:
      reason.unified === 'length' ? 'length' : reason.unified === 'content-filter' ? 'content_filter' : 'stop',
    usage: tokensOf(usage),
    provenance: metadata?.['holdfast'] as unknown as Provenance | undefined,
  }
}

function tokensOf({ inputTokens, outputTokens }: LanguageModelV4Usage): AnswerEnd['usage'] {
  if (inputTokens.total === undefined && outputTokens.total === undefined) return undefined
  return { inputTokens: inputTokens.total ?? 0, outputTokens: outputTokens.total ?? 0 }
}

function brokenOff(message: string): HoldfastError {
  return new HoldfastError({ code: 'STREAM_INCOMPLETE', category: 'malformed', message, retryable: true })
}

const PROVENANCE_HEADERS = ['tier', 'served-by', 'attempts', 'age-ms', 'similarity', 'sandbox'].map(
  (name) => `x-holdfast-${name}`,
)

function provenanceHeaders(
  headers: Readonly<Record<string, string | undefined>> | undefined,
  requestId: string,
): Record<string, string> {
  const kept: Record<string, string> = { 'x-holdfast-request-id': requestId }
  for (const name of PROVENANCE_HEADERS) {
    const value = headers?.[name]
    if (value !== undefined) kept[name] = value
  }
  return kept
}

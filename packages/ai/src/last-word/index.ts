/*
 * The last word. This module imports nothing, neither values nor types, so that nothing else can break it: not a package that
 * is missing, not a file that is half written. Keep it so; a test holds it to that.
 */

/** Whom to turn to. Copied when the model is built. */
export interface LastWordContact {
  readonly name?: string | undefined
  readonly phone?: string | undefined
  readonly email?: string | undefined
}

/** A part of the stream. */
export type LastWordPart =
  | { type: 'stream-start'; warnings: [] }
  | { type: 'text-start'; id: string }
  | { type: 'text-delta'; id: string; delta: string }
  | { type: 'text-end'; id: string }
  | {
      type: 'finish'
      finishReason: { unified: 'stop'; raw: undefined }
      usage: LastWordUsage
      providerMetadata: LastWordMetadata
    }

/** Nothing is known about tokens: no language model spoke. */
export interface LastWordUsage {
  inputTokens: { total: undefined; noCache: undefined; cacheRead: undefined; cacheWrite: undefined }
  outputTokens: { total: undefined; text: undefined; reasoning: undefined }
}

/** Who spoke, in the form in which a tier list reads it. */
export interface LastWordMetadata {
  [provider: string]: { servedBy: string; rememberable: boolean }
}

/** What it looks at in a call. */
export interface LastWordCall {
  readonly abortSignal?: { readonly aborted: boolean; readonly reason?: unknown } | undefined
}

/** A `LanguageModelV4` of the AI SDK. */
export interface LastWordModel {
  readonly specificationVersion: 'v4'
  readonly provider: string
  readonly modelId: string
  readonly supportedUrls: Record<string, RegExp[]>
  doGenerate(call: LastWordCall): Promise<{
    content: { type: 'text'; text: string }[]
    finishReason: { unified: 'stop'; raw: undefined }
    usage: LastWordUsage
    warnings: []
    providerMetadata: LastWordMetadata
  }>
  doStream(
    call: LastWordCall,
  ): Promise<{ stream: ReadableStream<LastWordPart>; response: { headers: Record<string, string> } }>
}

const ENGLISH = 'Our assistant cannot answer at the moment. A person will help you'
const ITALIAN = 'Il nostro assistente al momento non può rispondere. Una persona la aiuterà'

/**
 * A model that says one sentence, in English and in Italian, and how to reach a person. It imports nothing, asks nothing and
 * keeps nothing, so it answers when everything else is broken. Only a caller that has already given up gets its own reason
 * back.
 *
 * @example
 * ```ts
 * import { lastWord } from '@holdfast/ai/last-word'
 * import { generateText } from 'ai'
 *
 * const { text } = await generateText({ model: lastWord({ name: 'the help desk', phone: '+1 555 0100' }), prompt: 'Hello' })
 * console.log(text)
 * ```
 */
export function lastWord(contact: LastWordContact): LastWordModel {
  const text = sentence(contact)
  const check = (call: LastWordCall): void => {
    if (call?.abortSignal?.aborted === true) throw call.abortSignal.reason
  }
  return Object.freeze({
    specificationVersion: 'v4' as const,
    provider: 'holdfast',
    modelId: 'last-word',
    supportedUrls: {},
    async doGenerate(call: LastWordCall) {
      check(call)
      return {
        content: [{ type: 'text' as const, text }],
        finishReason: { unified: 'stop' as const, raw: undefined },
        usage: usage(),
        warnings: [] as [],
        providerMetadata: metadata(),
      }
    },
    async doStream(call: LastWordCall) {
      check(call)
      const parts: LastWordPart[] = [
        { type: 'stream-start', warnings: [] },
        { type: 'text-start', id: 'text' },
        { type: 'text-delta', id: 'text', delta: text },
        { type: 'text-end', id: 'text' },
        {
          type: 'finish',
          finishReason: { unified: 'stop', raw: undefined },
          usage: usage(),
          providerMetadata: metadata(),
        },
      ]
      const stream = new ReadableStream<LastWordPart>({
        start(controller) {
          for (const part of parts) controller.enqueue(part)
          controller.close()
        },
      })
      return { stream, response: { headers: { 'x-holdfast-served-by': 'last-word' } } }
    },
  })
}

/** A contact that cannot be read must not take the sentence with it. */
function sentence(contact: LastWordContact): string {
  const read = (name: keyof LastWordContact): string => {
    try {
      const value: unknown = contact[name]
      return typeof value === 'string' ? value.trim() : ''
    } catch {
      return ''
    }
  }
  const ways = [read('name'), read('phone'), read('email')].filter((way) => way !== '').join(', ')
  const where = ways === '' ? '.' : `: ${ways}.`
  return `${ENGLISH}${where}\n\n${ITALIAN}${where}`
}

function usage(): LastWordUsage {
  return {
    inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: undefined, text: undefined, reasoning: undefined },
  }
}

function metadata(): LastWordMetadata {
  return { holdfast: { servedBy: 'last-word', rememberable: false } }
}

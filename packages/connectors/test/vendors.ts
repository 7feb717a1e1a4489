import type { LlmProvider } from '../src/llm/options.ts'

/** How one vendor says on the wire what a test wants it to say. */
export interface VendorWire {
  readonly provider: LlmProvider
  readonly model: string
  /** What is appended to `/base`, streamed and not. */
  readonly paths: readonly [whole: string, streamed: string]
  readonly keyHeader: string
  /** What stands before the key there. */
  readonly keyPrefix: string
  /** What the model calls its provider. */
  readonly id: string
  /** A whole answer; with `''` one that says nothing. */
  whole(text: string): unknown
  /** The events of a stream that has said this; without its end. */
  begun(text: string): string
  /** The events that end it. */
  readonly end: string
  /** A stream that calls the tool `find` with `{"a":1}`, whole. */
  readonly toolCall: string
  /** An answer that the content filter ended before its first word. */
  readonly filtered: string
  /** The body of a refusal, and the event of one in a stream. */
  error(status: number, message: string): unknown
  errorEvent(status: number, message: string): string
}

const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`
const named = (type: string, value: object): string => `event: ${type}\n${data({ type, ...value })}`

const message = { id: 'm1', type: 'message', role: 'assistant', model: 'claude-x', stop_sequence: null }
const tokens = { input_tokens: 5, output_tokens: 2 }
const started = named('message_start', { message: { ...message, content: [], stop_reason: null, usage: tokens } })
const stopped = (reason: string): string =>
  named('message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 2 } }) +
  named('message_stop', {})
const block = (content: unknown, delta: unknown): string =>
  named('content_block_start', { index: 0, content_block: content }) + named('content_block_delta', { index: 0, delta })
const blockEnd = named('content_block_stop', { index: 0 })
const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
}
const anthropicError = (status: number, text: string): object => ({
  error: { type: ANTHROPIC_TYPES[status] ?? 'api_error', message: text },
})

const anthropic: VendorWire = {
  provider: 'anthropic',
  model: 'claude-x',
  paths: ['/messages', '/messages'],
  keyHeader: 'x-api-key',
  keyPrefix: '',
  id: 'anthropic.messages',
  whole: (text) => ({
    ...message,
    content: text === '' ? [] : [{ type: 'text', text }],
    stop_reason: 'end_turn',
    usage: tokens,
  }),
  begun: (text) => started + (text === '' ? '' : block({ type: 'text', text: '' }, { type: 'text_delta', text })),
  end: stopped('end_turn'),
  toolCall:
    started +
    block(
      { type: 'tool_use', id: 't1', name: 'find', input: {} },
      { type: 'input_json_delta', partial_json: '{"a":1}' },
    ) +
    blockEnd +
    stopped('tool_use'),
  filtered: started + stopped('refusal'),
  error: (status, text) => ({ type: 'error', ...anthropicError(status, text), request_id: 'r1' }),
  errorEvent: (status, text) => named('error', anthropicError(status, text)),
}

const GOOGLE_STATUSES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
}
const usageMetadata = { promptTokenCount: 5, candidatesTokenCount: 2, totalTokenCount: 7 }
const candidate = (parts: unknown[], finishReason?: string): object => ({
  candidates: [
    { index: 0, content: { role: 'model', parts }, ...(finishReason === undefined ? {} : { finishReason }) },
  ],
  usageMetadata,
})
const googleError = (status: number, text: string): object => ({
  error: { code: status, message: text, status: GOOGLE_STATUSES[status] ?? 'UNKNOWN' },
})

const google: VendorWire = {
  provider: 'google',
  model: 'gemini-x',
  paths: ['/models/gemini-x:generateContent', '/models/gemini-x:streamGenerateContent'],
  keyHeader: 'x-goog-api-key',
  keyPrefix: '',
  id: 'google.generative-ai',
  whole: (text) => candidate(text === '' ? [] : [{ text }], 'STOP'),
  begun: (text) => data(candidate(text === '' ? [] : [{ text }])),
  end: data(candidate([], 'STOP')),
  toolCall: data(candidate([{ functionCall: { name: 'find', args: { a: 1 } } }], 'STOP')),
  filtered: data({ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata }),
  error: googleError,
  errorEvent: (status, text) => data(googleError(status, text)),
}

const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 }
const chunk = (delta: unknown, finish: string | null = null): string =>
  data({
    id: 'c1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-x',
    choices: [{ index: 0, delta, finish_reason: finish }],
  })
const done = (reason: string): string => chunk({}, reason) + data({ id: 'c1', choices: [], usage }) + 'data: [DONE]\n\n'
const OPENAI_CODES: Readonly<Record<number, string>> = {
  401: 'invalid_api_key',
  404: 'model_not_found',
  429: 'rate_limit_exceeded',
}
const openaiError = (status: number, text: string): object => ({
  error: { message: text, type: 'some_error', param: null, code: OPENAI_CODES[status] ?? null },
})

const openai: VendorWire = {
  provider: 'openai',
  model: 'gpt-x',
  paths: ['/chat/completions', '/chat/completions'],
  keyHeader: 'authorization',
  keyPrefix: 'Bearer ',
  id: 'openai.chat',
  whole: (text) => ({
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-x',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage,
  }),
  begun: (text) => chunk({ role: 'assistant', content: text }),
  end: done('stop'),
  toolCall:
    chunk({
      tool_calls: [{ index: 0, id: 't1', type: 'function', function: { name: 'find', arguments: '{"a":1}' } }],
    }) + done('tool_calls'),
  filtered: done('content_filter'),
  error: openaiError,
  errorEvent: (status, text) => data({ error: { message: text, type: 'server_error', param: null, code: status } }),
}

/** OpenRouter tells the status of the provider behind it as a number, in a stream beside a choice that ends with `error`. */
const routerError = (status: number, text: string): object => ({ error: { code: status, message: text } })

const openrouter: VendorWire = {
  ...openai,
  provider: 'openrouter',
  id: 'openrouter',
  error: routerError,
  errorEvent: (status, text) =>
    data({
      id: 'c1',
      ...routerError(status, text),
      choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
    }),
}

/** Every vendor whose wire format is spoken. */
export const VENDORS: readonly VendorWire[] = [
  anthropic,
  google,
  openai,
  openrouter,
  { ...openai, provider: 'openai-compatible', id: 'openai-compatible' },
]

/*
 * Language models, each by the wire format of its provider.
 *
 * Documented (OpenAI): the wire format, `stream_options.include_usage`, error codes, `Retry-After`.
 * Documented (OpenRouter): an error object in a 200, and in the middle of a stream.
 * Documented (Anthropic): error bodies, 529, `error` events in a stream. Documented (Google): error bodies, `google.rpc.RetryInfo`, `API_KEY_INVALID`.
 * Seen in reports of others, not verified: the words for a prompt that is too long (Anthropic, Google), for an empty account (Anthropic) and for a
 * model that thinks and was given too few tokens (OpenAI).
 * Read in the source of @ai-sdk/openai-compatible 3.0: a stream that ends without a finish reason becomes an error part and a
 * `finish` with the reason `error`; an error event in a stream does not keep a later `finish` from saying `stop`. Of @ai-sdk/anthropic, google and
 * openai 4.0: such a stream becomes a `finish` with the reason `interrupted`, or (Anthropic, before any output) none at all.
 */
export { languageModel } from './language-model.ts'
export { openAICompatibleModel } from './openai-compatible-model.ts'
export type { OpenAICompatibleModelOptions } from './openai-compatible-model.ts'
export { probeLanguageModel } from './probe.ts'
export { LLM_BASE_URLS, LLM_PROVIDERS } from './options.ts'
export type { LanguageModelOptions, LlmProvider } from './options.ts'

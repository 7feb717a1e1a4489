/*
 * Language models behind OpenAI's chat completions.
 *
 * Documented (OpenAI): the wire format, `stream_options.include_usage`, error codes, `Retry-After`.
 * Documented (OpenRouter): an error object in a 200, and in the middle of a stream.
 * Read in the source of @ai-sdk/openai-compatible 3.0: a stream that ends without a finish reason becomes an error part and a
 * `finish` with the reason `error`; an error event in a stream does not keep a later `finish` from saying `stop`.
 */
export { openAICompatibleModel } from './openai-compatible-model.ts'
export type { OpenAICompatibleModelOptions } from './openai-compatible-model.ts'

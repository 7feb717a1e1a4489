import type { LanguageModelV4Prompt } from '@ai-sdk/provider'
import type { Question } from '../answer/answer.ts'
import { ApiError } from '../http/errors.ts'

/** A request for a chat completion, understood. */
export interface CompletionRequest {
  readonly model: string
  readonly stream: boolean
  readonly includeUsage: boolean
  readonly prompt: LanguageModelV4Prompt
  readonly settings: NonNullable<Question['settings']>
}

type Fields = Readonly<Record<string, unknown>>

/**
 * Parameters that would change the answer in a way no assistant here can follow: passing over them in silence would be
 * worse than saying so. With the values that ask for nothing. Parameters that are in neither list are passed over.
 */
const UNSUPPORTED: Readonly<Record<string, { readonly harmless: readonly unknown[]; readonly why: string }>> = {
  tools: { harmless: [], why: 'an assistant brings its own tools' },
  tool_choice: { harmless: ['none', 'auto'], why: 'an assistant brings its own tools' },
  functions: { harmless: [], why: 'an assistant brings its own tools' },
  function_call: { harmless: ['none', 'auto'], why: 'an assistant brings its own tools' },
  n: { harmless: [1], why: 'there is one answer to a question' },
  response_format: { harmless: [], why: 'answers are text' },
  logprobs: { harmless: [false], why: 'not every tier has them' },
  top_logprobs: { harmless: [0], why: 'not every tier has them' },
  logit_bias: { harmless: [], why: 'not every tier has it' },
  audio: { harmless: [], why: 'answers are text' },
  modalities: { harmless: [], why: 'answers are text' },
  web_search_options: { harmless: [], why: 'an assistant brings its own tools' },
}

// Checked by hand: a schema library would walk every part of a body of up to a mebibyte and cost more than the answer.

/**
 * Reads the body of `POST /v1/chat/completions`.
 * @throws ApiError with the parameter that is wrong.
 */
export function readCompletionRequest(body: unknown): CompletionRequest {
  if (!isFields(body)) throw invalid('The body must be a JSON object.')
  const { model, stream, stream_options: streamOptions, messages } = body
  if (typeof model !== 'string' || model === '') throw invalid('`model` must name an assistant.', 'model')
  if (!isAbsent(stream) && typeof stream !== 'boolean') throw invalid('`stream` must be true or false.', 'stream')
  if (!isAbsent(streamOptions) && !isFields(streamOptions)) {
    throw invalid('`stream_options` must be an object.', 'stream_options')
  }
  refuseUnsupported(body)
  return {
    model,
    stream: stream === true,
    includeUsage: isFields(streamOptions) && streamOptions['include_usage'] === true,
    prompt: readMessages(messages),
    settings: readSettings(body),
  }
}

function refuseUnsupported(body: Fields): void {
  for (const [param, { harmless, why }] of Object.entries(UNSUPPORTED)) {
    const value = body[param]
    if (isAbsent(value) || harmless.includes(value)) continue
    if (Array.isArray(value) && (value.length === 0 || (param === 'modalities' && value.join() === 'text'))) continue
    if (param === 'response_format' && isFields(value) && value['type'] === 'text') continue
    if (param === 'logit_bias' && isFields(value) && Object.keys(value).length === 0) continue
    throw new ApiError('unsupported_parameter', { message: `\`${param}\` is not supported: ${why}.`, param })
  }
}

function readMessages(messages: unknown): LanguageModelV4Prompt {
  if (!Array.isArray(messages)) throw invalid('`messages` must be a list.', 'messages')
  if (messages.length === 0) throw new ApiError('empty_messages', { param: 'messages' })
  const prompt: LanguageModelV4Prompt = []
  let asked = false
  messages.forEach((message: unknown, index) => {
    const param = `messages[${index}]`
    if (!isFields(message)) throw invalid(`\`${param}\` must be an object with a role and a content.`, param)
    const { role, content } = message
    if (!isAbsent(message['tool_calls']) || role === 'tool' || role === 'function') {
      throw new ApiError('unsupported_parameter', {
        message: `\`${param}\` is about a tool, which is not supported: an assistant brings its own tools.`,
        param,
      })
    }
    if (role !== 'user' && role !== 'assistant' && role !== 'system' && role !== 'developer') {
      throw invalid(`\`${param}.role\` must be "system", "developer", "user" or "assistant".`, `${param}.role`)
    }
    const text = readContent(content, `${param}.content`)
    if (role === 'user') {
      asked ||= text.trim() !== ''
      prompt.push({ role, content: [{ type: 'text', text }] })
    } else if (role === 'assistant') {
      prompt.push({ role, content: [{ type: 'text', text }] })
    } else {
      prompt.push({ role: 'system', content: text })
    }
  })
  if (!asked) throw new ApiError('empty_messages', { param: 'messages' })
  return prompt
}

function readContent(content: unknown, param: string): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) throw invalid(`\`${param}\` must be text, or a list of parts of text.`, param)
  return content
    .map((part: unknown, index) => {
      if (!isFields(part)) throw invalid(`\`${param}[${index}]\` must be an object.`, `${param}[${index}]`)
      if (part['type'] !== 'text') {
        throw new ApiError('unsupported_parameter', {
          message: `\`${param}[${index}]\` is of the type ${JSON.stringify(part['type'])}; only text is supported.`,
          param: `${param}[${index}].type`,
        })
      }
      if (typeof part['text'] !== 'string') {
        throw invalid(`\`${param}[${index}].text\` must be text.`, `${param}[${index}].text`)
      }
      return part['text']
    })
    .join('')
}

function readSettings(body: Fields): CompletionRequest['settings'] {
  const limit = isAbsent(body['max_completion_tokens']) ? 'max_tokens' : 'max_completion_tokens'
  const settings = {
    temperature: readNumber(body, 'temperature', 0, 2),
    topP: readNumber(body, 'top_p', 0, 1),
    maxOutputTokens: readNumber(body, limit, 1, 1_000_000, true),
    seed: readNumber(body, 'seed', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, true),
    presencePenalty: readNumber(body, 'presence_penalty', -2, 2),
    frequencyPenalty: readNumber(body, 'frequency_penalty', -2, 2),
    stopSequences: readStop(body['stop']),
  }
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}

function readNumber(body: Fields, param: string, min: number, max: number, whole = false): number | undefined {
  const value = body[param]
  if (isAbsent(value)) return undefined
  if (typeof value !== 'number' || value < min || value > max || (whole && !Number.isSafeInteger(value))) {
    throw invalid(`\`${param}\` must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}.`, param)
  }
  return value
}

function readStop(value: unknown): string[] | undefined {
  if (isAbsent(value)) return undefined
  const list: unknown[] = Array.isArray(value) ? value : [value]
  if (list.length > 4 || !list.every((item) => typeof item === 'string' && item !== '')) {
    throw invalid('`stop` must be text, or a list of up to four.', 'stop')
  }
  return list.length === 0 ? undefined : (list as string[])
}

function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(message: string, param?: string): ApiError {
  return new ApiError('invalid_request', param === undefined ? { message } : { message, param })
}

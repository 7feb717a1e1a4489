/**
 * OpenAI's chat completions, as any OpenAI-compatible endpoint speaks them. Documented by OpenAI: the request, the chunks of a stream
 * (role first, `tool_calls` by `index`, a last chunk with `finish_reason`, one with `usage` and no choices when asked for, `[DONE]`),
 * error bodies, `x-request-id`, `openai-processing-ms`, `x-ratelimit-*`, `retry-after`. The tokens it counts are words and a third.
 */
import { parseJson, type Received } from '../http/received.ts'
import { json, withHeaders, type Reply, type WholeReply } from '../http/reply.ts'
import type { Vendor } from '../http/stand-in.ts'
import type { Settings } from '../settings.ts'
import { completion, stream } from './completion.ts'
import { chatRequest, textOf } from './request.ts'
import { countTokens } from './spoken.ts'
import { think } from './think.ts'

const MODELS = [
  'sandbox-large',
  'sandbox-mini',
  'gpt-5',
  'gpt-5-mini',
  'gpt-4.1',
  'gpt-4.1-mini',
  'gpt-4o',
  'gpt-4o-mini',
]
const CREATED = 1_767_225_600
const CONTEXT_TOKENS = 128_000
const RATE_LIMITS: Readonly<Record<string, string>> = {
  'x-ratelimit-limit-requests': '10000',
  'x-ratelimit-limit-tokens': '2000000',
  'x-ratelimit-remaining-requests': '9999',
  'x-ratelimit-remaining-tokens': '1998500',
  'x-ratelimit-reset-requests': '6ms',
  'x-ratelimit-reset-tokens': '45ms',
}

/** Makes the stand-in for the language model. */
export function llm(options: { readonly settings: () => Settings; readonly now: () => number }): Vendor {
  let requests = 0

  const complete = async (request: Received): Promise<Reply> => {
    const body = parseJson(request.body)
    if (body === undefined) return refused(400, 'We could not parse the JSON body of your request.')
    const parsed = chatRequest.safeParse(body)
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!
      return refused(400, `Invalid value for '${issue.path.join('.')}': ${issue.message}`, issue.path.join('.'))
    }
    const chat = parsed.data
    if (!knows(chat.model)) return unknownModel(chat.model)
    const promptTokens = chat.messages.reduce((sum, message) => sum + countTokens(textOf(message)) + 4, 0)
    if (promptTokens > CONTEXT_TOKENS) return tooLong(promptTokens)
    const { now, timeZone, llmRecites: recites } = options.settings()
    const thought = await think(chat, { now: new Date(now ?? options.now()), timeZone, recites })
    const about = {
      id: `chatcmpl-sandbox${requests}`,
      created: Math.floor(options.now() / 1_000),
      model: chat.model,
      promptTokens,
    }
    const limit = chat.max_completion_tokens ?? chat.max_tokens ?? Infinity
    return chat.stream === true
      ? stream(thought, about, limit, chat.stream_options?.include_usage === true)
      : json(200, completion(thought, about, limit))
  }

  const route = (request: Received): Reply | Promise<Reply> => {
    const path = request.path.replace(/\/$/, '')
    if (path === '/v1/chat/completions') {
      return request.method === 'POST'
        ? complete(request)
        : refused(405, `Not allowed to ${request.method} on /v1/chat/completions`)
    }
    if (request.method === 'GET' && path === '/v1/models') return json(200, { object: 'list', data: MODELS.map(model) })
    const one = /^\/v1\/models\/([^/]+)$/.exec(path)?.[1]
    if (request.method === 'GET' && one !== undefined) return knows(one) ? json(200, model(one)) : unknownModel(one)
    return refused(404, `Invalid URL (${request.method} ${request.path})`)
  }

  return {
    service: 'llm',
    errors,
    async answer(request) {
      requests += 1
      if (!/^Bearer \S+/.test(request.headers.authorization ?? '')) return errors.error(401)
      const reply = await route(request)
      return withHeaders(reply, {
        'x-request-id': `req_sandbox${requests}`,
        'openai-processing-ms': '12',
        'openai-version': '2020-10-01',
        ...(reply.status === 200 ? RATE_LIMITS : {}),
      })
    },
  }
}

function knows(name: string): boolean {
  return MODELS.includes(name) || /^(gpt-|o\d|sandbox)/.test(name)
}

const model = (id: string): unknown => ({ id, object: 'model', created: CREATED, owned_by: 'holdfast-sandbox' })

function unknownModel(name: string): WholeReply {
  return refused(404, `The model \`${name}\` does not exist or you do not have access to it.`, null, 'model_not_found')
}

function tooLong(tokens: number): WholeReply {
  return refused(
    400,
    `This model's maximum context length is ${CONTEXT_TOKENS} tokens. However, your messages resulted in ${tokens} tokens. Please reduce the length of the messages.`,
    'messages',
    'context_length_exceeded',
  )
}

function refused(
  status: number,
  message: string,
  param: string | null = null,
  code: string | null = null,
  type = 'invalid_request_error',
): WholeReply {
  return json(status, { error: { message, type, param, code } })
}

const errors = {
  error(status: number): WholeReply {
    switch (status) {
      case 400:
        return refused(400, 'Bad request')
      case 401:
        return refused(
          401,
          "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
        )
      case 403:
        return refused(
          403,
          'Country, region, or territory not supported',
          null,
          'unsupported_country_region_territory',
          'request_forbidden',
        )
      case 404:
        return refused(404, 'Not found')
      case 429:
        return errors.rateLimited('', 1)
      case 503:
        return refused(
          503,
          'The engine is currently overloaded, please try again later',
          null,
          null,
          'service_unavailable',
        )
      default:
        return refused(
          status,
          'The server had an error while processing your request. Sorry about that!',
          null,
          null,
          'server_error',
        )
    }
  },
  rateLimited(_path: string, retryAfterSeconds: number): WholeReply {
    const refusal = refused(
      429,
      `Rate limit reached for requests. Please try again in ${retryAfterSeconds}s.`,
      null,
      'rate_limit_exceeded',
      'requests',
    )
    return withHeaders(refusal, {
      ...RATE_LIMITS,
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': `${retryAfterSeconds}s`,
      'retry-after': String(retryAfterSeconds),
      'retry-after-ms': String(Math.round(retryAfterSeconds * 1_000)),
    })
  },
  contextLength: () => tooLong(CONTEXT_TOKENS + 1),
  errorInBody: (isLimit: boolean) => ({
    error: isLimit
      ? { message: 'Rate limit exceeded: limit_rpm', code: 429, metadata: { provider_name: 'sandbox' } }
      : { message: 'Provider returned error', code: 502, metadata: { provider_name: 'sandbox' } },
  }),
  errorPart: (isLimit: boolean) => {
    const error = isLimit
      ? { message: 'Rate limit reached for requests.', type: 'requests', param: null, code: 'rate_limit_exceeded' }
      : {
          message: 'The server had an error while processing your request.',
          type: 'server_error',
          param: null,
          code: null,
        }
    return `data: ${JSON.stringify({ error })}\n\n`
  },
}

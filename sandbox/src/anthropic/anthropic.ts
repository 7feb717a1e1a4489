/**
 * Anthropic's messages. Documented by Anthropic: the request, the events of a stream (`message_start`, blocks that start, grow and stop by
 * `index`, `ping`, `message_delta` with the reason to stop, `message_stop`, `error` after a 200), error bodies, `request-id`, `retry-after`,
 * `anthropic-ratelimit-*`. Seen in reports of others, and not verified: the wording of refusals. It never thinks aloud, so a `thinking` block
 * in a history is another's, and its signature is refused. The tokens it counts are a quarter of the characters.
 */
import type { z } from 'zod'
import { parseJson, type Received } from '../http/received.ts'
import { json, withHeaders, type Reply, type WholeReply } from '../http/reply.ts'
import type { Vendor } from '../http/stand-in.ts'
import { countTokens, type Thought } from '../llm/spoken.ts'
import { think } from '../llm/think.ts'
import type { Settings } from '../settings.ts'
import { chatOf, prefill } from './chat.ts'
import { anthropicErrors, CONTEXT_TOKENS, rateLimits } from './errors.ts'
import { streamedMessage, wholeMessage } from './message.ts'
import { fault, messageSchema, promptSchema, type Prompt } from './request.ts'

const MODELS = ['claude-opus-4-5', 'claude-sonnet-4-5', 'claude-haiku-4-5', 'sandbox-large', 'sandbox-mini']

/** Makes the stand-in for Anthropic. It is a guest at the port of the language model. */
export function anthropic(options: { readonly settings: () => Settings; readonly now: () => number }): Vendor {
  let requests = 0
  const nextRequestId = (): string => `req_sandbox${(requests += 1)}`
  const errors = anthropicErrors({ now: options.now, nextRequestId })

  /** The prompt in a body, or why it is refused. */
  const read = <S extends z.ZodType<Prompt>>(
    schema: S,
    body: string,
  ): { readonly prompt: z.output<S> } | { readonly refusal: WholeReply } => {
    const value = parseJson(body)
    if (value === undefined) return { refusal: errors.refused(400, 'The request body is not valid JSON') }
    const parsed = schema.safeParse(value)
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!
      return { refusal: errors.refused(400, `${issue.path.join('.')}: ${issue.message}`) }
    }
    const prompt = parsed.data
    if (!knows(prompt.model)) return { refusal: errors.refused(404, `model: ${prompt.model}`) }
    const wrong = fault(prompt)
    return wrong === undefined ? { prompt } : { refusal: errors.refused(400, wrong) }
  }

  const message = async (request: Received): Promise<Reply> => {
    const asked = read(messageSchema, request.body)
    if ('refusal' in asked) return asked.refusal
    const { prompt } = asked
    const inputTokens = tokensOf(prompt)
    if (inputTokens > CONTEXT_TOKENS) {
      return errors.refused(400, `prompt is too long: ${inputTokens} tokens > ${CONTEXT_TOKENS} maximum`)
    }
    const { now, timeZone, llmRecites: recites } = options.settings()
    const thought = await think(chatOf(prompt), { now: new Date(now ?? options.now()), timeZone, recites })
    const about = { id: `msg_sandbox${requests}`, model: prompt.model, inputTokens }
    const said = after(prefill(prompt), thought)
    return prompt.stream === true
      ? streamedMessage(said, about, prompt.max_tokens)
      : json(200, wholeMessage(said, about, prompt.max_tokens))
  }

  const count = (request: Received): Reply => {
    const asked = read(promptSchema, request.body)
    return 'refusal' in asked ? asked.refusal : json(200, { input_tokens: tokensOf(asked.prompt) })
  }

  const route = (request: Received): Reply | Promise<Reply> => {
    const call = `${request.method} ${request.path.replace(/\/$/, '')}`
    if (call === 'POST /v1/messages') return message(request)
    if (call === 'POST /v1/messages/count_tokens') return count(request)
    if (call === 'GET /v1/models') return json(200, page(MODELS.map(model)))
    const one = /^GET \/v1\/models\/([^/]+)$/.exec(call)?.[1]
    if (one !== undefined) return knows(one) ? json(200, model(one)) : errors.refused(404, `model: ${one}`)
    return errors.refused(request.path === '/v1/messages' ? 405 : 404)
  }

  return {
    service: 'anthropic',
    errors,
    takes: (path, headers) => /^\/v1\/messages(\/|$)/.test(path) || headers['anthropic-version'] !== undefined,
    async answer(request) {
      const { 'x-api-key': key, authorization, 'anthropic-version': version } = request.headers
      if (!key && !/^Bearer \S+/.test(authorization ?? '')) return errors.refused(401, 'x-api-key header is required')
      if (version === undefined) return errors.refused(400, 'anthropic-version: header is required')
      const reply = await route(request)
      if (reply.status !== 200) return reply
      return withHeaders(reply, { 'request-id': nextRequestId(), ...rateLimits(options.now()) })
    },
  }
}

function knows(name: string): boolean {
  return /^(claude-|sandbox)/.test(name)
}

/** What is still to be said once the caller has begun: the rest, where that is how it would have begun. */
function after(begun: string, thought: Thought): Thought {
  if (thought.kind === 'calls' || !thought.text.startsWith(begun)) return thought
  return { kind: 'text', text: thought.text.slice(begun.length) }
}

function tokensOf({ system, messages, tools }: Prompt): number {
  return countTokens(JSON.stringify([system, messages, tools]))
}

const model = (id: string): unknown => ({
  type: 'model',
  id,
  display_name: id.replaceAll('-', ' '),
  created_at: '2026-01-01T00:00:00Z',
})

function page(data: readonly unknown[]): unknown {
  return { data, has_more: false, first_id: MODELS[0], last_id: MODELS.at(-1) }
}

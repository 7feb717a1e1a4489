import type { LanguageModelV4 } from '@ai-sdk/provider'
import { afterEach, describe, expect, it } from 'vitest'
import { call, events, parts, streamError } from '../../test/ask-model.ts'
import { everythingIn, json, rejection, startServer } from '../../test/local-server.ts'
import type { Handler, LocalServer } from '../../test/local-server.ts'
import { openAICompatibleModel } from './openai-compatible-model.ts'

const SECRET = 'sk-llm-0123456789'

let server: LocalServer

async function start(handler: Handler): Promise<LanguageModelV4> {
  server = await startServer(handler)
  return openAICompatibleModel({ baseUrl: `${server.url}/v1`, apiKey: SECRET, model: 'gpt-x' })
}

afterEach(() => server.close())

const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 }
const completion = (message: unknown): unknown => ({
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-x-2026',
  choices: [{ index: 0, message, finish_reason: 'stop' }],
  usage,
})
const delta = (change: unknown, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c1', model: 'gpt-x-2026', choices: [{ index: 0, delta: change, finish_reason: finish }] })}\n\n`
describe('an answer', () => {
  it('is generated, with its usage and who gave it', async () => {
    const model = await start((_, response) => json(response, completion({ role: 'assistant', content: 'In Nice.' })))
    const result = await model.doGenerate(call)
    expect(result).toMatchObject({
      content: [{ type: 'text', text: 'In Nice.' }],
      usage: { inputTokens: { total: 5 } },
      providerMetadata: { holdfast: { servedBy: 'llm:gpt-x' } },
    })
    expect(server.requests[0]?.headers['authorization']).toBe(`Bearer ${SECRET}`)
    expect(server.requests[0]?.path).toBe('/v1/chat/completions')
    expect(server.requests[0]?.body).not.toContain('holdfast')
  })

  it('is streamed, with its usage', async () => {
    const last = `data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`
    const model = await start(
      events(delta({ role: 'assistant', content: 'In ' }), delta({ content: 'Nice.' }), delta({}, 'stop'), last),
    )
    const seen = await parts(model)
    expect(seen.flatMap((part) => (part.type === 'text-delta' ? [part.delta] : []))).toEqual(['In ', 'Nice.'])
    expect(seen.at(-1)).toMatchObject({
      type: 'finish',
      finishReason: { unified: 'stop' },
      usage: { outputTokens: { total: 2 } },
      providerMetadata: { holdfast: { servedBy: 'llm:gpt-x' } },
    })
    expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
    })
  })

  it('may be a tool call', async () => {
    const calls = [{ index: 0, id: 't1', type: 'function', function: { name: 'find', arguments: '{"a":1}' } }]
    const model = await start(events(delta({ tool_calls: calls }), delta({}, 'tool_calls'), 'data: [DONE]\n\n'))
    const seen = await parts(model)
    expect(seen.find((part) => part.type === 'tool-call')).toMatchObject({ toolName: 'find', input: '{"a":1}' })
    expect(seen.at(-1)?.type).toBe('finish')
  })

  it('gives up its connection when the reader leaves', async () => {
    const model = await start((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(delta({ content: 'In ' }))
    })
    const reader = (await model.doStream(call)).stream.getReader()
    for (let count = 0; count < 4; count++) await reader.read()
    await reader.cancel()
    await server.openIs(0)
  })
})

describe('a failure', () => {
  it.each([
    [401, { message: `Incorrect API key provided: ${SECRET}`, code: 'invalid_api_key' }, 'auth', false],
    [429, { message: 'slow down', code: 'rate_limit_exceeded' }, 'rate-limit', true],
    [429, { message: 'pay', code: 'insufficient_quota' }, 'quota', false],
    [400, { message: 'no such role', code: 'invalid_value' }, 'client', false],
    [404, { message: 'no such model', code: 'model_not_found' }, 'configuration', false],
    [405, { message: 'not here' }, 'configuration', false],
    [410, { message: 'gone' }, 'configuration', false],
    [404, { message: 'too long', code: 'context_length_exceeded' }, 'context-length', false],
    [400, { message: 'too long', code: 'context_length_exceeded' }, 'context-length', false],
    [500, { message: 'oops', type: 'server_error' }, 'server', true],
    [503, { message: 'busy' }, 'overloaded', true],
  ])('with status %i and %j is of the category %s', async (status, error, category, retryable) => {
    const model = await start((_, response) => json(response, { error }, status, { 'retry-after': '2' }))
    for (const failure of [await rejection(model.doGenerate(call)), await streamError(model)]) {
      expect(failure).toMatchObject({ category, retryable, status, retryAfterMs: 2_000 })
      expect(everythingIn(failure)).not.toContain(SECRET)
      expect(everythingIn(failure)).not.toContain('private jet')
    }
  })

  it.each([
    ['an error object', '{"error":{"code":429,"message":"secret detail"}}', 'application/json', 'rate-limit'],
    ['an unknown model', '{"error":{"code":"model_not_found"}}', 'application/json', 'configuration'],
    ['an error without a known code', '{"error":{"message":"secret detail"}}', 'application/json', 'server'],
    ['a web page', '<!DOCTYPE html><p>secret detail</p>', 'text/html', 'malformed'],
    ['nothing', '', 'application/json', 'malformed'],
    ['no JSON', 'secret detail', 'application/json', 'malformed'],
    ['JSON that is no completion', '{"secret detail":1}', 'application/json', 'malformed'],
  ])('is a 200 with %s', async (_, body, type, category) => {
    const model = await start((__, response) => response.writeHead(200, { 'content-type': type }).end(body))
    for (const failure of [await rejection(model.doGenerate(call)), await streamError(model)]) {
      expect(failure).toMatchObject({ name: 'HoldfastError', category })
      expect(everythingIn(failure)).not.toContain('secret detail')
    }
  })

  it('keeps its status although its body never ends', async () => {
    const model = await start((_, response) => {
      response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '2' })
      response.write('{"error":')
    })
    const failure = await streamError(model)
    expect(failure).toMatchObject({ category: 'overloaded', status: 503, retryAfterMs: 2_000 })
    await server.openIs(0)
  })

  it.each([
    [503, 'false', { category: 'overloaded', retryable: false }],
    [429, 'false', { category: 'rate-limit', retryable: false }],
    [400, 'true', { category: 'server', retryable: true }],
    [503, 'maybe', { category: 'overloaded', retryable: true }],
  ])('with %i and x-should-retry: %s is asked again as the reply says', async (status, told, expected) => {
    const model = await start((_, response) => json(response, { error: {} }, status, { 'x-should-retry': told }))
    for (const failure of [await rejection(model.doGenerate(call)), await streamError(model)]) {
      expect(failure).toMatchObject({ status, ...expected })
    }
  })

  it('is an answer with nothing in it', async () => {
    const empty = await start((_, response) => json(response, completion({ role: 'assistant', content: '' })))
    expect(await rejection(empty.doGenerate(call))).toMatchObject({ code: 'EMPTY_REPLY' })
    await server.close()
    const stream = await start(events(delta({ role: 'assistant' }), delta({}, 'stop'), 'data: [DONE]\n\n'))
    expect(await streamError(stream)).toMatchObject({ code: 'EMPTY_REPLY' })
  })

  it('is a stream that ends before its finish', async () => {
    const model = await start(events(delta({ content: 'In ' })))
    expect(await streamError(model)).toMatchObject({ code: 'STREAM_INCOMPLETE', category: 'malformed' })
  })

  it('is a stream that says so in the middle, and no finish follows', async () => {
    const model = await start(
      events(
        delta({ content: 'In ' }),
        'data: {"error":{"code":"overloaded_error","message":"secret detail"}}\n\n',
        delta({}, 'stop'),
      ),
    )
    const error = await streamError(model)
    expect(error).toMatchObject({ category: 'overloaded' })
    expect(everythingIn(error)).not.toContain('secret detail')
  })

  it('is a stream with an event that is no JSON', async () => {
    const model = await start(events(delta({ content: 'In ' }), 'data: {"secret detail\n\n', delta({}, 'stop')))
    const error = await streamError(model)
    expect(error).toMatchObject({ category: 'malformed' })
    expect(everythingIn(error)).not.toContain('secret detail')
  })

  it('is a connection that breaks off in the middle', async () => {
    const model = await start((_, response, raw) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(delta({ content: 'In ' }))
      setTimeout(() => raw.socket.destroy(), 10)
    })
    expect(await streamError(model)).toMatchObject({ category: 'network' })
  })

  it('of a refused connection has certainly had no effect', async () => {
    const model = await start(() => undefined)
    await server.close()
    expect(await rejection(model.doGenerate(call))).toMatchObject({ category: 'network', mayHaveTakenEffect: false })
    expect(await streamError(model)).toMatchObject({ code: 'CONNECTION_REFUSED', mayHaveTakenEffect: false })
  })
})

describe('an abort', () => {
  it('comes back as it is and closes the connection', async () => {
    const model = await start(() => undefined)
    const controller = new AbortController()
    const reason = { my: 'reason' }
    const waiting = rejection(model.doStream({ ...call, abortSignal: controller.signal }))
    await server.openIs(1)
    controller.abort(reason)
    expect(await waiting).toBe(reason)
    await server.openIs(0)
  })
})

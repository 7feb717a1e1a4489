import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { afterEach, describe, expect, it } from 'vitest'
import { everythingIn, json, rejection, startServer } from '../../test/local-server.ts'
import type { Handler, LocalServer } from '../../test/local-server.ts'
import { n8nModel } from './n8n-model.ts'
import type { N8nModelOptions } from './options.ts'

const SECRET = 'n8n-header-key-0123456789'

let server: LocalServer

async function start(handler: Handler, options: Partial<N8nModelOptions> = {}): Promise<ReturnType<typeof n8nModel>> {
  server = await startServer(handler)
  return n8nModel({ webhookUrl: `${server.url}/webhook/charter-desk`, apiKey: SECRET, ...options })
}

afterEach(() => server.close())

const call: LanguageModelV4CallOptions = {
  prompt: [
    { role: 'system', content: 'You sell flights.' },
    { role: 'user', content: [{ type: 'text', text: 'To Nice?' }] },
    { role: 'assistant', content: [{ type: 'text', text: 'When?' }] },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'On ' },
        { type: 'text', text: 'Friday' },
      ],
    },
  ],
  providerOptions: { holdfast: { requestId: 'r-1', tenant: 'acme', sessionId: 's-1' } },
}

async function parts(model: ReturnType<typeof n8nModel>, options = call): Promise<LanguageModelV4StreamPart[]> {
  const seen: LanguageModelV4StreamPart[] = []
  for await (const part of (await model.doStream(options)).stream) seen.push(part)
  return seen
}

async function streamedText(model: ReturnType<typeof n8nModel>): Promise<string[]> {
  return (await parts(model)).flatMap((part) => (part.type === 'text-delta' ? [part.delta] : []))
}

async function text(model: ReturnType<typeof n8nModel>): Promise<string | undefined> {
  const [content] = (await model.doGenerate(call)).content
  return content?.type === 'text' ? content.text : undefined
}

const body =
  (reply: string, type = 'application/json; charset=utf-8', status = 200): Handler =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': type }).end(reply)

/** Writes each line on its own, so that none comes with another. */
const lines =
  (...written: string[]): Handler =>
  async (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
    for (const line of written) {
      response.write(line)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    response.end()
  }

const metadata = { nodeId: 'a1', nodeName: 'AI Agent', runIndex: 0, itemIndex: 0, timestamp: 1_790_000_000_000 }
const chunk = (type: string, content?: string, more = {}): string =>
  `${JSON.stringify({ type, ...(content === undefined ? {} : { content }), metadata: { ...metadata, ...more } })}\n`

describe('the request', () => {
  it('holds the question under the names of the Chat Trigger, the conversation, and who asks', async () => {
    const model = await start((_, response) => json(response, { output: 'ok' }))
    await model.doGenerate(call)
    expect(server.requests[0]).toMatchObject({ method: 'POST', path: '/webhook/charter-desk' })
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
      chatInput: 'On Friday',
      message: 'On Friday',
      sessionId: 's-1',
      tenant: 'acme',
      requestId: 'r-1',
      messages: [
        { role: 'system', content: 'You sell flights.' },
        { role: 'user', content: 'To Nice?' },
        { role: 'assistant', content: 'When?' },
        { role: 'user', content: 'On Friday' },
      ],
    })
  })

  it('carries the key in the named header, the request id and the idempotency key', async () => {
    const model = await start((_, response) => json(response, { output: 'ok' }), { authHeader: 'x-desk' })
    await model.doGenerate(call)
    expect(server.requests[0]?.headers).toMatchObject({
      'x-desk': SECRET,
      'x-request-id': 'r-1',
      'idempotency-key': 'r-1',
    })
  })

  it('makes any request id fit for a header', async () => {
    const model = await start((_, response) => json(response, { output: 'ok' }))
    await model.doGenerate({ ...call, providerOptions: { holdfast: { requestId: 'a b\r\nx-evil: 1 ü \ud800' } } })
    expect(server.requests[0]?.headers['x-request-id']).toBe('a%20b%0D%0Ax-evil:%201%20%C3%BC%20%EF%BF%BD')
    expect(server.requests[0]?.headers['x-evil']).toBeUndefined()
  })

  it('keeps its idempotency key over attempts, and has another for another question', async () => {
    const model = await start((_, response) => json(response, { output: 'ok' }))
    const first = { prompt: call.prompt }
    await model.doGenerate(first)
    await model.doGenerate({ ...first, maxOutputTokens: 1 })
    await model.doGenerate({ prompt: [...call.prompt] })
    const keys = server.requests.map((request) => request.headers['idempotency-key'])
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/)
    expect(keys[1]).toBe(keys[0])
    expect(keys[2]).not.toBe(keys[0])
  })

  it('warns of what a workflow cannot do', async () => {
    const model = await start((_, response) => json(response, { output: 'ok' }))
    const tools = [{ type: 'function' as const, name: 'a', inputSchema: { type: 'object' as const } }]
    const { warnings } = await model.doGenerate({ ...call, tools, responseFormat: { type: 'json' } })
    expect(warnings).toEqual([
      { type: 'unsupported', feature: 'tools' },
      { type: 'unsupported', feature: 'responseFormat' },
    ])
  })
})

describe('an answer', () => {
  it.each([
    ['{"output":"Yes."}'],
    ['{"text":"Yes."}'],
    ['{"response":"Yes."}'],
    ['{"answer":"Yes."}'],
    ['{"message":"Yes."}'],
    ['{"reply":"Yes."}'],
    ['[{"output":"Yes."}]'],
    ['[{"json":{"output":"Yes."}}]'],
    ['{"data":{"answer":"Yes."},"status":"ok"}'],
    ['{"response":{"text":"Yes."}}'],
    ['{"message":{"content":"no"},"output":"Yes."}'],
    ['"Yes."'],
    ['Yes.'],
    ['data is scarce.\nYes.', 'data is scarce.\nYes.'],
    ['id: 7\nYes.', 'id: 7\nYes.'],
    ['{"error":null,"success":true,"output":"Yes."}'],
  ])('is found in %s', async (reply, expected = 'Yes.') => {
    const model = await start(body(reply))
    expect(await text(model)).toBe(expected)
    expect(await streamedText(model)).toEqual([expected])
  })

  it('as text is taken although a Respond node calls it HTML', async () => {
    const model = await start(body('Three jets, **from** €9,000', 'text/html; charset=utf-8'))
    expect(await text(model)).toBe('Three jets, **from** €9,000')
  })

  it('of several items is their texts in a row', async () => {
    expect(await text(await start(body('[{"output":"One"},{"output":"Two"}]')))).toBe('One\n\nTwo')
  })

  it('is chosen by the caller where the caller knows better', async () => {
    const responseText = (value: unknown): string | undefined => (value as { deep?: { say?: string } }).deep?.say
    const model = await start(body('{"output":"no","deep":{"say":"Yes."}}'), { responseText })
    expect(await text(model)).toBe('Yes.')
  })

  it('says who gave it and how it ended', async () => {
    const model = await start(body('{"output":"Yes."}'))
    const result = await model.doGenerate(call)
    expect(result).toMatchObject({
      finishReason: { unified: 'stop' },
      providerMetadata: { holdfast: { servedBy: 'n8n' } },
    })
    expect((await parts(model)).map((part) => part.type)).toEqual([
      'stream-start',
      'response-metadata',
      'text-start',
      'text-delta',
      'text-end',
      'finish',
    ])
  })
})

describe('a streamed answer', () => {
  it('comes piece by piece, in the lines that n8n sends', async () => {
    const model = await start(lines(chunk('begin'), chunk('item', 'Three '), chunk('item', 'jets'), chunk('end')))
    expect(await streamedText(model)).toEqual(['Three ', 'jets'])
    expect(await text(model)).toBe('Three jets')
  })

  it('is shown before it is whole', async () => {
    let finish = (): void => undefined
    const model = await start(async (_, response) => {
      response.write(chunk('begin') + chunk('item', 'Three '))
      await new Promise<void>((resolve) => (finish = resolve))
      response.end(chunk('item', 'jets') + chunk('end'))
    })
    const reader = (await model.doStream(call)).stream.getReader()
    const seen: string[] = []
    while (!seen.includes('text-delta')) seen.push((await reader.read()).value?.type ?? 'ended')
    finish()
    while (!seen.includes('finish')) seen.push((await reader.read()).value?.type ?? 'ended')
    expect(seen.filter((type) => type === 'text-delta')).toHaveLength(2)
  })

  it('is read right when characters and lines are torn apart', async () => {
    const whole = Buffer.from(chunk('begin') + chunk('item', 'für 9.000 €, ✈') + chunk('end'))
    const model = await start(async (_, response) => {
      for (const byte of whole) {
        response.write(Buffer.of(byte))
        await new Promise((resolve) => setImmediate(resolve))
      }
      response.end()
    })
    expect((await streamedText(model)).join('')).toBe('für 9.000 €, ✈')
  })

  it('may come from several nodes in turn, and hold chunks of other kinds', async () => {
    const second = { nodeId: 'b2' }
    const model = await start(
      lines(
        chunk('begin') + chunk('tool-call-start') + chunk('item', 'One. ') + chunk('end'),
        chunk('begin', undefined, second) + chunk('item', 'Two.', second) + chunk('end', undefined, second).trimEnd(),
      ),
    )
    expect((await streamedText(model)).join('')).toBe('One. Two.')
  })

  it.each([
    ['text', 'data: Three\n\ndata:  jets\n\ndata: [DONE]\n\n', 'Three jets'],
    [
      'chunks of n8n',
      `data: ${chunk('begin')}\ndata: ${chunk('item', 'Three')}\ndata: ${chunk('item', ' jets')}\ndata: ${chunk('end')}\n`,
      'Three jets',
    ],
    [
      'chunks of OpenAI',
      'data: {"choices":[{"delta":{"role":"assistant"}}]}\n\ndata: {"choices":[{"delta":{"content":"Three jets"}}]}\n\n' +
        'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
      'Three jets',
    ],
    ['JSON', 'event: message\r\ndata: {"output":"Three jets"}\r\n\r\nevent: done\r\ndata:\r\n\r\n', 'Three jets'],
  ])('as server-sent events with %s is read', async (_, reply, expected) => {
    const model = await start(body(reply, 'text/event-stream'))
    expect((await streamedText(model)).join('')).toBe(expected)
  })

  it('as server-sent events is recognised although its content type says otherwise', async () => {
    const model = await start(body('data: Yes\n\ndata: [DONE]\n\n', 'text/plain'))
    expect(await text(model)).toBe('Yes')
  })

  it('gives up its connection when the reader leaves, also while nothing comes', async () => {
    const model = await start((_, response) => response.write(chunk('begin') + chunk('item', 'Three')))
    const reader = (await model.doStream(call)).stream.getReader()
    for (let count = 0; count < 4; count++) await reader.read()
    void reader.read().catch(() => undefined)
    await reader.cancel('left')
    await server.openIs(0)
  })
})

describe('a failure', () => {
  it.each([
    ['an empty body', body(''), 'EMPTY_REPLY', 'malformed'],
    ['an empty answer', body('{"output":"  "}'), 'EMPTY_REPLY', 'malformed'],
    ['JSON without an answer', body('{"id":7}'), 'NO_ANSWER', 'malformed'],
    ['an empty list', body('[]'), 'NO_ANSWER', 'malformed'],
    ['half a JSON document', body('{"output":"Three je'), 'MALFORMED_JSON', 'malformed'],
    ['binary data', body('a\0b', 'application/octet-stream'), 'BINARY_REPLY', 'malformed'],
    ['a login page', body('<!DOCTYPE html><html>Sign in</html>', 'text/html'), 'HTML_REPLY', 'malformed'],
    ['an error object', body('{"error":{"message":"secret detail"}}'), 'WORKFLOW_FAILED', 'server'],
    ['an error beside a message', body('{"success":false,"message":"secret detail"}'), 'WORKFLOW_FAILED', 'server'],
    [
      'an error of the error branch',
      body('[{"status":"error","message":"secret detail"}]'),
      'WORKFLOW_FAILED',
      'server',
    ],
    ["n8n's own error with 200", body('{"code":500,"message":"secret detail"}'), 'WORKFLOW_FAILED', 'server'],
    [
      'a webhook that does not wait',
      body('{"message":"Workflow was started"}'),
      'WEBHOOK_MISCONFIGURED',
      'configuration',
    ],
  ])('is %s with status 200', async (_, handler, code, category) => {
    const model = await start(handler)
    const error = await rejection(model.doGenerate(call))
    expect(error).toMatchObject({ code, category, mayHaveTakenEffect: true })
    expect(await rejection(parts(model))).toMatchObject({ code, category })
    expect(everythingIn(error)).not.toContain('secret detail')
  })

  it.each([
    ['a workflow that threw', 500, '{"message":"Error in workflow"}', 'WORKFLOW_FAILED', 'server', true],
    [
      'a webhook that is not registered',
      404,
      '{"code":404,"message":"The requested webhook \\"POST x\\" is not registered.","hint":"secret detail"}',
      'WEBHOOK_NOT_REGISTERED',
      'configuration',
      false,
    ],
    ['a wrong key', 403, 'Authorization data is wrong!', 'WEBHOOK_AUTH_REJECTED', 'auth', false],
    ['a 404 of a proxy, or of a Respond node', 404, '{"message":"no such trip"}', 'HTTP_404', 'configuration', true],
    ['a method that is not taken', 405, '<html>Method Not Allowed</html>', 'HTTP_405', 'configuration', true],
    ['an address that is gone', 410, '', 'HTTP_410', 'configuration', true],
    ['a 422 that a Respond node sent', 422, '{"message":"no date"}', 'HTTP_422', 'client', true],
    ['an overloaded n8n', 503, '{"code":503,"message":"Database is not ready!"}', 'HTTP_503', 'overloaded', true],
  ])('is %s', async (_, status, reply, code, category, mayHaveTakenEffect) => {
    const model = await start(body(reply, 'application/json', status))
    const error = await rejection(model.doStream(call))
    expect(error).toMatchObject({ code, category, status, mayHaveTakenEffect })
    expect(everythingIn(error)).not.toContain('secret detail')
  })

  it('of a Respond node says how long to wait', async () => {
    const model = await start((_, response) => json(response, {}, 503, { 'retry-after': '7' }))
    expect(await rejection(model.doGenerate(call))).toMatchObject({ status: 503, retryAfterMs: 7_000 })
  })

  it.each([
    ['without its end', lines(chunk('begin'), chunk('item', 'Three'))],
    [
      'with one of two nodes at work',
      lines(chunk('begin') + chunk('item', 'A') + chunk('end'), chunk('begin', '', { nodeId: 'b' })),
    ],
    ['in the middle of a line', lines(chunk('begin'), chunk('item', 'Three'), '{"type":"it')],
  ])('is a streamed answer that ends %s', async (_, handler) => {
    const model = await start(handler)
    expect(await rejection(parts(model))).toMatchObject({ code: 'STREAM_INCOMPLETE', category: 'malformed' })
    expect(await rejection(model.doGenerate(call))).toMatchObject({ code: 'STREAM_INCOMPLETE' })
  })

  it.each([
    [
      'an error chunk',
      lines(chunk('begin'), chunk('item', 'Three'), chunk('error', 'secret detail')),
      'WORKFLOW_FAILED',
    ],
    ['no text', lines(chunk('begin'), chunk('end')), 'EMPTY_REPLY'],
    ['a line that is no JSON', lines(chunk('begin'), 'oops\n', chunk('end')), 'MALFORMED_STREAM'],
    ['a web page inside', lines(chunk('begin'), chunk('item', '<html>'), chunk('end')), 'HTML_REPLY'],
    ['events without an end', body('data: Three\n\n', 'text/event-stream'), 'STREAM_INCOMPLETE'],
    ['an error event', body('event: error\ndata: secret detail\n\n', 'text/event-stream'), 'WORKFLOW_FAILED'],
  ])('is a streamed answer with %s', async (_, handler, code) => {
    const error = await rejection(parts(await start(handler)))
    expect(error).toMatchObject({ code })
    expect(everythingIn(error)).not.toContain('secret detail')
  })

  it('closes the connection of a stream that goes on after it', async () => {
    const model = await start((_, response) => response.write(chunk('begin') + chunk('error')))
    expect(await rejection(parts(model))).toMatchObject({ code: 'WORKFLOW_FAILED' })
    await server.openIs(0)
  })

  it('is an answer without an end', async () => {
    const model = await start(
      async (_, response) => {
        response.write(chunk('begin'))
        while (response.writable && !response.destroyed) {
          response.write(chunk('item', 'x'.repeat(500)))
          await new Promise((resolve) => setImmediate(resolve))
        }
      },
      { maxResponseBytes: 10_000 },
    )
    expect(await rejection(parts(model))).toMatchObject({ code: 'RESPONSE_TOO_LARGE' })
    await server.openIs(0)
  })

  it('is a connection that breaks in the middle of a streamed answer', async () => {
    const model = await start((_, response, raw) => {
      response.write(chunk('begin') + chunk('item', 'Three'))
      setTimeout(() => raw.socket.destroy(), 10)
    })
    expect(await rejection(parts(model))).toMatchObject({ category: 'network', mayHaveTakenEffect: true })
  })

  it('never holds the key or the question, however deep one looks', async () => {
    const handlers = [
      body(''),
      body('x', 'text/plain', 500),
      body('{"error":1}'),
      (_: unknown, __: unknown, raw: { socket: { destroy(): void } }) => raw.socket.destroy(),
    ]
    for (const handler of handlers) {
      const error = await rejection((await start(handler)).doGenerate(call))
      expect(everythingIn(error)).not.toContain(SECRET)
      expect(everythingIn(error)).not.toContain('Friday')
      await server.close()
    }
  })
})

describe('an abort', () => {
  it.each([
    ['before the headers', () => undefined],
    [
      'in the middle of the stream',
      (_: unknown, response: { write(text: string): void }) => response.write(chunk('begin') + chunk('item', 'T')),
    ],
  ])('%s comes back as it is and closes the connection', async (_, handler) => {
    const model = await start(handler)
    const controller = new AbortController()
    const waiting = rejection(parts(model, { ...call, abortSignal: controller.signal }))
    await server.openIs(1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    controller.abort('enough')
    expect(await waiting).toBe('enough')
    await server.openIs(0)
  })
})

import { HoldfastError } from '@holdfast/core'
import { createAnswerMemory, createBudgets, failover, staleTier, tierList } from '@holdfast/ai'
import { fakeClock } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { fakeApp, fakeModel } from '../../test/fakes.ts'
import type { FakeAppOptions, FakeModel } from '../../test/fakes.ts'

const ask = { model: 'desk', messages: [{ role: 'user', content: 'Hello?' }] }

async function post(payload: object | string, options: FakeAppOptions = {}, headers: Record<string, string> = {}) {
  const { app, log } = await fakeApp(options)
  const response = await app.inject({
    method: 'POST',
    url: '/v1/chat/completions',
    headers: { host: '127.0.0.1', 'content-type': 'application/json', ...headers },
    payload,
  })
  return { response, log, chunks: chunksOf(response.body) }
}

interface Chunk {
  readonly id?: string
  readonly choices?: readonly { readonly delta: { readonly content?: string }; readonly finish_reason: string | null }[]
  readonly usage?: unknown
}

const words = (chunk: Chunk): string => chunk.choices?.[0]?.delta.content ?? ''

function chunksOf(body: string): Chunk[] {
  return body
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => (event === 'data: [DONE]' ? { id: '[DONE]' } : (JSON.parse(event.slice(6)) as Chunk)))
}

describe('POST /v1/chat/completions', () => {
  it('answers as OpenAI does, with the provenance in headers and body', async () => {
    const { response } = await post(ask)
    expect(response.statusCode).toBe(200)
    expect(response.headers).toMatchObject({
      'x-holdfast-tier': 'n8n',
      'x-holdfast-served-by': 'n8n',
      'x-holdfast-attempts': '1',
    })
    expect(response.headers['x-upstream']).toBeUndefined()
    const body = response.json()
    expect(body).toMatchObject({
      object: 'chat.completion',
      model: 'desk',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 },
      holdfast: { tier: 'n8n', assistant: 'desk' },
    })
    expect(response.headers['x-holdfast-request-id']).toBe(body.holdfast.requestId)
  })

  it('streams chunks that add up to the answer, the provenance in the last one, then [DONE]', async () => {
    const { response, chunks } = await post({ ...ask, stream: true })
    expect(response.headers['content-type']).toMatch(/^text\/event-stream/)
    expect(response.headers['x-holdfast-tier']).toBe('n8n')
    expect(response.headers['content-security-policy']).toContain("default-src 'none'")
    expect(chunks.at(-1)).toEqual({ id: '[DONE]' })
    const [first, ...rest] = chunks.slice(0, -1)
    expect(first?.choices?.[0]?.delta).toEqual({ role: 'assistant', content: '', refusal: null })
    expect(rest.map(words).join('')).toBe('Hello')
    expect(rest.at(-1)).toMatchObject({ choices: [{ finish_reason: 'stop' }], holdfast: { tier: 'n8n' } })
    expect(new Set(chunks.slice(0, -1).map((chunk) => chunk.id)).size).toBe(1)
  })

  it('adds a chunk with the usage when it is asked for', async () => {
    const { chunks } = await post({ ...ask, stream: true, stream_options: { include_usage: true } })
    expect(chunks.at(-2)).toMatchObject({ choices: [], usage: { total_tokens: 8 }, holdfast: { tier: 'n8n' } })
    expect(chunks.slice(0, -2).every((chunk) => chunk.usage === null)).toBe(true)
  })

  it('leaves the usage out when the tier counted nothing, rather than say zero', async () => {
    const options = { model: fakeModel({ countsNothing: true }) }
    const { response } = await post(ask, options)
    expect(response.json()).not.toHaveProperty('usage')
    const { chunks } = await post({ ...ask, stream: true, stream_options: { include_usage: true } }, options)
    expect(chunks.at(-2)).toMatchObject({
      choices: [{ finish_reason: 'stop' }],
      usage: null,
      holdfast: { tier: 'n8n' },
    })
    expect(chunks.at(-1)).toEqual({ id: '[DONE]' })
  })

  it('says so in the stream when the answer breaks off, and never ends it as if it were whole', async () => {
    const model = fakeModel({ pieces: ['one', 'two', 'three'], failsAfter: 2 })
    const { chunks, response, log } = await post({ ...ask, stream: true }, { model })
    expect(chunks.at(-1)).toEqual({
      error: {
        message: 'The answer broke off before it was whole.',
        type: 'server_error',
        param: null,
        code: 'stream_failed',
      },
    })
    expect(chunks.some((chunk) => chunk.choices?.[0]?.finish_reason)).toBe(false)
    expect(response.body).not.toContain('[DONE]')
    expect(response.body).not.toContain('secret detail')
    expect(log.lines).toContainEqual(expect.objectContaining({ level: 'error' }))
  })

  it.each([true, false])('answers 503 without details when no tier answers (stream: %s)', async (stream) => {
    const failure = new HoldfastError({ code: 'X', category: 'exhausted', message: 'secret', retryable: false })
    const { response } = await post({ ...ask, stream }, { model: fakeModel({ failure }) })
    expect(response.statusCode).toBe(503)
    expect(response.json().error).toMatchObject({ code: 'no_answer', type: 'server_error' })
    expect(response.body).not.toContain('secret')
  })

  it.each([true, false])('answers 429 when nothing but a budget is in the way (stream: %s)', async (stream) => {
    const limits = [{ name: 'none', period: 'day', maxRequests: 0 }] as const
    const model = failover([fakeModel()], { budgets: createBudgets({ limits }) })
    const memory = createAnswerMemory()
    const stale = { name: 'stale', model: staleTier({ memory, assistant: 'desk' }), remember: false }
    for (const asked of [model, tierList({ name: 'desk', memory, tiers: [{ name: 'models', model }, stale] })]) {
      const { response, log } = await post({ ...ask, stream }, { model: asked })
      expect(response.statusCode).toBe(429)
      expect(response.json()).toEqual({
        error: {
          message: 'No budget has room for this request. Nothing was done.',
          type: 'insufficient_quota',
          param: null,
          code: 'budget_exceeded',
        },
      })
      // It never has: there is no use in waiting.
      expect(response.headers['retry-after']).toBeUndefined()
      expect(response.headers['x-holdfast-request-id']).toBeDefined()
      expect(log.lines.filter(({ level }) => level === 'error')).toEqual([])
    }
  })

  it('says how long to wait until a budget has room again, and answers from the tier below until then', async () => {
    const clock = fakeClock({ wallTime: Date.UTC(2026, 10, 26, 23, 59) })
    const limits = [{ name: 'day', period: 'day', maxRequests: 1 }] as const
    const model = failover([fakeModel()], { clock, budgets: createBudgets({ limits, clock }) })
    const memory = createAnswerMemory({ clock })
    const list = tierList({
      name: 'desk',
      memory,
      clock,
      tiers: [
        { name: 'models', model },
        { name: 'stale', model: staleTier({ memory, assistant: 'desk' }), remember: false },
      ],
    })
    const { app } = await fakeApp({ model: list })
    const answer = (content: string) =>
      app.inject({
        method: 'POST',
        url: '/v1/chat/completions',
        headers: { host: '127.0.0.1' },
        payload: { model: 'desk', messages: [{ role: 'user', content }] },
      })
    expect((await answer('First?')).headers['x-holdfast-tier']).toBe('models')
    expect((await answer('First?')).headers['x-holdfast-tier']).toBe('stale')
    const refused = await answer('Second?')
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '60'])
    await clock.advance(60_000)
    expect((await answer('Second?')).headers['x-holdfast-tier']).toBe('models')
  })

  it.each([true, false])(
    'never answers 429 when an earlier tier may have done something (stream: %s)',
    async (stream) => {
      const limits = [{ name: 'none', period: 'day', maxRequests: 0 }] as const
      const broken = (mayHaveTakenEffect: boolean): FakeModel =>
        fakeModel({
          failure: new HoldfastError({
            code: 'CONNECTION_LOST',
            category: 'network',
            message: 'broke off',
            retryable: true,
            mayHaveTakenEffect,
          }),
        })
      for (const mayHaveTakenEffect of [true, false]) {
        const model = tierList({
          name: 'desk',
          tiers: [
            { name: 'n8n', model: broken(mayHaveTakenEffect) },
            { name: 'models', model: failover([fakeModel()], { budgets: createBudgets({ limits }) }) },
          ],
        })
        const { response } = await post({ ...ask, stream }, { model })
        expect([response.statusCode, response.json().error.code]).toEqual([503, 'no_answer'])
      }
    },
  )

  it('hands the conversation and the settings on, and leaves out what was not set', async () => {
    const model = fakeModel()
    await post(
      {
        model: 'desk',
        temperature: 0,
        max_tokens: 50,
        stop: 'END',
        user: 'passed over',
        messages: [
          { role: 'developer', content: 'Be brief.' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Hel' },
              { type: 'text', text: 'lo?' },
            ],
          },
          { role: 'assistant', content: 'Hi.' },
          { role: 'user', content: 'More.' },
        ],
      },
      { model, keys: { 'key-of-acme': 'acme' } },
      { authorization: 'Bearer key-of-acme' },
    )
    const [call] = model.calls
    expect(call).toMatchObject({ temperature: 0, maxOutputTokens: 50, stopSequences: ['END'] })
    expect(call).not.toHaveProperty('topP')
    expect(call?.prompt).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Hello?' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'Hi.' }] },
      { role: 'user', content: [{ type: 'text', text: 'More.' }] },
    ])
    expect(call?.providerOptions?.['holdfast']).toMatchObject({ tenant: 'acme', key: 'acme.1' })
  })

  it('holds each API key to its own budget, and takes no label from the body', async () => {
    const inner = fakeModel()
    const budgets = createBudgets({ limits: [{ name: 'each-key', per: ['key'], period: 'day', maxRequests: 1 }] })
    const model = failover([inner], { budgets })
    const { app } = await fakeApp({ model, keys: { 'key-of-acme': 'acme', 'key-of-globex': 'globex' } })
    const status = async (key: string): Promise<number> => {
      const response = await app.inject({
        method: 'POST',
        url: '/v1/chat/completions',
        headers: { host: '127.0.0.1', authorization: `Bearer ${key}` },
        payload: { ...ask, key: 'other', metadata: { key: 'other' } },
      })
      return response.statusCode
    }
    expect(await status('key-of-acme')).toBe(200)
    expect(await status('key-of-acme')).not.toBe(200)
    expect(await status('key-of-globex')).toBe(200)
    const labels = budgets.snapshot().accounts.map(({ of }) => of.key)
    expect(new Set(labels)).toEqual(new Set(['acme.1', 'globex.1']))
    expect(inner.calls).toHaveLength(2)
  })

  it('refuses more answers at once than allowed, and takes the next when one has ended', async () => {
    const { app, context } = await fakeApp({ options: { maxConcurrentAnswers: 1 } })
    const request = {
      method: 'POST',
      url: '/v1/chat/completions',
      headers: { host: '127.0.0.1', 'content-type': 'application/json' },
      payload: ask,
    } as const
    const first = context.answers.begin()
    const second = await app.inject(request)
    expect(second.statusCode).toBe(503)
    expect(second.json().error.code).toBe('overloaded')
    expect(second.headers['retry-after']).toBe('1')
    first.end()
    expect((await app.inject(request)).statusCode).toBe(200)
    expect((await app.inject(request)).statusCode).toBe(200)
  })
})

describe('a request that is not right', () => {
  const user = [{ role: 'user', content: 'x' }]
  it.each<[string, object | string, number, string, string | null]>([
    ['malformed JSON', '{"model":', 400, 'invalid_json', null],
    ['an empty body', '', 400, 'invalid_json', null],
    ['a number', '42', 400, 'invalid_request', null],
    ['a list', '[]', 400, 'invalid_request', null],
    ['no model', { messages: user }, 400, 'invalid_request', 'model'],
    ['an unknown assistant', { model: 'desc', messages: user }, 404, 'model_not_found', 'model'],
    ['no messages', { model: 'desk' }, 400, 'invalid_request', 'messages'],
    ['an empty list of messages', { model: 'desk', messages: [] }, 400, 'empty_messages', 'messages'],
    [
      'only blank text',
      { model: 'desk', messages: [{ role: 'user', content: ' \n' }] },
      400,
      'empty_messages',
      'messages',
    ],
    ['no question', { model: 'desk', messages: [{ role: 'system', content: 'x' }] }, 400, 'empty_messages', 'messages'],
    ['a message that is text', { model: 'desk', messages: ['x'] }, 400, 'invalid_request', 'messages[0]'],
    [
      'an unknown role',
      { model: 'desk', messages: [{ role: 'boss', content: 'x' }] },
      400,
      'invalid_request',
      'messages[0].role',
    ],
    ['no content', { model: 'desk', messages: [{ role: 'user' }] }, 400, 'invalid_request', 'messages[0].content'],
    [
      'a tool message',
      { model: 'desk', messages: [{ role: 'tool', content: 'x' }] },
      400,
      'unsupported_parameter',
      'messages[0]',
    ],
    [
      'an image',
      { model: 'desk', messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] },
      400,
      'unsupported_parameter',
      'messages[0].content[0].type',
    ],
    ['tools', { model: 'desk', messages: user, tools: [{ type: 'function' }] }, 400, 'unsupported_parameter', 'tools'],
    ['two answers', { model: 'desk', messages: user, n: 2 }, 400, 'unsupported_parameter', 'n'],
    [
      'JSON output',
      { model: 'desk', messages: user, response_format: { type: 'json_object' } },
      400,
      'unsupported_parameter',
      'response_format',
    ],
    ['a temperature of 3', { model: 'desk', messages: user, temperature: 3 }, 400, 'invalid_request', 'temperature'],
    ['no tokens', { model: 'desk', messages: user, max_tokens: 0 }, 400, 'invalid_request', 'max_tokens'],
    ['stream as text', { model: 'desk', messages: user, stream: 'yes' }, 400, 'invalid_request', 'stream'],
    ['a poisoned prototype', '{"__proto__": {"a": 1}}', 400, 'invalid_json', null],
  ])('is refused: %s', async (_title, payload, status, code, param) => {
    const { response } = await post(payload)
    expect(response.statusCode).toBe(status)
    expect(response.json()).toEqual({
      error: { message: expect.any(String), type: 'invalid_request_error', param, code },
    })
  })

  it('is told which assistants there are', async () => {
    const { response } = await post({ model: 'dekc', messages: user })
    expect(response.json().error.message).toBe(
      'There is no assistant named "dekc". Did you mean "desk"? There are: desk.',
    )
  })

  it('is let through with parameters that ask for nothing', async () => {
    const harmless = {
      n: 1,
      tools: [],
      tool_choice: 'auto',
      response_format: { type: 'text' },
      logprobs: false,
      stop: null,
    }
    expect((await post({ ...ask, ...harmless })).response.statusCode).toBe(200)
  })

  it('is refused with 413 when it is too large, with the limit in the message', async () => {
    const { response } = await post({ ...ask, filler: 'x'.repeat(5_000_000) })
    expect(response.statusCode).toBe(413)
    expect(response.json().error).toMatchObject({ code: 'body_too_large', message: expect.stringContaining('1048576') })
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'is refused with 415 as %s',
    async (type) => {
      const { response } = await post(JSON.stringify(ask), {}, { 'content-type': type })
      expect(response.statusCode).toBe(415)
      expect(response.json().error.code).toBe('unsupported_media_type')
    },
  )
})

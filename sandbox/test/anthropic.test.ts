import { beforeEach, describe, expect, it } from 'vitest'
import { anthropic } from '../src/anthropic/anthropic.ts'
import { SETTINGS_DEFAULTS } from '../src/settings.ts'
import { asker, type Json } from './vendor.ts'

const NOW = Date.UTC(2026, 10, 23, 15)
const QUESTION = 'A jet from Teterboro to Miami for 4 people on December 4, 2026'
const TOOLS = [
  { name: 'search_aircraft', input_schema: { type: 'object', properties: { segments: {}, passengers: {} } } },
]
const CALL = { type: 'tool_use', id: 'toolu_1', name: 'search_aircraft', input: { passengers: 4 } }

let ask: ReturnType<typeof asker>
beforeEach(() => {
  ask = asker(anthropic({ settings: () => SETTINGS_DEFAULTS, now: () => NOW }), {
    'x-api-key': 'sandbox-key',
    'anthropic-version': '2023-06-01',
  })
})

const message = (messages: Json, options: object = {}) =>
  ask('POST', '/v1/messages', {
    body: { model: 'claude-sonnet-4-5', max_tokens: 1_000, messages, tools: TOOLS, ...options },
  })
const user = (content: unknown) => [{ role: 'user', content }]
const result = (content: unknown, more: object = {}) => [
  ...user(QUESTION),
  { role: 'assistant', content: [CALL] },
  ...user([{ type: 'tool_result', tool_use_id: 'toolu_1', content, ...more }]),
]

/** The events of a stream, each checked to be named as its data says. */
function events(text: string): Json[] {
  return text
    .trimEnd()
    .split('\n\n')
    .map((event) => {
      const [, name, data] = /^event: (\S+)\ndata: (.*)$/.exec(event)!
      const json: Json = JSON.parse(data!)
      expect(json.type).toBe(name)
      return json
    })
}

describe('a message', () => {
  it('is text, with why it ended and what it used', async () => {
    const { json, headers } = await message(user('hello'))
    expect(json).toMatchObject({
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-4-5',
      content: [{ type: 'text', text: expect.stringMatching(/^Hello!/) }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: expect.any(Number), output_tokens: expect.any(Number) },
    })
    expect(headers).toMatchObject({
      'request-id': expect.stringMatching(/^req_/),
      'anthropic-ratelimit-requests-remaining': expect.stringMatching(/^\d+$/),
      'anthropic-ratelimit-output-tokens-reset': '2026-11-23T15:00:00Z',
    })
  })

  it('calls a tool, its input an object', async () => {
    const { json } = await message(user(QUESTION))
    expect(json.stop_reason).toBe('tool_use')
    expect(json.content).toEqual([
      {
        type: 'tool_use',
        id: expect.stringMatching(/^toolu_[\w-]+$/),
        name: 'search_aircraft',
        input: { segments: [{ from: 'KTEB', to: 'KMIA', date: '2026-12-04' }], passengers: 4 },
      },
    ])
  })

  it('calls none when none is allowed', async () => {
    expect((await message(user(QUESTION), { tool_choice: { type: 'none' } })).json.stop_reason).toBe('end_turn')
  })

  it.each([
    ['text', '{"offers":[{"aircraftType":"Learjet 75"}]}', {}, /Learjet 75/],
    ['blocks', [{ type: 'text', text: '{"offers":[]}' }], {}, /nothing matched/],
    ['an error', 'The marketplace is not reachable', { is_error: true }, /could not complete that: The marketplace/],
  ])('tells of a result of a tool that is %s', async (_what, content, more, said) => {
    expect((await message(result(content, more))).json.content[0].text).toMatch(said)
  })

  it('reads the day and the zone from the system prompt, a text or blocks', async () => {
    const told = 'Today is 2027-03-01T09:00:00-08:00 in America/Los_Angeles.'
    for (const system of [told, [{ type: 'text', text: told }]]) {
      const { json } = await message(user('A jet from Teterboro to Miami tomorrow for 4 people'), { system })
      expect(json.content[0].input.segments).toEqual([expect.objectContaining({ date: '2027-03-02' })])
    }
  })

  it('goes on where the caller has begun', async () => {
    const whole = (await message(user('hello'))).json.content[0].text as string
    const begun = await message([...user('hello'), { role: 'assistant', content: whole.slice(0, 10).trimEnd() }])
    expect(whole.slice(0, 10).trimEnd() + begun.json.content[0].text).toBe(whole)
  })

  it('stops at the number of tokens it is given', async () => {
    const { json } = await message(user('hello'), { max_tokens: 5 })
    expect(json).toMatchObject({ stop_reason: 'max_tokens' })
    expect(json.usage.output_tokens).toBeLessThanOrEqual(5)
  })
})

describe('streaming', () => {
  it('says the same in a block that starts, grows and stops', async () => {
    const { json } = await message(user('hello'))
    const { text, headers } = await message(user('hello'), { stream: true })
    expect(headers['content-type']).toContain('text/event-stream')
    const seen = events(text)
    const types = seen.map(({ type }) => type)
    expect([...new Set(types)]).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
    expect(seen[0].message).toMatchObject({
      content: [],
      stop_reason: null,
      usage: { input_tokens: expect.any(Number) },
    })
    expect(seen.map(({ delta }) => delta?.text ?? '').join('')).toBe(json.content[0].text)
    expect(seen.at(-2)).toEqual({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: json.usage.output_tokens },
    })
  })

  it('sends the input of a tool call in pieces of JSON', async () => {
    const seen = events((await message(user(QUESTION), { stream: true })).text)
    expect(seen[1].content_block).toMatchObject({ type: 'tool_use', name: 'search_aircraft', input: {} })
    const pieces = seen.flatMap(({ delta }) => (delta?.type === 'input_json_delta' ? [delta.partial_json] : []))
    expect(pieces.length).toBeGreaterThan(3)
    expect(JSON.parse(pieces.join(''))).toMatchObject({ passengers: 4 })
    expect(seen.at(-2).delta.stop_reason).toBe('tool_use')
  })
})

describe('manners', () => {
  const open = [...user(QUESTION), { role: 'assistant', content: [CALL] }]
  it.each([
    ['broken JSON', '{"model":', 400, /not valid JSON/],
    ['no limit', { model: 'claude-x', messages: user('hi') }, 400, /^max_tokens: /],
    ['no messages', { model: 'claude-x', max_tokens: 9, messages: [] }, 400, /^messages: at least one message/],
    ['a system message among them', { messages: [{ role: 'system', content: 'hi' }] }, 400, /^messages\.0\.role: /],
    ['an empty text', { messages: user([{ type: 'text', text: '' }]) }, 400, /text content blocks must be non-empty/],
    ['an unknown model', { model: 'gpt-5', max_tokens: 9, messages: user('hi') }, 404, /^model: gpt-5$/],
    [
      'an id of another vendor',
      { messages: [...user('hi'), { role: 'assistant', content: [{ ...CALL, id: 'a:1' }] }] },
      400,
      /should match pattern/,
    ],
    [
      'a call that nobody has answered',
      { messages: [...open, ...user('and now?')] },
      400,
      /^messages\.1: `tool_use` ids were found without/,
    ],
    [
      'an answer to no call',
      { messages: [...user('hi'), ...result('x').slice(2)] },
      400,
      /^messages\.1\.content\.0: unexpected `tool_use_id`/,
    ],
    [
      'a signature of another vendor',
      {
        messages: [
          ...user('hi'),
          { role: 'assistant', content: [{ type: 'thinking', thinking: 'x', signature: 'y' }] },
          ...user('hi'),
        ],
      },
      400,
      /Invalid `signature`/,
    ],
    [
      'a beginning that ends in a space',
      { messages: [...user('hi'), { role: 'assistant', content: 'Hello ' }] },
      400,
      /trailing whitespace/,
    ],
    [
      'too much text',
      { messages: user('x'.repeat(900_000)) },
      400,
      /^prompt is too long: \d+ tokens > 200000 maximum$/,
    ],
  ])('refuses %s', async (_what, body, status, words) => {
    const given = typeof body === 'string' || 'model' in body ? body : { model: 'claude-x', max_tokens: 9, ...body }
    const reply = await ask('POST', '/v1/messages', { body: given })
    expect(reply.status).toBe(status)
    expect(reply.json).toEqual({
      type: 'error',
      error: {
        type: status === 404 ? 'not_found_error' : 'invalid_request_error',
        message: expect.stringMatching(words),
      },
      request_id: reply.headers['request-id'],
    })
  })

  it('refuses a caller without a key, and one without a version', async () => {
    expect(await ask('GET', '/v1/models', { headers: { 'x-api-key': '' } })).toMatchObject({
      status: 401,
      json: { error: { type: 'authentication_error', message: 'x-api-key header is required' } },
    })
    const old = asker(anthropic({ settings: () => SETTINGS_DEFAULTS, now: () => NOW }), { 'x-api-key': 'k' })
    expect(await old('POST', '/v1/messages', { body: {} })).toMatchObject({
      status: 400,
      json: { error: { message: 'anthropic-version: header is required' } },
    })
  })

  it('takes a bearer token too', async () => {
    const headers = { 'x-api-key': '', authorization: 'Bearer token' }
    expect((await ask('GET', '/v1/models', { headers })).status).toBe(200)
  })

  it('counts tokens, and lists its models', async () => {
    const counted = await ask('POST', '/v1/messages/count_tokens', {
      body: { model: 'claude-x', messages: user('hello') },
    })
    expect(counted.json).toEqual({ input_tokens: expect.any(Number) })
    const { json } = await ask('GET', '/v1/models')
    expect(json).toMatchObject({ has_more: false, first_id: json.data[0].id })
    for (const { id } of json.data)
      expect((await ask('GET', `/v1/models/${id}`)).json).toMatchObject({ id, type: 'model' })
    expect((await ask('GET', '/v1/models/gpt-5')).status).toBe(404)
    expect((await ask('GET', '/v1/messages')).status).toBe(405)
    expect((await ask('GET', '/v1/nothing')).status).toBe(404)
  })

  it('never gives two requests one id', async () => {
    const ids = []
    for (const body of ['{', { model: 'claude-x', max_tokens: 9, messages: user('hello') }, '{']) {
      ids.push((await ask('POST', '/v1/messages', { body })).headers['request-id'])
    }
    expect(new Set(ids).size).toBe(3)
  })
})

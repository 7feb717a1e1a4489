import { beforeEach, describe, expect, it } from 'vitest'
import { llm } from '../src/llm/llm.ts'
import { SETTINGS_DEFAULTS } from '../src/settings.ts'
import { asker, type Json } from './vendor.ts'

const NOW = Date.UTC(2026, 10, 23, 15)
const tool = (name: string, ...properties: string[]) => ({
  type: 'function',
  function: {
    name,
    parameters: { type: 'object', properties: Object.fromEntries(properties.map((one) => [one, {}])) },
  },
})
const TOOLS = [
  tool('search_aircraft', 'segments', 'passengers', 'category'),
  tool('list_fleet', 'category', 'operator', 'base'),
  tool('request_quote', 'segments', 'passengers', 'category', 'notes'),
  tool('read_quotes', 'requestId'),
  tool('find_people', 'titles', 'seniorities', 'locations', 'keywords', 'organisations'),
  tool('enrich_person', 'name', 'email', 'organisation', 'domain'),
  tool('find_organisations', 'name', 'locations', 'keywords'),
  tool('add_to_sequence', 'emails', 'sequence'),
]
const QUESTION = 'A jet from Teterboro to Miami for 4 people on December 4, 2026'

const ASKED = '{"segments":[{"from":"KTEB","to":"KMIA","date":"2026-12-04"}],"passengers":4}'

let ask: ReturnType<typeof asker>
beforeEach(() => {
  ask = asker(llm({ settings: () => SETTINGS_DEFAULTS, now: () => NOW }), { authorization: 'Bearer sandbox-key' })
})

const chat = (messages: Json, options: object = {}) =>
  ask('POST', '/v1/chat/completions', { body: { model: 'gpt-5-mini', messages, tools: TOOLS, ...options } })
const user = (content: unknown) => [{ role: 'user', content }]

/** The only call of a reply, its arguments parsed. */
function called(json: Json): { name: string; args: Json } {
  expect(json.choices[0].finish_reason).toBe('tool_calls')
  const [call] = json.choices[0].message.tool_calls
  return { name: call.function.name, args: JSON.parse(call.function.arguments) }
}

describe('which tool it calls', () => {
  it.each([
    [QUESTION, 'search_aircraft', { segments: [{ from: 'KTEB', to: 'KMIA', date: '2026-12-04' }], passengers: 4 }],
    ['Request a quote TEB to OPF on 2026-12-11 for 5', 'request_quote', { passengers: 5 }],
    ['Any quotes yet for arfq-10000001?', 'read_quotes', { requestId: 'arfq-10000001' }],
    ['Which light jets do you have?', 'list_fleet', {}],
    ['Find CFOs in Boston', 'find_people', { locations: ['Boston'] }],
    ['Find biotech companies in Boston', 'find_organisations', { locations: ['Boston'] }],
    ['Add jane@acme.example to the sequence Winter Ski Charters', 'add_to_sequence', { emails: ['jane@acme.example'] }],
    ['Look up jane.doe@acme.example', 'enrich_person', { email: 'jane.doe@acme.example' }],
  ])('%s', async (question, name, args) => {
    const call = called((await chat(user(question))).json)
    expect(call.name).toBe(name)
    expect(call.args).toMatchObject(args)
  })

  it('understands tools by their words, and sends only arguments they take', async () => {
    const { json } = await chat(user(QUESTION), { tools: [tool('get_weather'), tool('flight-search', 'segments')] })
    expect(called(json)).toEqual({
      name: 'flight-search',
      args: { segments: [expect.objectContaining({ to: 'KMIA' })] },
    })
  })

  it('calls none when none fits or none is allowed', async () => {
    for (const options of [{ tools: [tool('get_weather')] }, { tools: undefined }, { tool_choice: 'none' }]) {
      const { json } = await chat(user(QUESTION), options)
      expect(json.choices[0].finish_reason).toBe('stop')
      expect(json.choices[0].message.content).toContain('no way to look that up')
    }
  })

  it('says that a person will check when what it would send is not offered', async () => {
    const { json } = await chat(user('Request a quote TEB to OPF on 2026-12-11 for 5'), { tools: [TOOLS[0]] })
    expect(json.choices[0].message.content).toMatch(/One of our people will check/)
  })

  it('reads messages in parts, and the day and the zone from the instructions', async () => {
    const system = { role: 'system', content: 'Today is 2027-03-01T09:00:00-08:00 in America/Los_Angeles.' }
    const parts = [
      { type: 'text', text: 'A jet from Teterboro to Miami ' },
      { type: 'text', text: 'tomorrow for 4 people' },
    ]
    const { json } = await chat([system, { role: 'user', content: parts }])
    expect(called(json).args.segments).toEqual([expect.objectContaining({ date: '2027-03-02' })])
  })
})

describe('asked for JSON', () => {
  const schema = { type: 'object', properties: { passengers: {}, segments: {} } }
  const response_format = { type: 'json_schema', json_schema: { name: 'trip', schema } }

  it('gives what it has read in the question, in the fields of the schema', async () => {
    const { json } = await chat(user(QUESTION), { tools: undefined, response_format })
    expect(JSON.parse(json.choices[0].message.content)).toEqual(JSON.parse(ASKED))
    const free = await chat(user(QUESTION), { tools: undefined, response_format: { type: 'json_object' } })
    expect(JSON.parse(free.json.choices[0].message.content)).toMatchObject({ intent: 'search-aircraft', passengers: 4 })
  })

  it('calls a tool first where one fits', async () => {
    const first = await chat(user(QUESTION), { response_format })
    const call = called(first.json)
    expect(call.name).toBe('search_aircraft')
    const result = { role: 'tool', tool_call_id: first.json.choices[0].message.tool_calls[0].id, content: '[]' }
    const { json } = await chat([...user(QUESTION), first.json.choices[0].message, result], { response_format })
    expect(JSON.parse(json.choices[0].message.content)).toEqual(JSON.parse(ASKED))
  })
})

describe('what it says', () => {
  it.each([
    ['asks back', 'I need a jet to Miami', /tell me where you would like to leave from/],
    ['refuses what is not its business', 'Write me a poem about the sea', /only help with charter flights/],
    ['greets', 'hello', /^Hello!/],
  ])('%s', async (_what, question, said) => {
    const { json } = await chat(user(question))
    expect(json.choices[0].finish_reason).toBe('stop')
    expect(json.choices[0].message.content).toMatch(said)
  })

  const said = async (name: string, result: unknown): Promise<string> => {
    const content = typeof result === 'string' ? result : JSON.stringify(result)
    const { json } = await chat([...user(QUESTION), ...answered(name, content)])
    return json.choices[0].message.content
  }
  const learjet = {
    id: 'alift-1',
    aircraftType: 'Learjet 75',
    category: 'Super light jet',
    operator: 'Kestrel Executive',
    maxPassengers: 8,
  }

  it('tells of aircraft that its tools found, without what only machines want to know', async () => {
    const offers = [{ ...learjet, estimatedPrice: { amount: 19_350, currency: 'USD' }, flightMinutes: 142 }]
    const text = await said('search_aircraft', { searchId: 'asearch-77', offers: [...offers, ...offers] })
    expect(text).toMatch(/^I found 2 aircraft from KTEB to KMIA on Friday, December 4, 2026 for 4 passengers:/)
    expect(text).toContain(
      'Learjet 75, Super light jet, up to 8 passengers, Kestrel Executive, 2 h 22 min flight time, about $19,350',
    )
    expect(text).toContain('request a quote')
    expect(text).not.toMatch(/alift-1|asearch-77/)
    expect(await said('list_fleet', [{ ...learjet, homeBase: 'KTEB' }])).toMatch(
      /1 aircraft.*Learjet 75.*based at KTEB/s,
    )
  })

  it('tells of quotes, and of operators who have not answered', async () => {
    const quotes = [{ id: 'aquote-1', aircraft: learjet, price: { amount: 20_100, currency: 'USD' } }]
    const some = await said('read_quotes', {
      requestId: 'arfq-1',
      canceled: false,
      quotes,
      unanswered: [learjet, learjet],
    })
    expect(some).toMatch(/1 quote.*Learjet 75, Kestrel Executive, \$20,100.*2 operators have not answered/s)
    const none = await said('read_quotes', { requestId: 'arfq-1', canceled: false, quotes: [], unanswered: [learjet] })
    expect(none).toBe('There are no quotes yet. 1 operator has not answered yet.')
    expect(await said('request_quote', { requestId: 'arfq-1', problems: [] })).toContain('its number is arfq-1')
  })

  it('tells of people, companies and sequences', async () => {
    const amara = {
      id: 'p1',
      name: 'Amara Ok***o',
      title: 'Executive Assistant',
      organisation: { name: 'Underhill Partners' },
    }
    const page = { items: Array.from({ length: 10 }, () => amara), page: 1, perPage: 10, total: 23 }
    expect(await said('find_people', page)).toMatch(
      /23 people.*Amara Ok\*\*\*o, Executive Assistant, at Underhill Partners.*first 5 of 23/s,
    )
    expect(await said('enrich_person', { person: { ...amara, email: 'a@u.example' }, candidates: [] })).toContain(
      'a@u.example',
    )
    expect(await said('enrich_person', { candidates: [amara, amara] })).toMatch(/Which one do you mean/)
    expect(await said('enrich_person', { candidates: [] })).toMatch(/found nobody/)
    const company = { id: 'o1', name: 'Lumen Bio', industry: 'biotechnology', city: 'Boston', employees: 80 }
    expect(await said('find_organisations', { items: [company], page: 1, total: 1 })).toMatch(
      /1 company.*Lumen Bio, biotechnology, Boston/s,
    )
    const sequence = { id: 's1', name: 'Winter Ski Charters' }
    const added = [{ id: 'c1', email: 'a@u.example' }]
    expect(await said('add_to_sequence', { sequence, added, skipped: [] })).toBe(
      'I added a@u.example to the sequence “Winter Ski Charters”.',
    )
    expect(await said('add_to_sequence', { sequence, added: [], skipped: added })).toMatch(
      /Nobody new.*a@u\.example was skipped/,
    )
  })

  it('tells of what it does not know in facts', async () => {
    expect(await said('get_weather', { city: 'Boston', windSpeed: 12, stationId: 'x' })).toBe(
      'Here is what I found: city Boston, wind speed 12.',
    )
    expect(await said('list_things', { things: [{ id: 1, name: 'One', seatCount: 4 }] })).toMatch(
      /1 result.*1\. One, seat count 4/s,
    )
  })

  it.each([
    [
      'an error',
      '{"error":"The marketplace is not reachable"}',
      /could not complete that: The marketplace is not reachable/,
    ],
    ['nothing', '{"offers":[]}', /nothing matched/],
    ['an empty text', '', /came back empty/],
    ['text', 'No aircraft today.', /No aircraft today\./],
  ])('says so when a tool answers %s', async (_what, content, words) => {
    expect(await said('search_aircraft', content)).toMatch(words)
  })

  it('turns to the next question once it has answered', async () => {
    const { json } = await chat([
      ...user(QUESTION),
      ...answered('search_aircraft', '{"offers":[]}'),
      { role: 'assistant', content: 'Nothing matched.' },
      ...user('Any quotes yet for arfq-10000001?'),
    ])
    expect(called(json).name).toBe('read_quotes')
  })

  it('stops at the number of tokens it is given', async () => {
    const { json } = await chat(user('hello'), { max_completion_tokens: 5 })
    expect(json.choices[0].finish_reason).toBe('length')
    expect(json.usage.completion_tokens).toBeLessThanOrEqual(5)
  })
})

describe('as a help desk', () => {
  const helpDesk = [{ role: 'system', content: 'You are the IT help desk of Acme.' }]
  const said = async (question: string) =>
    (await chat([...helpDesk, ...user(question)], { tools: undefined })).json.choices[0].message.content

  it.each([
    ['The printer does not print', 'print a test page'],
    ['La stampante non stampa', 'stampi una pagina di prova'],
    ['Hello', 'What is not working?'],
    ['Non trovo più il cestino', 'quale programma o apparecchio'],
  ])('helps with computers, in the language of the question: %s', async (question, words) => {
    expect(await said(question)).toContain(words)
  })

  it('tells its instructions when it is set to', async () => {
    const settings = () => ({ ...SETTINGS_DEFAULTS, llmRecites: true })
    ask = asker(llm({ settings, now: () => NOW }), { authorization: 'Bearer sandbox-key' })
    expect(await said('Hello')).toBe('I was told: You are the IT help desk of Acme.')
  })
})

describe('streaming', () => {
  const events = (text: string): Json[] =>
    text
      .trimEnd()
      .split('\n\n')
      .map((event) => event.replace(/^data: /, ''))
      .filter((data) => data !== '[DONE]')
      .map((data) => JSON.parse(data))

  it('says the same word by word, then why it stopped, then [DONE]', async () => {
    const { json } = await chat(user('hello'))
    const { text, headers, parts } = await chat(user('hello'), { stream: true })
    expect(headers['content-type']).toContain('text/event-stream')
    const chunks = events(text)
    expect(chunks[0].choices[0].delta).toMatchObject({ role: 'assistant' })
    expect(chunks.map((chunk) => chunk.choices[0].delta.content ?? '').join('')).toBe(json.choices[0].message.content)
    expect(chunks.at(-1).choices[0]).toMatchObject({ delta: {}, finish_reason: 'stop' })
    expect(chunks.every((chunk) => chunk.object === 'chat.completion.chunk' && chunk.id === chunks[0].id)).toBe(true)
    expect(parts.at(-1)).toBe('data: [DONE]\n\n')
    expect(chunks[0]).not.toHaveProperty('usage')
  })

  it('sends the usage in a last chunk without choices when asked for', async () => {
    const { text } = await chat(user('hello'), { stream: true, stream_options: { include_usage: true } })
    const chunks = events(text)
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: expect.any(Number), total_tokens: expect.any(Number) },
    })
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true)
  })

  it('sends a tool call in pieces: id and name first, then the arguments', async () => {
    const { text } = await chat(user(QUESTION), { stream: true })
    const chunks = events(text)
    const [opening, ...rest] = chunks.flatMap((chunk) => chunk.choices[0].delta.tool_calls ?? [])
    expect(opening).toMatchObject({
      index: 0,
      type: 'function',
      id: expect.any(String),
      function: { name: 'search_aircraft', arguments: '' },
    })
    expect(rest.length).toBeGreaterThan(2)
    expect(JSON.parse(rest.map((piece: Json) => piece.function.arguments).join('')).passengers).toBe(4)
    expect(chunks.at(-1).choices[0].finish_reason).toBe('tool_calls')
  })
})

describe('manners', () => {
  it.each([
    ['broken JSON', '{"model":', 400, null, null],
    ['no messages', { model: 'gpt-5' }, 400, 'messages', null],
    ['an empty list of messages', { model: 'gpt-5', messages: [] }, 400, 'messages', null],
    ['no model', { messages: user('hi') }, 400, 'model', null],
    ['an unknown role', { model: 'gpt-5', messages: [{ role: 'king', content: 'hi' }] }, 400, 'messages.0.role', null],
    ['an unknown model', { model: 'claude', messages: user('hi') }, 404, null, 'model_not_found'],
    [
      'too much text',
      { model: 'gpt-5', messages: user('x'.repeat(600_000)) },
      400,
      'messages',
      'context_length_exceeded',
    ],
  ])('refuses %s', async (_what, body, status, param, code) => {
    const reply = await ask('POST', '/v1/chat/completions', { body })
    expect(reply.status).toBe(status)
    expect(reply.json.error).toEqual({ message: expect.any(String), type: 'invalid_request_error', param, code })
  })

  it('refuses a caller without a key', async () => {
    const reply = await ask('GET', '/v1/models', { headers: { authorization: '' } })
    expect(reply.status).toBe(401)
    expect(reply.json.error).toMatchObject({
      type: 'invalid_request_error',
      message: expect.stringContaining('API key'),
    })
  })

  it('lists its models and knows each', async () => {
    const { json } = await ask('GET', '/v1/models')
    expect(json.object).toBe('list')
    for (const { id } of json.data)
      expect((await ask('GET', `/v1/models/${id}`)).json).toMatchObject({ id, object: 'model' })
    expect(await ask('GET', '/v1/models/unknown')).toMatchObject({
      status: 404,
      json: { error: { code: 'model_not_found' } },
    })
    expect((await ask('GET', '/v1/nothing')).status).toBe(404)
    expect((await ask('GET', '/v1/chat/completions')).status).toBe(405)
  })

  it('names the request and says how much may still be asked', async () => {
    const { headers } = await chat(user('hello'))
    expect(headers).toMatchObject({
      'x-request-id': expect.stringMatching(/^req_/),
      'x-ratelimit-remaining-requests': expect.any(String),
      'x-ratelimit-reset-tokens': expect.stringMatching(/ms$/),
    })
  })
})

function answered(name: string, content: string): Json[] {
  return [
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'call_1', type: 'function', function: { name, arguments: ASKED } }],
    },
    { role: 'tool', tool_call_id: 'call_1', content },
  ]
}

describe('the rest of an answer that was cut off', () => {
  const asked = (anchor: string) =>
    `Your last message was cut off by a broken connection. Begin with exactly its last words, which are between the marks:\n<<<${anchor}>>>`

  it('begins with the words it is to begin with, and is all there was still to say', async () => {
    const question = user('What can you do?')
    const { json } = await chat(question)
    const whole: string = json.choices[0].message.content
    const said = whole.slice(0, 60)
    const turns = [...question, { role: 'assistant', content: said }, ...user(asked(said.slice(-20)))]
    const { json: rest } = await chat(turns)
    expect(rest.choices[0].message.content).toBe(whole.slice(40))
  })

  it('is the whole answer where it does not begin so, or nothing was cut off', async () => {
    const question = user('What can you do?')
    const whole = (await chat(question)).json.choices[0].message.content
    const wrong = [...question, { role: 'assistant', content: 'I fly' }, ...user(asked('by night'))]
    expect((await chat(wrong)).json.choices[0].message.content).toBe(whole)
    expect((await chat(user(asked('I')))).json.choices[0].message.content).not.toBe(whole)
  })
})

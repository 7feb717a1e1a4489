import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { n8n } from '../src/n8n/n8n.ts'
import { SETTINGS_DEFAULTS, type Settings } from '../src/settings.ts'
import { createWorld, type World } from '../src/world/world.ts'
import { asker } from './vendor.ts'

const NOW = Date.UTC(2026, 10, 23, 15)
const WEBHOOK = '/webhook/charter-desk'
const KEY = { 'x-api-key': 'sandbox-key' }
const QUESTION = 'A jet from Teterboro to Miami for 4 people on December 4, 2026'

let world: World
let time = NOW
let settings: Settings
let ask: ReturnType<typeof asker>
beforeAll(async () => {
  world = await createWorld({ now: () => time })
})
beforeEach(() => {
  settings = { ...SETTINGS_DEFAULTS, now: new Date(NOW).toISOString() }
  ask = asker(n8n(world, { settings: () => settings, now: () => time }))
})

const question = (chatInput: string, headers: Record<string, string> = {}) =>
  ask('POST', WEBHOOK, { headers: { ...KEY, ...headers }, body: { chatInput, sessionId: 's1' } })

describe('the webhook', () => {
  it('answers a question from the data of the marketplace', async () => {
    const { status, headers, json } = await question(QUESTION)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('application/json; charset=utf-8')
    expect(json.output).toMatch(/KTEB.*KMIA.*Friday, December 4, 2026.*4 passengers/)
    expect(json.output).toMatch(/around \$\d+,\d{3}/)
    expect(json.output).toContain('request a quote')
  })

  it('reads dates by the time and place that a system message tells', async () => {
    const asked = { role: 'user', content: 'A jet from Teterboro to Miami for 4 people tomorrow' }
    const told = { role: 'system', content: 'Date: 2027-02-28T23:30:00Z\nTime zone: Australia/Sydney' }
    const body = { chatInput: asked.content, messages: [told, asked] }
    const { json } = await ask('POST', WEBHOOK, { headers: KEY, body })
    expect(json.output).toContain('Tuesday, March 2, 2027')
  })

  it('answers in the shape that is set: object, array, text or stream', async () => {
    const { json } = await question(QUESTION)
    settings = { ...settings, n8nReply: 'array' }
    expect((await question(QUESTION)).json).toEqual([{ output: json.output }])
    settings = { ...settings, n8nReply: 'text' }
    const text = await question(QUESTION)
    expect(text.headers['content-type']).toContain('text/html')
    expect(text.text).toBe(json.output)
    settings = { ...settings, n8nReply: 'stream' }
    expect(streamed((await question(QUESTION)).text)).toBe(json.output)
  })

  it('streams behind a path of its own whatever is set', async () => {
    const reply = await ask('POST', `${WEBHOOK}-stream`, { headers: KEY, body: { chatInput: 'hello' } })
    expect(reply.parts.length).toBeGreaterThan(5)
    expect(JSON.parse(reply.parts[0]!)).toMatchObject({ type: 'begin', metadata: { nodeName: 'Charter Desk Agent' } })
    expect(JSON.parse(reply.parts.at(-1)!)).toMatchObject({ type: 'end' })
  })

  it('refuses a caller without the header as n8n does', async () => {
    const { status, text, headers } = await ask('POST', WEBHOOK, { body: { chatInput: 'hi' } })
    expect([status, text]).toEqual([403, 'Authorization data is wrong!'])
    expect(headers['content-type']).toContain('text/plain')
  })

  it.each([
    ['POST', '/webhook/other'],
    ['GET', WEBHOOK],
  ])('says that %s %s is not registered', async (method, path) => {
    const { status, json } = await ask(method, path, { headers: KEY })
    expect(status).toBe(404)
    expect(json).toMatchObject({
      code: 404,
      message: expect.stringMatching(/^The requested webhook ".+" is not registered\.$/),
    })
    expect(json.hint).toContain('active')
  })

  it('says the same while the workflow is inactive', async () => {
    settings = { ...settings, n8nWorkflow: 'inactive' }
    expect((await question(QUESTION)).json.message).toBe('The requested webhook "POST charter-desk" is not registered.')
  })

  it('answers 200 with an empty body when the workflow throws before it responds, on unusable input too', async () => {
    for (const body of ['{"chat', { sessionId: 's1' }, { chatInput: 7 }]) {
      const { status, text, headers } = await ask('POST', WEBHOOK, { headers: KEY, body })
      expect([status, text]).toEqual([200, ''])
      expect(headers['content-type']).toContain('application/json')
    }
    settings = { ...settings, n8nWorkflow: 'throws-before-respond' }
    expect(await question(QUESTION)).toMatchObject({ status: 200, text: '' })
  })

  it('answers 500 when the workflow throws while its last node answers', async () => {
    settings = { ...settings, n8nWorkflow: 'throws' }
    expect(await question(QUESTION)).toMatchObject({ status: 500, json: { message: 'Error in workflow' } })
  })

  it('answers /healthz without a key', async () => {
    expect(await ask('GET', '/healthz')).toMatchObject({ status: 200, json: { status: 'ok' } })
  })

  it('remembers the conversation that comes with the question', async () => {
    const { json } = await ask('POST', WEBHOOK, {
      headers: KEY,
      body: {
        chatInput: '4 people',
        messages: [
          { role: 'system', content: 'be brief' },
          { role: 'user', content: 'A jet from Teterboro to Miami on December 4, 2026' },
          { role: 'assistant', content: 'How many passengers will be on board?' },
          { role: 'user', content: '4 people' },
        ],
      },
    })
    expect(json.output).toMatch(/KTEB.*KMIA.*4 passengers/)
  })

  it('asks back for what is missing and refuses what is not its business', async () => {
    expect((await question('I need a jet to Miami')).json.output).toMatch(/leave from.*passengers.*\?$/)
    expect((await question('Write me a poem about the sea')).json.output).toMatch(
      /outside of what the charter desk does/,
    )
    expect((await question('hello')).json.output).toMatch(/welcome/)
  })
})

describe('what the workflow does in the world', () => {
  it('sends a quote request once for one idempotency key, and reads the quotes as they come', async () => {
    const key = { 'idempotency-key': 'k1' }
    const first = (await question('Request a quote from TEB to OPF for 5 passengers on 2026-12-11', key)).json
      .output as string
    const again = (await question('Request a quote from TEB to OPF for 5 passengers on 2026-12-11', key)).json.output
    expect(again).toBe(first)
    const number = /arfq-\d+/.exec(first)![0]
    const another = (await question('Request a quote from TEB to OPF for 5 passengers on 2026-12-11')).json
      .output as string
    expect(/arfq-\d+/.exec(another)![0]).not.toBe(number)
    expect((await question(`Are there any quotes for ${number}?`)).json.output).toMatch(/No offers .* so far/)
    time += 600_000
    expect((await question(`Are there any quotes for ${number}?`)).json.output).toMatch(/offers have come in .*\$\d/s)
  })

  it('asks only the operator of the aircraft that is chosen from a list', async () => {
    const listed = (await question(QUESTION)).json.output as string
    const lines = listed.split('\n').filter((line) => line.startsWith('- '))
    expect(lines.length).toBeGreaterThan(1)
    const choose = async (chatInput: string): Promise<string> => {
      const messages = [
        { role: 'user', content: QUESTION },
        { role: 'assistant', content: listed },
        { role: 'user', content: chatInput },
      ]
      return (await ask('POST', WEBHOOK, { headers: KEY, body: { chatInput, messages } })).json.output as string
    }
    for (const [word, line] of [
      ['first', lines[0]],
      ['second', lines[1]],
      ['last', lines.at(-1)],
    ]) {
      const done = await choose(`Request a quote for the ${word} one`)
      const request = world.quotes.get(Number(/arfq-(\d+)/.exec(done)![1]))!
      expect(request.lifts).toHaveLength(1)
      expect(request.trip.legs[0]!.date).toBe('2026-12-04')
      const { aircraft } = request.lifts[0]!.offer
      expect(line).toContain(`${aircraft.type.name} (`)
      expect(line).toContain(`with ${aircraft.operator.name}:`)
    }
    const all = await choose('Request a quote from these operators')
    expect(world.quotes.get(Number(/arfq-(\d+)/.exec(all)![1]))!.lifts.length).toBeGreaterThan(1)
  })

  it('asks back, and sends nothing, when what is chosen was not on a list', async () => {
    const { json } = await question('Request a quote for the last one, from TEB to OPF for 5 passengers on 2026-12-11')
    expect(json.output).toMatch(/nothing was sent.*\?$/)
  })

  it('finds people and companies', async () => {
    expect((await question('Find executive assistants in San Francisco')).json.output).toMatch(
      /found \d+ (person|people)/,
    )
    expect((await question('Find biotech companies in Boston')).json.output).toMatch(/found|No company/)
  })

  it('adds people to a sequence', async () => {
    const [person] = world.people
    const { json } = await question(`Add ${person!.email} to the sequence Winter Ski Charters`)
    expect(json.output).toContain(`${person!.firstName} ${person!.lastName} is now in the sequence`)
    expect(world.contacts.byEmail(person!.email)?.sequenceIds).toHaveLength(1)
  })
})

function streamed(text: string): string {
  const chunks = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; content?: string })
  expect(chunks[0]!.type).toBe('begin')
  expect(chunks.at(-1)!.type).toBe('end')
  return chunks.map(({ content }) => content ?? '').join('')
}

import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, streamText } from 'ai'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ask, QUESTION } from './harness/ask.ts'
import { startDesk, type Desk } from './harness/desk.ts'

let desk: Desk
/** What each tier says to QUESTION when it is the one that serves: an answer must be exactly one of them. */
let direct: string

beforeAll(async () => {
  desk = await startDesk()
  await desk.fault('n8n', 'down')
  direct = (await ask(desk)).text
})
afterAll(async () => {
  await desk.stop()
})
beforeEach(async () => {
  await desk.clearFaults()
  await desk.resetCircuits()
})

interface Client {
  readonly name: string
  /** Asks and returns the whole text and the tier that the reply's headers name. */
  ask(): Promise<{ text: string; tier: string | null; finishReason: string | null | undefined }>
}

const clients: readonly Client[] = [
  {
    name: 'the openai client',
    async ask() {
      const client = new OpenAI({ baseURL: `${desk.url}/v1`, apiKey: 'none', maxRetries: 0 })
      const { data, response } = await client.chat.completions
        .create({ model: 'charter', messages: [{ role: 'user', content: QUESTION }] })
        .withResponse()
      return {
        text: data.choices[0]?.message.content ?? '',
        tier: response.headers.get('x-holdfast-tier'),
        finishReason: data.choices[0]?.finish_reason,
      }
    },
  },
  {
    name: 'the openai client, streaming',
    async ask() {
      const client = new OpenAI({ baseURL: `${desk.url}/v1`, apiKey: 'none', maxRetries: 0 })
      const { data, response } = await client.chat.completions
        .create({ model: 'charter', stream: true, messages: [{ role: 'user', content: QUESTION }] })
        .withResponse()
      let text = ''
      let finishReason: string | null = null
      for await (const chunk of data) {
        text += chunk.choices[0]?.delta.content ?? ''
        finishReason = chunk.choices[0]?.finish_reason ?? finishReason
      }
      return { text, tier: response.headers.get('x-holdfast-tier'), finishReason }
    },
  },
  {
    name: "the AI SDK's generateText",
    async ask() {
      const provider = createOpenAICompatible({ name: 'holdfast', baseURL: `${desk.url}/v1` })
      const result = await generateText({ model: provider('charter'), prompt: QUESTION, maxRetries: 0 })
      return {
        text: result.text,
        tier: result.response.headers?.['x-holdfast-tier'] ?? null,
        finishReason: result.finishReason,
      }
    },
  },
  {
    name: "the AI SDK's streamText",
    async ask() {
      const provider = createOpenAICompatible({ name: 'holdfast', baseURL: `${desk.url}/v1` })
      const result = streamText({ model: provider('charter'), prompt: QUESTION, maxRetries: 0 })
      let text = ''
      for await (const part of result.fullStream) {
        if (part.type === 'error') throw part.error
        if (part.type === 'text-delta') text += part.text
      }
      const response = await result.response
      return {
        text,
        tier: response.headers?.['x-holdfast-tier'] ?? null,
        finishReason: await result.finishReason,
      }
    },
  },
]

const faultsOfN8n: readonly [title: string, fault: string, options?: Record<string, unknown>][] = [
  ['refuses connections', 'down'],
  ['answers 500', 'error', { status: 500 }],
  ['answers 503 with Retry-After', 'error', { status: 503, retryAfterSeconds: 5 }],
  ['is slow', 'slow', { delayMs: 6_000 }],
  ['hangs', 'hang'],
  ['sends headers and falls silent', 'silent'],
  ['is cut off in the middle of its answer', 'cut'],
  ['sends a broken reply', 'malformed'],
  ['limits the rate', 'rate-limit'],
]

describe.each(clients)('$name', (client) => {
  it('is answered by n8n while it is healthy', async () => {
    const answer = await client.ask()
    expect(answer.tier).toBe('n8n')
    expect(answer.finishReason).toBe('stop')
    expect(answer.text).toMatch(/Teterboro|TEB/)
    expect(answer.text).not.toBe(direct)
  })

  it.each(faultsOfN8n)(
    'gets a whole, undoubled answer from the direct tier when n8n %s',
    async (_title, fault, options) => {
      await desk.fault('n8n', fault, options)
      const answer = await client.ask()
      expect(answer.tier).toBe('direct')
      expect(answer.finishReason).toBe('stop')
      expect(answer.text).toBe(direct)
    },
  )

  it('gets the remembered answer, flagged with its age, when everything is down', async () => {
    const remembered = await client.ask()
    for (const service of ['n8n', 'llm', 'apollo', 'avinode'] as const) await desk.fault(service, 'down')
    const answer = await client.ask()
    expect(answer.tier).toBe('stale')
    expect(answer.text).toContain(remembered.text)
    expect(answer.text.length).toBeGreaterThan(remembered.text.length)
  })
})

describe('with everything down', () => {
  const services = ['n8n', 'llm', 'apollo', 'avinode'] as const

  it('says the age of a remembered answer in x-holdfast-age-ms, and only there', async () => {
    const fresh = await ask(desk)
    expect(fresh.ageMs).toBeNull()
    for (const service of services) await desk.fault(service, 'down')
    const stale = await ask(desk)
    expect(stale.tier).toBe('stale')
    expect(stale.ageMs).toBeGreaterThan(0)
    expect(stale.ageMs).toBeLessThan(60_000)
  })

  it.each([false, true])('answers offline what it has never been asked (stream: %s)', async (stream) => {
    for (const service of services) await desk.fault(service, 'down')
    const answer = await ask(desk, `Nine people from Boston to Denver on 9 January 2027, stream ${stream}`, { stream })
    expect(answer.status).toBe(200)
    expect(answer.tier).toBe('offline')
    expect(answer.error).toBeUndefined()
    expect(answer.text).toMatch(/call|phone|mail/i)
  })

  it('routes the question without a model when only n8n and the model are down', async () => {
    await desk.fault('n8n', 'down')
    await desk.fault('llm', 'down')
    const answer = await ask(desk, 'Five people from KTEB to KOPF on 11 December 2026 please')
    expect(answer.tier).toBe('direct')
    expect(answer.servedBy).toContain('rules')
    expect(answer.text).toMatch(/TEB/)
    const searches = (await desk.requests('avinode')).filter((request) => request.path.includes('/searches'))
    expect(searches.length).toBeGreaterThan(0)
  })

  it.each(['hang', 'silent', 'error', 'malformed', 'cut'])('never answers 5xx when all four %s', async (fault) => {
    for (const service of services) await desk.fault(service, fault)
    const answer = await ask(desk, `Seven people from Aspen to Las Vegas on 15 January 2027 (${fault})`)
    expect(answer.status).toBe(200)
    expect(answer.tier).toBe('offline')
    expect(answer.text.length).toBeGreaterThan(40)
  })
})

describe('a model that breaks off while the direct tier speaks', () => {
  it.each([false, true])('is never called a success with half an answer (stream: %s)', async (stream) => {
    await desk.fault('n8n', 'down')
    await desk.fault('llm', 'cut')
    const answer = await ask(desk, QUESTION, { stream })
    if (answer.error === undefined) {
      expect(answer.finishReason).toBe('stop')
      expect(answer.text).toMatch(/next step|request a quote|quote/i)
    } else {
      expect(stream).toBe(true)
      expect(answer.finishReason).not.toBe('stop')
    }
  })
})

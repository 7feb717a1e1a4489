import { createAnthropic } from '@ai-sdk/anthropic'
import {
  APICallError,
  generateText,
  jsonSchema,
  Output,
  stepCountIs,
  streamText,
  tool,
  type TextStreamPart,
  type ToolSet,
} from 'ai'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startSandbox, type FaultOptions, type Sandbox } from '../src/index.ts'
import { call, until } from './call.ts'

const QUESTION = 'A jet from Teterboro to Miami for 4 people on December 4, 2026'
const OFFERS = {
  offers: [{ aircraftType: 'Learjet 75', operator: 'Kestrel Executive', estimatedPrice: { amount: 19_350 } }],
}

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ settings: { partDelayMs: 0, now: '2026-11-23T15:00:00Z' } })
})
afterAll(async () => {
  await sandbox.close()
})
afterEach(async () => {
  await sandbox.faults.clear()
  sandbox.clearRequests()
})

const model = () =>
  createAnthropic({ baseURL: sandbox.services.anthropic.url, apiKey: 'sandbox-key' })('claude-sonnet-4-5')
const set = (fault: FaultOptions) => sandbox.faults.set('anthropic', fault)

/** Why an answer that is not streamed failed. */
const failure = (signal?: AbortSignal): Promise<unknown> =>
  generateText({
    model: model(),
    prompt: 'hello',
    maxRetries: 0,
    ...(signal === undefined ? {} : { abortSignal: signal }),
  }).then(
    ({ text }) => ({ answered: text }),
    (error: unknown) => error,
  )

/** A streamed answer: its text, how it ended, and its errors. */
async function streamed(signal?: AbortSignal) {
  const result = streamText({
    model: model(),
    prompt: 'hello',
    maxRetries: 0,
    onError: () => undefined,
    ...(signal === undefined ? {} : { abortSignal: signal }),
  })
  const parts: TextStreamPart<ToolSet>[] = []
  const broken: unknown[] = []
  try {
    for await (const part of result.fullStream) parts.push(part)
  } catch (error) {
    broken.push(error)
  }
  const last = parts.findLast((part) => part.type === 'finish')
  return {
    text: parts.flatMap((part) => (part.type === 'text-delta' ? [part.text] : [])).join(''),
    finishReason: last?.finishReason,
    errors: [...parts.flatMap((part) => (part.type === 'error' ? [part.error] : [])), ...broken],
  }
}

describe('the AI SDK for Anthropic', () => {
  const search_aircraft = tool({
    description: 'Finds aircraft for a trip',
    inputSchema: jsonSchema<{ passengers: number }>({
      type: 'object',
      properties: { segments: { type: 'array', items: { type: 'object' } }, passengers: { type: 'number' } },
    }),
    execute: async ({ passengers }) => (passengers === 4 ? OFFERS : { offers: [] }),
  })
  const request = () => ({
    model: model(),
    prompt: QUESTION,
    tools: { search_aircraft },
    stopWhen: stepCountIs(4),
    maxRetries: 0,
  })

  it('runs the tool that the model calls and gets the answer from its result, streamed or not', async () => {
    const { text, steps, finishReason, usage, response } = await generateText(request())
    expect(steps).toHaveLength(2)
    expect(steps[0]!.toolCalls[0]).toMatchObject({ toolName: 'search_aircraft', input: { passengers: 4 } })
    expect(text).toMatch(/Learjet 75.*Kestrel Executive.*\$19,350/)
    expect(finishReason).toBe('stop')
    expect(usage.outputTokens).toBeGreaterThan(0)
    expect(response.headers).toMatchObject({ 'anthropic-ratelimit-tokens-limit': '2000000' })
    expect(await streamText(request()).text).toBe(text)
  })

  it.each(['outputFormat', 'jsonTool'] as const)('gets JSON by %s', async (structuredOutputMode) => {
    const { output } = await generateText({
      model: model(),
      prompt: QUESTION,
      maxRetries: 0,
      output: Output.object({
        schema: jsonSchema({
          type: 'object',
          properties: { passengers: { type: 'number' } },
          required: ['passengers'],
        }),
      }),
      providerOptions: { anthropic: { structuredOutputMode } },
    })
    expect(output).toEqual({ passengers: 4 })
  })

  it('gets a call of the tool it insists on, and of some tool', async () => {
    const tools: ToolSet = {
      count: tool({ inputSchema: jsonSchema({ type: 'object', properties: { passengers: {} } }) }),
    }
    for (const toolChoice of ['required', { type: 'tool', toolName: 'count' }] as const) {
      const { toolCalls } = await generateText({ model: model(), prompt: QUESTION, maxRetries: 0, tools, toolChoice })
      expect(toolCalls).toMatchObject([{ toolName: 'count', input: { passengers: 4 } }])
    }
  })

  it('gets the same answer as the model at OpenAI gives', async () => {
    const { body } = await call(`${sandbox.services.llm.url}/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer k' },
      body: { model: 'gpt-5', messages: [{ role: 'user', content: 'hello' }] },
    })
    const said = (JSON.parse(body) as { choices: [{ message: { content: string } }] }).choices[0].message.content
    expect(await streamed()).toEqual({ text: said, finishReason: 'stop', errors: [] })
  })
})

describe('what the AI SDK makes of', () => {
  it.each([
    [401, 'authentication_error', false],
    [403, 'permission_error', false],
    [404, 'not_found_error', false],
    [413, 'request_too_large', false],
    [429, 'rate_limit_error', true],
    [500, 'api_error', true],
    [529, 'overloaded_error', true],
  ])('error %i: %s', async (status, type, isRetryable) => {
    await set({ fault: 'error', status })
    for (const error of [await failure(), (await streamed()).errors[0]]) {
      expect(APICallError.isInstance(error)).toBe(true)
      expect(error).toMatchObject({ statusCode: status, isRetryable, data: { type: 'error', error: { type } } })
    }
  })

  it('rate-limit: when to come again, and what is left', async () => {
    await set({ fault: 'rate-limit', retryAfterSeconds: 7 })
    expect(await failure()).toMatchObject({
      statusCode: 429,
      responseHeaders: { 'retry-after': '7', 'anthropic-ratelimit-requests-remaining': '0' },
    })
  })

  it('malformed: a reply that is none of its', async () => {
    for (const variant of ['broken-json', 'wrong-shape', 'html', 'empty', 'error-body'] as const) {
      await set({ fault: 'malformed', variant })
      expect(await failure()).toBeInstanceOf(Error)
    }
  })

  it('malformed, variant error-body: an error event in the middle of the stream', async () => {
    await set({ fault: 'malformed', variant: 'error-body', afterParts: 6 })
    const { text, errors } = await streamed()
    expect(text).not.toBe('')
    expect(errors).toMatchObject([{ type: 'overloaded_error', message: 'Overloaded' }])
  })

  it.each(['broken-json', 'wrong-shape'] as const)(
    'malformed, variant %s: a stream that turns bad',
    async (variant) => {
      await set({ fault: 'malformed', variant, afterParts: 6 })
      const { text, errors } = await streamed()
      expect(text).not.toBe('')
      expect(errors).toHaveLength(1)
    },
  )

  it('cut: a stream that breaks off, and one that ends without its end', async () => {
    await set({ fault: 'cut', afterParts: 6 })
    expect((await streamed()).errors).toHaveLength(1)
    await set({ fault: 'cut', variant: 'end', afterParts: 6 })
    const ended = await streamed()
    expect(ended).toMatchObject({ finishReason: 'interrupted', errors: [] })
    expect(ended.text).not.toBe('')
  })

  it.each(['silent', 'hang'] as const)('%s: nothing, until it gives up', async (fault) => {
    await set({ fault })
    expect(await failure(AbortSignal.timeout(60))).toMatchObject({ name: 'TimeoutError' })
    await until(() => sandbox.requests('anthropic').every(({ open }) => !open))
    expect(sandbox.requests('anthropic')).toMatchObject([{ fault, aborted: true }])
  })

  it('slow: an answer that is late', async () => {
    await set({ fault: 'slow', delayMs: 60 })
    const begun = performance.now()
    expect(await failure()).toMatchObject({ answered: expect.stringMatching(/^Hello!/) })
    expect(performance.now() - begun).toBeGreaterThan(58)
  })

  it.each(['down', 'flap'] as const)('%s: no connection, and an answer once it is over', async (fault) => {
    await set({ fault })
    expect(APICallError.isInstance(await failure())).toBe(true)
    await sandbox.faults.clear('anthropic')
    expect(await failure()).toMatchObject({ answered: expect.any(String) })
  })
})

describe('two vendors at one port', () => {
  const models = (headers: Record<string, string>) => call(`${sandbox.services.llm.url}/models`, { headers })
  const OPENAI = { authorization: 'Bearer k' }
  const ANTHROPIC = { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' }

  it('are told apart by path, and by the header that only one of them is sent', async () => {
    expect(JSON.parse((await models(OPENAI)).body)).toMatchObject({ object: 'list' })
    expect(JSON.parse((await models(ANTHROPIC)).body)).toMatchObject({ has_more: false })
    expect(sandbox.requests().map(({ service }) => service)).toEqual(['llm', 'anthropic'])
  })

  it('fail apart: each has a fault of its own', async () => {
    await sandbox.faults.set('llm', { fault: 'down', path: '/v1/' })
    await set({ fault: 'error', status: 529 })
    expect((await models(OPENAI)).error).toBe('ECONNRESET')
    expect((await models(ANTHROPIC)).status).toBe(529)
    await sandbox.faults.clear('anthropic')
    expect((await models(ANTHROPIC)).status).toBe(200)
    expect((await models(OPENAI)).error).toBe('ECONNRESET')
  })

  it('go down together with the port, which a fault of the guest does not open', async () => {
    await sandbox.faults.set('llm', { fault: 'down' })
    await set({ fault: 'slow', delayMs: 0 })
    await sandbox.faults.clear('anthropic')
    expect((await models(ANTHROPIC)).error).toBe('ECONNREFUSED')
    await sandbox.faults.clear()
    expect((await models(ANTHROPIC)).status).toBe(200)
  })

  it('refuses a body of more than a mebibyte in its own words', async () => {
    const { status, body } = await call(`${sandbox.services.anthropic.url}/messages`, {
      method: 'POST',
      headers: ANTHROPIC,
      body: { messages: 'x'.repeat(1_100_000) },
    })
    expect([status, JSON.parse(body)]).toMatchObject([413, { error: { type: 'request_too_large' } }])
  })
})

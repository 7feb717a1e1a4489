import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSandbox, type Sandbox } from '../src/index.ts'

const QUESTION = 'A jet from Teterboro to Miami for 4 people on December 4, 2026'
const OFFERS = {
  offers: [{ aircraftType: 'Learjet 75', operator: 'Kestrel Executive', estimatedPrice: { amount: 19_350 } }],
}
const SCHEMA = {
  type: 'object',
  properties: { segments: { type: 'array', items: { type: 'object' } }, passengers: { type: 'number' } },
} as const

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ settings: { partDelayMs: 0, now: '2026-11-23T15:00:00Z' } })
})
afterAll(async () => {
  await sandbox.close()
})

describe('the openai client', () => {
  const client = () => new OpenAI({ baseURL: sandbox.services.llm.url, apiKey: 'sandbox-key', maxRetries: 0 })
  const tools: OpenAI.ChatCompletionTool[] = [
    { type: 'function', function: { name: 'search_aircraft', parameters: SCHEMA } },
  ]

  it('lists models', async () => {
    expect((await client().models.list()).data.map(({ id }) => id)).toContain('gpt-5-mini')
  })

  it('gets an answer, whole and streamed', async () => {
    const request = { model: 'gpt-5-mini', messages: [{ role: 'user' as const, content: 'hello' }] }
    const whole = await client().chat.completions.create(request)
    const streamed = client().chat.completions.stream({ ...request, stream_options: { include_usage: true } })
    const last = await streamed.finalChatCompletion()
    expect(last.choices[0]!.message.content).toBe(whole.choices[0]!.message.content)
    expect(last.usage?.total_tokens).toBe(whole.usage?.total_tokens)
    expect(whole.choices[0]!.finish_reason).toBe('stop')
  })

  it('puts a streamed tool call together', async () => {
    const stream = client().chat.completions.stream({
      model: 'gpt-5',
      tools,
      messages: [{ role: 'user', content: QUESTION }],
    })
    const { message, finish_reason: reason } = (await stream.finalChatCompletion()).choices[0]!
    expect(reason).toBe('tool_calls')
    const [call] = message.tool_calls ?? []
    expect(call).toMatchObject({ type: 'function', function: { name: 'search_aircraft' } })
    expect(JSON.parse((call as { function: { arguments: string } }).function.arguments)).toMatchObject({
      passengers: 4,
    })
  })

  it('recognises errors and what may be retried when', async () => {
    await expect(
      client().chat.completions.create({ model: 'claude', messages: [{ role: 'user', content: 'x' }] }),
    ).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    })
    await sandbox.faults.set('llm', { fault: 'rate-limit', next: 1, retryAfterSeconds: 2 })
    const limited = await client()
      .models.list()
      .catch((error: unknown) => error)
    expect(limited).toBeInstanceOf(OpenAI.RateLimitError)
    expect((limited as InstanceType<typeof OpenAI.RateLimitError>).headers?.get('retry-after')).toBe('2')
  })
})

describe('the AI SDK', () => {
  const model = () =>
    createOpenAICompatible({ name: 'sandbox', baseURL: sandbox.services.llm.url, apiKey: 'sandbox-key' })('gpt-5-mini')
  const search_aircraft = tool({
    description: 'Finds aircraft for a trip',
    inputSchema: jsonSchema<{ segments: { from: string; to: string }[]; passengers: number }>(SCHEMA as never),
    execute: async ({ passengers }) => (passengers === 4 ? OFFERS : { offers: [] }),
  })

  it('runs the tool that the model calls and gets the answer from its result', async () => {
    const { text, steps, finishReason } = await generateText({
      model: model(),
      prompt: QUESTION,
      tools: { search_aircraft },
      stopWhen: stepCountIs(4),
      maxRetries: 0,
    })
    expect(steps).toHaveLength(2)
    expect(steps[0]!.toolCalls[0]).toMatchObject({ toolName: 'search_aircraft', input: { passengers: 4 } })
    expect(text).toMatch(/Learjet 75.*Kestrel Executive.*\$19,350/)
    expect(finishReason).toBe('stop')
  })

  it('does the same when it streams', async () => {
    const whole = await generateText({
      model: model(),
      prompt: QUESTION,
      tools: { search_aircraft },
      stopWhen: stepCountIs(4),
      maxRetries: 0,
    })
    const streamed = streamText({
      model: model(),
      prompt: QUESTION,
      tools: { search_aircraft },
      stopWhen: stepCountIs(4),
      maxRetries: 0,
    })
    let text = ''
    for await (const part of streamed.fullStream) {
      if (part.type === 'error') throw part.error
      if (part.type === 'text-delta') text += part.text
    }
    expect(text).toBe(whole.text)
  })
})

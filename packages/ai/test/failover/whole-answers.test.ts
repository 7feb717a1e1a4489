import type { LanguageModelV4GenerateResult } from '@ai-sdk/provider'
import { UnsupportedFunctionalityError } from '@ai-sdk/provider'
import { fakeClock } from '@holdfast/core/testing'
import { MockLanguageModelV3, MockLanguageModelV4 } from 'ai/test'
import { describe, expect, it } from 'vitest'
import { failover, provenanceOf } from '../../src/index.ts'
import { ask, drain, finish, scripted, whole } from '../scripted-model.ts'
import { apiError, rejection } from './models.ts'

const usage = (finish() as Extract<ReturnType<typeof finish>, { type: 'finish' }>).usage
const answer: LanguageModelV4GenerateResult = {
  content: [
    { type: 'reasoning', text: 'Four of them.', providerMetadata: { test: { signature: 's' } } },
    { type: 'text', text: 'Four ' },
    { type: 'source', sourceType: 'url', id: 's', url: 'https://seats.example' },
    { type: 'text', text: 'seats.', providerMetadata: { test: { itemId: 'm' } } },
    { type: 'tool-call', toolCallId: 'c', toolName: 'book', input: '{"seats":4}' },
  ],
  finishReason: { unified: 'tool-calls', raw: 'tool_calls' },
  usage,
  warnings: [{ type: 'other', message: 'so it is' }],
  providerMetadata: { test: { fingerprint: 'f' } },
  request: { body: '{}' },
  response: { id: 'id-1', modelId: 'gpt-real', headers: { 'x-request-id': 'r' } },
}
const booking = ask('Book', { tools: [{ type: 'function', name: 'book', inputSchema: { type: 'object' } }] })

/** Only gives whole answers. */
function wholeOnly(result = answer): MockLanguageModelV4 {
  return Object.assign(new MockLanguageModelV4({ modelId: 'whole', doGenerate: result }), { doStream: undefined })
}

const noStream = new UnsupportedFunctionalityError({ functionality: 'streaming' })
const refused = apiError(400, 'no', { data: { error: { param: 'stream', code: 'unsupported_value' } } })

describe('a model that does not stream', () => {
  it('gives its whole answer, as it was', async () => {
    const {
      content,
      finishReason,
      warnings,
      response,
      request,
      providerMetadata,
      usage: used,
    } = await failover([wholeOnly()]).doGenerate(booking)
    const { response: told, ...rest } = answer
    expect({ content, finishReason, warnings, request, usage: used }).toEqual({
      content: rest.content,
      finishReason: rest.finishReason,
      warnings: rest.warnings,
      request: rest.request,
      usage,
    })
    expect(response).toMatchObject({ ...told, headers: expect.objectContaining(told!.headers!) })
    expect(providerMetadata).toMatchObject({ test: { fingerprint: 'f' }, holdfast: { tier: 'mock-provider-whole' } })
  })

  it('gives it as a stream', async () => {
    const { parts, text } = await drain((await failover([wholeOnly()]).doStream(booking)).stream)
    expect(text).toBe('Four seats.')
    expect(parts.filter(({ type }) => type === 'stream-start')).toMatchObject([{ warnings: answer.warnings }])
    expect(parts.filter(({ type }) => type === 'tool-call')).toEqual(answer.content.slice(-1))
    const last = parts.at(-1)
    expect(last?.type === 'finish' && provenanceOf(last.providerMetadata)?.attempts).toMatchObject([
      { outcome: 'served', usage: { outputTokens: 10 } },
    ])
  })

  it('stands in for another, and another for it', async () => {
    const clock = fakeClock()
    const dead = scripted(clock, { reject: apiError(503) }, 'dead')
    expect((await failover([dead, wholeOnly()], { clock }).doGenerate(booking)).content).toHaveLength(5)
    const failing = Object.assign(new MockLanguageModelV4({ doGenerate: () => Promise.reject(apiError(503)) }), {
      doStream: undefined,
    })
    const { content } = await failover([failing, scripted(clock, whole('Hello'), 'b')], { clock }).doGenerate(ask())
    expect(content).toMatchObject([{ text: 'Hello' }])
    const empty = wholeOnly({ ...answer, content: [], finishReason: { unified: 'stop', raw: undefined } })
    expect(await rejection(failover([empty], { clock }).doGenerate(ask()))).toMatchObject({
      attempts: [{ code: 'EMPTY_ANSWER' }],
    })
  })

  it.each([
    ['says so, as the AI SDK does', noStream, 2],
    ['is refused by its provider', refused, 1],
  ])('is found out when it %s', async (_, error, streams) => {
    const model = new MockLanguageModelV4({ doGenerate: answer, doStream: () => Promise.reject(error) })
    const all = failover([model])
    for (let asked = 0; asked < 2; asked++) {
      expect(provenanceOf((await all.doGenerate(booking)).providerMetadata)?.attempts).toHaveLength(1)
    }
    expect(model.doGenerateCalls).toHaveLength(2)
    expect(model.doStreamCalls).toHaveLength(streams)
  })

  it('is not suspected after another error, which goes to the next model', async () => {
    const other = new UnsupportedFunctionalityError({ functionality: 'file part media type image/gif' })
    for (const error of [other, apiError(400, 'no', { data: { error: { param: 'messages' } } }), apiError(503)]) {
      const model = new MockLanguageModelV4({ doGenerate: answer, doStream: () => Promise.reject(error) })
      await rejection(failover([model]).doGenerate(booking))
      expect(model.doGenerateCalls).toEqual([])
    }
  })

  it('is asked for whole answers where that is said of it, and has until the deadline for them', async () => {
    const clock = fakeClock()
    const model = new MockLanguageModelV4({
      doGenerate: async ({ abortSignal }) => {
        await clock.sleep(20_000, abortSignal)
        return answer
      },
    })
    const asked = failover([{ model, supports: { streams: false } }], { clock }).doGenerate(booking)
    await clock.advance(20_000)
    expect((await asked).content).toHaveLength(5)
    expect(model.doStreamCalls).toEqual([])
  })

  it('may be one of version 3', async () => {
    const older = Object.assign(
      new MockLanguageModelV3({
        doGenerate: {
          content: [{ type: 'text', text: 'Hello' }],
          finishReason: { unified: 'stop', raw: 'stop' },
          usage,
          warnings: [],
        },
      }),
      { doStream: undefined },
    )
    expect((await failover([older]).doGenerate(ask())).content).toMatchObject([{ text: 'Hello' }])
  })

  it('gives the JSON that its provider has picked out, where it says which text is the answer', async () => {
    const drafted = wholeOnly({
      ...answer,
      content: [
        { type: 'text', text: '{"seats":3}' },
        { type: 'text', text: '{"seats":4}' },
      ],
      structuredOutputText: '{"seats":4}',
      finishReason: { unified: 'stop', raw: undefined },
    })
    const { content } = await failover([drafted]).doGenerate(ask('x', { responseFormat: { type: 'json' } }))
    expect(content).toMatchObject([{ type: 'text', text: '{"seats":4}' }])
  })
})

import { Output, generateText, streamText, tool } from 'ai'
import { MockLanguageModelV3, MockLanguageModelV4, simulateReadableStream } from 'ai/test'
import type { LanguageModelV3StreamPart } from '@ai-sdk/provider'
import { fakeClock } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { AllTiersFailedError, offlineTier, provenanceOf, tierList } from '../src/index.ts'
import { ask, call, drain, finish, open, say, scripted, start, whole } from './scripted-model.ts'

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

describe('the AI SDK over a tier list', () => {
  it('generates text, with the provenance in providerMetadata and the headers in response', async () => {
    const clock = fakeClock()
    const model = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'a', model: scripted(clock, { reject: refused }) },
        { name: 'b', model: scripted(clock, whole('Hello ', 'world')) },
      ],
    })
    const result = await generateText({ model, prompt: 'Hi' })
    expect(result.text).toBe('Hello world')
    expect(provenanceOf(result.providerMetadata)).toMatchObject({ tier: 'b', degraded: true })
    expect(result.response.headers).toMatchObject({ 'x-holdfast-tier': 'b', 'x-holdfast-attempts': '2' })
    expect(result.response.modelId).toBe('gpt-real')
    expect(result.usage).toMatchObject({ inputTokens: 3, outputTokens: 10 })
  })

  it('fetches a file itself unless every tier can, and is not held up by a tier that cannot say', async () => {
    const png = { 'image/*': [/^https:/, /^ftp:/] }
    const both = ['a', 'b'].map((name) => ({ name, model: new MockLanguageModelV4({ supportedUrls: png }) }))
    const only = { name: 'c', model: new MockLanguageModelV4({ supportedUrls: { 'image/*': [/^https:/] } }) }
    const fails = {
      name: 'd',
      model: new MockLanguageModelV4({ supportedUrls: () => Promise.reject(new Error('no network')) }),
    }
    expect(await tierList({ name: 'desk', tiers: [...both, only] }).supportedUrls).toEqual({ 'image/*': [/^https:/] })
    expect(await tierList({ name: 'desk', tiers: [...both, fails] }).supportedUrls).toEqual({})
  })

  it('streams text', async () => {
    const clock = fakeClock()
    const model = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'a', model: scripted(clock, { steps: [start, { type: 'error', error: new Error('x') }] }) },
        { name: 'b', model: scripted(clock, whole('Hello ', 'world')) },
      ],
    })
    const result = streamText({ model, prompt: 'Hi' })
    expect(await result.text).toBe('Hello world')
    expect(provenanceOf(await result.providerMetadata)).toMatchObject({ tier: 'b' })
    expect(await result.finishReason).toBe('stop')
  })

  it('sees an answer that breaks off as an error, not as an end', async () => {
    const clock = fakeClock()
    const model = tierList({
      name: 'desk',
      clock,
      tiers: [{ name: 'a', model: scripted(clock, { steps: [start, open, say('HALF '), { throw: refused }] }) }],
    })
    const errors: unknown[] = []
    const result = streamText({ model, prompt: 'Hi', onError: ({ error }) => void errors.push(error) })
    const types: string[] = []
    for await (const part of result.stream) types.push(part.type)
    expect(types).toContain('error')
    expect(errors).toMatchObject([{ code: 'CONNECTION_REFUSED' }])
    expect(await result.finishReason).toBe('error')
  })

  it('does not play the list again when it is exhausted, with the retries the SDK has by default', async () => {
    const clock = fakeClock()
    const first = scripted(clock, { reject: refused })
    const second = scripted(clock, { reject: { statusCode: 503, isRetryable: true } })
    const model = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'a', model: first },
        { name: 'b', model: second },
      ],
    })
    const error: unknown = await generateText({ model, prompt: 'Hi' }).then(undefined, (reason: unknown) => reason)
    expect(error).toBeInstanceOf(AllTiersFailedError)
    expect([first.calls.length, second.calls.length]).toEqual([1, 1])

    const errors: unknown[] = []
    const result = streamText({ model, prompt: 'Hi', onError: ({ error: seen }) => void errors.push(seen) })
    await result.consumeStream()
    expect(errors[0]).toBeInstanceOf(AllTiersFailedError)
    expect([first.calls.length, second.calls.length]).toEqual([2, 2])
  })

  it('runs a tool once, although the first tier had called it too before it failed', async () => {
    const clock = fakeClock()
    let runs = 0
    const book = tool({
      inputSchema: z.object({ seats: z.number() }),
      execute: async ({ seats }) => {
        runs += 1
        return `${seats} seats`
      },
    })
    const calling = [start, ...call('book', { seats: 4 })]
    const first = scripted(clock, { steps: [...calling, { type: 'error', error: new Error('x') }] })
    const second = scripted(clock, [{ steps: [...calling, finish('tool-calls')] }, whole('Booked.')])
    const model = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'a', model: first },
        { name: 'b', model: second },
      ],
    })
    const result = streamText({
      model,
      prompt: 'Book',
      tools: { book },
      stopWhen: ({ steps }) => steps.length === 2,
    })
    expect(await result.text).toBe('Booked.')
    expect(runs).toBe(1)
  })

  it('hands on the abort of a caller', async () => {
    const clock = fakeClock()
    const first = scripted(clock, { steps: [start, open, say('HALF '), 'hang'] })
    const model = tierList({ name: 'desk', clock, tiers: [{ name: 'a', model: first }] })
    const caller = new AbortController()
    const result = streamText({ model, prompt: 'Hi', abortSignal: caller.signal, onError: () => undefined })
    const types: string[] = []
    const reading = (async () => {
      for await (const part of result.stream) {
        types.push(part.type)
        if (part.type === 'text-delta') caller.abort('gone')
      }
    })()
    await reading
    expect(types.at(-1)).toBe('abort')
    expect(first.calls[0]?.ended).toBe(true)
  })

  it('asks for JSON from the tiers and gets the one that is whole', async () => {
    const clock = fakeClock()
    const model = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'a', model: scripted(clock, { steps: [start, open, say('{"seats":'), { throw: refused }] }) },
        { name: 'b', model: scripted(clock, whole('{"seats":', '4}')) },
      ],
    })
    const output = Output.object({ schema: z.object({ seats: z.number() }) })
    const result = await generateText({ model, prompt: 'How many?', output })
    expect(result.output).toEqual({ seats: 4 })
  })

  it('always has something to say with an offline tier at the end', async () => {
    const clock = fakeClock()
    const model = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'a', model: scripted(clock, { reject: refused }) },
        { name: 'offline', model: offlineTier({ contact: { name: 'the desk', phone: '+1 555 0100' }, clock }) },
      ],
    })
    const { text } = await generateText({ model, prompt: 'Hi' })
    expect(text).toContain('+1 555 0100')
  })
})

describe('a member of an older specification', () => {
  const older = (): MockLanguageModelV3 =>
    new MockLanguageModelV3({
      doStream: async () => ({
        stream: simulateReadableStream<LanguageModelV3StreamPart>({
          chunks: [
            { type: 'stream-start', warnings: [] },
            { type: 'file', mediaType: 'image/png', data: 'AAAA' },
            { type: 'text-start', id: 't' },
            { type: 'text-delta', id: 't', delta: 'from v3' },
            { type: 'text-end', id: 't' },
            {
              type: 'finish',
              finishReason: { unified: 'stop', raw: undefined },
              usage: {
                inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
                outputTokens: { total: 1, text: 1, reasoning: undefined },
              },
            },
          ],
          initialDelayInMs: null,
          chunkDelayInMs: null,
        }),
      }),
    })

  it('of version 3 is lifted', async () => {
    const model = older()
    const list = tierList({ name: 'desk', clock: fakeClock(), tiers: [{ name: 'a', model }] })
    const file = { type: 'data', data: new Uint8Array([1, 2]) } as const
    const { parts, text } = await drain(
      (
        await list.doStream(
          ask('x', {
            reasoning: 'high',
            prompt: [{ role: 'user', content: [{ type: 'file', mediaType: 'image/png', data: file }] }],
          }),
        )
      ).stream,
    )
    expect(text).toBe('from v3')
    expect(parts).toContainEqual({ type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } })
    expect(model.doStreamCalls[0]).not.toHaveProperty('reasoning')
    expect(model.doStreamCalls[0]?.prompt).toEqual([
      { role: 'user', content: [{ type: 'file', mediaType: 'image/png', data: file.data }] },
    ])
  })

  it('of version 2 is refused when the list is built', () => {
    const model = { specificationVersion: 'v2', provider: 'p', modelId: 'm' } as never
    expect(() => tierList({ name: 'desk', tiers: [{ name: 'a', model }] })).toThrow(
      'tiers[0].model.specificationVersion must be "v4" or "v3"',
    )
  })
})

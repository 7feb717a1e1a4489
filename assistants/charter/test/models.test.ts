import type { LanguageModelV4, LanguageModelV4StreamPart, LanguageModelV4Usage } from '@ai-sdk/provider'
import { MockLanguageModelV4, simulateReadableStream } from 'ai/test'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { charterAssistant } from '../src/index.ts'
import { startDesk } from './desk.ts'
import { startOutside } from './outside.ts'
import type { Outside } from './outside.ts'

const usage: LanguageModelV4Usage = {
  inputTokens: { total: 3, noCache: 3, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 5, text: 5, reasoning: undefined },
}

/** Says its words at once. */
const says = (text: string): LanguageModelV4 => {
  const chunks: LanguageModelV4StreamPart[] = [
    { type: 'text-start', id: '1' },
    { type: 'text-delta', id: '1', delta: text },
    { type: 'text-end', id: '1' },
    { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage },
  ]
  return new MockLanguageModelV4({
    doStream: async () => ({
      stream: simulateReadableStream({ chunks, chunkDelayInMs: null, initialDelayInMs: null }),
    }),
  })
}
const fails = (): LanguageModelV4 =>
  new MockLanguageModelV4({ modelId: 'failing', doStream: () => Promise.reject(new Error('not today')) })
const hangs = (): LanguageModelV4 =>
  new MockLanguageModelV4({
    modelId: 'hanging',
    doStream: ({ abortSignal }) =>
      new Promise((_, reject) => abortSignal?.addEventListener('abort', () => reject(abortSignal.reason as Error))),
  })

let outside: Outside
beforeEach(async () => {
  outside = await startOutside()
})
afterEach(() => outside.close())

describe('a desk with models of its own', () => {
  it('does not need the service llm, and declares its models', () => {
    expect(charterAssistant({ models: ['a', 'b'] })).toMatchObject({
      integrations: ['n8n', 'apollo', 'avinode'],
      models: ['a', 'b'],
    })
    expect(charterAssistant()).toMatchObject({ integrations: ['n8n', 'llm', 'apollo', 'avinode'] })
    expect(charterAssistant().models).toBeUndefined()
    expect(() => charterAssistant({ models: [] })).toThrow('models must be names of configured language models')
  })

  it('asks them in order: the second when the first fails', async () => {
    const desk = startDesk(outside, { first: fails(), second: says('From the second.') })
    desk.down('n8n')
    const { text, provenance } = await desk.ask('hello')
    expect(text).toContain('From the second.')
    expect(provenance.tier).toBe('direct')
    expect(outside.operations('llm')).toEqual([])
  })

  it('asks the second beside a first that is silent for three seconds', async () => {
    const desk = startDesk(outside, { first: hangs(), second: says('From the second.') })
    desk.down('n8n')
    const answer = desk.ask('hello')
    await desk.clock.advance(2_900)
    let early = false
    void answer.then(() => (early = true))
    await desk.clock.advance(50)
    expect(early).toBe(false)
    await desk.clock.advance(100)
    expect((await answer).text).toContain('From the second.')
  })

  it('tells the customer of one language model that is down, however many there are', async () => {
    const desk = startDesk(outside, { alpha: fails(), beta: fails() })
    desk.down('n8n', 'llm', 'apollo', 'avinode')
    const { text, provenance } = await desk.ask('Teterboro to Miami on Friday for 4')
    expect(provenance.tier).toBe('offline')
    expect(text.match(/language model/gi)).toHaveLength(1)
    expect(text).not.toMatch(/alpha|beta/)
  })
})

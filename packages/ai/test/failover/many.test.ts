import fc from 'fast-check'
import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { generateText, streamText } from 'ai'
import { convertReadableStreamToArray, MockLanguageModelV3, simulateReadableStream } from 'ai/test'
import { fakeClock, seededRandom } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { failover, provenanceOf } from '../../src/index.ts'
import { ask, finish, metadata, open, say, scripted, shut, start, whole } from '../scripted-model.ts'
import type { Step } from '../scripted-model.ts'
import { apiError, bench, rejection, stream } from './models.ts'

const good = whole('Hello ', 'world')

describe('a failover, by many at once,', () => {
  for (const count of [50, 1_000]) {
    it(`answers all ${count} with its first model down, each with its own account`, async () => {
      const it = bench([
        { connect: 20, reject: apiError(503) },
        { connect: 100, steps: good.steps! },
      ])
      const answers = Promise.all(
        Array.from({ length: count }, async (_, index) => {
          const options = ask('x', { providerOptions: { holdfast: { requestId: `r${index}` } } })
          const { content, providerMetadata } = await it.model.doGenerate(options)
          return { content, provenance: provenanceOf(providerMetadata) }
        }),
      )
      await it.clock.advance(120)
      for (const [index, { content, provenance }] of (await answers).entries()) {
        expect(content).toEqual([{ type: 'text', text: 'Hello world' }])
        expect(provenance).toMatchObject({ requestId: `r${index}`, tier: 'b' })
        expect(provenance?.attempts).toHaveLength(2)
        // As late as the second alone after the first has refused, and its first word as well.
        expect([provenance?.firstOutputMs, provenance?.durationMs]).toEqual([120, 120])
      }
      expect(it.models.map(({ calls }) => calls.length)).toEqual([count, count])
      expect(it.clock.pending).toBe(0)
    })
  }

  it('gives each stream one whole answer or a proper error, whatever fails and when', async () => {
    const seeds = fc.record({ seed: fc.integer(), callers: fc.integer({ min: 1, max: 60 }) })
    await fc.assert(
      fc.asyncProperty(seeds, async ({ seed, callers }) => {
        const clock = fakeClock()
        const random = seededRandom(seed)
        /** A model that says who asked, word by word, and fails at random in 30 of 100 answers. */
        const model = (id: string) => {
          const inner = scripted(clock, good, id)
          return Object.assign(inner, {
            doStream: async (options: LanguageModelV4CallOptions) => {
              const asked = JSON.stringify(options.prompt)
              const question = /q\d+!/.exec(asked)?.[0] ?? ''
              const words = [`${id} `, 'to ', `${question} `, 'with ', 'care']
              const steps: Step[] = [start, metadata, open]
              for (const word of words) steps.push({ wait: Math.floor(random() * 40) }, say(word))
              steps.push(shut, finish())
              if (random() < 0.3) {
                steps.splice(Math.floor(random() * steps.length))
                if (random() < 0.5) steps.push({ throw: new Error('socket') })
              }
              return scripted(clock, { connect: Math.floor(random() * 30), steps }, id).doStream(options)
            },
          })
        }
        const all = failover([model('a'), model('b'), model('c')], { clock, random, choose: 'least-loaded' })
        const reading = Array.from({ length: callers }, async (_, index) => {
          await clock.sleep(Math.floor(random() * 200))
          try {
            const parts = await convertReadableStreamToArray((await all.doStream(ask(`q${index}!`))).stream)
            const text = parts.map((part) => (part.type === 'text-delta' ? part.delta : '')).join('')
            const last = parts.at(-1)
            return { index, text, end: last?.type === 'finish' ? last.finishReason.unified : undefined, parts }
          } catch (error) {
            return { index, text: '', end: (error as { code?: string }).code, parts: [] }
          }
        })
        await clock.advance(60_000)
        for (const { index, text, end, parts } of await Promise.all(reading)) {
          const wholes = ['a', 'b', 'c'].map((id) => `${id} to q${index}! with care`)
          if (end === 'stop') expect(wholes).toContain(text)
          else if (end === 'error') expect(wholes.some((answer) => answer.startsWith(text))).toBe(true)
          else expect(end).toBe('ALL_TIERS_FAILED')
          expect(parts.filter(({ type }) => type === 'stream-start').length).toBeLessThanOrEqual(1)
          expect(parts.filter(({ type }) => type === 'finish').length).toBeLessThanOrEqual(1)
        }
        expect(clock.pending).toBe(0)
      }),
      { numRuns: 40 },
    )
  }, 60_000)

  it('stays within what its circuits let through while all are down, and is back within one probe', async () => {
    const clock = fakeClock()
    let isDown = true
    const calls = [0, 0]
    const models = calls.map((_, index) => {
      const inner = scripted(clock, good, 'ab'[index])
      return Object.assign(inner, {
        doStream: async (options: LanguageModelV4CallOptions) => {
          calls[index]! += 1
          return scripted(clock, isDown ? { reject: apiError(503) } : good).doStream(options)
        },
      })
    })
    const all = failover(models, { clock })
    const minute = async (): Promise<number> => {
      let served = 0
      for (let request = 0; request < 300; request++) {
        const asked = all.doGenerate(ask()).then(
          () => (served += 1),
          () => undefined,
        )
        await clock.advance(200)
        await asked
      }
      return served
    }
    for (let minutes = 0; minutes < 10; minutes++) expect(await minute()).toBe(0)
    // Of 3,000 requests: three to open each circuit, then a probe each at most every 30 seconds, less at first.
    for (const count of calls) expect(count).toBeLessThan(40)
    isDown = false
    expect(await minute()).toBeGreaterThan(120)
    expect(await minute()).toBe(300)
  })
})

describe('a caller of a failover', () => {
  it('ends everything at once by its abort, with its own reason, and nobody else is asked or blamed', async () => {
    for (const atMs of [0, 10, 150, 250]) {
      const slow = { connect: 100, steps: [start, open, { wait: 100 }, say('Half '), 'hang'] as Step[] }
      const it = bench([slow, good])
      const caller = new AbortController()
      const reason = new Error('hung up')
      const asked = Promise.resolve(it.model.doStream(ask('x', { abortSignal: caller.signal })))
      const read = asked.then(({ stream: parts }) => convertReadableStreamToArray(parts))
      read.catch(() => undefined)
      await it.clock.advance(atMs)
      caller.abort(reason)
      expect(await rejection(read)).toBe(reason)
      await it.clock.advance(60_000)
      expect(it.models[1]?.calls).toHaveLength(0)
      for (const call of it.models[0]!.calls) expect(call.options.abortSignal?.aborted ?? true).toBe(true)
      expect(it.events.filter(({ type }) => type === 'attempt-failed')).toMatchObject([{ outcome: 'ignored' }])
      expect(it.clock.pending).toBe(0)
    }
  })

  it('reaches the model with the cancellation of its stream', async () => {
    const endless = { steps: [start, open, ...Array.from({ length: 50 }, () => say('word '))] }
    const it = bench([endless, good])
    const { stream: parts } = await it.model.doStream(ask())
    const reader = parts.getReader()
    for (let read = 0; read < 4; read++) await reader.read()
    await reader.cancel('enough')
    expect(it.models[0]?.calls[0]).toMatchObject({ cancelled: 'enough', ended: true })
    expect(it.models[0]!.calls[0]!.pulled).toBeLessThan(10)
    expect(it.models[1]?.calls).toHaveLength(0)
    expect(it.clock.pending).toBe(0)
  })

  it('keeps its listeners off the signal it gives', async () => {
    const it = bench([{ reject: apiError(500) }, good])
    const caller = new AbortController()
    let listening = 0
    const { signal } = caller
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...given: Parameters<typeof add>) => {
      listening += 1
      add(...given)
    }
    signal.removeEventListener = (...given: Parameters<typeof remove>) => {
      listening -= 1
      remove(...given)
    }
    for (let request = 0; request < 20; request++) await stream(it, ask('x', { abortSignal: signal }), 0)
    expect(listening).toBe(0)
  })
})

describe('through the AI SDK', () => {
  const usage = {
    inputTokens: { total: 3, noCache: 3, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: 10, text: 10, reasoning: undefined },
  }
  const older = new MockLanguageModelV3({
    modelId: 'older',
    doStream: async () => ({
      stream: simulateReadableStream({
        chunks: [
          { type: 'stream-start', warnings: [] },
          { type: 'text-start', id: '1' },
          { type: 'text-delta', id: '1', delta: 'Hello' },
          { type: 'text-end', id: '1' },
          { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage },
        ],
      }),
    }),
  })

  it('counts each model once when all are down, whatever maxRetries says', async () => {
    const clock = fakeClock()
    const models = ['a', 'b'].map((id) => scripted(clock, { reject: apiError(500) }, id))
    const error = await rejection(generateText({ model: failover(models), prompt: 'x', maxRetries: 2 }))
    expect(error).toMatchObject({ code: 'ALL_TIERS_FAILED' })
    expect(models.map(({ calls }) => calls.length)).toEqual([1, 1])
  })

  it('streams from a model of version 3 behind a dead one of version 4', async () => {
    const dead = scripted(fakeClock(), { reject: apiError(500) })
    const result = streamText({ model: failover([dead, older]), prompt: 'x' })
    expect(await result.text).toBe('Hello')
    expect(provenanceOf(await result.providerMetadata)).toMatchObject({ servedBy: 'mock-provider:older' })
  })
})

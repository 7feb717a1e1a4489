import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { Output, generateText, streamText, tool } from 'ai'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { AllTiersFailedError, provenanceOf } from '../../src/index.ts'
import { ask, call, drain, finish, open, say, shut, start, whole } from '../scripted-model.ts'
import type { Script } from '../scripted-model.ts'
import { bench, rejection, stream } from './models.ts'

const seats = z.object({ seats: z.number() })
const output = Output.object({ schema: seats })
const json: LanguageModelV4CallOptions['responseFormat'] = {
  type: 'json',
  schema: { type: 'object', properties: { seats: { type: 'number' } }, required: ['seats'] },
}
const request = ask('How many?', { responseFormat: json })
const good = whole('{"seats"', ':4}')
const usage = (finish() as Extract<LanguageModelV4StreamPart, { type: 'finish' }>).usage

/** Whole answers that are none. */
const useless: Readonly<Record<string, Script>> = {
  'in prose': whole('There are four ', 'seats.'),
  'that do not fit the schema': whole('{"seats":"four"}'),
  'cut at the limit of tokens': { steps: [start, open, say('{"seats":'), shut, finish('length')] },
  'that hold two': whole('{"seats":4} or rather {"seats":5}'),
  'in reasoning only': {
    steps: [
      start,
      { type: 'reasoning-start', id: 'r' },
      { type: 'reasoning-delta', id: 'r', delta: '{"seats":4}' },
      { type: 'reasoning-end', id: 'r' },
      finish(),
    ],
  },
}

/** Answers in which the JSON is certain, though they are not JSON. */
const healed: Readonly<Record<string, Script>> = {
  'in a fence': whole('```json\n', '{"seats":4}\n', '```'),
  'after a sentence': whole('Here you are: {"seats"', ':4}'),
  'before a sentence': whole('{"seats":4}', '\nAnything else?'),
  'beside what fits less well': whole('As said in {"note":[1]}: {"seats":4}'),
  'said twice': whole('{"seats":4}. So: {"seats": 4}'),
  'after a draft': {
    steps: [
      start,
      { type: 'text-start', id: 'd' },
      { type: 'text-delta', id: 'd', delta: '{"seats":3}' },
      { type: 'text-end', id: 'd' },
      open,
      say('{"seats":4}'),
      shut,
      finish(),
    ],
  },
}

describe('a failover that is asked for JSON', () => {
  for (const [which, script] of Object.entries(useless)) {
    it(`asks the next model after an answer ${which}, and blames nobody`, async () => {
      const it = bench([script, good], { choose: 'ordered' })
      for (let asked = 0; asked < 20; asked++) {
        const { text, provenance, types } = await stream(it, request, 0)
        expect(text).toBe('{"seats":4}')
        expect(types).toEqual([
          'stream-start',
          'response-metadata',
          'text-start',
          'text-delta',
          'text-delta',
          'text-end',
          'finish',
        ])
        expect(provenance?.attempts[0]).toMatchObject({
          outcome: 'failed',
          code: 'SCHEMA_MISMATCH',
          usage: { outputTokens: 10 },
        })
      }
      expect(it.models[0]?.calls).toHaveLength(20)
      expect(it.events.filter(({ type }) => type === 'circuit-opened')).toEqual([])
      const { text } = await generateText({ model: bench([script, good]).model, prompt: 'How many?', output })
      expect(text).toBe('{"seats":4}')
    })
  }

  for (const [which, script] of Object.entries(healed)) {
    it(`takes the JSON out of an answer ${which}`, async () => {
      const it = bench([script, whole('{"seats":9}')])
      const { text, types, provenance } = await stream(it, request)
      expect(JSON.parse(text)).toEqual({ seats: 4 })
      expect(types.filter((type) => type.startsWith('text'))).toEqual(['text-start', 'text-delta', 'text-end'])
      expect(provenance?.tier).toBe('a')
      const { model } = bench([script])
      expect((await generateText({ model, prompt: 'How many?', output })).output).toEqual({ seats: 4 })
      expect(await streamText({ model, prompt: 'How many?', output }).output).toEqual({ seats: 4 })
    })
  }

  it('gives an answer that fits as it came, piece by piece, so that it can be read while it is made', async () => {
    const { model } = bench([whole('There are four.'), whole('{"se', 'ats":', '4', '}')])
    const result = streamText({ model, prompt: 'How many?', output })
    const partial: unknown[] = []
    for await (const part of result.partialOutputStream) partial.push(part)
    expect(partial.at(-1)).toEqual({ seats: 4 })
    expect(await result.output).toEqual({ seats: 4 })
    expect(provenanceOf(await result.providerMetadata)).toMatchObject({ tier: 'b', degraded: true })
  })

  it('shows nothing before the answer is whole, so that one which breaks off is not seen', async () => {
    const broken: Script = { steps: [start, open, say('{"seats":'), { throw: new Error('gone') }] }
    const it = bench([broken, good], { commit: 'first-output', onMidStream: 'error' })
    expect(await stream(it, request)).toMatchObject({ text: '{"seats":4}', error: undefined })
  })

  it('heals the text and leaves reasoning, sources and their order as they were', async () => {
    const parts: LanguageModelV4StreamPart[] = [
      { type: 'reasoning-start', id: 'r' },
      { type: 'reasoning-delta', id: 'r', delta: 'Hm.' },
      { type: 'reasoning-end', id: 'r' },
      { type: 'text-start', id: 't', providerMetadata: { test: { itemId: 'm' } } },
      say('Here: '),
      { type: 'source', sourceType: 'url', id: 's', url: 'https://seats.example' },
      say('{"seats":4}'),
      { type: 'text-end', id: 't' },
      { type: 'source', sourceType: 'url', id: 's2', url: 'https://seats.example' },
    ]
    const { model } = bench([{ steps: [start, ...parts, finish()] }])
    const { parts: given } = await drain((await model.doStream(request)).stream)
    expect(given.slice(1, -1)).toEqual([
      ...parts.slice(0, 4),
      { type: 'text-delta', id: 't', delta: '{"seats":4}' },
      parts[7],
      parts[5],
      parts[8],
    ])
  })

  it('asks for JSON only, where there is no schema', async () => {
    const anything = ask('How many?', { responseFormat: { type: 'json' } })
    const scripts = [whole('Four.'), whole('As said [1]: {"any":"thing"}')]
    expect(await stream(bench(scripts), anything)).toMatchObject({ text: '{"any":"thing"}', provenance: { tier: 'b' } })
    expect(await stream(bench([whole('[1, 2]')]), anything)).toMatchObject({ text: '[1, 2]' })
  })

  it('says so when no model is left, and where it does not fit, in none of the words of the answer', async () => {
    const { model } = bench([whole('The customer says four.'), whole('{"seats":"the customer"}')])
    const error = await rejection(generateText({ model, prompt: 'How many?', output }))
    expect(error).toBeInstanceOf(AllTiersFailedError)
    expect(error).toMatchObject({
      message: 'No tier of "failover" could answer: a SCHEMA_MISMATCH, b SCHEMA_MISMATCH.',
      isRetryable: false,
      cause: {
        code: 'SCHEMA_MISMATCH',
        message: 'The answer does not fit the JSON schema at "#/properties/seats/type".',
      },
    })
    expect(JSON.stringify(error) + String((error as Error).cause)).not.toContain('customer')
  })

  it('lets the calls of a tool pass, and judges the answer that comes after them', async () => {
    const look = tool({ inputSchema: z.object({}), execute: () => 'four' })
    const calling: Script = {
      steps: [start, open, say('Let me look.'), shut, ...call('look', {}), finish('tool-calls')],
    }
    const it = bench([[calling, whole('There are four.')], good])
    const result = await generateText({
      model: it.model,
      prompt: 'How many?',
      output,
      tools: { look },
      stopWhen: ({ steps }) => steps.length === 3,
    })
    expect(result.output).toEqual({ seats: 4 })
    expect(result.steps.map(({ providerMetadata }) => provenanceOf(providerMetadata)?.tier)).toEqual(['a', 'b'])
  })

  it('leaves it at a refusal by a content filter, unless told otherwise', async () => {
    const filtered: Script = { steps: [start, open, say('I must not'), shut, finish('content-filter')] }
    expect(await stream(bench([filtered, good]), request)).toMatchObject({
      finish: 'content-filter',
      text: 'I must not',
    })
    const next = bench([filtered, good], { onContentFilter: 'next' })
    expect(await stream(next, request)).toMatchObject({ text: '{"seats":4}' })
  })

  it('does not take a model whose answers do not fit for a slow one', async () => {
    const it = bench([useless['in prose']!, good], { choose: 'least-loaded' })
    for (let asked = 0; asked < 40; asked++) await stream(it, request, 0)
    const [a, b] = it.models
    expect(b?.calls).toHaveLength(40)
    // Both are as quick, so about half of the requests go to each first.
    expect(a!.calls.length).toBeGreaterThan(10)
  })

  it('has its own way with one that is nested without end', async () => {
    const deep = `${'['.repeat(40_000)}${']'.repeat(40_000)}`
    const list = ask('Go deep', { responseFormat: { type: 'json', schema: { type: 'array' } } })
    expect((await stream(bench([whole(deep), good]), list)).text).toBe(deep)
    expect((await stream(bench([whole(`Here: ${deep} ${deep}.`), good]), list)).text).toBe(deep)
  })

  it('asks for nothing of the kind in other requests', async () => {
    expect(await stream(bench([whole('There are four.'), good]))).toMatchObject({ text: 'There are four.' })
  })
})

describe('a call of a tool', () => {
  const booking = ask('Book it', { tools: [{ type: 'function', name: 'book', inputSchema: { type: 'object' } }] })
  const calling = (input: string, more = {}): LanguageModelV4StreamPart[] => [
    { type: 'tool-input-start', id: 'c', toolName: 'book' },
    { type: 'tool-input-delta', id: 'c', delta: input },
    { type: 'tool-input-end', id: 'c' },
    { type: 'tool-call', toolCallId: 'c', toolName: 'book', input, ...more },
  ]

  for (const input of ['{"seats":', 'four', '{"seats":4', "{'seats':4}"]) {
    it(`with the input ${input} is never let out: the next model is asked, and nobody is blamed`, async () => {
      const it = bench([
        { steps: [start, ...calling(input), finish('tool-calls')] },
        { steps: [start, ...calling('{"seats":4}'), finish('tool-calls')] },
      ])
      for (let asked = 0; asked < 10; asked++) {
        const { model } = it
        const { parts } = await drain((await model.doStream(booking)).stream)
        expect(parts.filter(({ type }) => type === 'tool-call')).toMatchObject([{ input: '{"seats":4}' }])
        const end = parts.at(-1)
        const provenance = provenanceOf(end?.type === 'finish' ? end.providerMetadata : undefined)
        expect(provenance?.attempts[0]).toMatchObject({ outcome: 'failed', code: 'TOOL_INPUT_MALFORMED' })
      }
      expect(it.models[0]?.calls).toHaveLength(10)
    })
  }

  it('after a text ends the answer as a failure', async () => {
    const it = bench([
      { steps: [start, open, say('I book.'), shut, ...calling('{"seats":'), finish('tool-calls')] },
      good,
    ])
    const { types, error, finish: reason } = await stream(it, booking)
    expect(types.filter((type) => type.startsWith('tool'))).toEqual([])
    expect([error, reason]).toMatchObject([{ code: 'TOOL_INPUT_MALFORMED' }, 'error'])
  })

  it('may have no input, and may have any where the provider has run it itself', async () => {
    for (const parts of [calling(''), calling('  '), calling('four', { providerExecuted: true })]) {
      const it = bench([
        {
          steps: [start, ...parts, { type: 'finish', finishReason: { unified: 'tool-calls', raw: undefined }, usage }],
        },
        good,
      ])
      expect((await stream(it, booking)).provenance).toMatchObject({ tier: 'a' })
    }
  })
})

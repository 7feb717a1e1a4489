import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart, SharedV4Warning } from '@ai-sdk/provider'
import { Output, generateText } from 'ai'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ask, finish, open, say, shut, whole } from '../scripted-model.ts'
import type { Script } from '../scripted-model.ts'
import { apiError, bench, rejection, stream } from './models.ts'

const schema = { type: 'object', properties: { seats: { type: 'number' } }, required: ['seats'] } as const
const json: LanguageModelV4CallOptions['responseFormat'] = { type: 'json', schema }
const request = ask('How many?', { responseFormat: json })
const anyJson = ask('How many?', { responseFormat: { type: 'json' } })
const good = whole('{"seats":4}')
const down: Script = { reject: apiError(503) }

/** What the system said to a model, and the format that it was asked for. */
function asked(options: LanguageModelV4CallOptions | undefined): [system: string, format: unknown] {
  const [first] = options!.prompt
  return [first?.role === 'system' ? first.content : '', options!.responseFormat]
}

const warned = { type: 'compatibility', feature: 'responseFormat' }

describe('a model that takes no JSON schema', () => {
  it('is asked in its prompt, after those that do, and the result says so', async () => {
    const it = bench([good, down, down], {}, [{ supports: { json: false } }, {}, {}])
    const { content, warnings, providerMetadata } = await it.model.doGenerate(request)
    expect(content).toMatchObject([{ text: '{"seats":4}' }])
    expect(warnings).toMatchObject([warned])
    expect(providerMetadata).toMatchObject({
      holdfast: { tier: 'a', attempts: [{ tier: 'b' }, { tier: 'c' }, { tier: 'a', outcome: 'served' }] },
    })
    const [system, format] = asked(it.models[0]?.calls[0]?.options)
    expect(system).toContain(JSON.stringify(schema))
    expect(format).toBeUndefined()
    expect(asked(it.models[1]?.calls[0]?.options)).toEqual(['', json])
    expect(request.responseFormat).toBe(json)
    expect(request.prompt).toHaveLength(1)
  })

  it('is asked for JSON without one, where it has that', async () => {
    const it = bench([good], {}, [{ supports: { json: 'object' } }])
    const { warnings } = await it.model.doGenerate({
      ...request,
      prompt: [{ role: 'system', content: 'Be brief.' }, ...request.prompt],
    })
    const [system, format] = asked(it.models[0]?.calls[0]?.options)
    expect(system).toMatch(/^Be brief\.\n\nYour answer .*JSON schema:\n\{"type"/s)
    expect(format).toEqual({ type: 'json' })
    expect(warnings).toMatchObject([warned])
    expect((await it.model.doGenerate(anyJson)).warnings).toEqual([])
    expect(asked(it.models[0]?.calls[1]?.options)).toEqual(['', { type: 'json' }])
  })

  it('is asked for any JSON in words, where it has no such mode', async () => {
    const it = bench([whole('Of course: {"any":1}')], {}, [{ supports: { json: false } }])
    const { content, warnings } = await it.model.doGenerate(anyJson)
    expect(content).toMatchObject([{ text: '{"any":1}' }])
    expect(warnings).toMatchObject([{ ...warned, details: expect.stringContaining('no JSON mode') }])
    const [system, format] = asked(it.models[0]?.calls[0]?.options)
    expect([system.includes('JSON'), system.includes('schema'), format]).toEqual([true, false, undefined])
  })

  it('has its answer checked and healed, and the next model is asked where it does not fit', async () => {
    const about = [{ supports: { json: false } }, { supports: { json: false } }]
    const it = bench([whole('{"seats":"four"}'), whole('```json\n{"seats":4}\n```')], {}, about)
    const { text, provenance } = await stream(it, request)
    expect(JSON.parse(text)).toEqual({ seats: 4 })
    expect(provenance?.attempts).toMatchObject([{ code: 'SCHEMA_MISMATCH' }, { outcome: 'served' }])
    const none = bench([whole('Four.'), whole('Five.')], {}, about)
    expect(await rejection(none.model.doGenerate(request))).toMatchObject({ code: 'ALL_TIERS_FAILED' })
  })

  it('is passed over where that is forbidden', async () => {
    const it = bench([good, down], { adaptJson: false }, [{ supports: { json: 'object' } }, {}])
    expect(await rejection(it.model.doGenerate(request))).toMatchObject({ code: 'ALL_TIERS_FAILED' })
    expect(it.models[0]?.calls).toEqual([])
    expect((await it.model.doGenerate(anyJson)).content).toMatchObject([{ text: '{"seats":4}' }])
    expect(() => bench([good], { adaptJson: 'yes' as never })).toThrow('adaptJson')
  })

  it('is known from what its provider says it has ignored', async () => {
    const ignoring = (...more: SharedV4Warning[]): LanguageModelV4StreamPart => ({
      type: 'stream-start',
      warnings: [{ type: 'unsupported', feature: 'topK' }, ...more],
    })
    const says = (text: string, ...more: SharedV4Warning[]): Script => ({
      steps: [ignoring(...more), open, say(text), shut, finish()],
    })
    const ignored: SharedV4Warning = { type: 'unsupported', feature: 'responseFormat', details: 'not supported' }
    const it = bench([
      [says('Four.', ignored), says('{"seats":4}', ignored), says('{"seats":4}')],
      [good, down, down],
    ])
    expect((await stream(it, request)).provenance).toMatchObject({ tier: 'b' })
    const formats = () => it.models[0]!.calls.map(({ options }) => options.responseFormat)
    expect((await stream(it, request)).provenance).toMatchObject({ tier: 'a', degraded: true })
    expect((await stream(it, request)).provenance).toMatchObject({ tier: 'a' })
    expect(formats()).toEqual([json, { type: 'json' }, undefined])
    const plain = bench([[says('Four.', { ...ignored, feature: 'seed' }), good], good])
    await stream(plain, request)
    await stream(plain, request)
    expect(plain.models[0]?.calls.map(({ options }) => options.responseFormat)).toEqual([json, json])
  })

  it('serves Output.object of the AI SDK', async () => {
    const it = bench([good], {}, [{ supports: { json: false } }])
    const output = Output.object({ schema: z.object({ seats: z.number() }), description: 'The seats of a jet.' })
    expect((await generateText({ model: it.model, prompt: 'How many?', output })).output).toEqual({ seats: 4 })
    expect(asked(it.models[0]?.calls[0]?.options)[0]).toContain('The seats of a jet.')
  })

  it('is asked for a text as ever', async () => {
    const it = bench([whole('Four.')], {}, [{ supports: { json: false } }])
    const plain = ask('How many?')
    expect((await stream(it, plain)).text).toBe('Four.')
    expect(it.models[0]?.calls[0]?.options.prompt).toBe(plain.prompt)
  })
})

import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { LanguageModelV4 } from '@ai-sdk/provider'
import { generateText, streamText } from 'ai'
import { describe, expect, it } from 'vitest'
import { ask, drain, scripted } from '../../test/scripted-model.ts'
import { provenanceOf } from '../provenance/report.ts'
import { createIntents } from '../replies/intents/create-intents.ts'
import { staticTier } from '../replies/static-tier.ts'
import { templateTier } from '../replies/template-tier.ts'
import { tierList } from '../tiers/tier-list.ts'
import { systemClock } from '@holdfast/core'
import { lastWord } from './index.ts'

const contact = { name: 'the help desk', phone: '+39 02 555 0100', email: 'desk@example.com' }
const source = new URL('./index.ts', import.meta.url)

describe('the last word', () => {
  it('is a language model that says how to reach a person, in two languages', async () => {
    const model: LanguageModelV4 = lastWord(contact)
    const { text, finishReason } = await generateText({ model, prompt: 'hello' })
    expect(text).toBe(
      'Our assistant cannot answer at the moment. A person will help you: the help desk, +39 02 555 0100, desk@example.com.\n\n' +
        'Il nostro assistente al momento non può rispondere. Una persona la aiuterà: the help desk, +39 02 555 0100, desk@example.com.',
    )
    expect(finishReason).toBe('stop')
    const { textStream } = streamText({ model, prompt: 'hello' })
    let streamed = ''
    for await (const piece of textStream) streamed += piece
    expect(streamed).toBe(text)
  })

  it('says who speaks, and that it is not to be remembered', async () => {
    const { stream, response } = await lastWord(contact).doStream(ask())
    expect(response.headers).toEqual({ 'x-holdfast-served-by': 'last-word' })
    const { parts, types } = await drain(stream)
    expect(types).toEqual(['stream-start', 'text-start', 'text-delta', 'text-end', 'finish'])
    expect(parts.at(-1)).toMatchObject({
      providerMetadata: { holdfast: { servedBy: 'last-word', rememberable: false } },
    })
  })

  it.each([
    [{}],
    [undefined as never],
    [{ phone: 42 as never }],
    [
      {
        get phone(): never {
          throw new Error('no')
        },
      },
    ],
  ])('speaks whatever it is told of the contact: %#', async (odd) => {
    const { content } = await lastWord(odd).doGenerate(ask())
    expect(content[0]?.text).toMatch(/^Our assistant cannot answer at the moment\. A person will help you\.\n/)
  })

  it('is not changed by what becomes of the contact', async () => {
    const changing = { phone: '+39 02 555 0100' }
    const model = lastWord(changing)
    changing.phone = ''
    expect((await model.doGenerate(ask())).content[0]?.text).toContain('+39 02 555 0100')
  })

  it('honours a caller that has given up', async () => {
    await expect(lastWord(contact).doStream(ask('x', { abortSignal: AbortSignal.abort('gone') }))).rejects.toBe('gone')
  })

  it('imports nothing, neither a value nor a type', async () => {
    const text = (await readFile(source, 'utf8')).replaceAll(/\/\*[\s\S]*?\*\//g, '')
    expect(text).not.toMatch(/\bimport\b|\brequire\b|\bfrom '/)
  })

  it('works alone in an empty folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-last-word-'))
    try {
      await copyFile(source, join(folder, 'last-word.ts'))
      await writeFile(join(folder, 'package.json'), '{"type":"module"}')
      const program = `import { lastWord } from './last-word.ts'
        const { content } = await lastWord({ phone: '+39 02 555 0100' }).doGenerate({ prompt: [] })
        console.log(content[0].text)`
      await writeFile(join(folder, 'main.ts'), program)
      const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'main.ts')], { env: {} })
      expect(stdout).toContain('+39 02 555 0100')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('a ladder with nothing alive', () => {
  const dead = () => scripted(systemClock, { reject: new Error('down') })
  const intents = createIntents()
  const broken = {
    ids: [],
    read: (): never => {
      throw new Error('broken')
    },
  }
  const ladder = (ends: 'well' | 'broken') =>
    tierList({
      name: 'desk',
      tiers: [
        { name: 'main', model: dead() },
        { name: 'second', model: dead() },
        { name: 'template', model: templateTier({ intents: ends === 'well' ? intents : broken, contact }) },
        {
          name: 'static',
          model: ends === 'well' ? staticTier({ intents, contact }) : staticTier({ contact: undefined as never }),
        },
        { name: 'last-word', model: lastWord(contact) },
      ],
    })

  it.each([
    ['hello', 'well', 'template', 'templates'],
    ['write me a poem', 'well', 'static', 'static'],
    ['hello', 'broken', 'last-word', 'last-word'],
  ] as const)('answers "%s" from the first rung that can (%s): %s', async (message, ends, tier, servedBy) => {
    const { providerMetadata, content } = await ladder(ends).doGenerate(ask(message))
    expect(provenanceOf(providerMetadata)).toMatchObject({ tier, servedBy, degraded: true })
    expect(content[0]).toMatchObject({ type: 'text', text: expect.stringMatching(/Acme|help desk/) as string })
  })

  it('takes under 5 ms', async () => {
    const times: number[] = []
    for (const ends of ['well', 'broken'] as const) {
      const list = ladder(ends)
      for (let call = 0; call < 200; call += 1) {
        const begun = systemClock.now()
        await drain((await list.doStream(ask(`write me a poem of ${call} lines`))).stream)
        times.push(systemClock.now() - begun)
      }
    }
    // The median, since a busy machine makes some of them late.
    expect(times.toSorted((a, b) => a - b)[200]).toBeLessThan(5)
  })
})

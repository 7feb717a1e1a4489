import { fakeClock } from '@holdfast/core/testing'
import mustache from 'mustache'
import { describe, expect, it, vi } from 'vitest'
import { ask, drain } from '../../test/scripted-model.ts'
import { createIntents } from './intents/create-intents.ts'
import { staticTier } from './static-tier.ts'
import type { StaticTierOptions } from './static-tier.ts'
import { templateTier } from './template-tier.ts'
import type { TemplateTierOptions } from './template-tier.ts'
import { REPLY_TEMPLATES } from './texts/templates.ts'

const intents = createIntents()
const contact = {
  name: 'the help desk',
  phone: '+39 02 555 0100',
  email: 'desk@example.com',
  hours: 'Mon to Fri, 8 to 18',
}
const template = (more: Partial<TemplateTierOptions> = {}) =>
  templateTier({ intents, contact, company: 'Acme', ...more })
const fixed = (more: Partial<StaticTierOptions> = {}) => staticTier({ intents, contact, ...more })

async function say(tier: ReturnType<typeof templateTier>, message: string, more: object = {}): Promise<string> {
  const { content } = await tier.doGenerate(ask(message, more))
  return content[0]?.type === 'text' ? content[0].text : ''
}

describe('a template tier', () => {
  it('answers what it has a template for, filled in, in the language of the question', async () => {
    expect(await say(template(), 'What are your opening hours?')).toBe(
      'We are here Mon to Fri, 8 to 18. To reach us: the help desk, call +39 02 555 0100, write to desk@example.com.',
    )
    expect(await say(template(), 'buongiorno')).toBe('Buongiorno, parla con Acme. Come posso aiutarla?')
  })

  it('leaves out what it has no value for', async () => {
    const tier = template({ contact: { name: 'the desk' } })
    expect(await say(tier, 'what is your phone number?')).toBe('This is how to reach us: the desk.')
    expect(await say(tier, 'opening hours?')).toBe('I do not have our opening hours at hand. To reach us: the desk.')
  })

  it('streams the same, and says who speaks', async () => {
    const { stream, response } = await template().doStream(ask('hello'))
    const { types, text, parts } = await drain(stream)
    expect(types).toEqual(['stream-start', 'text-start', 'text-delta', 'text-end', 'finish'])
    expect(text).toBe('Hello, you are talking to Acme. How can I help?')
    expect(response?.headers).toEqual({ 'x-holdfast-served-by': 'templates' })
    expect(parts.at(-1)).toMatchObject({
      providerMetadata: { holdfast: { servedBy: 'templates', rememberable: false } },
    })
  })

  it('rejects what it has no template for, what is not sure, and JSON', async () => {
    const refusal = { code: 'NO_TEMPLATE', category: 'rejected', mayHaveTakenEffect: false }
    await expect(say(template(), 'write me a poem about the sea')).rejects.toMatchObject(refusal)
    await expect(say(template({ templates: { en: { hours: 'always' } } }), 'hello')).rejects.toMatchObject(refusal)
    await expect(say(template({ minConfidence: 0.99 }), 'hello')).rejects.toMatchObject(refusal)
    await expect(say(template(), 'hello', { responseFormat: { type: 'json' } })).rejects.toMatchObject(refusal)
    await expect(say(template({ templates: { en: { greeting: '{{nothing}}' } } }), 'hello')).rejects.toMatchObject(
      refusal,
    )
    await expect(template().doStream(ask('write me a poem'))).rejects.toMatchObject(refusal)
  })

  it('lets nothing that a customer typed become markup or a line of its own', async () => {
    const customer = '<img src=x onerror=alert(1)> [Bob](https://evil.example)\n# `sudo`\u202e {{phone}}'
    const text = await say(template({ context: () => ({ customer }) }), 'hello')
    expect(text).not.toMatch(/[<>[\]`{}\n\u202e]/)
    expect(text).not.toContain(contact.phone)
    const page = await say(template({ context: () => ({ customer: `O'Neil & "Sons"` }), escape: 'html' }), 'hello')
    expect(page).toContain('O&#39;Neil &amp; &quot;Sons&quot;')
    const plain = await say(template({ context: () => ({ customer: `O'Neil & Sons` }) }), 'hello')
    expect(plain).toContain(`Hello O'Neil & Sons,`)
  })

  it('takes at most 200 characters of a value', async () => {
    const text = await say(template({ context: () => ({ customer: 'x'.repeat(10_000) }) }), 'hello')
    expect(text.length).toBeLessThan(300)
  })

  it('does without values that cannot be had', async () => {
    const context = (): never => {
      throw new Error('no session')
    }
    expect(await say(template({ context }), 'hello')).toBe('Hello, you are talking to Acme. How can I help?')
  })

  it('keeps a greeting for five minutes, for the same tenant and values only', async () => {
    const clock = fakeClock()
    const tier = template({ clock, context: () => ({ customer: 'Eve' }) })
    const render = vi.spyOn(mustache.Writer.prototype, 'render')
    const renders = async (more: object = {}): Promise<number> => {
      render.mockClear()
      expect(await say(tier, 'hello', more)).toContain('Eve')
      return render.mock.calls.length
    }
    expect(await renders()).toBe(1)
    expect(await renders()).toBe(0)
    expect(await renders({ providerOptions: { holdfast: { tenant: 'other' } } })).toBe(1)
    await clock.advance(299_999)
    expect(await renders()).toBe(0)
    await clock.advance(2)
    expect(await renders()).toBe(1)
    render.mockRestore()
  })

  it('never greets one customer with the name of another', async () => {
    let customer = 'Ann'
    const tier = template({ context: () => ({ customer }) })
    expect(await say(tier, 'hello')).toContain('Ann')
    customer = 'Bea'
    expect(await say(tier, 'hello')).toContain('Bea')
  })

  it('honours a caller that has given up', async () => {
    await expect(say(template(), 'hello', { abortSignal: AbortSignal.abort('gone') })).rejects.toBe('gone')
  })

  it.each([
    { templates: { en: { greeting: 'Hi {{#open}}' } } },
    { escape: 'xml' as 'html' },
    { minConfidence: 2 },
    { greetingCacheMs: -1 },
  ])('refuses %j', (options) => {
    expect(() => template(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  it('has a template for every intent in every language', () => {
    for (const templates of Object.values(REPLY_TEMPLATES))
      expect(Object.keys(templates).sort()).toEqual([...intents.ids].sort())
  })
})

describe('a static tier', () => {
  it.each([
    ['hello', 'Hello, and thank you'],
    ['can you help me?', 'I can help with only a little'],
    ['how much is an antivirus?', 'We will be glad to make you an offer'],
    ['write me a poem about the sea', 'I cannot answer that'],
    ['buongiorno', 'Buongiorno, e grazie'],
    ['quanto costa un antivirus?', 'Saremo lieti di farle'],
    ['scrivimi una poesia sul mare', 'al momento non posso rispondere'],
  ])('answers "%s" with a sentence of its own and the contact', async (message, reply) => {
    const text = await say(fixed(), message)
    expect(text).toContain(reply)
    expect(text).toContain(contact.phone)
    expect(text).toContain(contact.email)
  })

  it('says the general sentence when the intents are missing or broken', async () => {
    const broken = {
      ids: [],
      read: (): never => {
        throw new Error('broken')
      },
    }
    for (const tier of [staticTier({ contact }), fixed({ intents: broken })]) {
      expect(await say(tier, 'hello')).toContain('I cannot answer that')
    }
  })

  it('answers in its own language when that of the message has no replies', async () => {
    expect(await say(fixed({ language: 'it' }), '???')).toContain('Mi dispiace')
    expect(await say(fixed({ language: 'xx' }), '???')).toContain('I am sorry')
  })

  it('says replies of its own', async () => {
    const replies = { en: { general: 'Nobody home.', hours: 'Always.' } }
    expect(await say(fixed({ replies }), 'opening hours?')).toContain('Always.')
    expect(await say(fixed({ replies }), 'constructor')).toContain('Nobody home.')
  })

  it('streams, and says who speaks', async () => {
    const { stream, response } = await fixed().doStream(ask('hello'))
    expect((await drain(stream)).text).toContain(contact.phone)
    expect(response?.headers).toEqual({ 'x-holdfast-served-by': 'static' })
  })

  it('honours a caller that has given up', async () => {
    await expect(say(fixed(), 'hello', { abortSignal: AbortSignal.abort('gone') })).rejects.toBe('gone')
  })
})

import { createSemanticMemory } from '@holdfast/ai'
import { MockEmbeddingModelV4 } from 'ai/test'
import { describe, expect, it } from 'vitest'
import { HELPDESK_TEXTS, HELPDESK_TIMES, helpdeskAssistant } from '../src/index.ts'
import { CONTACT, instructionsIn, startDesk } from './desk.ts'

const QUESTION = 'How do I map the drive S on my laptop?'

describe('the tier of models', () => {
  it('answers with the first, which knows whose desk it is and what it may tell', async () => {
    const desk = startDesk({ company: 'Acme', knowledge: 'The VPN is at vpn.acme.example.', instructions: 'Be brief.' })
    const { text, provenance } = await desk.ask(QUESTION)
    expect(text).toBe('An answer of first.')
    expect(provenance).toMatchObject({ tier: 'model', degraded: false })
    const told = instructionsIn(desk.first.calls[0]!)
    for (const words of ['Acme', CONTACT.phone, 'The VPN is at vpn.acme.example.', 'Be brief.'])
      expect(told).toContain(words)
    expect(desk.second.calls).toEqual([])
  })

  it('answers with the second when the first fails, and beside it when that is silent', async () => {
    const desk = startDesk()
    desk.first.says = new Error('down')
    expect((await desk.ask(QUESTION)).text).toBe('An answer of second.')
    desk.first.says = 'hangs'
    const answer = desk.ask('How do I scan to a folder?')
    await desk.clock.advance(HELPDESK_TIMES.nextModelAfterMs)
    expect((await answer).text).toBe('An answer of second.')
  })

  it('goes on with the second when the first breaks off, and with the next tier when the two do not fit together', async () => {
    const desk = startDesk()
    desk.first.says = ['Open the settings, ', 'choose the printer, ', new Error('cut')]
    desk.second.says = ['Open the settings, choose the printer, and cancel ', 'its jobs.']
    const { text, provenance } = await desk.ask(QUESTION)
    expect(provenance.tier).toBe('model')
    expect(text).toBe('Open the settings, choose the printer, and cancel its jobs.')
    desk.second.says = ['Something else.']
    expect((await desk.ask('When are you open?')).provenance.tier).toBe('template')
  })
})

describe('while no model answers', () => {
  it.each([
    ['en', QUESTION, 'how do i map the DRIVE s on my laptop', 'This answer was given 3 minutes ago'],
    ['it', 'Come si collega il disco S?', 'come si collega il disco s', 'Questa risposta è stata data 3 minuti fa'],
  ])('says again what was answered to the same question, with its age: %s', async (_language, asked, again, notice) => {
    const desk = startDesk()
    await desk.ask(asked)
    desk.down()
    await desk.clock.advance(180_000)
    const { text, provenance } = await desk.ask(again)
    expect(provenance).toMatchObject({ tier: 'stale', stale: true, ageMs: 180_000 })
    expect(text).toContain(notice)
    expect(text).toContain('An answer of first.')
    expect((await desk.ask(again, 'globex')).provenance.tier).not.toBe('stale')
  })

  it('says what was answered to a similar question, where the memory knows such, and not to another tenant', async () => {
    const model = new MockEmbeddingModelV4({
      doEmbed: async ({ values }) => ({ embeddings: values.map(() => [1, 0]), warnings: [] }),
    })
    const desk = startDesk({ memory: createSemanticMemory({ model }) })
    await desk.ask('I am ann@acme.example, where is my badge?')
    expect(JSON.stringify(model.doEmbedCalls)).toContain('I am [email], where is my badge?')
    await desk.ask('How can I map the drive S?')
    await new Promise((resolve) => setImmediate(resolve))
    desk.down()
    const { text, provenance } = await desk.ask('How do I map the drive S please?')
    expect(provenance).toMatchObject({ tier: 'stale', similarity: 1 })
    expect(text).toContain('to a similar question')
    expect((await desk.ask('How do I map the drive S please?', 'globex')).provenance.tier).not.toBe('stale')
  })

  it.each([
    ['When are you open?', 'We are here 8-18.'],
    ['Quando siete aperti?', 'Siamo disponibili 8-18.'],
    ['the printer does not print', 'What usually helps with a printer'],
    ['la stampante non stampa', 'Che cosa di solito aiuta con una stampante'],
    ['Hello!', 'this is the IT help desk of Acme Informatica'],
    ['Ciao!', "parla con l'assistenza informatica di Acme Informatica"],
  ])('answers what is asked again and again from a template: %s', async (question, said) => {
    const desk = startDesk()
    desk.down()
    const { text, provenance } = await desk.ask(question)
    expect(provenance).toMatchObject({ tier: 'template', servedBy: 'templates', degraded: true })
    expect(text).toContain(said)
  })

  it.each([
    ['Please write me a poem about the sea', HELPDESK_TEXTS['en']!.replies.general],
    ['Scrivimi una poesia sul mare', HELPDESK_TEXTS['it']!.replies.general],
  ])('says a fixed reply to everything else, and how to reach a person: %s', async (question, said) => {
    const desk = startDesk()
    desk.down()
    const { text, provenance } = await desk.ask(question)
    expect(provenance).toMatchObject({ tier: 'static', servedBy: 'static' })
    expect(text).toContain(said)
    expect(text).toContain(CONTACT.phone)
  })

  it('has a last word for when even that breaks', async () => {
    const replies = {
      get general(): string {
        throw new Error('broken')
      },
    }
    const broken = { ...HELPDESK_TEXTS['en']!, replies }
    const desk = startDesk({ texts: { en: broken } })
    desk.down()
    const { text, provenance } = await desk.ask('Please write me a poem about the sea')
    expect(provenance.tier).toBe('last-word')
    expect(text).toContain(CONTACT.phone)
  })

  it('does not let a customer wait for silent models when something is prepared', async () => {
    const desk = startDesk()
    desk.first.says = 'hangs'
    desk.second.says = 'hangs'
    const prepared = desk.ask('When are you open?')
    await desk.clock.advance(HELPDESK_TIMES.preparedAfterMs)
    expect((await prepared).provenance.tier).toBe('template')
    let isAnswered = false
    const other = desk.ask('Please write me a poem about the sea').finally(() => (isAnswered = true))
    await desk.clock.advance(HELPDESK_TIMES.modelMs - 1)
    expect(isAnswered).toBe(false)
    await desk.clock.advance(1)
    expect((await other).provenance.tier).toBe('static')
  })

  it('heals by itself', async () => {
    const desk = startDesk()
    desk.down()
    for (let count = 0; count < 12; count += 1) await desk.ask(`${QUESTION} ${count}`)
    desk.first.says = ['Well again.']
    await desk.clock.advance(60_000)
    expect((await desk.ask(QUESTION)).text).toBe('Well again.')
  })
})

describe('options', () => {
  it('are refused when they cannot be used, with what is allowed', () => {
    const refusal = (message: RegExp): unknown => expect.objectContaining({ code: 'INVALID_OPTION', message })
    const matching = (message: string): unknown => expect.stringContaining(message)
    expect(() => helpdeskAssistant({ models: [] })).toThrow(refusal(matching('at least one') as never))
    expect(() => helpdeskAssistant({ models: ['a'], secondModel: 'b' })).toThrow(
      refusal(matching('secondModel must be left out') as never),
    )
    expect(() => helpdeskAssistant({ language: 'fr' })).toThrow(
      refusal(matching('language must be one of en, it; it is "fr"') as never),
    )
  })

  it('add words in another language', async () => {
    const french = { ...HELPDESK_TEXTS['en']!, replies: { general: 'Je ne sais pas.' } }
    const desk = startDesk({ texts: { fr: french }, language: 'fr' })
    desk.down()
    expect((await desk.ask('xyzzy')).text).toContain('Je ne sais pas.')
  })
})

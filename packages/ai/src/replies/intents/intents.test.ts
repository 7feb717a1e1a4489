import fc from 'fast-check'
import { fakeClock } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { createClassifier } from './bayes.ts'
import { createIntents, INTENT_TABLES } from './create-intents.ts'
import { LABELLED_MESSAGES } from './labelled-messages.ts'
import type { IntentTable } from './table.ts'

const intents = createIntents()

/** Two wishes, to see one rule at a time. */
const TINY: IntentTable = {
  language: 'en',
  classes: { fruit: 'apple pear' },
  intents: [
    { id: 'buy', rules: ['buy .. <fruit>'], examples: ['purchase some fruit today', 'purchase lemons'] },
    { id: 'sell', rules: ['sell .. <fruit>'], examples: ['offer fruit cheaply', 'offer lemons'] },
    { id: 'hail', rules: ['^ hail'], maxWords: 3, examples: ['ahoy matey'] },
  ],
  others: ['the weather looks grim'],
  spellings: { appel: 'apple' },
}
const tiny = createIntents({ tables: [TINY] })

describe('the intents', () => {
  it.each(['en', 'it'] as const)('are told right for most messages in %s, and hardly ever wrong', (language) => {
    const told = LABELLED_MESSAGES[language].map(([id, message]) => {
      const intent = intents.read(message)
      return { id, said: intent.confidence >= 0.6 ? (intent.id ?? '') : '' }
    })
    const wanted = told.filter(({ id }) => id !== '')
    const right = wanted.filter(({ id, said }) => said === id).length
    const precision = right / told.filter(({ said }) => said !== '').length
    const recall = right / wanted.length
    console.log(`intents, ${language}: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`)
    expect(precision).toBeGreaterThanOrEqual(0.95)
    expect(recall).toBeGreaterThanOrEqual(0.8)
  })

  it('are none where something of that name is only spoken about', () => {
    expect(intents.read('the price on our website is shown wrong').id).toBeUndefined()
    expect(intents.read('il nostro numero di telefono sul sito è vecchio').id).toBeUndefined()
  })

  it('are told by rules first, whatever the spelling, and name the language', () => {
    expect(intents.read('How much is an ANTIVIRUS?')).toEqual({
      id: 'quote',
      confidence: 0.95,
      by: 'rule',
      language: 'en',
    })
    expect(intents.read('siete aperti il sabato?')).toMatchObject({ id: 'hours', by: 'rule', language: 'it' })
    expect(tiny.read('buy a red appel')).toMatchObject({ id: 'buy', by: 'rule' })
  })

  it('are guessed from examples where no rule speaks', () => {
    expect(tiny.read('purchase fruit')).toMatchObject({ id: 'buy', by: 'classifier' })
    expect(tiny.read('the weather looks grim')).toEqual({ confidence: 0, by: 'classifier', language: 'en' })
    expect(tiny.read('zebra')).toMatchObject({ confidence: 0, by: 'classifier' })
  })

  it('are the less sure the more words nobody knows', () => {
    const sure = tiny.read('purchase lemons').confidence
    expect(tiny.read('purchase lemons zebra giraffe').confidence).toBeLessThan(0.6 * sure)
  })

  it('leave it to the examples when two rules speak', () => {
    expect(tiny.read('buy or sell the apple, offer cheaply')).toMatchObject({ id: 'sell', by: 'rule' })
  })

  it('take no greeting for the wish of a longer message', () => {
    expect(tiny.read('hail captain')).toMatchObject({ id: 'hail' })
    expect(tiny.read('hail captain, where is my parrot now').id).toBeUndefined()
    expect(intents.read('Hello, the label printer jams since this morning, who can help us?').id).not.toBe('greeting')
  })

  it('are the same each time, and after being built again', () => {
    const again = createIntents()
    for (const [, message] of [...LABELLED_MESSAGES.en, ...LABELLED_MESSAGES.it]) {
      expect(again.read(message)).toEqual(intents.read(message))
    }
  })

  it('remember what they have read for five minutes', async () => {
    const clock = fakeClock()
    const kept = createIntents({ clock })
    const first = kept.read('hello')
    await clock.advance(299_999)
    expect(kept.read('HELLO')).toBe(first)
    await clock.advance(2)
    expect(kept.read('hello')).not.toBe(first)
  })

  it('take any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (message) => {
        const { confidence } = intents.read(message)
        expect(confidence).toBeGreaterThanOrEqual(0)
        expect(confidence).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('are listed by id, the same in both languages', () => {
    expect(intents.ids).toContain('quote')
    const [english, italian] = INTENT_TABLES.map((table) => table.intents.map(({ id }) => id))
    expect(english).toEqual(italian)
  })

  it('are measured on messages that are no examples', () => {
    const examples = new Set(
      INTENT_TABLES.flatMap((table) => [...table.intents.flatMap((intent) => intent.examples), ...table.others]),
    )
    const all = [...LABELLED_MESSAGES.en, ...LABELLED_MESSAGES.it]
    expect(all.filter(([, message]) => examples.has(message))).toEqual([])
  })

  it.each([{ maxIntentChars: 9 }, { intentCacheMs: -1 }, { maxIntents: 0 }, { tables: [] }])('refuse %j', (options) => {
    expect(() => createIntents(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  it('refuse a table whose rules cannot be read', () => {
    const broken = { ...TINY, intents: [{ id: 'x', rules: ['<nothing> here'], examples: [] }] }
    expect(() => createIntents({ tables: [broken] })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})

describe('a naive Bayes classifier', () => {
  const classifier = createClassifier([
    { words: ['red', 'round'], label: 'tomato' },
    { words: ['red', 'round'], label: 'tomato' },
    { words: ['yellow', 'long'], label: 'banana' },
  ])

  it('gives each label the probability that Bayes would, with equal priors', () => {
    // 4 words: P(red | tomato) = (2 + 0.3) / (4 + 1.2), P(red | banana) = 0.3 / (2 + 1.2)
    const tomato = 2.3 / 5.2
    const banana = 0.3 / 3.2
    expect(classifier.probabilities(['red']).get('tomato')).toBeCloseTo(tomato / (tomato + banana), 12)
    expect(classifier.classify(['red'])?.label).toBe('tomato')
  })

  it('says nothing of words that it does not know, whatever they are called', () => {
    expect(classifier.classify(['constructor', '__proto__'])).toBeUndefined()
    expect(classifier.classify([])).toBeUndefined()
    expect(classifier.knows('toString')).toBe(false)
  })
})

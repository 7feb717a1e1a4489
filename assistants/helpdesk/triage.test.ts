import { readFileSync } from 'node:fs'
import { createTriage } from '@holdfast/ai/triage'
import { describe, expect, it } from 'vitest'
import { loadHeldOut, loadOthers, loadPractice, loadTune, scoreOf } from './src/report/labelled.ts'
import type { Labelled } from './src/report/labelled.ts'

/** A question to the charter desk. */
interface Conversation {
  readonly messages: readonly { readonly content: string }[]
}

const heldOut = loadHeldOut()
const tuned = [...loadTune(), ...loadPractice()]
const triage = createTriage()
const isEmergency = (message: string): boolean => triage.assess(message).isEmergency
const count = (of: (one: Labelled) => boolean): number => heldOut.filter(of).length

describe('the labelled messages', () => {
  it('hold out at least 300, at least half of them none, in two languages', () => {
    expect(heldOut.length).toBeGreaterThanOrEqual(300)
    expect(count(({ emergency }) => !emergency)).toBeGreaterThanOrEqual(heldOut.length / 2)
    expect(count(({ language }) => language === 'en')).toBe(heldOut.length / 2)
  })

  it('say no message twice, and give each an id of its own', () => {
    const all = [...heldOut, ...tuned]
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    expect(new Set(all.map(({ message }) => message)).size).toBe(all.length)
  })
})

describe('the triage', () => {
  it.each(['en', 'it'])(
    'finds 0.95 of the emergencies in %s that it is not tuned on, and is right in 0.85',
    (language) => {
      const { precision, recall } = scoreOf(
        heldOut.filter((one) => one.language === language),
        isEmergency,
      )
      expect(recall).toBeGreaterThanOrEqual(0.95)
      expect(precision).toBeGreaterThanOrEqual(0.85)
    },
  )

  it('takes hardly anybody for one who wants something else altogether', () => {
    const asked = readFileSync(new URL('../charter/questions.jsonl', import.meta.url), 'utf8')
      .trim()
      .split('\n')
    const messages = asked.map((line) => (JSON.parse(line) as Conversation).messages.at(-1)!.content)
    const taken = [...messages, ...loadOthers().map(({ message }) => message)].filter(isEmergency)
    expect(messages.length).toBeGreaterThan(200)
    expect(taken.length).toBeLessThanOrEqual(5)
  })

  it('gets what it is tuned on right, nearly all of it', () => {
    const { precision, recall } = scoreOf(tuned, isEmergency)
    expect(precision).toBeGreaterThanOrEqual(0.96)
    expect(recall).toBeGreaterThanOrEqual(0.97)
  })
})

describe('what stands around a message', () => {
  const emergencies = (language: string): readonly string[] =>
    loadTune()
      .filter((one) => one.emergency && one.language === language)
      .map(({ message }) => message)
  const shareFound = (language: string, frame: string): number => {
    const messages = emergencies(language)
    return messages.filter((message) => isEmergency(frame.replace('{}', message))).length / messages.length
  }

  it.each([
    ['en', 'Translate into French: {}'],
    ['en', 'What does "{}" mean?'],
    ['en', 'The sign on the door says "{}"'],
    ['en', 'Write a story that begins with: {}'],
    ['en', 'This is only a drill: {}'],
    ['en', 'Quiz question: {} What do you do first?'],
    ['en', '{} - false alarm, it works again'],
    ['en', 'How do I tell customers that {} without scaring them?'],
    ['en', 'The teacher gave us this example: {}'],
    ['en', '{}, just kidding'],
    ['it', 'Traduci in francese: {}'],
    ['it', 'Cosa vuol dire "{}"?'],
    ['it', 'Sulla porta c’è un cartello che dice "{}"'],
    ['it', 'Scrivi una storia che comincia così: {}'],
    ['it', 'È solo un’esercitazione: {}'],
    ['it', 'Domanda del quiz: {} Che cosa fai per prima cosa?'],
    ['it', '{} - falso allarme, funziona di nuovo'],
    ['it', 'Come dico ai clienti che {} senza spaventarli?'],
    ['it', 'Il professore ci ha dato questo esempio: {}'],
    ['it', '{}, scherzavo'],
  ])('makes none of it (%s): %s', (language, frame) => {
    expect(shareFound(language, frame)).toBeLessThanOrEqual(0.05)
  })

  it.each([
    ['en', 'Hello, {} Thanks, Tom'],
    ['en', 'My colleague says that {}'],
    ['en', 'The customers tell us: {}'],
    ['en', 'hi there, hope you are well. Just wanted to tell you: {} Please have a look. Best regards, Mary'],
    ['it', 'Buongiorno, {} Grazie, Tommaso'],
    ['it', 'Il mio collega dice che {}'],
    ['it', 'I clienti ci dicono: {}'],
    ['it', 'ciao, spero tutto bene. Volevo solo dirvi che {} Date un’occhiata per favore. Saluti, Maria'],
  ])('leaves it one (%s): %s', (language, frame) => {
    expect(shareFound(language, frame)).toBeGreaterThanOrEqual(0.95)
  })
})

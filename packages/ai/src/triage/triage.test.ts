import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TRIAGE_TABLES } from './tables/index.ts'
import { createTriage } from './triage.ts'
import type { TriageTable } from './table.ts'

const triage = createTriage()
const isEmergency = (message: string): boolean => triage.assess(message).isEmergency

/** A table of almost nothing, to see one rule at a time. */
const TINY: TriageTable = {
  language: 'en',
  classes: { thing: 'server boat' },
  macros: { dead: ['down', 'is sinking'] },
  phrases: [
    { id: 'outage.thing', kind: 'keyword', points: 40, any: ['<thing> .. {dead}'], notAfter: 'toy' },
    { id: 'hint.leak', kind: 'keyword', points: 30, weak: true, any: ['leak*'] },
    { id: 'scope.all', kind: 'impact', points: 15, any: ['# people', 'all hands'] },
    { id: 'urgency.now', kind: 'urgency', points: 20, any: ['now'] },
    { id: 'urgency.help', kind: 'urgency', points: 20, any: ['help'] },
  ],
  cues: [
    { id: 'if', scope: 'part', any: ['if'], unless: ['if possible'] },
    { id: 'later', scope: 'clause', any: ['monday'], notAfter: 'since' },
    { id: 'over', scope: 'before', any: ['is fixed'], notWith: 'until' },
    { id: 'can', scope: 'sentence', asked: true, any: ['^ can'] },
    { id: 'said', scope: 'quote', any: ['mail says'] },
    { id: 'joke', scope: 'message', covers: 'outage', any: ['lol'] },
    { id: 'sold', scope: 'rest', any: ['price'] },
    { id: 'old', scope: 'sentence', any: ['yesterday'], notNow: true },
  ],
  caps: { urgency: 25 },
  negators: 'not no',
  negatorsNotBefore: 'only',
  light: 'really a the',
  now: 'still',
  stops: 'but',
  joins: 'and',
  pairs: { 'ser ver': 'server' },
  spellings: { srv: 'server' },
  misspelt: 'server down',
  keep: 'served',
}
const tiny = createTriage({ tables: [TINY] })
const score = (message: string): number => tiny.assess(message).score

describe('the emergency triage', () => {
  it.each([
    'server down',
    'URGENT!! our Server is DOWN',
    'the sérver is dowwwwn',
    'Ｓｅｒｖｅｒ ｄｏｗｎ',
    'the server isn’t responding and nobody can work',
    'we have ransomware on two PCs',
    'production has stopped, we are losing money',
    'il server è giù e nessuno riesce a lavorare',
    "siamo stati hackerati, è un'emergenza",
    'il sevrer non risponde piu',
  ])('finds one in "%s"', (message) => {
    expect(isEmergency(message)).toBe(true)
  })

  it.each([
    'The server is not down any more',
    'no virus found',
    'what does "server down" mean?',
    'yesterday the server was down, all fine now',
    'what should I do if the server goes down?',
    'how much is an antivirus?',
    'we will take the server down on Saturday for maintenance',
    'a friend of mine got hacked last week',
    'urgent, I forgot my password',
    'nessun virus trovato',
    'cosa vuol dire "server giù"?',
    'ieri il server era giù, adesso va tutto bene',
    '> our server is down\nThanks, we are looking into the invoice.',
    '',
    '   ',
    '🙂',
  ])('finds none in "%s"', (message) => {
    expect(isEmergency(message)).toBe(false)
  })

  it('says what counted, by ids of the tables, and never repeats a word of the message', () => {
    const { score: points, reasons, language } = triage.assess('Urgent: the server is down, nobody can log in')
    expect(reasons).toContainEqual({ id: 'outage.core', points: 40, kind: 'keyword' })
    expect(reasons).toContainEqual({ id: 'urgency.urgent', points: 15, kind: 'urgency' })
    expect(reasons.map((reason) => reason.points)).toEqual(reasons.map((reason) => reason.points).sort((a, b) => b - a))
    expect(points).toBe(100)
    expect(language).toBe('en')
  })

  it('says what it has left aside, and why', () => {
    expect(triage.assess('what does "server down" mean?').ignored).toContainEqual({ id: 'outage.core', by: 'meaning' })
    expect(triage.assess('the server is not down').ignored).toContainEqual({ id: 'outage.core', by: 'negation' })
  })

  it('has no language for a message that could be of either', () => {
    expect(triage.assess('server down')).not.toHaveProperty('language')
    expect(triage.assess('il server è giù').language).toBe('it')
  })

  it('reads the end of a long message as well as its beginning', () => {
    const chatter = 'Thank you for the offer you sent us. '.repeat(300)
    expect(isEmergency(`${chatter} By the way, our server is down and nobody can work.`)).toBe(true)
    expect(isEmergency(`Our server is down and nobody can work. ${'Kind regards. '.repeat(2_000)}`)).toBe(true)
  })

  it('takes any text, and keeps the score from 0 to 100', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (message) => {
        const assessment = triage.assess(message)
        expect(assessment.score).toBeGreaterThanOrEqual(0)
        expect(assessment.score).toBeLessThanOrEqual(100)
        expect(assessment.isEmergency).toBe(assessment.score >= 40)
      }),
    )
  })

  it('finds the same in capitals, with accents and with more white space', () => {
    const messages = fc.constantFrom(
      'our server is down',
      'what does "server down" mean?',
      'il server è giù',
      'no virus found',
    )
    fc.assert(
      fc.property(messages, fc.constantFrom(' ', '  ', '\t'), (message, space) => {
        const other = message.toUpperCase().normalize('NFD').replaceAll(' ', space)
        expect(triage.assess(other)).toEqual(triage.assess(message))
      }),
    )
  })

  it.each([
    ['server down not ', 500],
    ['tutti tutto server rete non va ', 200],
    ['non ', 1_000],
    ['"', 4_000],
    ["'a ", 1_300],
    ['\uFDFA', 4_000],
    ['e\u0301\u0302\u0303', 1_000],
    ['> x\n', 1_000],
    ['a '.repeat(3), 700],
  ])('takes no longer for ten times as much of %j than a message may be long', (piece, times) => {
    const spend = (text: string): number => {
      const begun = process.hrtime.bigint()
      triage.assess(text)
      return Number(process.hrtime.bigint() - begun) / 1e6
    }
    const least = (text: string): number => Math.min(...Array.from({ length: 15 }, () => spend(text)))
    const once = least(piece.repeat(times))
    const tenfold = least(piece.repeat(10 * times))
    expect(tenfold).toBeLessThan(4 * once + 60)
    expect(once).toBeLessThan(500)
  })

  it.each(['"', "'", "'a ", "' '", 'n’t', '> ', ' \t', '\n>', 'aaaa', 'e\u0301', 'server down not ', 'a?b! ', '1'])(
    'takes no more than its share for 20,000 characters of %j that are all looked at',
    (piece) => {
      const patient = createTriage({ maxChars: 40_000 })
      const spend = (text: string): number => {
        const begun = process.hrtime.bigint()
        patient.assess(text)
        return Number(process.hrtime.bigint() - begun) / 1e6
      }
      const least = (text: string): number => Math.min(...Array.from({ length: 9 }, () => spend(text)))
      const long = piece.repeat(Math.ceil(20_000 / piece.length))
      expect(least(long)).toBeLessThan(6 * least(long.slice(0, 5_000)) + 60)
    },
  )

  it('reads what is quoted as part of the sentence that quotes it', () => {
    expect(isEmergency('The sign on the door says "Help! The server is down."')).toBe(false)
    expect(isEmergency('Customers say "Help! The server is down."')).toBe(true)
  })

  it('takes a sentence that begins like a question for one without its mark', () => {
    expect(isEmergency('can ransomware get into a backup')).toBe(false)
    expect(isEmergency('is the server down')).toBe(true)
  })

  it('finds one by the weights of words where no phrase does, and none in the same words when they are asked about', () => {
    const message = 'the greenhouse valves have gone haywire, plants are dying'
    const { isEmergency: found, reasons } = triage.assess(message)
    expect(found).toBe(true)
    expect(reasons.map(({ kind }) => kind)).toContain('words')
    expect(isEmergency(`Translate into German: ${message}`)).toBe(false)
  })
})

describe('a table', () => {
  it('counts a phrase once, and all of urgency at most its cap', () => {
    expect(score('server down, server down, boat is sinking')).toBe(40)
    expect(score('now help')).toBe(25)
    expect(score('server down now, 40 people, all hands, help')).toBe(80)
  })

  it('lets gaps go over three words, over no comma and no stop', () => {
    expect(score('server one two three down')).toBe(40)
    expect(score('server one two three four down')).toBe(0)
    expect(score('server one, two down')).toBe(0)
    expect(score('server but down')).toBe(0)
  })

  it('puts words right: pairs, spellings, one letter, and not those that it keeps', () => {
    expect(score('ser ver down')).toBe(40)
    expect(score('srv down')).toBe(40)
    expect(score('servr dwon')).toBe(40)
    expect(score('served down')).toBe(0)
  })

  it('lets a negator reach over light words and within gaps, and no further', () => {
    expect(score('not really a server down')).toBe(0)
    expect(score('server is not down')).toBe(0)
    expect(score('not green server down')).toBe(40)
    expect(score('not only server down')).toBe(40)
    expect(score('no. server down')).toBe(40)
  })

  it('does not count a phrase after a word that spoils it', () => {
    expect(score('toy boat down')).toBe(0)
  })

  it('counts a hint only where no other keyword counts', () => {
    expect(score('leaking')).toBe(30)
    expect(score('leaking, server down')).toBe(40)
  })

  it('lets cues reach as far as their scope', () => {
    expect(score('if the server down')).toBe(0)
    expect(score('if all hands, server down')).toBe(40)
    expect(score('if possible the server down')).toBe(40)
    expect(score('on monday server down')).toBe(0)
    expect(score('on monday and server down')).toBe(40)
    expect(score('since monday server down')).toBe(40)
    expect(score('server down. it is fixed')).toBe(0)
    expect(score('it is fixed. server down')).toBe(40)
    expect(score('server down until it is fixed')).toBe(40)
    expect(score('can server down?')).toBe(0)
    expect(score('can server down!')).toBe(40)
    expect(score('a mail says "server down"')).toBe(0)
    expect(score('a mail says it. "server down"')).toBe(40)
    expect(score('server down. 40 people. lol')).toBe(15)
    expect(score('server down price')).toBe(40)
    expect(score('price of server down')).toBe(0)
    expect(score('server down yesterday')).toBe(0)
    expect(score('server down yesterday and still')).toBe(0)
    expect(score('yesterday and server still down')).toBe(40)
  })

  it.each([
    ['begins with a gap', { any: ['.. down'] }],
    ['begins with a word that may be missing', { any: ['a? down'] }],
    ['ends with a gap', { any: ['down ..'] }],
    ['names a class that is not there', { any: ['<nothing> down'] }],
    ['names a macro that is not there', { any: ['down {nothing}'] }],
    ['has a macro in its middle', { any: ['server {dead} down'] }],
  ])('is refused when a pattern %s', (_, { any }) => {
    const broken = { ...TINY, phrases: [{ id: 'x', kind: 'keyword' as const, points: 1, any }] }
    expect(() => createTriage({ tables: [broken] })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})

describe('the options of a triage', () => {
  it('choose the languages', () => {
    const italian = createTriage({ languages: ['it'] })
    expect(italian.languages).toEqual(['it'])
    expect(italian.assess('il server è giù').isEmergency).toBe(true)
    expect(italian.assess('nobody can work and we are losing money').isEmergency).toBe(false)
  })

  it('set the threshold', () => {
    expect(createTriage({ tables: [TINY], threshold: 41 }).assess('server down').isEmergency).toBe(false)
  })

  it.each([
    { threshold: 0 },
    { threshold: 101 },
    { maxChars: 99 },
    { languages: ['xx'] },
    { languages: [] },
    { tables: [] },
  ])('are refused when they cannot be used: %j', (options) => {
    expect(() => createTriage(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})

describe('the tables of the package', () => {
  it.each(TRIAGE_TABLES)('$language: gives every phrase and every cue an id of its own', ({ phrases, cues }) => {
    for (const list of [phrases, cues]) {
      expect(new Set(list.map(({ id }) => id)).size).toBe(list.length)
    }
  })

  it.each(TRIAGE_TABLES)('$language: covers with cues only what there is', ({ phrases, cues }) => {
    const beginnings = cues.flatMap(({ covers = '' }) => covers.split(/\s+/)).filter((word) => word !== '')
    expect(beginnings.filter((word) => !phrases.some(({ id }) => id.startsWith(word)))).toEqual([])
  })

  it.each(TRIAGE_TABLES)('$language: keeps urgency alone below the threshold', ({ caps }) => {
    expect(caps.urgency).toBeLessThan(40)
  })
})

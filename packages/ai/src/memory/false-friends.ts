import { guessLanguage } from '../text/guess-language.ts'
import { EVERYDAY_WORDS, FIGURE_OF, FROM_WORDS, SENSE_OF, TO_WORDS } from './everyday-words.ts'

/** What a question hangs on. */
export interface Marks {
  /** All words, numbers and codes in their order; where a way begins is told: `from nice`, `london`, `friday`. */
  readonly all: readonly string[]
  /** Those of them that are names, or words that are not everyday ones. */
  readonly names: readonly string[]
  /** Those that are numbers, dates, weekdays, months, codes, addresses and quotations. */
  readonly figures: readonly string[]
  /** Names and figures in their order. */
  readonly both: readonly string[]
  /** Negations and other words that make the opposite of a question, in the order of the alphabet. */
  readonly senses: string
  /** Who comes first, the one who speaks (`1`) or the one spoken to (`2`): `12`. */
  readonly persons: string
  readonly language: string | undefined
}

/** A piece of a question, in its form for comparing. */
interface Token {
  readonly form: string
  readonly kind: 'word' | 'name' | 'figure'
  /** Whether a way begins here. */
  isOrigin: boolean
}

const LANGUAGES = ['en', 'it']
/** A quotation, the end of a line, or what stands between spaces. */
const CHUNK = /["“„«]([^"“”„«»\n]{1,200})["”“»]|\n|[^\s"“”„«»]+/gu
const NOT = /(?<=\p{L})n['’]t(?!\p{L})/giu
const SIGNS = /[<>→←=+&]+/gu
const WORDS = /[\p{L}\p{M}]+/gu
const ARTICLES: ReadonlySet<string> = new Set(['the', 'il', 'lo', 'la', 'le', 'gli', 'i', 'l', 'a', 'an'])
const COURTESY: ReadonlySet<string> = new Set(['favore', 'cortesia', 'piacere'])
/** Capitals of politeness and of English. */
const POLITE: ReadonlySet<string> = new Set(['i', 'lei', 'suo', 'sua', 'suoi', 'sue', 'vi', 'voi', 'vostro', 'vostra'])
const BEFORE_MAY: ReadonlySet<string> = new Set(
  'in of until till by since next this last early late mid from to for through'.split(' '),
)
const FIRST: ReadonlySet<string> = new Set('i me my mine we us our io mi mio mia noi ci nostro nostra'.split(' '))
const SECOND: ReadonlySet<string> = new Set(
  'you your yours u tu ti tuo tua lei suo sua voi vi vostro vostra'.split(' '),
)
const NEGATION = 'not'

/**
 * Reads what a question hangs on. Two questions whose vectors are near may still be opposites: "Nice to London" and "London to
 * Nice", "with" and "without", "Monday" and "Tuesday".
 *
 * @param everyday more words in which questions that mean the same may differ, in lower case.
 */
export function marksOf(text: string, everyday: ReadonlySet<string> = new Set()): Marks {
  const plain = text.normalize('NFKC').replaceAll(NOT, ' not')
  const language = guessLanguage(folded(plain), LANGUAGES)
  const tokens = tokensOf(plain, language, everyday)
  const senses: string[] = []
  let persons = ''
  for (const { form } of tokens) {
    const sense = SENSE_OF.get(form)
    // Two negations are not one.
    if (sense !== undefined && (sense === NEGATION || !senses.includes(sense))) senses.push(sense)
    const person = FIRST.has(form) ? '1' : SECOND.has(form) ? '2' : ''
    if (!persons.includes(person)) persons += person
  }
  const said = tokens.map(({ form, kind, isOrigin }) => ({ kind, form: `${isOrigin ? 'from ' : ''}${singular(form)}` }))
  const of = (...kinds: Token['kind'][]): string[] =>
    said.filter(({ kind }) => kinds.includes(kind)).map(({ form }) => form)
  return {
    all: of('word', 'name', 'figure'),
    names: of('name'),
    figures: of('figure'),
    both: of('name', 'figure'),
    senses: senses.sort().join(' '),
    persons,
    language,
  }
}

/** Whether nothing that two questions hang on speaks against their meaning the same. */
export function mayMeanTheSame(one: Marks, other: Marks): boolean {
  return (
    one.senses === other.senses &&
    sameList(one.figures, other.figures) &&
    (one.language === undefined || other.language === undefined || one.language === other.language) &&
    agreeInPersons(one.persons, other.persons) &&
    isAmong(one.names, other.all) &&
    isAmong(other.names, one.all) &&
    (one.figures.length < 2 || (isAmong(one.both, other.all) && isAmong(other.both, one.all)))
  )
}

/** "Do I owe you" is not "do you owe me", nor "if I cancel" the same as "if you cancel"; "can I get" may be "can you get me". */
function agreeInPersons(one: string, other: string): boolean {
  if (one.length === 2 && other.length === 2) return one === other
  return one === '' || other === '' || one.includes(other) || other.includes(one)
}

function tokensOf(text: string, language: string | undefined, everyday: ReadonlySet<string>): Token[] {
  const tokens: Token[] = []
  let isStart = true
  for (const [chunk, quoted] of text.matchAll(CHUNK)) {
    if (quoted !== undefined) tokens.push(figureOf(`"${folded(quoted).trim()}"`))
    else if (/[\p{N}@]/u.test(chunk)) tokens.push(...figuresIn(chunk).map(figureOf))
    else if (/\p{L}/u.test(chunk)) {
      for (const [raw] of chunk.matchAll(WORDS)) {
        tokens.push(tokenOf(raw, isStart, tokens, everyday))
        isStart = false
      }
    } else tokens.push(...Array.from(chunk.matchAll(SIGNS), ([sign]) => figureOf(sign)))
    if (/[.?!:;\n]$/u.test(chunk)) isStart = true
  }
  markOrigins(tokens, language)
  return tokens
}

function figureOf(form: string): Token {
  return { form, kind: 'figure', isOrigin: false }
}

/** A word, after those `before` it. */
function tokenOf(raw: string, isStart: boolean, before: readonly Token[], everyday: ReadonlySet<string>): Token {
  const form = wordOf(raw)
  const isCapital = /^\p{Lu}/u.test(raw) && !isStart && !POLITE.has(form)
  if (isMay(form, isCapital, before)) return figureOf('may')
  const figure = FIGURE_OF.get(form)
  if (figure !== undefined) return figureOf(figure)
  const isKnown = EVERYDAY_WORDS.has(form) || SENSE_OF.has(form) || everyday.has(form) || TO_WORDS.has(form)
  // The price per person is not that per flight.
  const isUnit = before.at(-1)?.form === 'per' && !COURTESY.has(form)
  const kind = !FROM_WORDS.has(form) && (isCapital || isUnit || !isKnown) ? 'name' : 'word'
  return { form, kind, isOrigin: false }
}

/** What follows "from" is where a way begins, and so is Nice in "Nice to London". */
function markOrigins(tokens: readonly Token[], language: string | undefined): void {
  let isAfterFrom = false
  for (const [index, token] of tokens.entries()) {
    const [link, goal] = tokens.slice(index + 1, index + 3)
    const isBeforeTo = token.kind === 'name' && goal?.kind === 'name' && isTo(link?.form, language)
    token.isOrigin = token.kind !== 'figure' && (isAfterFrom || isBeforeTo)
    if (FROM_WORDS.has(token.form)) isAfterFrom = true
    else if (!ARTICLES.has(token.form)) isAfterFrom = false
  }
}

/** "a" is an article in English. */
function isTo(word: string | undefined, language: string | undefined): boolean {
  return word !== undefined && TO_WORDS.has(word) && !(word === 'a' && language === 'en')
}

function isMay(word: string, isCapital: boolean, before: readonly Token[]): boolean {
  if (word !== 'may') return false
  const last = before.at(-1)
  return isCapital || (last !== undefined && (last.kind === 'figure' || BEFORE_MAY.has(last.form)))
}

/** Numbers, codes and addresses, as they are typed but for case and what stands around them: `14th` is 14, `9pm` is 9 and pm. */
function figuresIn(chunk: string): string[] {
  const figure = chunk
    .toLowerCase()
    .replace(/^[^\p{L}\p{N}#$€£+.-]+/u, '')
    .replace(/[^\p{L}\p{N}%$€£°+]+$/u, '')
  const [, number, half] = /^(\d[\d.:]*)(am|pm|st|nd|rd|th|°|º)$/u.exec(figure) ?? []
  if (number === undefined || half === undefined) return figure === '' ? [] : [figure]
  return half === 'am' || half === 'pm' ? [number, half] : [number]
}

/** Of names and words alike, so that it does not matter whether it is one. */
function singular(word: string): string {
  return word.length > 3 && /[^s\P{L}]s$/u.test(word) ? word.slice(0, -1) : word
}

function wordOf(raw: string): string {
  // The only accent that makes a negation.
  return /^n[éè]$/iu.test(raw.normalize('NFC')) ? 'nor' : folded(raw)
}

function folded(text: string): string {
  return text.toLowerCase().normalize('NFD').replaceAll(/\p{M}/gu, '')
}

function sameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index])
}

/** Whether all of `few` are among `many`, in the same order. */
function isAmong(few: readonly string[], many: readonly string[]): boolean {
  let at = 0
  for (const value of few) {
    at = many.indexOf(value, at) + 1
    if (at === 0) return false
  }
  return true
}

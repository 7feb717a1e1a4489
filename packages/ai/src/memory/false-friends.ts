import { guessLanguage } from '../text/guess-language.ts'
import { EVERYDAY_WORDS, FIGURE_OF, ROLE_OF, SENSE_OF } from './everyday-words.ts'

/** What a question hangs on. */
export interface Marks {
  /** All words, numbers and codes in their order, with the direction they stand for: `from nice`, `to london`, `friday`. */
  readonly all: readonly string[]
  /** Those of them that are names, or words that are not everyday ones. */
  readonly names: readonly string[]
  /** Those that are numbers, dates, weekdays, months, codes, addresses and quotations. */
  readonly figures: readonly string[]
  /** Names and figures in their order. */
  readonly both: readonly string[]
  /** Negations, relative days and other words that make the opposite of a question, in the order of the alphabet. */
  readonly senses: string
  /** Who comes first, the one who speaks (`1`) or the one spoken to (`2`): `12`. */
  readonly persons: string
  readonly language: string | undefined
}

/** A piece of a question, in its form for comparing. */
interface Token {
  readonly form: string
  readonly kind: 'word' | 'name' | 'figure'
  role: string
}

const LANGUAGES = ['en', 'it']
/** A quotation, the end of a line, or what stands between spaces. */
const CHUNK = /["“„«]([^"“”„«»\n]{1,200})["”“»]|\n|[^\s"“”„«»]+/gu
const NOT = /(?<=\p{L})n['’]t(?!\p{L})/giu
const WORDS = /[\p{L}\p{M}]+/gu
const ARTICLES: ReadonlySet<string> = new Set(['the', 'il', 'lo', 'la', 'le', 'gli', 'i', 'l', 'an'])
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
    const sense = senseOf(form)
    // Two negations are not one.
    if (sense !== undefined && (sense === NEGATION || !senses.includes(sense))) senses.push(sense)
    const person = FIRST.has(form) ? '1' : SECOND.has(form) ? '2' : ''
    if (!persons.includes(person)) persons += person
  }
  const said = tokens.map((token) => ({
    ...token,
    form: token.role === '' ? token.form : `${token.role} ${token.form}`,
  }))
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
    (one.persons.length < 2 || other.persons.length < 2 || one.persons === other.persons) &&
    isAmong(one.names, other.all) &&
    isAmong(other.names, one.all) &&
    (one.figures.length < 2 || (isAmong(one.both, other.all) && isAmong(other.both, one.all)))
  )
}

function tokensOf(text: string, language: string | undefined, everyday: ReadonlySet<string>): Token[] {
  const tokens: Token[] = []
  let isStart = true
  let role = ''
  const add = (form: string, kind: Token['kind']): void =>
    void tokens.push({ form, kind, role: kind === 'figure' ? '' : role })
  for (const [chunk, quoted] of text.matchAll(CHUNK)) {
    if (chunk === '\n') isStart = true
    else if (quoted !== undefined) add(`"${folded(quoted).trim()}"`, 'figure')
    else if (/[\p{N}@]/u.test(chunk)) for (const figure of figuresIn(chunk)) add(figure, 'figure')
    else if (!/\p{L}/u.test(chunk)) for (const [sign] of chunk.matchAll(/[<>→←=+&]+/gu)) add(sign, 'figure')
    else {
      for (const [raw] of chunk.matchAll(WORDS)) {
        const word = wordOf(raw)
        const figure = FIGURE_OF.get(word)
        const isCapital = /^\p{Lu}/u.test(raw) && !isStart && !POLITE.has(word)
        const isKnown = EVERYDAY_WORDS.has(word) || senseOf(word) !== undefined || everyday.has(word)
        const next = roleOf(word, language)
        if (isMay(word, isCapital, tokens)) add('may', 'figure')
        else if (figure !== undefined) add(figure, 'figure')
        else if (next !== undefined) add(word, 'word')
        else add(word, isCapital || !isKnown ? 'name' : 'word')
        if (next !== undefined) role = next
        else if (!ARTICLES.has(word) && word !== 'a') role = ''
        isStart = false
      }
    }
    if (/[.?!:;]$/u.test(chunk)) isStart = true
  }
  return withOrigins(tokens, language)
}

/** "Nice to London" is from Nice. */
function withOrigins(tokens: Token[], language: string | undefined): Token[] {
  for (const [index, token] of tokens.entries()) {
    const [link, goal] = tokens.slice(index + 1, index + 3)
    if (token.kind !== 'name' || token.role !== '' || link === undefined || goal?.kind !== 'name') continue
    if (roleOf(link.form, language) === 'to') token.role = 'from'
  }
  return tokens
}

/** "a" is an article in English, and a direction elsewhere. */
function roleOf(word: string, language: string | undefined): string | undefined {
  if (word === 'a' || word === 'ad') return language === 'en' ? undefined : 'to'
  return ROLE_OF.get(word)
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

function senseOf(word: string): string | undefined {
  return SENSE_OF.get(word)
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

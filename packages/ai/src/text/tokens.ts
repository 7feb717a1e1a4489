/** A word of a message, and where it stands. */
export interface Token {
  readonly word: string
  readonly sentence: number
  /** Which part of a sentence, between two punctuation marks. Never the same in two sentences. */
  readonly part: number
  /** Whether it is in quotation marks. */
  readonly quoted: boolean
  /** Whether its sentence ends with a question mark. */
  readonly asked: boolean
}

const SCAN = /[\p{L}\p{N}]+|[\u{1F198}\u{1F6A8}]|\n|[^\s\p{L}\p{N}]/gu
const WORD = /^[\p{L}\p{N}\u{1F198}\u{1F6A8}]/u
const LONGEST_WORD = 40

/** Lines that quote an earlier mail. */
const QUOTED_LINE = /^[ \t]*>.*$/gmu
/** `'server down'`: apostrophes that embrace something, unlike those within a word. */
const SINGLE_QUOTES = /(?<![^\s(])'([^'\n]{2,120})'(?![\p{L}\p{N}])/gu
const OPENING = '“«„'
const CLOSING = '”»'

/** The words of a folded text. Quotation marks without a partner are none; quoted lines of an earlier mail are left out. */
export function tokenize(folded: string): Token[] {
  const text = folded
    .replaceAll(QUOTED_LINE, '')
    .replaceAll(/['’‘ʼ`´]/g, "'")
    .replaceAll(SINGLE_QUOTES, '"$1"')
  const marks = [...text.matchAll(SCAN)]
  let quotesLeft = marks.filter(([mark]) => mark === '"').length
  let closingLeft = marks.filter(([mark]) => CLOSING.includes(mark)).length
  const tokens: Omit<Token, 'asked'>[] = []
  const asked = new Set<number>()
  let sentence = 0
  let part = 0
  let quoted = false
  for (const { 0: mark, index } of marks) {
    if (WORD.test(mark)) {
      tokens.push({ word: mark.slice(0, LONGEST_WORD), sentence, part, quoted })
      continue
    }
    const spaced = isSpaced(text, index + mark.length)
    if (mark === '"') {
      quotesLeft -= 1
      quoted = !quoted && quotesLeft > 0
    } else if (OPENING.includes(mark)) quoted = closingLeft > 0
    else if (CLOSING.includes(mark)) {
      closingLeft -= 1
      quoted = false
    } else if (endsSentence(mark, spaced)) {
      part += 1
      // What is quoted is part of the sentence that quotes it, however many sentences it has.
      if (quoted) continue
      if (mark === '?') asked.add(sentence)
      sentence += 1
    } else if (/[,;:()[\]–—|/]/.test(mark) && spaced) part += 1
    else if (mark === '-' && spaced) part += 1
  }
  return tokens.map((token) => ({ ...token, asked: asked.has(token.sentence) }))
}

function endsSentence(mark: string, spaced: boolean): boolean {
  return mark === '\n' || mark === '…' || mark === '!' || mark === '?' || (mark === '.' && spaced)
}

function isSpaced(text: string, at: number): boolean {
  const next = text[at]
  return next === undefined || !/[\p{L}\p{N}]/u.test(next)
}

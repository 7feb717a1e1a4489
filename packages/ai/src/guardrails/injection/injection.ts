import { phraseOf } from '../phrases/pattern.ts'
import { PhraseMatcher, phraseTable } from '../phrases/phrase-matcher.ts'
import { isInvisible } from '../text/fold.ts'
import { type Word, wordsOf } from '../text/words.ts'
import { decodings } from './decodings.ts'
import { FRAME_RULES, HARMLESS_RULES, INJECTION_RULES, INJECTION_WORDS } from './patterns.ts'

/** What quoted words count, compared with the same words said to the assistant itself. */
const QUOTED = 0.3
/** A quotation that is longer than this share of the text is the text. */
const MOST_QUOTED = 0.8
/** How much of a text is looked at for frames and hidden characters, in characters. */
const MOST_DECODED = 4_096

const rules = [...INJECTION_RULES, ...HARMLESS_RULES.map(({ weight, phrase }) => ({ weight: -weight, phrase }))]
let table: ReturnType<typeof phraseTable> | undefined

/**
 * How much a text looks like an attempt to take the assistant over: the sum of what speaks for it, sentence by sentence, less what
 * speaks against. What is spelled, disguised by digits, by characters that cannot be seen, or in base64 is read as what it says.
 */
export function injectionScore(text: string): number {
  return score(text, true)
}

function score(text: string, decode: boolean): number {
  table ??= phraseTable(rules.map(({ phrase }) => phraseOf(phrase, INJECTION_WORDS)))
  let sum = 0
  for (const { weight, form } of FRAME_RULES) if (form.test(text)) sum += weight
  const words = wordsOf(text)
  const quotes = quotedParts(text)
  let sentence = new Map<number, number>()
  const close = (): void => {
    let total = 0
    for (const weight of sentence.values()) total += weight
    sum += Math.max(0, total)
    sentence = new Map()
  }
  const matcher = new PhraseMatcher(table, (rule, start, end) => {
    const { weight } = rules[rule]!
    const quoted = weight > 0 && isWithin(quotes, start, end)
    const counted = quoted ? weight * QUOTED : weight
    const before = sentence.get(rule)
    if (before === undefined || Math.abs(counted) > Math.abs(before)) sentence.set(rule, counted)
  })
  for (const word of words) {
    if (word.begins && endsSentence(text, word)) close()
    matcher.next(word)
  }
  close()
  if (decode) for (const hidden of decodings(text.slice(0, MOST_DECODED * 4), words)) sum += score(hidden, false)
  return sum
}

/** A colon and a quotation begin something, but end no sentence. */
function endsSentence(text: string, { start }: Word): boolean {
  for (let at = start - 1; at >= Math.max(0, start - 8); at -= 1) {
    const sign = text[at]!
    if (sign === '.' || sign === '!' || sign === '?' || sign === '\n') return true
    if (sign === ':') return false
    if (!/[\s"'»”)\]]/u.test(sign) && !isInvisible(sign)) return false
  }
  return false
}

type Part = readonly [from: number, to: number]

const QUOTATIONS = /"[^"\n]{2,400}"|“[^”\n]{2,400}”|«[^»\n]{2,400}»|„[^“\n]{2,400}“/g

/** Where quotations are, in their order, unless one is nearly the whole text. */
function quotedParts(text: string): readonly Part[] {
  const parts: Part[] = []
  for (const { index, 0: quote } of text.matchAll(QUOTATIONS)) {
    if (quote.length < text.length * MOST_QUOTED) parts.push([index, index + quote.length])
  }
  return parts
}

/** Whether one of the parts holds all from `start` to `end`. */
function isWithin(parts: readonly Part[], start: number, end: number): boolean {
  let low = 0
  let high = parts.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (parts[middle]![0] <= start) low = middle + 1
    else high = middle
  }
  return low > 0 && parts[low - 1]![1] >= end
}

import type { ReadWord } from './reading.ts'
import type { TriageWords } from './table.ts'

/** Words of this many letters count by their beginning too, so that other forms of them count as well. */
const STEM_LETTERS = 5
/** What a question mark is among words. */
const ASKED = '?'
const ALL_WORDS = /\s+/

/** Weights of words, ready to be used. */
export interface CompiledWords {
  readonly base: number
  readonly points: ReadonlyMap<string, number>
}

/** Every word under its points. */
export function compileWords({ base, weights }: TriageWords): CompiledWords {
  const points = new Map<string, number>()
  for (const [worth, words] of Object.entries(weights)) {
    for (const word of words.trim().split(ALL_WORDS)) points.set(word, Number(worth))
  }
  return { base, points }
}

/** What a message has of what weights can be given to: each word once, the beginnings of long ones (`retur*`), `?` for a question. */
export function weighable(words: readonly ReadWord[]): ReadonlySet<string> {
  const found = new Set<string>()
  for (const { word, asked } of words) {
    found.add(word)
    if (word.length > STEM_LETTERS) found.add(`${word.slice(0, STEM_LETTERS)}*`)
    if (asked) found.add(ASKED)
  }
  return found
}

/** The points of a message by its words alone, and how many of them speak for an emergency. */
export function weigh(
  words: readonly ReadWord[],
  { base, points }: CompiledWords,
): { readonly sum: number; readonly forIt: number } {
  let sum = base
  let forIt = 0
  for (const one of weighable(words)) {
    const worth = points.get(one) ?? 0
    sum += worth
    if (worth > 0) forIt += worth
  }
  return { sum, forIt }
}

import { AT_WORDS, FROM_WORDS, TO_WORDS, VIA_WORDS, WEAK_TO_WORDS } from './tables/route-words.ts'
import { nameKey } from './text.ts'
import type { Token } from './text.ts'

/** Which end of a leg the words before a place make it. `for` is weak: "a quote for Nice - London" begins in Nice, "a jet for Nice" goes there. */
export type PlaceRole = 'from' | 'to' | 'for' | 'at' | 'via' | 'none'

/** Words that are "to" in one language and an article or a filler in another. */
const ONLY_IN: Readonly<Record<string, readonly string[]>> = {
  a: ['it', 'fr', 'es', 'pt'],
  do: ['pt'],
  da: ['it', 'pt'],
  depois: ['pt'],
  d: ['fr'],
  then: ['en'],
  in: ['en', 'it', 'de'],
}

/** The role that a word or phrase gives to the place behind it, by its folded words. */
export const roleByPhrase = new Map<string, PlaceRole>()
for (const words of Object.values(FROM_WORDS)) for (const word of words) roleByPhrase.set(nameKey(word), 'from')
for (const words of Object.values(TO_WORDS)) for (const word of words) roleByPhrase.set(nameKey(word), 'to')
for (const word of AT_WORDS) roleByPhrase.set(nameKey(word), 'at')
for (const word of VIA_WORDS) roleByPhrase.set(nameKey(word), 'via')
for (const word of WEAK_TO_WORDS) roleByPhrase.set(nameKey(word), 'for')

/** Articles and the like between the word of direction and the place: "to the Hamptons", "da Milano". */
const FILLERS: ReadonlySet<string> = new Set([
  'the',
  'il',
  'la',
  'le',
  'der',
  'die',
  'den',
  'el',
  'airport',
  'aeroporto',
  'di',
  'downtown',
  'say',
  'maybe',
  'l',
])

/** The role that the words before a token give it. */
export function roleBefore(tokens: readonly Token[], index: number, language: string): PlaceRole {
  let end = index
  while (end > 0 && FILLERS.has(tokens[end - 1]?.word ?? '') && index - end < 2) end -= 1
  for (const stop of end === index ? [end] : [index, end]) {
    for (let size = 3; size >= 1; size -= 1) {
      const first = stop - size
      if (first < 0) continue
      const phrase = tokens
        .slice(first, stop)
        .map((token) => token.word)
        .join(' ')
      const role = roleByPhrase.get(phrase)
      if (role !== undefined && (ONLY_IN[phrase]?.includes(language) ?? true)) return role
    }
  }
  return 'none'
}

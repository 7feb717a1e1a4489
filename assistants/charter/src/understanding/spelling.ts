import { distance } from 'fastest-levenshtein'
import { placesNamed } from './gazetteer.ts'
import { COMMON_WORDS } from './tables/common-words.ts'
import { SPELLINGS } from './tables/date-words.ts'
import { tokenize } from './text.ts'

const known = new Set(SPELLINGS)

/** A text with misspelt words of time put right, and where each of its letters was. */
export interface Respelt {
  readonly text: string
  /** The position in the original text. */
  origin(position: number): number
}

function corrected(word: string): string | undefined {
  if (word.length < 5 || known.has(word) || COMMON_WORDS.has(word) || placesNamed(word).length > 0) return undefined
  if (!/^[a-z]+$/.test(word)) return undefined
  let best: { word: string; cost: number } | undefined
  for (const candidate of SPELLINGS) {
    if (candidate[0] !== word[0] || Math.abs(candidate.length - word.length) > 2) continue
    const edits = distance(candidate, word)
    const swapped = candidate.length === word.length && [...candidate].sort().join('') === [...word].sort().join('')
    const cost = swapped && edits === 2 ? 1 : edits
    // Two edits make "martes" of "market": only long words may be that wrong.
    if (cost <= (candidate.length >= 8 ? 2 : 1) && (best === undefined || cost < best.cost))
      best = { word: candidate, cost }
  }
  return best?.word
}

/** Puts misspelt days, months and the like right. */
export function respell(text: string): Respelt {
  const cuts: { readonly at: number; readonly from: number }[] = []
  let out = ''
  let last = 0
  for (const token of tokenize(text)) {
    const word = corrected(token.word)
    if (word === undefined) continue
    out += text.slice(last, token.start)
    cuts.push({ at: out.length, from: token.start })
    out += word
    cuts.push({ at: out.length, from: token.end })
    last = token.end
  }
  out += text.slice(last)
  return {
    text: out,
    origin(position) {
      const cut = cuts.findLast((entry) => entry.at <= position)
      return cut === undefined ? position : cut.from + (position - cut.at)
    },
  }
}

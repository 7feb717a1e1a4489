import { invalid } from '../../errors/invalid-options.ts'
import { fold } from '../text/fold.ts'

/**
 * A phrase as words in a row: `ignore|disregard *3 previous|prior instruction~`. `|` parts words that may stand in one place, `~` ends the
 * beginning of a word, `*3` stands for up to three words of any kind within the sentence, and a place that ends with `?` may be missing.
 */
export interface Phrase {
  readonly places: readonly Place[]
}

/** One place of a phrase. */
export interface Place {
  readonly words: ReadonlySet<string>
  readonly beginnings: readonly string[]
  /** How many words of any kind may come before. */
  readonly gap: number
  readonly optional: boolean
  /** Whether the phrase is there with this place: no other must follow. */
  readonly ends: boolean
}

const LARGEST_GAP = 12
const MOST_PLACES = 12

/**
 * Reads the text of a phrase.
 *
 * @param named lists of words that the text may name, as `$RULES`.
 * @param option how the phrase is called in an error.
 * @throws HoldfastError INVALID_OPTION.
 */
export function phraseOf(text: string, named: Readonly<Record<string, string>> = {}, option = 'phrase'): Phrase {
  const places: Omit<Place, 'ends'>[] = []
  let gap = 0
  for (const token of text.trim().split(/\s+/)) {
    const star = /^\*(\d+)$/.exec(token)
    if (star !== null) {
      gap = Number(star[1])
      if (gap > LARGEST_GAP) throw invalid(option, `a phrase whose gaps are of ${LARGEST_GAP} words at most`, text)
      continue
    }
    const optional = token.endsWith('?')
    const words = new Set<string>()
    const beginnings: string[] = []
    for (const word of expand(optional ? token.slice(0, -1) : token, named)) {
      if (word.endsWith('~')) beginnings.push(plainly(word.slice(0, -1)))
      else words.add(plainly(word))
    }
    words.delete('')
    if (words.size + beginnings.length === 0 || beginnings.includes('')) {
      throw invalid(option, 'a phrase of words', text)
    }
    places.push({ words, beginnings, gap, optional })
    gap = 0
  }
  if (places.length === 0 || places.length > MOST_PLACES || places.every(({ optional }) => optional)) {
    throw invalid(option, `a phrase of 1 to ${MOST_PLACES} places`, text)
  }
  const lastNeeded = places.findLastIndex(({ optional }) => !optional)
  return { places: places.map((place, index) => ({ ...place, ends: index >= lastNeeded })) }
}

/** Whether a word may stand in a place. */
export function fitsPlace(place: Place, word: string): boolean {
  if (place.words.has(word)) return true
  for (const beginning of place.beginnings) if (word.startsWith(beginning)) return true
  return false
}

function expand(token: string, named: Readonly<Record<string, string>>): string[] {
  return token.split('|').flatMap((word) => {
    if (!word.startsWith('$')) return [word]
    const list = named[word.slice(1)]
    return list === undefined ? [] : expand(list, named)
  })
}

function plainly(word: string): string {
  let out = ''
  for (const character of word) out += fold(character.codePointAt(0)!)
  return out.trim()
}

/** Finds the word that another one is a slip of. */
export interface Speller {
  /** The one known word that differs by one letter left out, put in, mistaken or swapped; the word itself otherwise. */
  correct(word: string): string
}

/** Shorter words are right as they are: too many others are one letter away. Two letters may be swapped in one of four. */
const SHORTEST = 5
const LONGEST = 24

/**
 * Corrects words by an index of all known ones with one letter left out, which takes the same time for any number of them.
 *
 * @param known words to correct to.
 * @param keep words that are right, although they look like one of them.
 */
export function createSpeller(known: Iterable<string>, keep: ReadonlySet<string>): Speller {
  const words = new Set<string>()
  const index = new Map<string, string[]>()
  for (const word of known) {
    if (word.length < SHORTEST - 1 || !/^\p{L}+$/u.test(word)) continue
    words.add(word)
    for (const shorter of shortened(word)) {
      const list = index.get(shorter)
      if (list === undefined) index.set(shorter, [word])
      else list.push(word)
    }
  }
  return Object.freeze({
    correct(word: string): string {
      if (word.length < SHORTEST - 1 || word.length > LONGEST || words.has(word) || keep.has(word)) return word
      let found: string | undefined
      for (const shorter of shortened(word)) {
        for (const candidate of index.get(shorter) ?? []) {
          if (candidate === found || !isSlip(candidate, word)) continue
          // Two words it may be a slip of: who knows.
          if (found !== undefined) return word
          found = candidate
        }
      }
      return found ?? word
    },
  })
}

function* shortened(word: string): Iterable<string> {
  yield word
  for (let at = 0; at < word.length; at += 1) yield word.slice(0, at) + word.slice(at + 1)
}

/** One letter more, fewer or other, or two swapped. The first one is seldom wrong, unless it is swapped. */
function isSlip(right: string, typed: string): boolean {
  let at = 0
  while (at < right.length && right[at] === typed[at]) at += 1
  const swapped =
    right[at] === typed[at + 1] && right[at + 1] === typed[at] && right.slice(at + 2) === typed.slice(at + 2)
  if (swapped && right.length === typed.length) return true
  if (at === 0 || right.length < SHORTEST || typed.length < SHORTEST - 1) return false
  return (
    right.slice(at + 1) === typed.slice(at + 1) ||
    right.slice(at) === typed.slice(at + 1) ||
    right.slice(at + 1) === typed.slice(at)
  )
}

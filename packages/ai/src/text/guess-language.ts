import { LANGUAGE_WORDS } from './language-words.ts'

const WORD = /[\p{L}\p{N}]+/gu

/** How many words of a text are looked at. */
const MOST_WORDS = 200

const languagesOf: ReadonlyMap<string, readonly string[]> = /* @__PURE__ */ (() => {
  const found = new Map<string, string[]>()
  for (const [language, words] of Object.entries(LANGUAGE_WORDS)) {
    for (const word of words.split(/\s+/)) {
      const list = found.get(word)
      if (list === undefined) found.set(word, [language])
      else if (!list.includes(language)) list.push(language)
    }
  }
  return found
})()

/**
 * The language of a folded text by the words that only one language has, or undefined when there are none, or as many of
 * another. Made for messages of a few words, where statistics over letters go astray.
 *
 * @param languages those that come into question, by ISO 639-1.
 */
export function guessLanguage(folded: string, languages: readonly string[]): string | undefined {
  const counts = new Map<string, number>()
  let left = MOST_WORDS
  for (const [word] of folded.matchAll(WORD)) {
    if (left-- === 0) break
    const known = languagesOf.get(word)
    if (known?.length !== 1 || !languages.includes(known[0]!)) continue
    counts.set(known[0]!, (counts.get(known[0]!) ?? 0) + 1)
  }
  let best: string | undefined
  let most = 0
  let tied = false
  for (const [language, count] of counts) {
    if (count === most) tied = true
    if (count <= most) continue
    most = count
    best = language
    tied = false
  }
  return tied ? undefined : best
}

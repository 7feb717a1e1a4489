import { detectAll } from 'tinyld/light'
import { LANGUAGE_WORDS } from './tables/language-words.ts'
import { fold, tokenize } from './text.ts'

const LANGUAGES = Object.keys(LANGUAGE_WORDS)

/**
 * The language of a text (`en`, `it`, `de`, `fr`, `es`, `pt`), or undefined when it gives no hint. Words that occur in one language
 * decide; a statistical detector settles a draw, and speaks alone only for texts long enough for it.
 */
export function detectLanguage(text: string): string | undefined {
  const scores = new Map<string, number>()
  for (const { word, raw } of tokenize(text)) {
    for (const language of LANGUAGES) {
      if (LANGUAGE_WORDS[language]?.has(word) === true) scores.set(language, (scores.get(language) ?? 0) + 1)
    }
    if (/[äöüß]/.test(raw)) scores.set('de', (scores.get('de') ?? 0) + 0.5)
    if (/[ãõ]/.test(raw)) scores.set('pt', (scores.get('pt') ?? 0) + 0.75)
    if (/[ñ¿¡]/.test(raw)) scores.set('es', (scores.get('es') ?? 0) + 0.5)
    if (/[çœêâ]/.test(raw)) scores.set('fr', (scores.get('fr') ?? 0) + 0.5)
  }
  if (/[¿¡]/.test(text)) scores.set('es', (scores.get('es') ?? 0) + 2)
  const ranked = [...scores].sort((a, b) => b[1] - a[1])
  const [first, second] = ranked
  if (first !== undefined && first[1] > (second?.[1] ?? 0)) return first[0]
  const guesses = detectAll(fold(text), { only: LANGUAGES })
  if (first !== undefined) {
    const tied = new Set(ranked.filter(([, score]) => score === first[1]).map(([language]) => language))
    return guesses.find(({ lang }) => tied.has(lang))?.lang ?? (tied.has('en') ? 'en' : first[0])
  }
  const [best] = guesses
  return best !== undefined && best.accuracy >= 0.5 && tokenize(text).length >= 5 ? best.lang : undefined
}

import { de } from './de.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { it } from './it.ts'
import type { Phrases } from './phrases.ts'
import { pt } from './pt.ts'

export type { Phrases } from './phrases.ts'

const all: Readonly<Record<string, Phrases>> = { de, en, es, fr, it, pt }

/** Every language the desk speaks. */
export const allPhrases: readonly Phrases[] = Object.values(all)

/** The phrases of a language (ISO 639-1); English for one that is not spoken here. */
export function phrasesOf(language: string): Phrases {
  return all[language] ?? en
}

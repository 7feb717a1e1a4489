import { placesNamed } from './gazetteer.ts'
import { findTitles } from './job-titles.ts'
import type { PlaceMention } from './places.ts'
import { COMMON_WORDS } from './tables/common-words.ts'
import { LEADING_WORDS, STOP_WORDS } from './tables/name-words.ts'
import { fold, isShouting, nameKey } from './text.ts'

const CAPITALISED =
  /(?<![\p{L}@.])\p{Lu}[\p{L}'’-]*\.?(?:\s+(?:van|von|de|di|del|della|la|le|bin|al|da|dos|du|den|der)(?:\s+(?:la|der|den))?)?(?:\s+\p{Lu}[\p{L}'’-]+){1,3}/gu
/** Right before a name it says that an employer follows. */
const EMPLOYER_BEFORE =
  /(?:\b(?:at|with|presso|bei|chez|works? (?:at|for)|firma|company|azienda|empresa|na|of the)|@)\s+(?:the )?$/i

/** A person's name: two or more capitalised words, or the words after "look up" and the like. */
export function findPersonName(
  text: string,
  places: readonly PlaceMention[],
): { name: string; start: number; end: number } | undefined {
  for (const match of isShouting(text) ? [] : text.matchAll(CAPITALISED)) {
    const words = match[0].split(/\s+/)
    let start = match.index
    while (words.length > 1 && isNoName(words[0] ?? '')) {
      start += (words.shift() ?? '').length + 1
    }
    const name = words.join(' ').replace(/['’]s$/, '')
    const key = nameKey(name)
    if (words.length < 2 || EMPLOYER_BEFORE.test(text.slice(0, start))) continue
    const within = places.some(
      (place) => start < place.end && start + name.length > place.start && place.end - place.start >= name.length - 2,
    )
    if (within || placesNamed(key).length > 0 || findTitles(name).titles.length > 0) continue
    return { name, start, end: start + name.length }
  }
  const folded = fold(text)
  const spoken = SPOKEN_NAME.exec(folded)
  const raw = spoken?.[1]
  if (spoken === null || raw === undefined) return undefined
  if (raw.split(' ').some((word) => COMMON_WORDS.has(word)) || findTitles(raw).titles.length > 0) return undefined
  const start = spoken.index + spoken[0].length - raw.length
  const name = raw.replaceAll(/(^|[\s'-])\p{L}/gu, (letter) => letter.toUpperCase())
  return { name, start, end: start + raw.length }
}

/** Whether a word before a name is no part of it: "Mrs", "find", "of". */
export function isNoName(word: string): boolean {
  const plain = fold(word).replace(/\.$/, '')
  return LEADING_WORDS.has(plain) || COMMON_WORDS.has(plain) || /^(?:von|di|de|da|du|del|of|for|d')$/.test(plain)
}

const SPOKEN_NAME =
  /\b(?:look ?up|who(?:'s| is)|tell me about|enrich|find|(?:e-?mail|mail|phone|number|details|contact|contacts|info|profile|linkedin|telefono|telefon|telephone|correo|recapiti|contatti|dati|datos|dados|coordonnees)(?: address| number| info| details)? (?:of|for|about|on|di|von|de|do|da|fur)|about|wer ist|chi e|qui est|quien es|quem e|arricchisci)\s+((?!the\b|a\b|an\b|our\b|my\b|me\b|all\b|some\b)[a-z'-]{2,}\s+(?!at\b|from\b|in\b|and\b|of\b|di\b|von\b|de\b|for\b|bei\b|presso\b|chez\b)[a-z'-]{2,})(?=\s+(?:at|from|of|di|von|de|bei|presso|chez|en|da|do|@|in)\b|\s*[,?.!]|\s*$)/

/** The employer of a person: what follows the name after "at", "of", "di" and the like. */
export function findEmployer(text: string, person: { readonly end: number } | undefined): string | undefined {
  const rest = person === undefined ? text : text.slice(person.end)
  // "Giulia Conti, direttrice marketing di Lavazza"
  const after = rest.replace(
    /^\s*,\s*(?:the |la |il |el |le |die |der )?\p{Ll}[^,.;]*?\s(?=(?:at|of|for|di|della|de|da|do|bei|von|der|chez|en)\s+\p{Lu})/u,
    ' ',
  )
  const match =
    /^['’]?s?[\s,]*(?:\(|,\s*(?=\p{Lu}|[\p{Ll}\d][\p{L}\d.&' -]*$)|(?:who )?(?:works? |working |arbeitet |lavora |travaille |trabaja |trabalha )?(?:at|of|from|with|for|di|della|dell'|del|da|presso|bei|von|der|chez|de|d'|en|na|no|do|@)\s+(?:the |la |il |el |le |l')?)([^,;:?!()\n]{2,60})/iu.exec(
      after,
    ) ??
    /(?:\b(?:works?|working|arbeitet|lavora|travaille|trabaja|trabalha|employed)\s+(?:at|for|bei|für|presso|per|da|chez|pour|en|para|na|no|by)|\b(?:at|presso|bei|chez)|@)\s+(?:the |der |dem |den )?([^,;:?!()\n]{2,60})/iu.exec(
      after,
    ) ??
    /\b(?:runs|heads|leads|founded|owns|manages|started|guida|dirige|leitet|führt|gründete|fondé)\s+(\p{Lu}[^,;:?!()\n]{1,60})/u.exec(
      after,
    )
  if (match?.[1] === undefined) return undefined
  const words: string[] = []
  const said = match[1].trim().split(/\s+/)
  const capitals = /^\p{Lu}|^\d/u.test(said[0] ?? '')
  for (const word of said) {
    const bare = word.replace(/[."”]+$/, '')
    const linking = /^(?:&|and|of|de|di|do|da|dos|del|della|la|les|von|und|y|e|et|the)$/i.test(bare)
    if (capitals && !/^[\p{Lu}\d]/u.test(bare) && !linking) break
    if (!capitals && (STOP_WORDS.has(nameKey(bare)) || words.length === 3)) break
    words.push(bare)
  }
  while (/^(?:&|and|of|de|di|do|da|dos|del|della|la|les|von|und|y|e|et|the|in)$/i.test(words.at(-1) ?? '')) words.pop()
  const name = words.join(' ')
  return name === '' ? undefined : name
}

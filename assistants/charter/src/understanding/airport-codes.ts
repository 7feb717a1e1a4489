import { airportByIata, airportByIcao, placesNamed } from './gazetteer.ts'
import type { Place } from './gazetteer.ts'
import type { PlaceRole } from './place-roles.ts'
import { CITY_CODES } from './tables/city-codes.ts'
import { COMMON_WORDS } from './tables/common-words.ts'
import { CODE_LOOKALIKES, NEVER_CODES } from './tables/route-words.ts'
import type { Token } from './text.ts'

/** What a code stands for: an airport, or a city with several. */
export function placesOfCode(code: string): readonly Place[] {
  const airport = /^[A-Z]{3}$/.test(code)
    ? airportByIata(code)
    : /^[A-Z]{4}$/.test(code)
      ? airportByIcao(code)
      : undefined
  if (airport !== undefined) return [{ airports: [airport.icao], name: airport.name, kind: 'airport' }]
  const city = CITY_CODES[code]
  return city === undefined ? [] : placesNamed(city)
}

/** Whether three letters are also a word of the language. */
export function isLookalike(word: string, language: string): boolean {
  return CODE_LOOKALIKES['any']?.has(word) === true || CODE_LOOKALIKES[language]?.has(word) === true
}

/** What the token stands for, if it is a code here and not a word. */
export function codeAt(
  token: Token,
  language: string,
  role: PlaceRole,
  shouting: boolean,
  beside: boolean,
  rowed: boolean,
): readonly Place[] | undefined {
  const code = token.raw.toUpperCase()
  const places = NEVER_CODES.has(token.word) ? [] : placesOfCode(code)
  if (places.length === 0) return undefined
  const capitals = token.raw === code && !shouting
  const directed = role === 'from' || role === 'to' || role === 'for'
  // Three letters are looked up by language; for longer codes any everyday word will do.
  const everyday = isLookalike(token.word, language) || (token.word.length > 3 && COMMON_WORDS.has(token.word))
  const counts = everyday ? capitals && (directed || beside) : capitals || directed || beside
  if (!counts && !rowed) return undefined
  return places
}

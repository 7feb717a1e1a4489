import { AREAS, COUNTRY_NICKNAMES, STATES, ZONE_COUNTRIES } from './tables/regions.ts'
import { nameKey } from './text.ts'

const LANGUAGES = ['en', 'it', 'de', 'fr', 'es', 'pt']
const countries = new Map<string, string>(Object.entries(COUNTRY_NICKNAMES))
for (const language of LANGUAGES) {
  const names = new Intl.DisplayNames([language], { type: 'region', fallback: 'none' })
  for (let first = 65; first <= 90; first += 1) {
    for (let second = 65; second <= 90; second += 1) {
      const code = String.fromCharCode(first, second)
      const name = names.of(code)
      if (name !== undefined && !countries.has(nameKey(name))) countries.set(nameKey(name), code)
    }
  }
}
/** Islands and city states that Intl lists as countries and people fly to as places. */
for (const place of [
  'jersey',
  'guernsey',
  'bermuda',
  'singapore',
  'monaco',
  'malta',
  'gibraltar',
  'hong kong',
  'luxembourg',
  'puerto rico',
  'georgia',
  'chad',
]) {
  countries.delete(place)
}
const states = new Set(Object.values(STATES))
const areas = new Set(AREAS.map(nameKey))

/** A country or state that a text names. */
export interface Region {
  /** ISO 3166-1 alpha-2. */
  readonly country?: string
  /** A state or province in English, folded. */
  readonly province?: string
}

/** What a name in the form of `nameKey` stands for, if it is a country, a state or a part of the world. */
export function regionNamed(key: string): Region | undefined {
  if (states.has(key) && key !== 'new york' && key !== 'washington') return { province: key }
  const country = countries.get(key)
  if (country !== undefined) return { country }
  return areas.has(key) ? {} : undefined
}

/** A state by its two letters. */
export function stateOf(letters: string): string | undefined {
  return STATES[letters]
}

/** The country of a time zone, where its name tells it. */
export function countryOfZone(timeZone: string): string | undefined {
  return (
    ZONE_COUNTRIES[timeZone] ??
    (timeZone.startsWith('America/Argentina/') ? 'AR' : timeZone.startsWith('Australia/') ? 'AU' : undefined)
  )
}

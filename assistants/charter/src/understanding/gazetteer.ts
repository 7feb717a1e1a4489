import { readFileSync } from 'node:fs'
import { nameKey } from './text.ts'

/** An airport of the index. */
export interface Airport {
  readonly icao: string
  /** Empty where it has none. */
  readonly iata: string
  readonly size: 'L' | 'M' | 'S'
  /** ISO 3166-1 alpha-2. */
  readonly country: string
  readonly latitude: number
  readonly longitude: number
  readonly name: string
}

/** A name that stands for one or more airports. */
export interface Place {
  /** ICAO codes, the one to propose first. */
  readonly airports: readonly string[]
  /** The name to show. */
  readonly name: string
  /** `metro`: from the hand-made table; `airport`: an airport's own name; `city`: from the list of cities. */
  readonly kind: 'metro' | 'airport' | 'city'
  /** Where a name is used twice: `E` Europe, `A` the Americas. */
  readonly region?: string
  /** ISO 3166-1 alpha-2. */
  readonly country?: string
  /** State or province in English, folded. */
  readonly province?: string
}

function rows(file: string): string[][] {
  return readFileSync(new URL(`../../data/${file}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'))
}

const byIcao = new Map<string, Airport>()
const byIata = new Map<string, Airport>()
const byName = new Map<string, Place[]>()

/** Words of airports' names that say nothing about where they are. */
const EMPTY_WORDS =
  /\b(?:airport|aeroporto|aeropuerto|flughafen|aerodrome|airfield|airpark|air base|international|intl|regional|municipal|executive|county|memorial|field|city)\b/gi

function addName(name: string, place: Place): void {
  const key = nameKey(name)
  if (key.length < 2) return
  const known = byName.get(key)
  if (known === undefined) byName.set(key, [place])
  else if (place.kind !== 'airport') known.push(place)
}

for (const [icao = '', iata = '', size = '', country = '', latitude, longitude, name = ''] of rows('airports.tsv')) {
  const airport: Airport = {
    icao,
    iata,
    size: size as Airport['size'],
    country,
    latitude: Number(latitude),
    longitude: Number(longitude),
    name,
  }
  byIcao.set(icao, airport)
  if (iata !== '') byIata.set(iata, airport)
}

for (const [airports = '', names = '', region] of rows('metros.tsv')) {
  const [first = ''] = names.split('|')
  const country = byIcao.get(airports.slice(0, 4))?.country
  const name = first.replaceAll(/(^|\s)\p{L}/gu, (letter) => letter.toUpperCase())
  for (const alias of names.split('|')) {
    addName(alias, {
      airports: airports.split(' '),
      name,
      kind: 'metro',
      ...(country === undefined ? {} : { country }),
      ...(region === undefined ? {} : { region }),
    })
  }
}

for (const [name = '', country = '', province = '', , airports = ''] of rows('cities.tsv')) {
  addName(name, { airports: airports.split(' '), name, kind: 'city', country, province: nameKey(province) })
}

for (const size of ['L', 'M'] as const) {
  for (const airport of byIcao.values()) {
    if (airport.size !== size) continue
    const place: Place = { airports: [airport.icao], name: airport.name, kind: 'airport' }
    const bare = airport.name.replaceAll(EMPTY_WORDS, ' ').trim()
    addName(airport.name, place)
    if (bare.length < 5) continue
    addName(bare, place)
    // "London Heathrow" is also "Heathrow": the first word goes when it is a place of its own.
    const [first = '', ...rest] = bare.split(/\s+/)
    const tail = rest.join(' ')
    if (tail.length >= 6 && byName.get(nameKey(first))?.[0]?.kind !== 'airport' && byName.has(nameKey(first))) {
      addName(tail, place)
    }
  }
}

/** The airport with this ICAO code, in capitals. */
export function airportByIcao(code: string): Airport | undefined {
  return byIcao.get(code)
}

/** The airport with this IATA code, in capitals. */
export function airportByIata(code: string): Airport | undefined {
  return byIata.get(code)
}

/** What is known under a name in the form of `nameKey`. The first is the usual meaning. */
export function placesNamed(key: string): readonly Place[] {
  return byName.get(key) ?? []
}

/** Every name with what it usually means; for finding misspelt ones. */
export function allNames(): IterableIterator<[string, Place[]]> {
  return byName.entries()
}

/** Great-circle distance between two airports in nautical miles. */
export function nauticalMiles(a: Airport, b: Airport): number {
  const radians = Math.PI / 180
  const h =
    Math.sin(((b.latitude - a.latitude) * radians) / 2) ** 2 +
    Math.cos(a.latitude * radians) *
      Math.cos(b.latitude * radians) *
      Math.sin(((b.longitude - a.longitude) * radians) / 2) ** 2
  return 2 * 3440.065 * Math.asin(Math.sqrt(h))
}

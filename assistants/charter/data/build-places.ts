/**
 * Writes `airports.tsv` and `cities.tsv` beside it from the packages `airport-data-js` (airports, CC BY 4.0) and
 * `city-timezones` (cities, MIT). Run it after updating either: `npm run build:places`.
 * The packages themselves are not loaded at run time: together they would take over 100 MB of memory.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import airportData from 'airport-data-js'
import cityTimezones from 'city-timezones'

interface Row {
  icao: string
  iata: string
  name: string
  country: string
  latitude: number
  longitude: number
  runwayFeet: number
  size: 'L' | 'M' | 'S'
}

/** A light jet needs about this much runway, in feet. */
const JET_RUNWAY_FEET = 4000
const MINIMUM_CITY_POPULATION = 10_000
const NEAR_KM = 60

const folder = import.meta.dirname
/** Airports that the hand-made table names are kept whatever their runway. */
const named = new Set(readFileSync(`${folder}/metros.tsv`, 'utf8').match(/\b[A-Z]{4}\b/g))
const airports = new Map<string, Row>()
for (const [type, size] of [
  ['large_airport', 'L'],
  ['medium_airport', 'M'],
  ['small_airport', 'S'],
] as const) {
  for (const airport of await airportData.getAirportsByType(type)) {
    const runwayFeet = Number(airport.runway_length) || 0
    const usable = named.has(airport.icao) || runwayFeet >= (size === 'S' ? JET_RUNWAY_FEET : 2000)
    if (!/^[A-Z]{4}$/.test(airport.icao) || !usable || airports.has(airport.icao)) continue
    airports.set(airport.icao, {
      icao: airport.icao,
      iata: /^[A-Z]{3}$/.test(airport.iata) ? airport.iata : '',
      name: airport.airport.replaceAll(/\s+/g, ' ').trim(),
      country: airport.country_code,
      latitude: Number(airport.latitude),
      longitude: Number(airport.longitude),
      runwayFeet,
      size,
    })
  }
}

function kilometres(a: Row, latitude: number, longitude: number): number {
  const radians = Math.PI / 180
  const h =
    Math.sin(((latitude - a.latitude) * radians) / 2) ** 2 +
    Math.cos(a.latitude * radians) *
      Math.cos(latitude * radians) *
      Math.sin(((longitude - a.longitude) * radians) / 2) ** 2
  return 2 * 6371 * Math.asin(Math.sqrt(h))
}

/** Near, long enough, and busy airports first. */
function airportsNear(latitude: number, longitude: number): string[] {
  const reach = [...airports.values()]
    .filter((airport) => Math.abs(airport.latitude - latitude) < 1 && airport.runwayFeet >= JET_RUNWAY_FEET)
    .map((airport) => ({ airport, km: kilometres(airport, latitude, longitude) }))
    .filter(({ km }) => km <= NEAR_KM)
    .map(({ airport, km }) => ({
      icao: airport.icao,
      cost: km + (airport.iata === '' ? 40 : 0) + (airport.size === 'L' ? 0 : airport.size === 'M' ? 12 : 30),
    }))
  return reach
    .sort((a, b) => a.cost - b.cost)
    .slice(0, 3)
    .map(({ icao }) => icao)
}

const cities = cityTimezones.cityMapping
  .filter((city) => city.pop >= MINIMUM_CITY_POPULATION)
  .sort((a, b) => b.pop - a.pop)
  .map((city) => ({ city, near: airportsNear(city.lat, city.lng) }))
  .filter(({ near }) => near.length > 0)
  .map(({ city, near }) =>
    [city.city, city.iso2, city.province, Math.round(city.pop / 1000), near.join(' ')].join('\t'),
  )

const rows = [...airports.values()]
  .sort((a, b) => a.icao.localeCompare(b.icao))
  .map((a) => [a.icao, a.iata, a.size, a.country, a.latitude.toFixed(3), a.longitude.toFixed(3), a.name].join('\t'))

writeFileSync(
  `${folder}/airports.tsv`,
  `# From airport-data-js (CC BY 4.0), shortened. icao, iata, size, country, latitude, longitude, name\n${rows.join('\n')}\n`,
)
writeFileSync(
  `${folder}/cities.tsv`,
  `# From city-timezones (MIT), shortened. name, country, province, population in thousands, airports near it\n${cities.join('\n')}\n`,
)

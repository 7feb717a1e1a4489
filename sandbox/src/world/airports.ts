import airportData from 'airport-data-js'

/** A real airport. */
export interface Airport {
  readonly icao: string
  readonly iata: string
  readonly name: string
  /** ISO 3166-1, two letters. */
  readonly country: string
  readonly latitude: number
  readonly longitude: number
  /** IANA time zone. */
  readonly timeZone: string
}

/** Airports by ICAO code, and a search by what people type. */
export interface Airports {
  get(icao: string): Airport | undefined
  /** Airports whose code or name fits, codes first. */
  search(filter: string, limit: number): Airport[]
}

/** Reads the airports of `airport-data-js` that have an ICAO code; about 17,500. */
export async function loadAirports(): Promise<Airports> {
  const byIcao = new Map<string, Airport>()
  const sizes = ['large_airport', 'medium_airport', 'small_airport']
  for (const found of await Promise.all(sizes.map((size) => airportData.getAirportsByType(size)))) {
    for (const row of found) {
      if (!/^[A-Z][A-Z0-9]{3}$/.test(row.icao)) continue
      byIcao.set(row.icao, {
        icao: row.icao,
        iata: row.iata,
        name: row.airport,
        country: row.country_code,
        latitude: Number(row.latitude),
        longitude: Number(row.longitude),
        timeZone: row.time,
      })
    }
  }
  return {
    get: (icao) => byIcao.get(icao.toUpperCase()),
    search(filter, limit) {
      const wanted = filter.trim().toLowerCase()
      if (wanted === '') return []
      const byCode: Airport[] = []
      const byName: Airport[] = []
      for (const airport of byIcao.values()) {
        if (airport.icao.toLowerCase() === wanted || airport.iata.toLowerCase() === wanted) byCode.push(airport)
        else if (byName.length < limit && airport.name.toLowerCase().includes(wanted)) byName.push(airport)
      }
      return [...byCode, ...byName].slice(0, limit)
    },
  }
}

const EARTH_RADIUS_NM = 3_440.065

/** Great-circle distance in nautical miles (haversine). */
export function distanceNm(from: Airport, to: Airport): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180
  const dLatitude = radians(to.latitude - from.latitude)
  const dLongitude = radians(to.longitude - from.longitude)
  const a =
    Math.sin(dLatitude / 2) ** 2 +
    Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) * Math.sin(dLongitude / 2) ** 2
  return 2 * EARTH_RADIUS_NM * Math.asin(Math.min(1, Math.sqrt(a)))
}

import { AIRCRAFT_TYPES, type AircraftType } from './aircraft-types.ts'
import type { Airport, Airports } from './airports.ts'
import type { SeededRandom } from './random.ts'

/** An invented charter operator. */
export interface Operator {
  readonly id: number
  readonly name: string
  /** Always under `.example`. */
  readonly domain: string
  readonly base: Airport
  /** Whether it prices high (above 1) or low. */
  readonly priceLevel: number
}

/** An invented aircraft of a real type. */
export interface Aircraft {
  readonly id: number
  readonly tailNumber: string
  readonly type: AircraftType
  readonly operator: Operator
  readonly base: Airport
  readonly seats: number
  readonly yearOfMake: number
  readonly amenities: readonly string[]
}

const BASES =
  'KTEB KHPN KBED KPHL KIAD KMIA KOPF KFXE KPBI KAPF KTPA KORL KPDK KCLT KBNA KDAL KADS KAUS KHOU KSAT KMDW KPWK KPTK KCLE KSTL KMKC KAPA KASE KSLC KSDL KLAS KVNY KSNA KCRQ KSJC KOAK KBFI KPDX KBZN CYYZ CYUL EGGW EGLF EGKB EIDW LFPB LFMN LSGG LSZH EDDM EDDB LOWW LIML LIRA LEMD LEBL LPPT EHAM EBBR EKCH ESSB ENGM LKPR EPWA LGAV LTBA OMDB OERK HECA FAOR VABB WSSL VHHH RJTT YSSY SBSP MMTO MYNN TNCM'
const NAME_STARTS =
  'Larkspur Northbeam Harborline Bluecrest Sablewing Meridian Kestrel Whitecap Ironbark Solstice Cinder Lanternhill Quillon Brightwater Tamarack Osprey Wayfarer Halcyon Juniper Foxglove Redstart Gannet Silverfen Highmoor Coppervale Windrose Petrel Ashgrove Marlow Stonecrop Thistle Vantage Amberley Corvid Longreach Seabright'
const NAME_ENDS = ['Jets', 'Aviation', 'Air Charter', 'Executive', 'Private Air', 'Flight']
const AMENITIES = [
  'Wi-Fi',
  'Cabin attendant',
  'Full galley',
  'Satellite phone',
  'Pets allowed',
  'Lie-flat seats',
  'Enclosed lavatory',
]

/** Invents operators and gives each a fleet around its base. */
export function inventFleet(airports: Airports, random: SeededRandom): { operators: Operator[]; aircraft: Aircraft[] } {
  const bases = BASES.split(' ').flatMap((icao) => airports.get(icao) ?? [])
  const operators = NAME_STARTS.split(' ').map((start, index): Operator => {
    const name = `${start} ${random.pick(NAME_ENDS)}`
    return {
      id: 4_100 + index,
      name,
      domain: `${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.example`,
      // Every base gets its turn before any is used twice.
      base: bases[(index * 2) % bases.length]!,
      priceLevel: 0.9 + random.next() * 0.25,
    }
  })
  const aircraft: Aircraft[] = []
  const tails = new Set<string>()
  for (const [index, base] of bases.entries()) {
    const operator = operators[Math.floor(index / 2) % operators.length]!
    const size = 2 + random.between(0, 2)
    for (let count = 0; count < size; count += 1) {
      const type = AIRCRAFT_TYPES[(index * 5 + count * 7 + random.between(0, 3)) % AIRCRAFT_TYPES.length]!
      aircraft.push({
        id: 71_000 + aircraft.length,
        tailNumber: inventTail(base.country, tails, random),
        type,
        operator,
        base,
        seats: type.seats - (type.seats > 6 ? random.between(0, 1) : 0),
        yearOfMake: Math.min(2025, type.firstYear + random.between(0, 11)),
        amenities: AMENITIES.filter(
          (_, position) => position / AMENITIES.length < type.seats / 16 || random.chance(0.3),
        ),
      })
    }
  }
  return { operators, aircraft }
}

const PREFIXES: Readonly<Record<string, string>> = {
  US: 'N',
  CA: 'C-',
  GB: 'G-',
  IE: 'EI-',
  FR: 'F-',
  CH: 'HB-',
  DE: 'D-',
  AT: 'OE-',
  IT: 'I-',
  ES: 'EC-',
  PT: 'CS-',
  NL: 'PH-',
  BE: 'OO-',
  DK: 'OY-',
  SE: 'SE-',
  NO: 'LN-',
  CZ: 'OK-',
  PL: 'SP-',
  GR: 'SX-',
  TR: 'TC-',
}

function inventTail(country: string, taken: Set<string>, random: SeededRandom): string {
  const letters = (count: number): string =>
    Array.from({ length: count }, () => random.pick([...'ABCDEFGHJKLMNPRSTUVWXYZ'])).join('')
  for (;;) {
    const prefix = PREFIXES[country] ?? 'M-'
    const tail =
      prefix === 'N' ? `N${random.between(100, 999)}${letters(2)}` : `${prefix}${letters(prefix.length === 2 ? 4 : 3)}`
    if (taken.has(tail)) continue
    taken.add(tail)
    return tail
  }
}

import { CATEGORIES, type Category } from './aircraft-types.ts'
import { distanceNm, type Airport } from './airports.ts'
import type { Aircraft } from './fleet.ts'
import { fate } from './random.ts'

/** One leg of a trip. */
export interface Leg {
  readonly from: Airport
  readonly to: Airport
  /** YYYY-MM-DD, local at the departure airport. */
  readonly date: string
  /** HH:MM, local at the departure airport. */
  readonly time: string
}

/** What a customer wants to fly. */
export interface Trip {
  readonly legs: readonly Leg[]
  readonly passengers: number
  /** Only these; empty means any. */
  readonly categories: readonly Category[]
  /** Most fuel stops on a leg; default 1. */
  readonly maxFuelStops?: number
}

/** A leg as one aircraft would fly it. */
export interface FlownLeg extends Leg {
  readonly distanceNm: number
  readonly flightMinutes: number
  readonly fuelStops: number
}

/** One aircraft that can fly the trip, and for how much. */
export interface Offer {
  readonly aircraft: Aircraft
  readonly legs: readonly FlownLeg[]
  readonly positioningNm: number
  readonly priceUsd: number
}

const FUEL_STOP_MINUTES = 45
const TAXI_MINUTES = 12
const MAX_OFFERS = 12
const PER_CATEGORY = 2
/** With so many that fly non-stop, nobody looks at the others. */
const ENOUGH_OFFERS = 3
/** Further than this a piston aircraft is offered only to those who ask for one. */
const PISTON_NM = 350

/** Aircraft that can fly a trip, cheapest first; by seats, range, availability on the days, and how far they must come. */
export function findOffers(fleet: readonly Aircraft[], trip: Trip): Offer[] {
  const offers: Offer[] = []
  for (const aircraft of fleet) {
    if (aircraft.seats < trip.passengers) continue
    if (trip.categories.length > 0 && !trip.categories.includes(aircraft.type.category)) continue
    if (trip.legs.some((leg) => isBooked(aircraft, leg.date))) continue
    const legs = trip.legs.map((leg) => fly(aircraft, leg))
    if (legs.some((leg) => leg.fuelStops > (trip.maxFuelStops ?? 1))) continue
    const offer = price(aircraft, legs)
    if (offer === undefined) continue
    const far = legs.some((leg) => leg.distanceNm > PISTON_NM)
    if (aircraft.type.category === 'Piston' && far && trip.categories.length === 0) continue
    offers.push(offer)
  }
  offers.sort((a, b) => a.priceUsd - b.priceUsd || a.aircraft.id - b.aircraft.id)
  const nonStop = offers.filter(({ legs }) => legs.every((leg) => leg.fuelStops === 0))
  return spread(nonStop.length >= ENOUGH_OFFERS ? nonStop : offers)
}

function isBooked(aircraft: Aircraft, date: string): boolean {
  return fate('booked', aircraft.tailNumber, date) < 0.22
}

function fly(aircraft: Aircraft, leg: Leg): FlownLeg {
  const distance = distanceNm(leg.from, leg.to)
  const fuelStops = Math.max(0, Math.ceil(distance / aircraft.type.rangeNm) - 1)
  const flightMinutes = Math.round(
    (distance / aircraft.type.speedKt) * 60 + TAXI_MINUTES + fuelStops * FUEL_STOP_MINUTES,
  )
  return { ...leg, distanceNm: Math.round(distance), flightMinutes, fuelStops }
}

function price(aircraft: Aircraft, legs: readonly FlownLeg[]): Offer | undefined {
  const { type, operator, base } = aircraft
  const first = legs[0]!
  const last = legs.at(-1)!
  // Ferry flights: to the start, from the end home, and between legs that do not join.
  let positioningNm = distanceNm(base, first.from) + distanceNm(last.to, base)
  for (const [index, leg] of legs.entries()) {
    const before = legs[index - 1]
    if (before !== undefined) positioningNm += distanceNm(before.to, leg.from)
  }
  const tripNm = legs.reduce((sum, leg) => sum + leg.distanceNm, 0)
  // Nobody sends an empty aircraft much further than the customer flies.
  if (distanceNm(base, first.from) > Math.max(700, tripNm * 1.2)) return undefined
  const flownHours = legs.reduce((sum, leg) => sum + leg.flightMinutes, 0) / 60
  const ferryHours = positioningNm / type.speedKt
  const nights = Math.min(6, nightsBetween(first.date, last.date))
  const fees = legs.length * (650 + type.seats * 60) + legs.reduce((sum, leg) => sum + leg.fuelStops, 0) * 1_200
  const minimumHours = Math.max(flownHours, legs.length * 0.8)
  const usd =
    (minimumHours * type.hourlyUsd + ferryHours * type.hourlyUsd * 0.7) * operator.priceLevel + fees + nights * 1_400
  return { aircraft, legs, positioningNm: Math.round(positioningNm), priceUsd: Math.round(usd / 50) * 50 }
}

function nightsBetween(from: string, to: string): number {
  return Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)) || 0
}

/** The cheapest few of each category, so that a customer sees a choice and not ten of the same. */
function spread(offers: readonly Offer[]): Offer[] {
  const perCategory = new Map<Category, number>()
  return offers
    .filter(({ aircraft }) => {
      const seen = perCategory.get(aircraft.type.category) ?? 0
      perCategory.set(aircraft.type.category, seen + 1)
      return seen < PER_CATEGORY
    })
    .slice(0, MAX_OFFERS)
}

const OTHER_NAMES: Readonly<Record<string, Category>> = {
  prop: 'Turbo prop',
  verylight: 'Entry level jet (VLJ)',
  vlj: 'Entry level jet (VLJ)',
  entrylevel: 'Entry level jet (VLJ)',
  mid: 'Midsize jet',
  medium: 'Midsize jet',
  supermid: 'Super midsize jet',
  large: 'Heavy jet',
  largecabin: 'Heavy jet',
  longrange: 'Ultra long range',
  ultralong: 'Ultra long range',
  airliner: 'VIP airliner',
}

/** Finds the category that a customer's or another system's word means, such as `mid-size` or `Heavy Jet`. */
export function categoryNamed(name: string): Category | undefined {
  const plain = (words: string): string =>
    words
      .toLowerCase()
      .replaceAll(/[^a-z]/g, '')
      .replace(/(jets?|aircraft)/, '')
  const wanted = plain(name)
  return CATEGORIES.find((category) => plain(category) === wanted) ?? OTHER_NAMES[wanted]
}

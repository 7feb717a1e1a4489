import type { Airport } from '../world/airports.ts'
import type { FlownLeg, Leg, Offer } from '../world/charter.ts'
import type { Aircraft, Operator } from '../world/fleet.ts'
import type { Lift, QuoteDesk, QuoteRequest } from '../world/quotes.ts'

/** An airport. */
export function airport(one: Airport): unknown {
  return {
    id: `aport-${one.icao}`,
    icao: one.icao,
    iata: one.iata === '' ? null : one.iata,
    name: one.name,
    country: { code: one.country, name: countryName(one.country) },
    latitude: one.latitude,
    longitude: one.longitude,
    timeZone: one.timeZone,
  }
}

const countries = new Intl.DisplayNames('en', { type: 'region' })

function countryName(code: string): string {
  try {
    return countries.of(code) ?? code
  } catch {
    return code
  }
}

/** A segment as it was asked for. */
export function askedSegment(leg: Leg, passengers: number): unknown {
  return {
    startAirport: airport(leg.from),
    endAirport: airport(leg.to),
    dateTime: { date: leg.date, time: leg.time, departure: true, local: true },
    paxCount: String(passengers),
    paxSegment: true,
  }
}

/** One result of a search: an estimate, not a price that anybody has offered. */
export function searchResult(offer: Offer, id: number, passengers: number): unknown {
  return {
    id: `aresult-${id}`,
    type: 'results',
    quote: {
      id: `aestimate-${id}`,
      segments: offer.legs.map((leg) => flownSegment(leg, passengers)),
      lift: lift(offer.aircraft, id),
      sellerCompany: company(offer.aircraft.operator),
      sellerPrice: money(offer.priceUsd),
      sellerPriceWithoutCommission: money(offer.priceUsd),
      reservable: false,
    },
  }
}

/** An aircraft of the fleet. */
export function aircraft(one: Aircraft, base: string): unknown {
  return {
    id: `acraft-${one.id}`,
    type: 'aircraft',
    href: `${base}/aircraft/acraft-${one.id}`,
    aircraftTail: one.tailNumber,
    aircraftType: one.type.name,
    aircraftSuperType: one.type.name,
    aircraftCategory: one.type.category,
    maxPax: one.seats,
    yearOfMake: one.yearOfMake,
    maxRangeNM: one.type.rangeNm,
    homebase: airport(one.base),
    sellerCompany: company(one.operator),
    amenities: one.amenities,
  }
}

/** A request for quotes, with what has become of each operator that was asked. */
export function quoteRequest(desk: QuoteDesk, request: QuoteRequest, base: string): unknown {
  const sellerLift = request.lifts.map((one) => {
    const status = desk.status(request, one)
    const quotes =
      status === 'Accepted' ? [{ id: `aquote-${one.quoteId}`, href: `${base}/quotes/aquote-${one.quoteId}` }] : []
    return {
      ...lift(one.offer.aircraft, one.id),
      sellerCompany: company(one.offer.aircraft.operator),
      sourcingDisplayStatus: status,
      sourcingStatus: status === 'Accepted' ? 2 : status === 'Declined' ? 3 : 1,
      links: { quotes },
    }
  })
  return {
    id: `arfq-${request.id}`,
    type: 'rfqs',
    href: `${base}/rfqs/arfq-${request.id}`,
    tripId: `atrip-${request.tripId}`,
    createdOn: new Date(request.createdAt).toISOString(),
    canceled: request.cancelled,
    message: request.message,
    actions: {
      viewInAvinode: { type: 'htmllink', href: `https://marketplace.avinode.example/trips/${request.tripId}` },
    },
    buyerCompany: { id: 'acomp-1', displayName: 'Charter Desk', type: 'companies' },
    segments: request.trip.legs.map((leg) => askedSegment(leg, request.trip.passengers)),
    sellerLift,
  }
}

/** How quotes hold and what they cost, as the settings say. */
export interface QuoteTerms {
  readonly quoteValidMs: number
  readonly quotePriceFactor: number
}

/** A quote that an operator has given. */
export function quote(
  { request, lift: one }: { readonly request: QuoteRequest; readonly lift: Lift },
  { quoteValidMs, quotePriceFactor }: QuoteTerms,
  base: string,
  breakdown: boolean,
): unknown {
  const { aircraft: flown } = one.offer
  const price = Math.round(one.priceUsd * quotePriceFactor)
  const positioning = Math.round((price * Math.min(0.4, one.offer.positioningNm / 6_000)) / 50) * 50
  const fees = Math.round((price * 0.08) / 50) * 50
  const line = (displayName: string, type: string, price: number): unknown => ({
    displayName,
    type,
    price,
    visibleToBuyer: true,
  })
  return {
    id: `aquote-${one.quoteId}`,
    type: 'quotes',
    href: `${base}/quotes/aquote-${one.quoteId}`,
    rfqId: `arfq-${request.id}`,
    tripId: `atrip-${request.tripId}`,
    status: 'quoted',
    createdOn: new Date(request.createdAt + one.answersAfterMs).toISOString(),
    validUntil: new Date(request.createdAt + quoteValidMs).toISOString(),
    sellerCompany: company(flown.operator),
    sellerMessage: `We are pleased to offer our ${flown.type.name} ${flown.tailNumber}. Subject to owner approval and slots.`,
    sellerPrice: money(price),
    sellerPriceWithoutCommission: money(price),
    segments: one.offer.legs.map((leg) => flownSegment(leg, request.trip.passengers)),
    lift: lift(flown, one.id),
    ...(breakdown
      ? {
          lineItems: [
            line('Flight', 'FLIGHT', price - positioning - fees),
            line('Positioning', 'POSITIONING', positioning),
            line('Landing and handling', 'AIRPORT_FEES', fees),
          ],
        }
      : {}),
  }
}

function flownSegment(leg: FlownLeg, passengers: number): unknown {
  const departure = zoned(leg.date, leg.time, leg.from.timeZone)
  const arrival = departure + leg.flightMinutes * 60_000
  return {
    startAirport: airport(leg.from),
    endAirport: airport(leg.to),
    departureDateTime: { dateTimeUTC: iso(departure), dateTimeLocal: local(departure, leg.from.timeZone) },
    arrivalDateTime: { dateTimeUTC: iso(arrival), dateTimeLocal: local(arrival, leg.to.timeZone) },
    dateTime: { date: leg.date, time: leg.time, departure: true, local: true },
    paxCount: String(passengers),
    paxSegment: true,
    distanceNM: leg.distanceNm,
    flightMinutes: leg.flightMinutes,
    blockTimeMinutes: leg.flightMinutes + 10,
    fuelStops: leg.fuelStops,
  }
}

function lift(one: Aircraft, id: number): Record<string, unknown> {
  return {
    id: `alift-${id}`,
    aircraftCategory: one.type.category,
    aircraftType: one.type.name,
    aircraftSuperType: one.type.name,
    aircraftTail: one.tailNumber,
    yearOfMake: one.yearOfMake,
    aircraftTailDetails: { yearOfMake: one.yearOfMake, amenities: one.amenities },
    homebase: airport(one.base),
    maxPax: one.seats,
  }
}

function company(one: Operator): unknown {
  return {
    id: `acomp-${one.id}`,
    type: 'companies',
    displayName: one.name,
    contactInfo: { emails: [`charter@${one.domain}`], website: `https://www.${one.domain}` },
  }
}

const money = (price: number): unknown => ({ price, currency: 'USD' })

const iso = (at: number): string => (Number.isNaN(at) ? '' : `${new Date(at).toISOString().slice(0, 16)}Z`)

/** `2026-11-27T09:00` on the clocks of that zone. */
function local(at: number, timeZone: string): string {
  return Number.isNaN(at) ? '' : new Date(at + offsetMs(at, timeZone)).toISOString().slice(0, 16)
}

function zoned(date: string, time: string, timeZone: string): number {
  const asUtc = Date.parse(`${date}T${time.padStart(5, '0')}:00Z`)
  if (Number.isNaN(asUtc)) return Number.NaN
  const first = asUtc - offsetMs(asUtc, timeZone)
  // Once more, for the hours around a change of the clocks.
  return asUtc - offsetMs(first, timeZone)
}

const formats = new Map<string, Intl.DateTimeFormat>()

function offsetMs(at: number, timeZone: string): number {
  let format = formats.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    // Making one takes longer than all else in a reply; there are some four hundred zones.
    formats.set(timeZone, format)
  }
  const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours, minutes] = /GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? []
  if (sign === undefined) return 0
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}

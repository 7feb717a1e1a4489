import { z } from 'zod'
import type { Aircraft, AircraftOffer, Price, Quote, TripQuery } from './types.ts'

/*
 * The bodies, as narrow as they are used. Every reply is `{meta: {errors, warnings, infos}, data}`.
 */

const text = z.string().nullish()
/** Avinode writes some numbers as text (`"paxCount": "4"`). */
const number = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d+(\.\d+)?$/)
      .transform(Number),
  ])
  .nullish()

export const wireMeta = z
  .looseObject({ errors: z.array(z.looseObject({ code: text, title: text })).nullish() })
  .nullish()

const airport = z.looseObject({ icao: text, iata: text, name: text }).nullish()
const company = z
  .looseObject({ id: z.union([z.string(), z.number()]).nullish(), displayName: text, name: text })
  .nullish()
const price = z.looseObject({ price: number, currency: text }).nullish()
const link = z.looseObject({ id: z.string(), href: text })

const aircraftFields = {
  aircraftType: z.string(),
  aircraftCategory: text,
  aircraftTail: text,
  sellerCompany: company,
  maxPax: number,
  yearOfMake: number,
  homebase: airport,
}

const wireAircraft = z.looseObject({ id: z.string(), ...aircraftFields })
const wireLift = z.looseObject({
  id: z.string(),
  ...aircraftFields,
  sellerPrice: price,
  segments: z.array(z.looseObject({ flightMinutes: number })).nullish(),
  links: z.looseObject({ quotes: z.array(link).nullish() }).nullish(),
})

/** Public sources show the results of a search in two places; either is read. */
const wireResult = z
  .looseObject({
    id: z.string(),
    quote: z.looseObject({
      lift: z.looseObject({ id: text, ...aircraftFields }),
      sellerCompany: company,
      sellerPrice: price,
      segments: z.array(z.looseObject({ flightMinutes: number })).nullish(),
    }),
  })
  .transform(({ id, quote: { lift, sellerCompany, ...rest } }): WireLift => {
    return { ...lift, ...rest, id: lift.id ?? id, sellerCompany: sellerCompany ?? lift.sellerCompany }
  })

export const searchReply = z.looseObject({
  meta: wireMeta,
  data: z.union([
    z.looseObject({ id: text, results: z.array(wireResult) }).transform(({ id, results }) => ({ id, lift: results })),
    z.looseObject({ id: text, lift: z.array(wireLift) }),
  ]),
})
export const fleetReply = z.looseObject({ meta: wireMeta, data: z.array(wireAircraft) })

const action = z.looseObject({ href: text }).nullish()
export const createdReply = z.looseObject({
  meta: wireMeta,
  data: z.looseObject({
    id: z.string(),
    tripId: text,
    actions: z.looseObject({ viewInAvinode: action }).nullish(),
  }),
})

const wireRequest = z.looseObject({
  id: z.string(),
  tripId: text,
  canceled: z.union([z.boolean(), z.stringbool()]).nullish(),
  sellerCompany: company,
  sellerLift: z.array(wireLift).nullish(),
})
/** One request by its own id; all requests of a trip by the trip's. */
export const requestReply = z.looseObject({ meta: wireMeta, data: z.union([wireRequest, z.array(wireRequest)]) })

export const quoteReply = z.looseObject({
  meta: wireMeta,
  data: z.looseObject({
    id: z.string(),
    sellerPrice: price,
    sellerCompany: company,
    sellerMessage: text,
    status: text,
    validUntil: text,
    lift: z.looseObject({ id: text, ...aircraftFields, aircraftType: text }).nullish(),
  }),
})
export const anyReply = z.looseObject({ meta: wireMeta })

function known<Value extends object>(value: Value): { [Key in keyof Value]: NonNullable<Value[Key]> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null && one !== undefined)) as never
}

type WireAircraft = z.output<typeof wireAircraft>
export type WireLift = z.output<typeof wireLift>
export type WireQuote = z.output<typeof quoteReply>['data']

/** The trip, as searches and requests for quotes write it. */
export function wireTrip(query: Pick<TripQuery, 'segments' | 'passengers' | 'category'>): Record<string, unknown> {
  return {
    segments: query.segments.map((segment) => ({
      startAirport: { icao: segment.from },
      endAirport: { icao: segment.to },
      dateTime: { date: segment.date, time: segment.time ?? '12:00', departure: true, local: true },
      paxCount: String(query.passengers),
      paxSegment: true,
      timeTBD: segment.time === undefined,
    })),
    ...(query.category === undefined ? {} : { criteria: { requiredLift: [{ aircraftCategory: query.category }] } }),
  }
}

/** Avinode's aircraft as ours. */
export function aircraft(wire: WireAircraft): Aircraft {
  return known({
    id: wire.id,
    aircraftType: wire.aircraftType,
    category: wire.aircraftCategory,
    tail: wire.aircraftTail,
    operator: wire.sellerCompany?.displayName ?? wire.sellerCompany?.name,
    maxPassengers: wire.maxPax,
    yearOfMake: wire.yearOfMake,
    homeBase: wire.homebase?.icao,
  }) as Aircraft
}

/** A lift of a search as an offer. */
export function offer(wire: WireLift): AircraftOffer {
  const minutes = (wire.segments ?? []).map((segment) => segment.flightMinutes ?? 0).reduce((sum, one) => sum + one, 0)
  return known({
    ...aircraft(wire),
    estimatedPrice: money(wire.sellerPrice),
    flightMinutes: minutes > 0 ? minutes : undefined,
  }) as AircraftOffer
}

/** A quote as ours; what it leaves out about the aircraft is taken from the lift that it answers. */
export function quote(wire: WireQuote, lift: WireLift): Quote {
  const own = known(wire.lift ?? {}) as Partial<WireAircraft>
  const flown = aircraft({
    ...lift,
    ...own,
    id: own.id ?? lift.id,
    aircraftType: own.aircraftType ?? lift.aircraftType,
  })
  return known({
    id: wire.id,
    aircraft: flown,
    operator: wire.sellerCompany?.displayName ?? wire.sellerCompany?.name ?? flown.operator,
    price: money(wire.sellerPrice),
    status: wire.status,
    message: wire.sellerMessage,
    validUntil: wire.validUntil,
  }) as Quote
}

function money(wire: z.output<typeof price>): Price | undefined {
  const amount = wire?.price
  const currency = wire?.currency
  return amount === null || amount === undefined || !currency ? undefined : { amount, currency }
}

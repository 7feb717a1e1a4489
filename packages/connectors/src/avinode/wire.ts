import { z } from 'zod'
import { checkReply } from '../api/validate.ts'
import { errorCodes, refuseErrors } from './failures.ts'
import type { Aircraft, AircraftOffer, AircraftSearch, Price, Quote, SentQuoteRequest, TripQuery } from './types.ts'

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

const wireAircraft = z.object({ id: z.string(), ...aircraftFields })
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

const searchReply = z.looseObject({
  data: z.union([
    z.looseObject({ id: text, results: z.array(wireResult) }).transform(({ id, results }) => ({ id, lift: results })),
    z.looseObject({ id: text, lift: z.array(wireLift) }),
  ]),
})
const fleetReply = z.looseObject({ data: z.array(wireAircraft) })

const action = z.looseObject({ href: text }).nullish()
const createdReply = z.looseObject({
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
const requestReply = z.looseObject({ data: z.union([wireRequest, z.array(wireRequest)]) })

const quoteReply = z.looseObject({
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

const SERVICE = 'Avinode'

/** Reads a search. @throws HoldfastError `MALFORMED_REPLY` or `AVINODE_REFUSED`, as all of these but `readCreated`. */
export function readSearch(json: unknown): AircraftSearch {
  refuseErrors(json)
  const { id, lift } = checkReply(SERVICE, searchReply, json).data
  return { ...(id ? { searchId: id } : {}), offers: lift.map(offer) }
}

/** Reads the fleet. */
export function readFleet(json: unknown): Aircraft[] {
  refuseErrors(json)
  return checkReply(SERVICE, fleetReply, json).data.map(aircraft)
}

/** Reads a request that was taken; errors that came with it are its problems. @throws HoldfastError `MALFORMED_REPLY` */
export function readCreated(json: unknown): SentQuoteRequest {
  const { id, tripId, actions } = checkReply(SERVICE, createdReply, json).data
  const viewUrl = actions?.viewInAvinode?.href
  return {
    requestId: id,
    ...(tripId ? { tripId } : {}),
    ...(viewUrl ? { viewUrl } : {}),
    problems: errorCodes(json),
  }
}

/** An aircraft that was asked for, and the quotes that answer it. */
export interface AskedLift {
  readonly aircraft: Aircraft
  readonly quoteIds: readonly string[]
}

/** A request for quotes, as the marketplace has it. */
export interface MarketRequest {
  readonly tripId: string | undefined
  readonly canceled: boolean
  readonly lifts: readonly AskedLift[]
}

/** Reads one request by its own id, or all requests of a trip by the trip's. */
export function readRequests(json: unknown): MarketRequest[] {
  refuseErrors(json)
  const { data } = checkReply(SERVICE, requestReply, json)
  return (Array.isArray(data) ? data : [data]).map((request) => ({
    tripId: request.tripId ?? undefined,
    canceled: request.canceled === true,
    lifts: (request.sellerLift ?? []).map((lift) => ({
      aircraft: aircraft({ ...lift, sellerCompany: lift.sellerCompany ?? request.sellerCompany }),
      quoteIds: (lift.links?.quotes ?? []).map(({ id }) => id),
    })),
  }))
}

/** Reads a quote; what it leaves out about the aircraft is taken from the one that was asked for. */
export function readQuote(json: unknown, asked: Aircraft): Quote {
  refuseErrors(json)
  const wire = checkReply(SERVICE, quoteReply, json).data
  const quoted = wire.lift ? aircraft({ ...wire.lift, id: wire.lift.id ?? asked.id }) : {}
  const flown = { ...asked, ...quoted }
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

function known<Value extends object>(value: Value): { [Key in keyof Value]: NonNullable<Value[Key]> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null && one !== undefined)) as never
}

type WireAircraft = z.output<typeof wireAircraft>
type WireLift = z.output<typeof wireLift>

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

function aircraft(wire: Omit<WireAircraft, 'aircraftType'> & { aircraftType?: string | null | undefined }): Aircraft {
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

function offer(wire: WireLift): AircraftOffer {
  const minutes = (wire.segments ?? []).map((segment) => segment.flightMinutes ?? 0).reduce((sum, one) => sum + one, 0)
  return known({
    ...aircraft(wire),
    estimatedPrice: money(wire.sellerPrice),
    flightMinutes: minutes > 0 ? minutes : undefined,
  }) as AircraftOffer
}

function money(wire: z.output<typeof price>): Price | undefined {
  const amount = wire?.price
  const currency = wire?.currency
  return amount === null || amount === undefined || !currency ? undefined : { amount, currency }
}

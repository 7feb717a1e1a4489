/**
 * Avinode. From its guides and reference: the headers of every request, the bodies of `/searches` and `/rfqs`, the ids with their prefixes,
 * `meta` with errors, warnings and infos, `GET /airports/search?filter=`, `GET /aircraft` (all that the caller may see), `PUT /rfqs/{id}/cancel`,
 * `quotebreakdown`. From public code that reads its replies: `data.results[].quote` of a search with `lift`, `sellerPrice` and `segments`;
 * `sellerLift[]` of a request with `sourcingDisplayStatus` and `links.quotes`; `sellerPrice` and `sellerMessage` of a quote.
 * Not verified: the texts of errors, whether a 429 carries `retry-after`, how `POST /rfqs` names the lifts it is about.
 */
import { z } from 'zod'
import { parseJson, type Received } from '../http/received.ts'
import { json, type Reply, type WholeReply } from '../http/reply.ts'
import type { Vendor } from '../http/stand-in.ts'
import type { Category } from '../world/aircraft-types.ts'
import { categoryNamed, findOffers, type Leg, type Trip } from '../world/charter.ts'
import type { World } from '../world/world.ts'
import * as wire from './wire.ts'

const airportSchema = z.looseObject({ icao: z.string().optional(), iata: z.string().optional() })

const segmentSchema = z.looseObject({
  startAirport: airportSchema,
  endAirport: airportSchema,
  dateTime: z.looseObject({
    date: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
    time: z
      .string()
      .regex(/^\d{1,2}:\d{2}$/)
      .optional(),
  }),
  paxCount: z.union([z.string(), z.number()]).optional(),
})

const tripSchema = z.looseObject({
  segments: z.array(segmentSchema).min(1).max(20),
  criteria: z
    .looseObject({
      requiredLift: z.array(z.looseObject({ aircraftCategory: z.string().optional() })).optional(),
      maxFuelStopsPerSegment: z.number().optional(),
      minimumYearOfMake: z.number().optional(),
    })
    .optional(),
  messageToSeller: z.string().optional(),
})

/** Makes the stand-in for Avinode. */
export function avinode(
  world: World,
  options: { readonly now: () => number; readonly settings: () => wire.QuoteTerms },
): Vendor {
  let searches = 30_000_000

  const search = (request: Received): Reply => {
    const trip = readTrip(world, request)
    if ('refusal' in trip) return trip.refusal
    searches += 1
    const offers = findOffers(world.aircraft, trip.trip).filter(
      ({ aircraft }) => aircraft.yearOfMake >= (trip.minimumYearOfMake ?? 0),
    )
    return found({
      id: `asearch-${searches}`,
      type: 'searches',
      href: `${base(request)}/searches/asearch-${searches}`,
      segments: trip.trip.legs.map((leg) => wire.askedSegment(leg, trip.trip.passengers)),
      results: offers.map((offer, index) => wire.searchResult(offer, searches * 100 + index, trip.trip.passengers)),
    })
  }

  const requestQuotes = (request: Received): Reply => {
    const trip = readTrip(world, request)
    if ('refusal' in trip) return trip.refusal
    const sent = world.quotes.request(trip.trip, trip.message)
    return found(wire.quoteRequest(world.quotes, sent, base(request)), 201)
  }

  const readRequest = (request: Received, id: string): Reply => {
    const sent = id.startsWith('atrip-') ? world.quotes.ofTrip(number(id)) : world.quotes.get(number(id))
    return sent === undefined ? errors.error(404) : found(wire.quoteRequest(world.quotes, sent, base(request)))
  }

  const readQuote = (request: Received, id: string): Reply => {
    const quote = world.quotes.quote(number(id))
    if (quote === undefined) return errors.error(404)
    const breakdown = request.query.has('quotebreakdown') && request.query.get('quotebreakdown') !== 'false'
    return found(wire.quote(quote, options.settings(), base(request), breakdown))
  }

  const createTrip = (request: Received): Reply => {
    const trip = readTrip(world, request)
    if ('refusal' in trip) return trip.refusal
    const sent = world.quotes.request(trip.trip, trip.message)
    const id = `atrip-${sent.tripId}`
    const href = `${base(request)}/trips/${id}`
    const searchHref = `https://marketplace.avinode.example/mvc/search#preSearch?source=api&trip=${sent.tripId}`
    const actions = { searchInAvinode: { type: 'htmllink', href: searchHref } }
    return found({ id, type: 'trips', href, actions }, 201)
  }

  const route = (request: Received): Reply => {
    const [, , resource, id, action] = request.path.replace(/\/$/, '').split('/')
    const operation = `${request.method} ${resource}${id === undefined ? '' : '/{}'}${action === undefined ? '' : `/${action}`}`
    switch (operation) {
      case 'POST searches':
        return search(request)
      case 'GET aircraft':
        return found(world.aircraft.map((aircraft) => wire.aircraft(aircraft, base(request))))
      case 'GET aircraft/{}': {
        const aircraft = world.aircraft.find((one) => `acraft-${one.id}` === id)
        return aircraft === undefined ? errors.error(404) : found(wire.aircraft(aircraft, base(request)))
      }
      case 'GET airports/{}': {
        const filter = request.query.get('filter') ?? ''
        if (id === 'search')
          return filter === ''
            ? invalid('filter', 'is required')
            : found(world.airports.search(filter, 20).map(wire.airport))
        const airport = world.airports.get(id ?? '')
        return airport === undefined ? errors.error(404) : found(wire.airport(airport))
      }
      case 'POST trips':
        return createTrip(request)
      case 'GET trips/{}/rfqs': {
        const sent = world.quotes.ofTrip(number(id ?? ''))
        return sent === undefined ? errors.error(404) : found([wire.quoteRequest(world.quotes, sent, base(request))])
      }
      case 'POST rfqs':
        return requestQuotes(request)
      case 'GET rfqs/{}':
        return readRequest(request, id ?? '')
      case 'PUT rfqs/{}/cancel': {
        const cancelled = world.quotes.cancel(number(id ?? ''))
        return cancelled === undefined
          ? errors.error(404)
          : found(wire.quoteRequest(world.quotes, cancelled, base(request)))
      }
      case 'GET quotes/{}':
        return readQuote(request, id ?? '')
      default:
        return errors.error(404)
    }
  }

  return {
    service: 'avinode',
    errors,
    answer: (request) => checkHeaders(request, options.now()) ?? route(request),
  }
}

/** Every request says who asks, with what program, and when. */
function checkHeaders(request: Received, now: number): Reply | undefined {
  const { headers } = request
  const given = (name: string): string => {
    const value = headers[name]
    return typeof value === 'string' ? value.trim() : ''
  }
  if (given('x-avinode-apitoken') === '' || !/^Bearer \S+/.test(given('authorization'))) return errors.error(401)
  for (const name of ['x-avinode-senttimestamp', 'x-avinode-product']) {
    if (given(name) === '') return problem(400, 'BAD_REQUEST', `Missing required header ${name}`)
  }
  const sent = Date.parse(given('x-avinode-senttimestamp'))
  if (Number.isNaN(sent))
    return problem(400, 'BAD_REQUEST', 'The header x-avinode-senttimestamp is no ISO 8601 date and time')
  if (Math.abs(now - sent) > 86_400_000)
    return problem(400, 'BAD_REQUEST', 'The header x-avinode-senttimestamp is more than a day off')
  return undefined
}

function readTrip(
  world: World,
  request: Received,
):
  | { readonly trip: Trip; readonly message: string; readonly minimumYearOfMake: number | undefined }
  | { readonly refusal: Reply } {
  const parsed = tripSchema.safeParse(parseJson(request.body))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!
    return { refusal: invalid(issue.path.join('.') || 'body', issue.message) }
  }
  const { segments, criteria, messageToSeller } = parsed.data
  const legs: Leg[] = []
  for (const [index, segment] of segments.entries()) {
    const from = airportOf(world, segment.startAirport)
    const to = airportOf(world, segment.endAirport)
    if (from === undefined) return { refusal: invalid(`segments.${index}.startAirport`, 'is no known airport') }
    if (to === undefined) return { refusal: invalid(`segments.${index}.endAirport`, 'is no known airport') }
    legs.push({ from, to, date: segment.dateTime.date, time: segment.dateTime.time ?? '10:00' })
  }
  const passengers = Math.max(...segments.map(({ paxCount }) => Number(paxCount ?? 1)))
  if (!Number.isInteger(passengers) || passengers < 0)
    return { refusal: invalid('segments.paxCount', 'is no number of passengers') }
  const categories: Category[] = []
  for (const [index, { aircraftCategory }] of (criteria?.requiredLift ?? []).entries()) {
    if (aircraftCategory === undefined) continue
    const category = categoryNamed(aircraftCategory)
    if (category === undefined)
      return { refusal: invalid(`criteria.requiredLift.${index}.aircraftCategory`, 'is no aircraft category') }
    categories.push(category)
  }
  const trip = {
    legs,
    passengers,
    categories,
    ...(criteria?.maxFuelStopsPerSegment === undefined ? {} : { maxFuelStops: criteria.maxFuelStopsPerSegment }),
  }
  return { trip, message: messageToSeller ?? '', minimumYearOfMake: criteria?.minimumYearOfMake }
}

function airportOf(world: World, named: z.output<typeof airportSchema>): Leg['from'] | undefined {
  if (named.icao !== undefined) return world.airports.get(named.icao)
  return named.iata === undefined ? undefined : world.airports.search(named.iata, 1)[0]
}

const META = { errors: [], warnings: [], infos: [] }

function found(data: unknown, status = 200): Reply {
  return json(status, { meta: META, data })
}

function number(id: string): number {
  return Number(/^(?:[a-z]+-)?(\d+)$/i.exec(id)?.[1] ?? 0)
}

function base(request: Received): string {
  return `http://${request.headers.host ?? '127.0.0.1'}/api`
}

function invalid(field: string, what: string): WholeReply {
  return problem(400, 'VALIDATION_ERROR', `${field}: ${what}`)
}

function problem(status: number, code: string, title: string): WholeReply {
  return json(status, { meta: { ...META, errors: [{ title, code }] } })
}

const TITLES: Readonly<Record<number, readonly [code: string, title: string]>> = {
  400: ['BAD_REQUEST', 'Bad request'],
  401: ['UNAUTHORIZED', 'Unauthorized'],
  403: ['FORBIDDEN', 'Forbidden'],
  404: ['NOT_FOUND', 'Not found'],
  429: ['TOO_MANY_REQUESTS', 'Too many requests'],
  503: ['SERVICE_UNAVAILABLE', 'Service unavailable'],
}

const errors = {
  error(status: number): WholeReply {
    const [code, title] = TITLES[status] ?? ['INTERNAL_SERVER_ERROR', 'Internal server error']
    return problem(status, code, title)
  },
  rateLimited: (): WholeReply => problem(429, 'TOO_MANY_REQUESTS', 'Too many requests'),
  errorInBody: () => ({
    meta: { ...META, errors: [{ title: 'Internal server error', code: 'INTERNAL_SERVER_ERROR' }] },
  }),
  errorPart: () =>
    '{"meta":{"errors":[{"title":"Internal server error","code":"INTERNAL_SERVER_ERROR"}],"warnings":[],"infos":[]}}',
}

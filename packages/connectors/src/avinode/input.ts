import { z } from 'zod'
import { checkInput } from '../api/validate.ts'
import { AIRCRAFT_CATEGORIES, aircraftCategory } from './categories.ts'
import type { CancelReason, FleetQuery, QuoteRequest, TripQuery } from './types.ts'

const icao = z
  .string('must be an ICAO code of four characters')
  .trim()
  .toUpperCase()
  .regex(/^[A-Z][A-Z0-9]{3}$/, 'must be an ICAO code of four characters')

const date = z.iso.date('must be a date, YYYY-MM-DD')
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time, HH:MM')

const category = z.string().transform((text, context) => {
  const known = aircraftCategory(text)
  if (known !== undefined) return known
  context.addIssue(`must be one of ${AIRCRAFT_CATEGORIES.join(', ')}`)
  return z.NEVER
})

const PASSENGERS = 'must be 1 to 500'
const LEGS = 'needs 1 to 20 legs'

const trip = {
  segments: z
    .array(z.strictObject({ from: icao, to: icao, date, time: time.optional() }))
    .min(1, LEGS)
    .max(20, LEGS),
  passengers: z.int(PASSENGERS).min(1, PASSENGERS).max(500, PASSENGERS),
  category: category.optional(),
}

const inOrder = (value: { segments: { date: string }[] }): boolean =>
  value.segments.every((segment, at) => at === 0 || segment.date >= (value.segments[at - 1]?.date ?? ''))
const IN_ORDER = { message: 'legs must be in the order of their dates', path: ['segments'] }

const tripQuery = z.strictObject(trip).refine(inOrder, IN_ORDER)
const quoteRequest = z
  .strictObject({ ...trip, notes: z.string().max(2_000, 'at most 2,000 characters').optional() })
  .refine(inOrder, IN_ORDER)
const fleetQuery = z.strictObject({
  category: category.optional(),
  operator: z.string().trim().min(1, 'must not be empty').optional(),
  base: icao.optional(),
})
const requestId = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9-]{1,64}$/, 'must be an id such as arfq-12345678')
const QUOTES = 'must be a whole number from 1 to 500'
const quotesQuery = z.object({ requestId, maxQuotes: z.int(QUOTES).min(1, QUOTES).max(500, QUOTES).default(100) })
const cancellation = z.strictObject({
  requestId,
  reason: z
    .enum(['BY_CLIENT', 'CHANGED', 'BOOKED', 'OTHER'], 'must be one of BY_CLIENT, CHANGED, BOOKED, OTHER')
    .default('BY_CLIENT'),
  message: z.string().max(2_000, 'at most 2,000 characters').optional(),
})

/** Checks a trip; codes and the category come back in Avinode's spelling. @throws HoldfastError `INVALID_INPUT`, as all of these. */
export function checkTrip(query: unknown): TripQuery {
  return checkInput('searchAircraft', tripQuery, query) as TripQuery
}

/** Checks a request for quotes. */
export function checkQuoteRequest(request: unknown): QuoteRequest {
  return checkInput('requestQuote', quoteRequest, request) as QuoteRequest
}

/** Checks which part of the fleet is wanted. */
export function checkFleetQuery(query: unknown): FleetQuery {
  return checkInput('listFleet', fleetQuery, query) as FleetQuery
}

/** Checks whose quotes are wanted, and how many. */
export function checkQuotesQuery(query: unknown): { readonly requestId: string; readonly maxQuotes: number } {
  return checkInput('readQuotes', quotesQuery, query)
}

/** Checks a cancellation. */
export function checkCancellation(input: unknown): {
  readonly requestId: string
  readonly reason: CancelReason
  readonly message?: string | undefined
} {
  return checkInput('cancel', cancellation, input)
}

import type { ApiCaller } from '../api/api-caller.ts'
import type { ApiCallOptions } from '../api/options.ts'
import type { Quote, QuoteList } from './types.ts'
import { readQuote, readRequests } from './wire.ts'

/** Quotes read for one request, and how many at once. */
const MAX_QUOTES = 20
const QUOTES_AT_ONCE = 4

/** Reads a request and each of its quotes. */
export async function readQuotes(api: ApiCaller, requestId: string, call: ApiCallOptions): Promise<QuoteList> {
  const requests = await api.call(
    {
      path: `/rfqs/${encodeURIComponent(requestId)}`,
      query: { taildetails: true, typedetails: true, timestamps: true },
      read: readRequests,
      effect: 'read',
    },
    call,
  )
  const lifts = requests.flatMap((request) => request.lifts)
  const answers = lifts
    .flatMap(({ aircraft, quoteIds }) => quoteIds.map((id) => ({ id, aircraft })))
    .slice(0, MAX_QUOTES)
  const quotes: Quote[] = []
  for (let at = 0; at < answers.length; at += QUOTES_AT_ONCE) {
    const some = answers.slice(at, at + QUOTES_AT_ONCE).map(({ id, aircraft }) =>
      api.call(
        {
          path: `/quotes/${encodeURIComponent(id)}`,
          query: { quotebreakdown: true, taildetails: true },
          read: (json) => readQuote(json, aircraft),
          effect: 'read',
        },
        call,
      ),
    )
    quotes.push(...(await Promise.all(some)))
  }
  const tripId = requests.find((request) => request.tripId !== undefined)?.tripId
  return {
    requestId,
    ...(tripId === undefined ? {} : { tripId }),
    canceled: requests.length > 0 && requests.every((request) => request.canceled),
    quotes,
    unanswered: lifts.filter(({ quoteIds }) => quoteIds.length === 0).map(({ aircraft }) => aircraft),
  }
}

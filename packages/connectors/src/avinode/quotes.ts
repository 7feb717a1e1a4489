import type { ApiCaller } from '../api/api-caller.ts'
import type { ApiCallOptions } from '../api/options.ts'
import type { Quote, QuoteList } from './types.ts'
import { readQuote, readRequests } from './wire.ts'

const QUOTES_AT_ONCE = 4

/** Reads a request and each of its quotes: the request names them all, without paging, and each is a read of its own. */
export async function readQuotes(
  api: ApiCaller,
  { requestId, maxQuotes }: { readonly requestId: string; readonly maxQuotes: number },
  call: ApiCallOptions,
): Promise<QuoteList> {
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
  const all = lifts.flatMap(({ aircraft, quoteIds }) => quoteIds.map((id) => ({ id, aircraft })))
  const answers = all.slice(0, maxQuotes)
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
    ...(all.length > maxQuotes ? { unread: all.length - maxQuotes } : {}),
    unanswered: lifts.filter(({ quoteIds }) => quoteIds.length === 0).map(({ aircraft }) => aircraft),
  }
}

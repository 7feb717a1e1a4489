import type { ApiCaller } from '../api/api-caller.ts'
import type { ApiCallOptions } from '../api/options.ts'
import { refuseErrors } from './failures.ts'
import type { QuoteList } from './types.ts'
import { aircraft, quote, quoteReply, requestReply } from './wire.ts'
import type { WireLift } from './wire.ts'

/** Quotes read for one request, and how many at once. */
const MAX_QUOTES = 20
const QUOTES_AT_ONCE = 4

/** Reads a request and each of its quotes. */
export async function readQuotes(api: ApiCaller, requestId: string, call: ApiCallOptions): Promise<QuoteList> {
  const { data } = await api.call(
    {
      path: `/rfqs/${encodeURIComponent(requestId)}`,
      query: { taildetails: true, typedetails: true, timestamps: true },
      reply: requestReply,
      inspect: refuseErrors,
      effect: 'read',
    },
    call,
  )
  const requests = Array.isArray(data) ? data : [data]
  const lifts = requests.flatMap((request) =>
    (request.sellerLift ?? []).map((lift): WireLift => ({
      ...lift,
      sellerCompany: lift.sellerCompany ?? request.sellerCompany,
    })),
  )
  const links = lifts.flatMap((lift) => (lift.links?.quotes ?? []).map(({ id }) => ({ id, lift }))).slice(0, MAX_QUOTES)
  const quotes: QuoteList['quotes'][number][] = []
  for (let at = 0; at < links.length; at += QUOTES_AT_ONCE) {
    const some = links.slice(at, at + QUOTES_AT_ONCE).map(async ({ id, lift }) => {
      const reply = await api.call(
        {
          path: `/quotes/${encodeURIComponent(id)}`,
          query: { quotebreakdown: true, taildetails: true },
          reply: quoteReply,
          inspect: refuseErrors,
          effect: 'read',
        },
        call,
      )
      return quote(reply.data, lift)
    })
    quotes.push(...(await Promise.all(some)))
  }
  const tripId = requests.find((request) => request.tripId)?.tripId
  return {
    requestId,
    ...(tripId ? { tripId } : {}),
    canceled: requests.length > 0 && requests.every((request) => request.canceled === true),
    quotes,
    unanswered: lifts.filter((lift) => (lift.links?.quotes ?? []).length === 0).map(aircraft),
  }
}

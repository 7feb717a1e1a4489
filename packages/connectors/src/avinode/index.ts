/*
 * Avinode: the marketplace for chartered aircraft.
 *
 * Documented (developer.avinodegroup.com): the headers, the time stamp in UTC to the minute, `POST /searches` with its body and that
 * only applications for end clients may use it, `POST /trips`, `GET /rfqs/{id}`, `PUT /rfqs/{id}/cancel`, `GET /quotes/{id}` with
 * their query parameters, `GET /airports/search`, errors in `meta.errors`, also beside a 200 ("soft errors"), connections that
 * expire after 60 days without use.
 * A request names all its quotes; the public pages know no paging for them.
 * Read in public code that uses the API: `data.sellerLift[].links.quotes[].id`, a quote's `sellerPrice {price, currency}`,
 * `sellerMessage` and `lift`, `data.results[].quote` of a search, the body of a cancellation, the host of production in `href` links, an array of requests for a trip's id.
 * Not verified: the field that holds a search's results (`data.lift` is read too, as in the marketplace's other replies), the names `maxPax`,
 * `yearOfMake`, `homebase`, `validUntil`; the body of `POST /rfqs` (a trip's body is sent); the path of the fleet list and its
 * paging; rate limits; whether `externalTripId` keeps a trip from being created twice (we do not rely on it).
 * There is no public operation that books: that happens in the marketplace.
 */
export { AVINODE_BASE_URL, createAvinode } from './avinode.ts'
export type { AvinodeOptions } from './avinode.ts'
export { AIRCRAFT_CATEGORIES, aircraftCategory } from './categories.ts'
export type { AircraftCategory } from './categories.ts'
export type { ApiCallOptions } from '../api/options.ts'
export type {
  Aircraft,
  AircraftOffer,
  AircraftSearch,
  Avinode,
  CancelReason,
  FleetQuery,
  Price,
  Quote,
  QuoteList,
  QuoteRequest,
  SentQuoteRequest,
  TripQuery,
  TripSegment,
} from './types.ts'

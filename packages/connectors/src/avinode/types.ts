import type { ApiCallOptions } from '../api/options.ts'
import type { AircraftCategory } from './categories.ts'

/** One leg of a trip. Times are local to the departure. */
export interface TripSegment {
  /** ICAO code, four characters. */
  readonly from: string
  /** ICAO code, four characters. */
  readonly to: string
  /** `YYYY-MM-DD` */
  readonly date: string
  /** `HH:MM`. Default: to be determined; a search then assumes noon. */
  readonly time?: string
}

/** What is to be flown. */
export interface TripQuery {
  /** 1 to 20 legs, in order. */
  readonly segments: readonly TripSegment[]
  /** 1 to 500, on every leg. */
  readonly passengers: number
  /** In any spelling: `Heavy jet`, `heavy`, `turboprop`. Default: any. */
  readonly category?: AircraftCategory | (string & {})
}

/** An amount of money. */
export interface Price {
  readonly amount: number
  /** ISO 4217. */
  readonly currency: string
}

/** An aircraft. */
export interface Aircraft {
  readonly id: string
  readonly aircraftType: string
  readonly category?: string
  readonly tail?: string
  readonly operator?: string
  readonly maxPassengers?: number
  readonly yearOfMake?: number
  /** ICAO code of its home base. */
  readonly homeBase?: string
}

/** An aircraft that can fly the trip. The price is an estimate: only a quote binds the operator. */
export interface AircraftOffer extends Aircraft {
  readonly estimatedPrice?: Price
  /** In the air, over all legs. */
  readonly flightMinutes?: number
}

/** What a search found. */
export interface AircraftSearch {
  readonly searchId?: string
  readonly offers: readonly AircraftOffer[]
}

/** Which part of the fleet. */
export interface FleetQuery {
  readonly category?: AircraftCategory | (string & {})
  /** A part of the operator's name. */
  readonly operator?: string
  /** ICAO code of the home base. */
  readonly base?: string
}

/** A request to operators for their prices. */
export interface QuoteRequest extends TripQuery {
  /** To the operators. At most 2,000 characters. */
  readonly notes?: string
}

/** A request that was sent. */
export interface SentQuoteRequest {
  /** For `readQuotes` and `cancel`. */
  readonly requestId: string
  readonly tripId?: string
  /** Where a person sees it in the marketplace. */
  readonly viewUrl?: string
  /** Codes of what Avinode found wrong although it took the request. Mostly empty. */
  readonly problems: readonly string[]
}

/** One operator's answer. */
export interface Quote {
  readonly id: string
  readonly aircraft: Aircraft
  readonly operator?: string
  /** Absent while the operator has not named one. */
  readonly price?: Price
  readonly status?: string
  readonly message?: string
  readonly validUntil?: string
}

/** A request with its answers so far. */
export interface QuoteList {
  readonly requestId: string
  readonly tripId?: string
  readonly canceled: boolean
  readonly quotes: readonly Quote[]
  /** How many more quotes there are that were not read. Absent when all were. */
  readonly unread?: number
  /** Aircraft that were asked for and have no quote yet. */
  readonly unanswered: readonly Aircraft[]
}

/** Why a request is called off. */
export type CancelReason = 'BY_CLIENT' | 'CHANGED' | 'BOOKED' | 'OTHER'

/** A client of the Avinode marketplace. Every call runs through the integration it was made with. */
export interface Avinode {
  /**
   * Aircraft that can fly the trip. Avinode lets only applications for end clients use this operation; others get
   * an authorization error.
   */
  searchAircraft(query: TripQuery, options?: ApiCallOptions): Promise<AircraftSearch>
  /**
   * The aircraft that the account can see. The API reference lists the operation ("Return all aircraft that the caller has access
   * to") but its public pages give neither path nor paging: `fleetPath` of the options changes the path, and one reply is
   * taken to hold them all. The filters are ours.
   */
  listFleet(query?: FleetQuery, options?: ApiCallOptions): Promise<readonly Aircraft[]>
  /**
   * Asks operators for quotes. The same idempotency key never asks twice in this process; it also goes out as `externalTripId`, so
   * that a person can find a doubtful request in the marketplace.
   * @throws HoldfastError with `mayHaveTakenEffect: true` when nobody can know whether it was sent; it is not retried.
   */
  requestQuote(request: QuoteRequest, options?: ApiCallOptions): Promise<SentQuoteRequest>
  /**
   * The answers so far, each by a read of its own, four at a time.
   * @param options.maxQuotes so many are read; `unread` of the result says how many are left out. 1 to 500. Default: 100.
   */
  readQuotes(requestId: string, options?: ApiCallOptions & { readonly maxQuotes?: number }): Promise<QuoteList>
  /** Calls a request off. Doing it twice does no harm. */
  cancel(
    cancellation: { readonly requestId: string; readonly reason?: CancelReason; readonly message?: string },
    options?: ApiCallOptions,
  ): Promise<void>
  /** Whether the credentials are accepted, by the cheapest read there is; it also keeps the connection from expiring (60 days unused). */
  health(options?: ApiCallOptions): Promise<void>
  /** Closes idle connections, once the calls under way have ended. */
  close(): Promise<void>
}

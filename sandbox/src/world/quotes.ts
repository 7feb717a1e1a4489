import { findOffers, type Offer, type Trip } from './charter.ts'
import type { Aircraft } from './fleet.ts'
import { fate } from './random.ts'

/** A request for quotes that was sent to operators. */
export interface QuoteRequest {
  /** Number behind `arfq-`. */
  readonly id: number
  /** Number behind `atrip-`. */
  readonly tripId: number
  readonly trip: Trip
  readonly message: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly cancelled: boolean
  readonly lifts: readonly Lift[]
}

/** One operator's aircraft that was asked, and what became of it. */
export interface Lift {
  /** Number behind `alift-`. */
  readonly id: number
  readonly offer: Offer
  /** Milliseconds after the request at which the operator reacts. */
  readonly answersAfterMs: number
  readonly declines: boolean
  /** Number behind `aquote-`. */
  readonly quoteId: number
  /** What the operator asks for; near the estimate of the search, rarely the same. */
  readonly priceUsd: number
}

/** What an operator has done by now. */
export type LiftStatus = 'Unanswered' | 'Accepted' | 'Declined'

/** Keeps the newest requests for quotes; operators answer them as time passes. */
export class QuoteDesk {
  readonly #fleet: readonly Aircraft[]
  readonly #now: () => number
  readonly #maxRequests: number
  readonly #requests = new Map<number, QuoteRequest>()
  #nextId: number

  constructor(fleet: readonly Aircraft[], now: () => number, maxRequests = 1_000) {
    this.#fleet = fleet
    this.#now = now
    this.#maxRequests = maxRequests
    // Not those of a sandbox before: whoever keeps requests for longer than one runs would take the new ones for the old.
    this.#nextId = 10_000_001 + (Math.floor(now() / 1_000) % 80_000_000)
  }

  /** Asks the operators with the best offers, or only the one of the aircraft that is named. */
  request(trip: Trip, message = '', tailNumber?: string): QuoteRequest {
    const id = this.#nextId
    this.#nextId += 1
    const lifts = findOffers(this.#fleet, trip)
      .filter(({ aircraft }) => tailNumber === undefined || aircraft.tailNumber === tailNumber)
      .slice(0, 5)
      .map((offer, index): Lift => {
        const luck = fate('quote', offer.aircraft.tailNumber, trip.legs[0]!.date)
        return {
          id: id * 10 + index,
          offer,
          answersAfterMs: Math.round(8_000 + index * 14_000 + luck * 9_000),
          // The first operator asked always quotes, so that a request always comes to something.
          declines: index > 0 && luck < 0.2,
          quoteId: id * 10 + index,
          priceUsd: Math.round((offer.priceUsd * (0.96 + luck * 0.1)) / 50) * 50,
        }
      })
    const request = { id, tripId: id + 50_000_000, trip, message, createdAt: this.#now(), cancelled: false, lifts }
    this.#requests.set(id, request)
    for (const oldest of this.#requests.keys()) {
      if (this.#requests.size <= this.#maxRequests) break
      this.#requests.delete(oldest)
    }
    return request
  }

  /** A request by its number. */
  get(id: number): QuoteRequest | undefined {
    return this.#requests.get(id)
  }

  /** The request that belongs to a trip. */
  ofTrip(tripId: number): QuoteRequest | undefined {
    return this.get(tripId - 50_000_000)
  }

  /** A quote by its number, once the operator has given it. */
  quote(quoteId: number): { readonly request: QuoteRequest; readonly lift: Lift } | undefined {
    const request = this.get(Math.floor(quoteId / 10))
    const lift = request?.lifts.find((one) => one.quoteId === quoteId)
    if (request === undefined || lift === undefined || this.status(request, lift) !== 'Accepted') return undefined
    return { request, lift }
  }

  /** What an operator has done by now. */
  status(request: QuoteRequest, lift: Lift): LiftStatus {
    if (request.cancelled || this.#now() - request.createdAt < lift.answersAfterMs) return 'Unanswered'
    return lift.declines ? 'Declined' : 'Accepted'
  }

  /** Withdraws a request; operators who have not answered never will. */
  cancel(id: number): QuoteRequest | undefined {
    const request = this.get(id)
    if (request === undefined) return undefined
    const cancelled = { ...request, cancelled: true }
    this.#requests.set(id, cancelled)
    return cancelled
  }
}

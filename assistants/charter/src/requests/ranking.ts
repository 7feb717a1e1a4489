import type { Quote } from '@holdfast/connectors/avinode'
import type { Trip } from './trip.ts'

/** One quote in its place, and why it stands there. */
export interface RankedQuote {
  readonly quoteId: string
  readonly operator: string
  readonly aircraft: string
  readonly tail?: string
  readonly price: { readonly amount: number; readonly currency: string }
  /** 0 to 100. */
  readonly score: number
  readonly reasons: readonly string[]
  /** The reasons in the words of a model, which were held against them. */
  readonly inWords?: string
  readonly validUntil?: string
}

/** What a marketplace calls a quote that does not hold any more. */
const WITHDRAWN = /^(?:withdrawn|declined|rejected|cancell?ed|expired|deleted|unavailable)$/i

/** Whether whoever gave a quote has taken it back. */
export function isWithdrawn({ status }: Pick<Quote, 'status'>): boolean {
  return status !== undefined && WITHDRAWN.test(status.trim())
}

/** What each thing counts for, of 100. */
const WEIGHTS = { price: 60, seats: 20, age: 20 }

/** An aircraft of this age gets nothing for it, in years. */
const OLD_YEARS = 25

/**
 * Puts quotes in their order: by price against the cheapest of the same currency, by how well the seats fit, by the age of the aircraft. Quotes without a price, for an aircraft that is too small,
 * and those that are withdrawn or no longer valid are left out. Of several currencies that which most quotes are in is compared; others come after, since nothing here knows a rate.
 *
 * @param at wall time in ms since the Unix epoch.
 */
export function rank(
  quotes: readonly Quote[],
  { passengers }: Pick<Trip, 'passengers'>,
  at: number,
): readonly RankedQuote[] {
  const usable = quotes.filter(
    (quote): quote is Quote & { readonly price: NonNullable<Quote['price']> } =>
      quote.price !== undefined &&
      !isWithdrawn(quote) &&
      (quote.aircraft.maxPassengers ?? Infinity) >= passengers &&
      !(quote.validUntil !== undefined && Date.parse(quote.validUntil) <= at),
  )
  const currency = mostUsed(usable.map(({ price }) => price.currency))
  const least = Math.min(...usable.filter(({ price }) => price.currency === currency).map(({ price }) => price.amount))
  const year = new Date(at).getUTCFullYear()
  return usable
    .map((quote): RankedQuote => {
      const { aircraft, price } = quote
      const compared = price.currency === currency
      const share = compared && price.amount > 0 ? least / price.amount : 0
      const fit = seatFit(aircraft.maxPassengers, passengers)
      const youth = aircraft.yearOfMake === undefined ? 0.5 : Math.max(0, 1 - (year - aircraft.yearOfMake) / OLD_YEARS)
      return {
        quoteId: quote.id,
        operator: quote.operator ?? aircraft.operator ?? 'an operator that is not named',
        aircraft: aircraft.aircraftType,
        ...(aircraft.tail === undefined ? {} : { tail: aircraft.tail }),
        price,
        score: Math.round(WEIGHTS.price * share + WEIGHTS.seats * fit + WEIGHTS.age * Math.min(1, youth)),
        reasons: [
          compared ? priceReason(price.amount, least) : `priced in ${price.currency}, so not compared with the others`,
          ...(aircraft.maxPassengers === undefined ? [] : [`${aircraft.maxPassengers} seats for ${passengers}`]),
          ...(aircraft.yearOfMake === undefined ? [] : [`built in ${aircraft.yearOfMake}`]),
        ],
        ...(quote.validUntil === undefined ? {} : { validUntil: quote.validUntil }),
      }
    })
    .toSorted((a, b) => b.score - a.score || a.price.amount - b.price.amount || compare(a.quoteId, b.quoteId))
}

function priceReason(amount: number, least: number): string {
  if (amount <= least) return 'the lowest price'
  return `${Math.round((amount / least - 1) * 100)} % above the lowest price`
}

/** 1 where a seat or two stay free, less for an aircraft that is much too large. */
function seatFit(seats: number | undefined, passengers: number): number {
  if (seats === undefined) return 0.5
  const free = seats - passengers
  return free <= 2 ? 1 : Math.max(0.2, 1 - (free - 2) / 10)
}

function mostUsed(currencies: readonly string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const currency of currencies) counts.set(currency, (counts.get(currency) ?? 0) + 1)
  return [...counts].toSorted(([a, many], [b, more]) => more - many || compare(a, b))[0]?.[0]
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

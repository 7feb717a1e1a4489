import { emailKey, tailNumberKey, vendorKey } from './keys.ts'
import type { EntityKind, FieldValues } from './kind.ts'

/** Clients: the same by e-mail address. */
const client: EntityKind = {
  fields: { email: 'newest', name: 'newest', phone: 'newest', company: 'newest', preferences: 'merge', tags: 'merge' },
  match: { email: ({ email }) => emailKey(email) },
}

/** Quotes: the same by the number that their vendor has for them. */
const quote: EntityKind = {
  fields: {
    vendor: 'newest',
    vendorQuoteId: 'newest',
    tailNumber: 'newest',
    price: 'ask',
    currency: 'ask',
    passengers: 'newest',
    seats: 'newest',
    departsAt: 'newest',
    arrivesAt: 'newest',
  },
  match: { vendor: ({ vendor, vendorQuoteId }) => vendorKey(vendor, vendorQuoteId) },
  exclusive: ['vendor'],
  rules: [
    {
      name: 'departs-before-it-arrives',
      effect: 'block',
      check: ({ departsAt, arrivesAt }) =>
        typeof departsAt === 'string' &&
        typeof arrivesAt === 'string' &&
        !(Date.parse(departsAt) < Date.parse(arrivesAt))
          ? 'The departure is not before the arrival'
          : undefined,
    },
    {
      name: 'price-has-a-currency',
      effect: 'block',
      check: ({ price, currency }) =>
        price !== undefined && currency === undefined ? 'There is a price without a currency' : undefined,
    },
    { name: 'seats-for-all', effect: 'mark', check: seatsForAll },
  ],
}

/** Aircraft: the same by registration. */
const aircraft: EntityKind = {
  fields: {
    tailNumber: 'newest',
    model: 'newest',
    operator: 'newest',
    seats: 'newest',
    base: 'newest',
    amenities: 'merge',
  },
  match: { tail: ({ tailNumber }) => tailNumberKey(tailNumber) },
  exclusive: ['tail'],
}

/**
 * Clients, quotes and aircraft of a charter desk, with rules for quotes: the departure before the arrival, a price with its currency, seats for all passengers. Times are ISO 8601 with their offset. Take them as they are, or spread one into a kind of your own to add trust,
 * fields or rules.
 */
export const CHARTER_KINDS: Readonly<Record<'client' | 'quote' | 'aircraft', EntityKind>> = Object.freeze({
  client,
  quote,
  aircraft,
})

function seatsForAll({ passengers, seats }: FieldValues): string | undefined {
  return typeof passengers === 'number' && typeof seats === 'number' && passengers > seats
    ? `There are ${passengers} passengers and ${seats} seats`
    : undefined
}

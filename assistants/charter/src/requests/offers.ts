import type { Quote } from '@holdfast/connectors/avinode'
import { isWithdrawn } from './ranking.ts'
import type { RankedQuote } from './ranking.ts'

/** The first time at which one of these is not valid any more, as wall time in ms; `Infinity` where none says. */
export function firstEnd(offers: readonly Pick<RankedQuote, 'validUntil'>[]): number {
  return Math.min(...offers.map(endOf))
}

/** Why these offers cannot be made as they were, in words; none where they stand. @param at wall time in ms. */
export function changesOf(offers: readonly RankedQuote[], quotes: readonly Quote[], at: number): readonly string[] {
  return offers.flatMap(({ quoteId, aircraft, operator, price: before }) => {
    const now = quotes.find(({ id }) => id === quoteId)
    const what = `${aircraft}, ${operator}`
    if (now?.price === undefined || isWithdrawn(now)) return [`${what}: withdrawn`]
    if (now.price.amount !== before.amount || now.price.currency !== before.currency)
      return [`${what}: ${inMoney(now.price)}, and not ${inMoney(before)} any more`]
    return endOf(now) <= at ? [`${what}: valid until ${inUtc(endOf(now))} only`] : []
  })
}

/** What two rankings differ by, for whoever compares them: offers and prices in their order. */
export function signatureOf(ranking: readonly RankedQuote[]): string {
  return JSON.stringify(
    ranking.map(({ quoteId, price, validUntil }) => [quoteId, price.amount, price.currency, validUntil]),
  )
}

/** `18,000 USD` */
export function inMoney({ amount, currency }: RankedQuote['price']): string {
  return `${amount.toLocaleString('en-US')} ${currency}`
}

/** `27 Nov 2026, 15:00 UTC`. @param at wall time in ms. */
export function inUtc(at: number): string {
  return `${new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', dateStyle: 'medium', timeStyle: 'short' }).format(at)} UTC`
}

function endOf({ validUntil }: Pick<RankedQuote, 'validUntil'>): number {
  const end = validUntil === undefined ? NaN : Date.parse(validUntil)
  return Number.isNaN(end) ? Infinity : end
}

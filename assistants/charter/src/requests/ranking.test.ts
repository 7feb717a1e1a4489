import type { Quote } from '@holdfast/connectors/avinode'
import { describe, expect, it } from 'vitest'
import { rank } from './ranking.ts'

const at = Date.UTC(2026, 10, 25)
const quote = (id: string, amount: number | undefined, more: Partial<Quote> = {}): Quote => ({
  id,
  aircraft: { id, aircraftType: 'Phenom 300', maxPassengers: 6, yearOfMake: 2020 },
  ...(amount === undefined ? {} : { price: { amount, currency: 'USD' } }),
  ...more,
})
const order = (quotes: readonly Quote[]): string[] => rank(quotes, { passengers: 4 }, at).map(({ quoteId }) => quoteId)

describe('the order of quotes', () => {
  it('is by price where the aircraft are alike', () => {
    expect(order([quote('b', 20_000), quote('a', 18_000), quote('c', 30_000)])).toEqual(['a', 'b', 'c'])
  })

  it('prefers a new aircraft of the right size to one that is a little cheaper, old and far too large', () => {
    const old = { id: 'x', aircraftType: 'G-IV', maxPassengers: 16, yearOfMake: 1990 }
    expect(order([quote('old', 19_500, { aircraft: old }), quote('new', 20_000)])).toEqual(['new', 'old'])
  })

  it('leaves out what has no price, is too small, or is no longer valid', () => {
    const small = { id: 's', aircraftType: 'Mustang', maxPassengers: 3 }
    const gone = { validUntil: '2026-11-24T00:00:00Z' }
    expect(
      order([quote('a', undefined), quote('b', 1, { aircraft: small }), quote('c', 1, gone), quote('d', 9)]),
    ).toEqual(['d'])
  })

  it('compares one currency, and says so of the others', () => {
    const ranked = rank(
      [quote('a', 20_000), quote('b', 21_000), quote('e', 100, { price: { amount: 100, currency: 'EUR' } })],
      { passengers: 4 },
      at,
    )
    expect(ranked.map(({ quoteId }) => quoteId)).toEqual(['a', 'b', 'e'])
    expect(ranked[2]!.reasons[0]).toBe('priced in EUR, so not compared with the others')
    expect(ranked[1]!.reasons[0]).toBe('5 % above the lowest price')
  })

  it('is the same whatever order they came in', () => {
    const quotes = [quote('a', 20_000), quote('b', 20_000), quote('c', 20_000)]
    expect(order(quotes)).toEqual(order(quotes.toReversed()))
  })
})

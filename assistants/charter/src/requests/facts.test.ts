import { describe, expect, it } from 'vitest'
import { beyondFacts } from './facts.ts'

const FACTS = [
  'The client is Ada Lovelace',
  'KTEB to KMIA on 2026-11-07 at 14:30, for 4 passengers',
  'Saturday 7 November 2026',
  'Teterboro Airport',
  'Phenom 300E, tail G-ABCD, 17 % above the lowest price, 1,200 nautical miles',
]

describe('what a text says beyond the facts', () => {
  it.each([
    'Dear Ada, how good of you to write. We have something for you.',
    'You leave KTEB on 2026-11-07 at 14:30.',
    'You leave Teterboro on Saturday, the 7th of November 2026. Four passengers are welcome.',
    'The Phenom 300E is 17 % above the lowest, and flies 1200 miles. “Nice,” I say.',
    "G-ABCD is Ada's aircraft.",
    'Is one of them right for you?',
  ])('is nothing in: %s', (text) => {
    expect(beyondFacts(text, FACTS)).toBeUndefined()
  })

  it.each([
    ['It takes 5 hours.', '"5"'],
    ['There are five seats.', '"five"'],
    ['It has 17.5 seats.', '"17.5"'],
    ['We fly 12,000 miles.', '"12000"'],
    ['It flies 1.200 miles.', '"1.200"'],
    ['The ４２ is near.', '"42"'],
    ['We take you to KOPF.', '"KOPF"'],
    ['You board G-WXYZ.', '"G-WXYZ"'],
    ['You board N417QS.', '"N417QS"'],
    ['We meet in Boston.', '"Boston"'],
    ['It is yours for $900.', 'money'],
    ['It is yours for a few euros.', 'money'],
    ['Write to ada@example.com.', 'an address'],
    ['See https://example.com.', 'an address'],
    ['It is <b>good</b>.', 'an address or a mark-up'],
    ['We guarantee it.', 'a promise'],
    ['It costs eighteen thousand.', 'a number in words'],
    ['There are twenty-two of them.', 'a number in words'],
  ])('is told of: %s', (text, what) => {
    expect(beyondFacts(text, FACTS)).toContain(what)
  })

  it('is cut short where it is long, and holds no fact against itself', () => {
    expect(beyondFacts(`a ${'9'.repeat(500)}`, FACTS)).toBe(`"${'9'.repeat(40)}", which is in none of the facts`)
    for (const fact of FACTS) expect(beyondFacts(fact, FACTS)).toBeUndefined()
  })
})

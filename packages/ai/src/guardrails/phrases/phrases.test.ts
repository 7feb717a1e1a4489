import { describe, expect, it } from 'vitest'
import { wordsOf } from '../text/words.ts'
import { phraseOf } from './pattern.ts'
import { PhraseMatcher, phraseTable } from './phrase-matcher.ts'

function found(phrase: string, text: string, named = {}): string[] {
  const matches: string[] = []
  const table = phraseTable([phraseOf(phrase, named)])
  const matcher = new PhraseMatcher(table, (_, start, end) => matches.push(text.slice(start, end)))
  for (const word of wordsOf(text)) matcher.next(word)
  return matches
}

describe('a phrase', () => {
  it.each([
    ['the best price', 'Yes, THE best  "price".', ['THE best  "price']],
    ['the best price', 'the very best price', []],
    ['the *2 price', 'the very best price', ['the very best price']],
    ['the *1 price', 'the very best price', []],
    ['best|lowest price', 'our lowest price', ['lowest price']],
    ['guarant~ price', 'we guaranteed prices: guaranteed price', ['guaranteed price']],
    ['the best? price', 'the price', ['the price']],
    ['the best?', 'the best', ['the']],
    ['the *3 price', 'Take the jet. Its price is low', []],
    ['$BIG jet', 'a huge jet', ['huge jet']],
    ['perche', 'Perché no', ['Perché']],
    ['dell aereo', "il motore dell'aereo", ["dell'aereo"]],
  ])('%s in %s', (phrase, text, expected) => {
    expect(found(phrase, text, { BIG: 'large|huge' })).toEqual(expected)
  })

  it('begins anew from every word', () => {
    expect(found('no no yes', 'no no no yes')).toEqual(['no no yes'])
  })

  it.each(['', '*2', 'a?', '~', '*13 a', 'a b c d e f g h i j k l m', '$NOBODY'])('cannot be %j', (text) => {
    expect(() => phraseOf(text, {}, 'claims.x')).toThrow(/claims\.x must be/)
  })
})

describe('the words of a text', () => {
  it.each([
    ['Prèvious, “Words”', 'previous words'],
    ['1gn0re y0ur ru1es', 'ignore your ruies'],
    ['p@ss p@$$', 'pass pass'],
    ['in 2024 for $500', 'in 2024 for 500'],
    ['i\u200bgn\u00adore', 'ignore'],
    ['іgnоrе', 'ignore'],
    ['i g n o r e this', 'ignore this'],
    ['a b c', 'a b c'],
    ['ｆｕｌｌ ｗｉｄｔｈ', 'full width'],
  ])('of %s are %s', (text, words) => {
    expect(
      wordsOf(text)
        .map((word) => word.text)
        .join(' '),
    ).toBe(words)
  })
})

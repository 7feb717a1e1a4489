import { describe, expect, it } from 'vitest'
import { findMorePassengers, findPassengers } from './passengers.ts'

describe('findPassengers', () => {
  it.each([
    ['4 pax', 4],
    ['6ppl', 6],
    ['party of four', 4],
    ["we're six", 6],
    ['half a dozen of us', 6],
    ["there's going to be seven of us", 7],
    ['me and my wife', 2],
    ['my wife and I and our three kids', 5],
    ['me and my 2 assistants', 3],
    ['the CEO and 2 assistants', 3],
    ['mom, dad and 3 kids', 5],
    ['just me', 1],
    ['2 adults + 2 kids + 1 baby', 5],
    ['5 piece band plus 4 crew', 9],
    ['3 couples', 6],
    ['una decina di persone', 10],
    ['siamo in 5', 5],
    ['io, mia moglie e due figli', 4],
    ['wir sind zu viert', 4],
    ['6 Erwachsene und 1 Kind', 7],
    ['on est 6', 6],
    ['moi et 3 amis', 4],
    ['somos un grupo de 12', 12],
    ['duas pessoas', 2],
  ])('reads "%s" as %i', (text, count) => {
    expect(findPassengers(text)).toBe(count)
  })

  it.each([
    ['7 passeggeri di cui 2 bambini', 7],
    ['5 of us incl. the nanny', 5],
    ['45 pax incl. staff', 45],
    ['8 guests including 2 infants', 8],
  ])('counts those who are among the others once: "%s"', (text, count) => {
    expect(findPassengers(text)).toBe(count)
  })

  it.each(['for 3 hours', 'at 4pm', 'for 2 nights', 'on 3 December', 'UA 1432', 'per un volo', 'two dogs'])(
    'does not take "%s" for a number of people',
    (text) => {
      expect(findPassengers(text)).toBeUndefined()
    },
  )

  it('takes the later number when the first is taken back', () => {
    expect(findPassengers('4 people no wait 5 people')).toBe(5)
  })

  it('takes a bare number only when it was asked for', () => {
    expect(findPassengers('4')).toBeUndefined()
    expect(findPassengers('4', true)).toBe(4)
  })
})

describe('findMorePassengers', () => {
  it.each([
    ['plus two kids', 2],
    ['my wife is coming too', 1],
    ['one less', -1],
    ["my sister isn't coming", -1],
  ])('reads "%s" as %i', (text, change) => {
    expect(findMorePassengers(text)).toBe(change)
  })
})

import { describe, expect, it } from 'vitest'
import { AIRCRAFT_CATEGORIES, aircraftCategory } from './categories.ts'

describe('a category', () => {
  it.each([
    ['Heavy jet', 'Heavy jet'],
    ['heavy jets', 'Heavy jet'],
    ['SUPER-MIDSIZE', 'Super midsize jet'],
    ['turboprop', 'Turbo prop'],
    ['very light jet', 'Entry level jet (VLJ)'],
    ['VLJ', 'Entry level jet (VLJ)'],
    ['ultra long-range', 'Ultra long range'],
    ['rocket', undefined],
    ['', undefined],
    ['constructor', undefined],
  ])('%j is %j to Avinode', (text, expected) => {
    expect(aircraftCategory(text)).toBe(expected)
  })

  it('in its own spelling is always itself', () => {
    for (const category of AIRCRAFT_CATEGORIES) expect(aircraftCategory(category)).toBe(category)
  })
})

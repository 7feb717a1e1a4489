import { expect, it } from 'vitest'
import { departureOf } from './departure.ts'

const at = (from: string, date: string, time?: string): string =>
  new Date(
    departureOf({ segments: [{ from, to: 'KMIA', date, ...(time === undefined ? {} : { time }) }] }),
  ).toISOString()

it('the departure is meant by the clock of the airport, and is rather too early than too late', () => {
  // 14:00 in winter, 13:00 in summer.
  expect(at('KTEB', '2026-11-27', '9:00')).toBe('2026-11-27T13:00:00.000Z')
  expect(at('KTEB', '2026-07-27', '09:00')).toBe('2026-07-27T13:00:00.000Z')
  expect(at('RJTT', '2026-11-27', '09:00')).toBe('2026-11-26T23:00:00.000Z')
})

it('the departure of a day without a time is the end of that day; one that cannot be read never comes', () => {
  expect(at('KTEB', '2026-11-27')).toBe('2026-11-28T04:00:00.000Z')
  expect(departureOf({ segments: [{ from: 'KTEB', to: 'KMIA', date: 'soon' }] })).toBe(Infinity)
})

import { expect, it } from 'vitest'
import { addressIn, readTrip } from './trip.ts'

const options = { now: new Date('2026-03-02T15:00:00Z'), timeZone: 'America/New_York' }
const trip = { segments: [{ from: 'KTEB', to: 'KMIA', date: '2026-03-06' }], passengers: 4 }

it.each([
  ['Four people, Teterboro to Miami on Friday', undefined],
  ['Four people from Teterboro to Miami on Friday, ada@example.com', undefined],
  ['Teterboro to Miami on Friday for 4. Write to <ada.l+jets@mail.example.co.uk>, please', undefined],
  ['Four people from Teterboro to Miami on Friday, for Ada Lovelace, ada@example.com', 'Ada Lovelace'],
  ['Four people from Teterboro to Miami on Friday, for Ada Lovelace', undefined],
  ['Quattro persone da Teterboro a Miami venerdì, per Ada Lovelace', undefined],
  ['We are four people and want to fly from Teterboro to Miami on Friday. Ada Lovelace', 'Ada Lovelace'],
])('reads the trip in "%s"', (text, name) => {
  expect(readTrip(text, name, options)).toMatchObject({ trip })
})

it('takes whatever is asked for a trip, and asks back what is missing', () => {
  const missing = ['from', 'to', 'date', 'passengers']
  expect(readTrip('Who is the boss of Acme?', undefined, options)).toEqual({ missing })
  expect(readTrip('ada@example.com', undefined, options)).toEqual({ missing })
  expect(readTrip('Teterboro to Miami, 4 people', undefined, options)).toEqual({ missing: ['date'] })
})

it('finds the one address in a text', () => {
  expect(addressIn('Write to Ada <Ada@Example.com>.')).toBe('ada@example.com')
  expect(addressIn('ada@example.com, or ada@example.com')).toBe('ada@example.com')
  expect(addressIn('ada@example.com or bob@example.com')).toBeUndefined()
  expect(addressIn('Meet me @ noon')).toBeUndefined()
  expect(addressIn('a..b@example.com')).toBeUndefined()
})

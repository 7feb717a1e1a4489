import { airportByIcao } from '../understanding/index.ts'
import type { Trip } from './trip.ts'

const HOUR_MS = 3_600_000

/** The clocks of most places are no further ahead of the sun than this, in hours; in summer many are. */
const AHEAD_HOURS = 1

/**
 * When a trip begins at the earliest, as wall time in ms since the Unix epoch. It is told in the time of the airport, whose clock is taken by its longitude: off by an hour or two, mostly to the safe
 * side. Where the time is open it is the end of the day.
 */
export function departureOf({ segments }: Pick<Trip, 'segments'>): number {
  const { from, date, time } = segments[0]!
  const onTheClock = Date.parse(`${date}T${time === undefined ? '00:00' : time.padStart(5, '0')}Z`)
  if (Number.isNaN(onTheClock)) return Infinity
  const longitude = airportByIcao(from)?.longitude ?? 0
  const ahead = Math.round(longitude / 15) + AHEAD_HOURS
  return onTheClock - ahead * HOUR_MS + (time === undefined ? 24 * HOUR_MS : 0)
}

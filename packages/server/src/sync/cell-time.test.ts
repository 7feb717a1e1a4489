import { describe, expect, it } from 'vitest'
import { momentIn, zoneOf } from './cell-time.ts'

const at = (said: unknown, zone: string): string | undefined => {
  const moment = momentIn(said, zoneOf(zone))
  return moment === undefined ? undefined : new Date(moment).toISOString()
}

describe('what a cell says of a time', () => {
  it.each([
    // On the days when clocks are set, before and after it.
    ['2026-03-08 01:30', 'America/New_York', '2026-03-08T06:30:00.000Z'],
    ['2026-03-08 03:30', 'America/New_York', '2026-03-08T07:30:00.000Z'],
    ['2026-11-01 00:30', 'America/New_York', '2026-11-01T04:30:00.000Z'],
    ['2026-11-01 02:30', 'America/New_York', '2026-11-01T07:30:00.000Z'],
    ['2026-10-25', 'Europe/Paris', '2026-10-24T22:00:00.000Z'],
    [46_353, 'Asia/Kolkata', '2026-11-26T18:30:00.000Z'],
    [46_353.5, 'GMT-07:00', '2026-11-27T19:00:00.000Z'],
    [25_569, 'UTC', '1970-01-01T00:00:00.000Z'],
    [' 2026-11-27T10:00:00.5Z ', 'Mars/Olympus', '2026-11-27T10:00:00.500Z'],
    ['2026-11-27T10:00', 'Mars/Olympus', undefined],
    [46_353, 'Mars/Olympus', undefined],
    ['11/27/2026', 'UTC', undefined],
    ['2026-02-30', 'UTC', undefined],
    ['2026-11-27T25:00', 'UTC', undefined],
    [0.5, 'UTC', undefined],
    [1_795_694_400_000, 'UTC', undefined],
    [true, 'UTC', undefined],
  ])('%j in %s is %s', (said, zone, moment) => {
    expect(at(said, zone)).toBe(moment)
  })
})

import { describe, expect, it } from 'vitest'
import { findWhen } from './dates.ts'
import type { When } from './dates.ts'

/** A Monday. */
const MONDAY = '2026-11-23T15:00:00Z'

function when(text: string, language = 'en', timeZone = 'America/New_York', now = MONDAY): When {
  return findWhen(text, language, { now: new Date(now), timeZone })
}
const days = (...asked: Parameters<typeof when>): string[] => when(...asked).dates.map(({ date }) => date)
const times = (...asked: Parameters<typeof when>): string[] => when(...asked).times.map(({ time }) => time)

describe('findWhen', () => {
  it.each([
    ['on Friday', 'en', ['2026-11-27']],
    ['on Monday', 'en', ['2026-11-30']],
    ['the day after tomorrow', 'en', ['2026-11-25']],
    ['a week from Monday', 'en', ['2026-12-07']],
    ['friday week', 'en', ['2026-12-04']],
    ['02DEC', 'en', ['2026-12-02']],
    ['the fifth of December', 'en', ['2026-12-05']],
    ['first of next month', 'en', ['2026-12-01']],
    ['on the 3rd', 'en', ['2026-12-03']],
    ['the day after Thanksgiving', 'en', ['2026-11-27']],
    ['the first Monday of December', 'en', ['2026-12-07']],
    ['Easter Sunday', 'en', ['2027-03-28']],
    ['venerdì prossimo', 'it', ['2026-11-27']],
    ['dopodomani', 'it', ['2026-11-25']],
    ['übermorgen', 'de', ['2026-11-25']],
    ['am 15. Dezember', 'de', ['2026-12-15']],
    ['après-demain', 'fr', ['2026-11-25']],
    ['pasado mañana', 'es', ['2026-11-25']],
    ['amanhã de manhã', 'pt', ['2026-11-24']],
  ])('reads "%s" (%s)', (text, language, expected) => {
    expect(days(text, language)).toEqual(expected)
  })

  it('puts month or day first as the writer does at home', () => {
    expect(days('12/5', 'en', 'America/New_York')).toEqual(['2026-12-05'])
    expect(days('5/12', 'en', 'Europe/London')).toEqual(['2026-12-05'])
    expect(days('14/8', 'pt', 'America/Sao_Paulo')).toEqual(['2027-08-14'])
  })

  it('reads days by the calendar of the place, not of UTC', () => {
    expect(days('tomorrow', 'en', 'Europe/Rome', '2026-12-31T23:30:00Z')).toEqual(['2027-01-02'])
    expect(days('tomorrow', 'en', 'America/Los_Angeles', '2027-05-01T02:30:00Z')).toEqual(['2027-05-01'])
  })

  it('never gives a day in the past', () => {
    expect(days('20 November')).toEqual(['2027-11-20'])
    expect(days('20 November 2025')).toEqual([])
  })

  it('takes the later day when the first is taken back', () => {
    expect(days("on let's say the fifth of December no wait make that the sixth")).toEqual(['2026-12-06'])
    expect(days('not friday, saturday')).toEqual(['2026-11-28'])
    expect(days('il 15, anzi no il 16', 'it')).toEqual(['2026-12-16'])
  })

  it('reads a day after another as the one that follows it', () => {
    expect(days('5 July, back on the 12th')).toEqual(['2027-07-05', '2027-07-12'])
    expect(days('Samstag, zurück Dienstag', 'de')).toEqual(['2026-11-28', '2026-12-01'])
    expect(days('leave on the 28th and back two days later')).toEqual(['2026-11-28', '2026-11-30'])
  })

  it('corrects misspelt words of time', () => {
    expect(days('tommorow')).toEqual(['2026-11-24'])
    expect(days('next wendsday')).toHaveLength(1)
  })

  it('says when a time cannot be put on a day', () => {
    expect(when('sometime next week')).toMatchObject({ dates: [], vague: true })
  })

  it.each([
    ['at 9am', 'en', ['09:00']],
    ['ETD 1400 LCL', 'en', ['14:00']],
    ['half past nine', 'en', ['09:30']],
    ['tonight at 8', 'en', ['20:00']],
    ['alle nove e mezza', 'it', ['09:30']],
    ['um halb neun', 'de', ['08:30']],
    ['vers 14h30', 'fr', ['14:30']],
    ['a las 9 de la noche', 'es', ['21:00']],
    ['at 4 people', 'en', []],
    ['be there by 10am', 'en', []],
  ])('reads the time in "%s" (%s)', (text, language, expected) => {
    expect(times(text, language)).toEqual(expected)
  })
})

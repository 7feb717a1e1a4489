import * as de from 'chrono-node/de'
import * as en from 'chrono-node/en'
import * as es from 'chrono-node/es'
import * as fr from 'chrono-node/fr'
import * as it from 'chrono-node/it'
import {
  addDays,
  comingDate,
  comingDayOfMonth,
  comingThanksgiving,
  comingWeekday,
  isoDay,
  localToday,
  weekdayOfNextWeek,
} from './calendar.ts'
import type { Day } from './calendar.ts'
import { respell } from './spelling.ts'
import {
  CLOCK_TIMES,
  DAYS_FROM_TODAY,
  DAY_OF_MONTH,
  FEASTS,
  NAMED_TIMES,
  NEXT_AFTER,
  NEXT_BEFORE,
  NEXT_WEEK_AROUND,
  VAGUE,
  WEEKDAYS,
  WEEK_LATER_AFTER,
  WEEK_LATER_BEFORE,
} from './tables/date-words.ts'
import { fold, tokenize } from './text.ts'
import type { UnderstandOptions } from './types.ts'

interface Span {
  readonly start: number
  readonly end: number
}

/** A day named in a text. */
export interface DateMention extends Span {
  /** `YYYY-MM-DD`, never in the past. */
  readonly date: string
  /** Whether it was given relative to now. */
  readonly relative: boolean
}

/** A time of day named in a text. */
export interface TimeMention extends Span {
  /** `HH:MM`. */
  readonly time: string
}

/** What a text says about when. */
export interface When {
  readonly dates: readonly DateMention[]
  readonly times: readonly TimeMention[]
  /** True when it speaks of a time that cannot be put on a day ("some time next week"). */
  readonly vague: boolean
}

const parsers: Readonly<Record<string, typeof en.casual>> = {
  en: en.casual,
  de: de.casual,
  es: es.casual,
  fr: fr.casual,
  it: it.casual,
}

interface Found extends Span {
  readonly day: Day
  readonly relative: boolean
  /** Later entries give way to earlier ones they overlap. */
  readonly rank: number
}

/** Finds days and times of day. */
export function findWhen(original: string, language: string, options: UnderstandOptions): When {
  const { text, origin } = respell(original)
  const folded = fold(text)
  const today = localToday(options.now, options.timeZone)
  const found: Found[] = [
    ...calendarDates(text, language, today, options.timeZone),
    ...feasts(folded, today),
    ...relativeDays(folded, language, today),
    ...daysOfMonth(folded, language, today),
    ...weekdays(text, folded, language, today),
  ]
  const kept: Found[] = []
  for (const candidate of found.sort((a, b) => a.rank - b.rank || b.end - b.start - (a.end - a.start))) {
    const clash = kept.some((other) => candidate.start < other.end && candidate.end > other.start)
    // "Friday 27 November" is one day: its weekday goes.
    const doubled = candidate.rank === 4 && kept.some((other) => other.rank <= 1 && nextTo(candidate, other, folded))
    if (!clash && !doubled) kept.push(candidate)
  }
  const dates = kept
    .filter(({ day }) => day >= today)
    .sort((a, b) => a.start - b.start)
    .map(({ start, end, day, relative }) => ({ start: origin(start), end: origin(end), date: isoDay(day), relative }))
  const times = clockTimes(folded, kept).map(({ start, end, time }) => ({
    start: origin(start),
    end: origin(end),
    time,
  }))
  return { dates, times, vague: dates.length === 0 && VAGUE.test(folded) }
}

function nextTo(a: Span, b: Span, folded: string): boolean {
  const between = a.end <= b.start ? folded.slice(a.end, b.start) : folded.slice(b.end, a.start)
  return /^[\s,.(]*(?:the|il|den|der|dem|le|el|dia)?[\s,.(]*$/.test(between)
}

/** Dates with a month, by the parser of the language and, for the months of another, the others. */
function calendarDates(text: string, language: string, today: Day, timeZone: string): Found[] {
  const found: Found[] = []
  const american = /^(?:America|US)\//.test(timeZone)
  const own = language === 'en' && !american ? en.GB : (parsers[language] ?? en.casual)
  const others = Object.entries(parsers).filter(([name]) => name !== language)
  for (const [index, parser] of [own, ...others.map(([, other]) => other)].entries()) {
    for (const result of parser.parse(
      text,
      { instant: new Date(today + 43_200_000), timezone: 0 },
      { forwardDate: true },
    )) {
      const numeric = /^[\d\s./-]+$/.test(result.text)
      for (const part of [result.start, result.end]) {
        if (part === null || part === undefined || !part.isCertain('day') || !part.isCertain('month')) continue
        if (!/\d/.test(result.text) || (index > 0 && numeric)) continue
        const inWords = /\b(?:in|tra|fra|dans|en|dentro)\b/i.test(result.text)
        const day = Date.UTC(part.get('year') ?? 0, (part.get('month') ?? 1) - 1, part.get('day') ?? 1)
        found.push({
          day,
          relative: inWords,
          rank: index === 0 ? 0 : 1,
          start: part === result.start ? result.index : result.index + result.text.length - 1,
          end:
            part === result.start && result.end
              ? result.index + result.text.length - 1
              : result.index + result.text.length,
        })
      }
    }
  }
  return [...found, ...dottedDates(text, today)]
}

/** "5.12." and "5.12.": without a year, which the parsers leave. */
function dottedDates(text: string, today: Day): Found[] {
  return [...text.matchAll(/(?<![\d.])(\d{1,2})\.(\d{1,2})\.(?!\d)/g)].flatMap((match) => {
    const day = comingDate(today, Number(match[2]), Number(match[1]))
    return day === undefined
      ? []
      : [{ day, relative: false, rank: 1, start: match.index, end: match.index + match[0].length }]
  })
}

function feasts(folded: string, today: Day): Found[] {
  const found: Found[] = []
  for (const [pattern, month, dayOfMonth] of FEASTS) {
    for (const match of folded.matchAll(pattern)) {
      const day = comingDate(today, month, dayOfMonth)
      if (day !== undefined) found.push({ day, relative: false, rank: 2, ...span(match) })
    }
  }
  for (const match of folded.matchAll(/\bthanksgiving(?: day)?\b/g)) {
    found.push({ day: comingThanksgiving(today), relative: false, rank: 2, ...span(match) })
  }
  return found
}

function relativeDays(folded: string, language: string, today: Day): Found[] {
  const found: Found[] = []
  for (const [days, pattern, only] of DAYS_FROM_TODAY) {
    if (only !== undefined && only !== language) continue
    for (const match of folded.matchAll(pattern)) {
      found.push({ day: addDays(today, days), relative: true, rank: 3, ...span(match) })
    }
  }
  return found
}

function daysOfMonth(folded: string, language: string, today: Day): Found[] {
  const pattern = DAY_OF_MONTH[language]
  if (pattern === undefined) return []
  return [...folded.matchAll(pattern)].flatMap((match) => {
    const day = comingDayOfMonth(today, Number(match[1] ?? match[2]))
    return day === undefined ? [] : [{ day, relative: true, rank: 3, ...span(match) }]
  })
}

function weekdays(text: string, folded: string, language: string, today: Day): Found[] {
  const wholeText = NEXT_WEEK_AROUND.test(folded)
  return tokenize(text).flatMap((token) => {
    const name = WEEKDAYS['any']?.[token.word] ?? WEEKDAYS[language]?.[token.word]
    if (name === undefined) return []
    const before = folded.slice(0, token.start)
    const after = folded.slice(token.end)
    if (token.word === 'sun' && /^\s*valley/.test(after)) return []
    let day = comingWeekday(today, name)
    const near = NEXT_WEEK_AROUND.test(before.slice(-30)) || NEXT_WEEK_AROUND.test(after.slice(0, 34))
    const next = NEXT_BEFORE.test(before) || NEXT_AFTER.test(after)
    if ((wholeText && near) || (next && language === 'en')) day = weekdayOfNextWeek(today, name)
    if (WEEK_LATER_AFTER.test(after) || WEEK_LATER_BEFORE.test(before)) day = addDays(comingWeekday(today, name), 7)
    return [{ day, relative: true, rank: 4, start: token.start, end: token.end }]
  })
}

function span(match: RegExpExecArray): Span {
  return { start: match.index, end: match.index + match[0].length }
}

function clockTimes(folded: string, dates: readonly Span[]): TimeMention[] {
  const found: TimeMention[] = []
  const add = (mention: TimeMention): void => {
    const inDate = dates.some(({ start, end }) => {
      const inner = folded.slice(Math.max(start, mention.start), Math.min(end, mention.end))
      return inner.length > 0 && !/[:h]|am|pm|uhr|alle|at|um|las/.test(inner)
    })
    const known = found.some(({ start, end }) => mention.start < end && mention.end > start)
    if (!inDate && !known) found.push(mention)
  }
  for (const pattern of CLOCK_TIMES) {
    for (const match of folded.matchAll(pattern)) {
      const minute = Number(match[2] === undefined || match[2] === '' ? 0 : match[2])
      const half = match[3] ?? ''
      let hour = Number(match[1])
      if (
        /^p|nachmittag|abend|soir|apres|afternoon|evening|tonight|pomeriggio|sera|tarde|noche/.test(half) &&
        hour < 12
      )
        hour += 12
      if (/^a\.?m/.test(half) && hour === 12) hour = 0
      if (hour > 23 || minute > 59) continue
      add({ ...span(match), time: `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}` })
    }
  }
  for (const [pattern, time] of NAMED_TIMES) {
    for (const match of folded.matchAll(pattern)) add({ ...span(match), time })
  }
  return found.sort((a, b) => a.start - b.start)
}

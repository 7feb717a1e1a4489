import * as de from 'chrono-node/de'
import * as en from 'chrono-node/en'
import * as es from 'chrono-node/es'
import * as fr from 'chrono-node/fr'
import * as it from 'chrono-node/it'
import * as pt from 'chrono-node/pt'
import { findCalendarDates } from './calendar-dates.ts'
import { addDays, comingDayOfMonth, comingWeekday, isoDay, localToday, weekday } from './calendar.ts'
import type { Day } from './calendar.ts'
import { findClockTimes } from './clock-times.ts'
import type { TimeMention } from './clock-times.ts'
import type { FoundDay, Span } from './found-day.ts'
import { laterDays, laterMinutes, weekdayBeside } from './later-days.ts'
import { findNamedDays } from './named-days.ts'
import { respell } from './spelling.ts'
import { CORRECTION, NEGATION } from './tables/corrections.ts'
import { DAY_AFTER_BEFORE, DAY_BEFORE_BEFORE, VAGUE } from './tables/date-words.ts'
import { fold } from './text.ts'
import type { UnderstandOptions } from './types.ts'

export type { TimeMention } from './clock-times.ts'

/** A day named in a text. */
export interface DateMention extends Span {
  /** `YYYY-MM-DD`, never in the past. */
  readonly date: string
  /** Whether it was given relative to now. */
  readonly relative: boolean
  /** The first of two days written as a range. */
  readonly opensRange?: boolean
  /** How it was named, where that decides which of several days is meant. */
  readonly kind?: 'weekday' | 'day'
}

/** What a text says about when. */
export interface When {
  readonly dates: readonly DateMention[]
  readonly times: readonly TimeMention[]
  /** True when it speaks of a time that cannot be put on a day ("some time next week"). */
  readonly vague: boolean
  /** Every stretch that names a day, meant or not; none of them is a place. */
  readonly spans: readonly { readonly start: number; readonly end: number }[]
  /** Days that are named and not meant: "Monday instead of Sunday". */
  readonly dropped: readonly string[]
  /** Minutes from an earlier message's time: "an hour later" is 60. */
  readonly shiftMinutes?: number
  /** "The Friday before": a weekday (0 is Sunday) beside the day of an earlier message. */
  readonly weekdayBeside?: { readonly weekday: number; readonly direction: 1 | -1 }
  /** Days from a day named in an earlier message: "a day later" is 1. */
  readonly shiftDays?: number
}

const parsers: Readonly<Record<string, typeof en.casual>> = {
  en: en.casual,
  de: de.casual,
  es: es.casual,
  fr: fr.casual,
  it: it.casual,
  pt: pt.casual,
}

/** Forms of dates that are left to the parsers. */
const FROM_NOW = /\b(?:from now|from today|hence|a partire da oggi|ab heute|a partir d'aujourd'hui|a partir de hoy)\b/

/** Finds days and times of day. */
export function findWhen(original: string, language: string, options: UnderstandOptions): When {
  const { text, origin } = respell(original)
  const folded = fold(text)
  const today = localToday(options.now, options.timeZone)
  const found: FoundDay[] = [
    ...findCalendarDates(folded, today, options.timeZone).map((date) => ({ ...date, relative: false, rank: 0 })),
    ...findNamedDays(text, folded, language, today),
    ...otherDates(text, language, today),
  ]
  const named = shifted(withoutOverlaps(found, folded), folded)
  const kept = inOrder(withoutTopics(meant(named, folded), folded), folded)
  const later = laterDays(folded, kept)
  const all = [...kept.filter((date) => !later.replaced.includes(date)), ...later.found].sort(
    (a, b) => a.start - b.start,
  )
  const dates = all
    .filter(({ day }) => day >= today)
    .map(({ start, end, day, relative, opensRange, kind }) => ({
      start: origin(start),
      end: origin(end),
      date: isoDay(day),
      relative,
      ...(opensRange === true ? { opensRange } : {}),
      ...(kind === undefined ? {} : { kind }),
    }))
  const times = findClockTimes(folded, all)
    .map((time) => evening(time, folded))
    .map(({ start, end, time }) => ({
      start: origin(start),
      end: origin(end),
      time,
    }))
  const minutes = laterMinutes(folded)
  const beside = weekdayBeside(folded)
  return {
    dates,
    times,
    spans: found.map(({ start, end }) => ({ start: origin(start), end: origin(end) })),
    dropped: named.filter(({ start }) => !kept.some((date) => date.start === start)).map(({ day }) => isoDay(day)),
    vague: dates.length === 0 && VAGUE.test(folded),
    ...(minutes === undefined ? {} : { shiftMinutes: minutes }),
    ...(beside === undefined ? {} : { weekdayBeside: beside }),
    ...(later.shiftDays === undefined ? {} : { shiftDays: later.shiftDays }),
  }
}

function withoutOverlaps(found: readonly FoundDay[], folded: string): FoundDay[] {
  const kept: FoundDay[] = []
  for (const candidate of found.toSorted((a, b) => a.rank - b.rank || b.end - b.start - (a.end - a.start))) {
    const clash = kept.some((other) => candidate.start < other.end && candidate.end > other.start)
    // "Friday 27 November" is one day: its weekday goes.
    const doubled =
      candidate.rank === 4 &&
      kept.some((other) => other.rank <= 3 && other.rank !== 4 && beside(candidate, other, folded))
    if (!clash && !doubled) kept.push(candidate)
  }
  return kept.sort((a, b) => a.start - b.start)
}

function beside(a: Span, b: Span, folded: string): boolean {
  const between = a.end <= b.start ? folded.slice(a.end, b.start) : folded.slice(b.end, a.start)
  return /^[\s,.(-]*(?:the|il|den|der|dem|le|el|dia|o|on|feira|am)?[\s,.(]*$/.test(between)
}

/** "The day after Christmas". */
function shifted(found: readonly FoundDay[], folded: string): FoundDay[] {
  return found.map((date) => {
    const before = folded.slice(0, date.start)
    const by = DAY_AFTER_BEFORE.exec(before) ?? undefined
    if (by !== undefined) return { ...date, start: by.index, day: addDays(date.day, 1) }
    const back = DAY_BEFORE_BEFORE.exec(before) ?? undefined
    return back === undefined ? date : { ...date, start: back.index, day: addDays(date.day, -1) }
  })
}

/** Without what was taken back: "Friday, no wait, Saturday"; "not Friday, Saturday". */
function meant(found: readonly FoundDay[], folded: string): FoundDay[] {
  return found.filter((date, index) => {
    const next = found[index + 1]
    if (next !== undefined && CORRECTION.test(folded.slice(date.end, next.start + 1))) return false
    const before = found[index - 1]
    const correcting = before !== undefined && CORRECTION.test(folded.slice(before.end, date.start + 1))
    return found.length === 1 || correcting || !NEGATION.test(folded.slice(0, date.start))
  })
}

/**
 * A weekday or a day of the month after another day in the text is the one that follows that day: "5 July, back on the 12th", "18 December,
 * returning Sunday". Two days with nothing but a dash or "to" between them are a range.
 */
function inOrder(found: readonly FoundDay[], folded: string): FoundDay[] {
  const out: FoundDay[] = []
  for (const date of found) {
    const before = out.at(-1)
    const between = before === undefined ? '' : folded.slice(before.end, date.start)
    let { day } = date
    if (before !== undefined && day < before.day && !/\b(?:or|oder|oppure|ou|o)\b/.test(between)) {
      if (date.kind === 'weekday') day = comingWeekday(addDays(before.day, -1), weekday(day))
      if (date.kind === 'day') day = comingDayOfMonth(before.day, new Date(day).getUTCDate()) ?? day
    }
    if (before !== undefined && day > before.day && RANGE.test(between))
      out[out.length - 1] = { ...before, opensRange: true }
    out.push({ ...date, day })
  }
  return out
}

const RANGE = /^\s*(?:-|–|—|\/|thru|through|until|till|to|bis|al|a|au|ao|ate|hasta)\s*(?:the |il |zum |le |el |o )?$/

/** "Réveillon: … on the 28th": a feast named as the occasion is not the day when another day is given. */
function withoutTopics(found: readonly FoundDay[], folded: string): FoundDay[] {
  const dated = found.some(({ feast }) => feast !== true)
  return found.filter(({ feast, end }) => !(dated && feast === true && /^[^,;.]{0,24}:/.test(folded.slice(end))))
}

/** What the tables have not: the parsers' dates of any other form, in the text's own language. */
function otherDates(text: string, language: string, today: Day): FoundDay[] {
  const parser = parsers[language] ?? en.casual
  const found: FoundDay[] = []
  for (const { start, text: words, index } of parser.parse(
    text,
    { instant: new Date(today + 43_200_000), timezone: 0 },
    { forwardDate: true },
  )) {
    if (!start.isCertain('day') || !start.isCertain('month') || !FROM_NOW.test(fold(words))) continue
    const day = Date.UTC(start.get('year') ?? 0, (start.get('month') ?? 1) - 1, start.get('day') ?? 1)
    found.push({ day, relative: true, rank: 5, start: index, end: index + words.length })
  }
  return found
}

/** "Tonight at 8", "tomorrow evening at 7". */
function evening(mention: TimeMention, folded: string): TimeMention {
  const hour = Number(mention.time.slice(0, 2))
  if (hour < 1 || hour > 11 || /[ap]\.?m|uhr|[:.h]\d{2}\b/.test(folded.slice(mention.start, mention.end)))
    return mention
  if (!EVENING.test(folded.slice(Math.max(0, mention.start - 24), mention.start))) return mention
  return { ...mention, time: `${hour + 12}${mention.time.slice(2)}` }
}

const EVENING =
  /\b(?:tonight|evening|night|afternoon|stasera|sera|pomeriggio|heute abend|abends?|nachmittags?|ce soir|soir|apres-midi|noche|tarde|noite)\b[\s,]*(?:at|alle|um|a|a las|as|around|about|verso le|gegen|vers)?\s*$/

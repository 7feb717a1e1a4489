import * as de from 'chrono-node/de'
import * as en from 'chrono-node/en'
import * as es from 'chrono-node/es'
import * as fr from 'chrono-node/fr'
import * as it from 'chrono-node/it'
import * as pt from 'chrono-node/pt'
import { findCalendarDates } from './calendar-dates.ts'
import {
  addDays,
  comingDate,
  comingDayOfMonth,
  comingEaster,
  comingNthWeekday,
  comingWeekday,
  isoDay,
  localToday,
  weekday,
  weekdayOfNextWeek,
} from './calendar.ts'
import type { Day } from './calendar.ts'
import { findClockTimes } from './clock-times.ts'
import type { TimeMention } from './clock-times.ts'
import { placesNamed } from './gazetteer.ts'
import { respell } from './spelling.ts'
import { CORRECTION, NEGATION } from './tables/corrections.ts'
import {
  DAYS_FROM_TODAY,
  DAYS_LATER,
  DAY_AFTER_BEFORE,
  DAY_BEFORE_BEFORE,
  DAY_OF_MONTH,
  EASTER_FEASTS,
  FEASTS,
  IN_DAYS,
  IN_SOME_WEEKS,
  IN_WEEKS,
  LAST_DAY,
  MOVING_FEASTS,
  NEXT_BEFORE,
  NEXT_WEEK_AROUND,
  NTH_WEEKDAY,
  VAGUE,
  WEEKS_LATER_BEFORE,
  WEEKDAYS,
  WEEK_LATER_AFTER,
  WEEK_LATER_BEFORE,
} from './tables/date-words.ts'
import { DAY_WORDS, MONTHS } from './tables/months.ts'
import { NUMBER_WORDS } from './tables/numbers.ts'
import { fold, tokenize } from './text.ts'
import type { UnderstandOptions } from './types.ts'

interface Span {
  readonly start: number
  readonly end: number
}

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

interface Found extends Span {
  readonly day: Day
  readonly relative: boolean
  /** Higher ranks give way to lower ones they overlap. */
  readonly rank: number
  readonly opensRange?: boolean
  readonly kind?: 'weekday' | 'day'
  /** Named by a feast. */
  readonly feast?: boolean
}

/** Finds days and times of day. */
export function findWhen(original: string, language: string, options: UnderstandOptions): When {
  const { text, origin } = respell(original)
  const folded = fold(text)
  const today = localToday(options.now, options.timeZone)
  const found: Found[] = [
    ...findCalendarDates(folded, today, options.timeZone).map((date) => ({ ...date, relative: false, rank: 0 })),
    ...feasts(folded, today).map((date) => ({ ...date, feast: true })),
    ...relativeDays(folded, language, today),
    ...daysOfMonth(folded, language, today),
    ...weekdays(text, folded, language, today),
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

function withoutOverlaps(found: readonly Found[], folded: string): Found[] {
  const kept: Found[] = []
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
function shifted(found: readonly Found[], folded: string): Found[] {
  return found.map((date) => {
    const before = folded.slice(0, date.start)
    const by = DAY_AFTER_BEFORE.exec(before) ?? undefined
    if (by !== undefined) return { ...date, start: by.index, day: addDays(date.day, 1) }
    const back = DAY_BEFORE_BEFORE.exec(before) ?? undefined
    return back === undefined ? date : { ...date, start: back.index, day: addDays(date.day, -1) }
  })
}

/** Without what was taken back: "Friday, no wait, Saturday"; "not Friday, Saturday". */
function meant(found: readonly Found[], folded: string): Found[] {
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
function inOrder(found: readonly Found[], folded: string): Found[] {
  const out: Found[] = []
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
function withoutTopics(found: readonly Found[], folded: string): Found[] {
  const dated = found.some(({ feast }) => feast !== true)
  return found.filter(({ feast, end }) => !(dated && feast === true && /^[^,;.]{0,24}:/.test(folded.slice(end))))
}

/** "Two days later", counted from the day named before it, or from an earlier message's. */
function laterDays(
  folded: string,
  known: readonly Found[],
): { found: Found[]; replaced: readonly Found[]; shiftDays?: number } {
  const found: Found[] = []
  const replaced: Found[] = []
  let shiftDays: number | undefined
  for (const [sign, unit, pattern] of DAYS_LATER) {
    for (const match of folded.matchAll(pattern)) {
      if ([...known, ...found].some(({ start, end }) => match.index < end && match.index + match[0].length > start))
        continue
      const word = match[1]
      const count = word === undefined ? 1 : (NUMBER_WORDS[word] ?? Number(word))
      const days = sign * unit * count
      const before = known.findLast(({ end }) => end <= match.index)
      if (before === undefined) shiftDays = days
      else {
        // "A meeting on the 15th, get me there the evening before": the 15th itself is no flight.
        if (days < 0) replaced.push(before)
        found.push({ day: addDays(before.day, days), relative: before.relative, rank: 3, ...span(match) })
      }
    }
  }
  return { found, replaced, ...(shiftDays === undefined || found.length > 0 ? {} : { shiftDays }) }
}

/** "Two hours later", "half an hour earlier". */
function laterMinutes(folded: string): number | undefined {
  const match = HOURS_LATER.exec(folded)
  if (match === null) return undefined
  const [, half, word, unit = '', direction = ''] = match
  const count = half !== undefined ? 0.5 : word === undefined ? 1 : (NUMBER_WORDS[word] ?? Number(word))
  const minutes = count * (unit.startsWith('min') ? 1 : 60)
  return /^(?:earl|soon|before|prima|fruher|plus tot|antes|mais cedo)/.test(direction) ? -minutes : minutes
}

function weekdayBeside(folded: string): When['weekdayBeside'] {
  const match = WEEKDAY_BESIDE.exec(folded)
  const name = WEEKDAYS['any']?.[match?.[1] ?? '']
  return name === undefined
    ? undefined
    : {
        weekday: name,
        direction: /before|prima|davor|vorher|avant|antes|anterior|precedente/.test(match?.[2] ?? '') ? -1 : 1,
      }
}

const WEEKDAY_BESIDE =
  /\b([a-z]+) (before|after(?! (?:next|tomorrow))|prima|dopo|davor|vorher|danach|d'avant|d'apres|avant|apres|antes|despues|anterior|siguiente|depois|seguinte|precedente|successivo)(?=$|[?.!,;]| instead)/

const HOURS_LATER =
  /\b(?:(half) an|an|one|un'|un|una|eine|une|uma|(\d{1,2}|two|three|four|due|tre|zwei|drei|deux|trois|dos|tres|duas)) ?(hours?|minutes?|mins?|ore|ora|stunden?|minuten|heures?|horas?) (later|earlier|sooner|before|after|dopo|prima|piu tardi|spater|fruher|plus tard|plus tot|mas tarde|antes|mais tarde|mais cedo)\b/

/** What the tables have not: the parsers' dates of any other form, in the text's own language. */
function otherDates(text: string, language: string, today: Day): Found[] {
  const parser = parsers[language] ?? en.casual
  const found: Found[] = []
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

function feasts(folded: string, today: Day): Found[] {
  const found: Found[] = []
  for (const [pattern, month, dayOfMonth] of FEASTS) {
    for (const match of folded.matchAll(pattern)) {
      const day = comingDate(today, month, dayOfMonth)
      if (day !== undefined) found.push({ day, relative: false, rank: 2, ...span(match) })
    }
  }
  for (const [pattern, month, name, nth, plus] of MOVING_FEASTS) {
    for (const match of folded.matchAll(pattern)) {
      found.push({
        day: addDays(comingNthWeekday(today, month, name, nth), plus),
        relative: false,
        rank: 2,
        ...span(match),
      })
    }
  }
  for (const [pattern, days] of EASTER_FEASTS) {
    for (const match of folded.matchAll(pattern)) {
      found.push({ day: comingEaster(today, days), relative: false, rank: 2, ...span(match) })
    }
  }
  for (const match of folded.matchAll(NTH_WEEKDAY)) {
    const day = nthWeekdaySaid(match, today)
    if (day !== undefined) found.push({ day, relative: false, rank: 2, ...span(match) })
  }
  return found
}

function nthWeekdaySaid(match: RegExpExecArray, today: Day): Day | undefined {
  const [, which = '', name = '', month = ''] = match
  const nth = which === 'last' ? -1 : (DAY_WORDS.get(which) ?? Number(which.charAt(0)))
  const weekdayNumber = WEEKDAYS['any']?.[name]
  if (weekdayNumber === undefined) return undefined
  const now = new Date(today).getUTCMonth() + 1
  const number = MONTHS.get(month) ?? (month === 'next month' ? (now % 12) + 1 : now)
  return comingNthWeekday(today, number, weekdayNumber, nth)
}

function relativeDays(folded: string, language: string, today: Day): Found[] {
  const found: Found[] = []
  for (const [days, pattern, only] of DAYS_FROM_TODAY) {
    if (only !== undefined && only !== language) continue
    for (const match of folded.matchAll(pattern)) {
      found.push({ day: addDays(today, days), relative: true, rank: 3, ...span(match) })
    }
  }
  for (const match of folded.matchAll(IN_DAYS)) {
    const count = NUMBER_WORDS[match[1] ?? ''] ?? Number(match[1])
    if (count > 0) found.push({ day: addDays(today, count), relative: true, rank: 3, ...span(match) })
  }
  for (const match of folded.matchAll(IN_SOME_WEEKS)) {
    const weeks = NUMBER_WORDS[match[1] ?? ''] ?? (Number(match[1]) || 1)
    found.push({ day: addDays(today, 7 * weeks), relative: true, rank: 3, ...span(match) })
  }
  for (const match of folded.matchAll(LAST_DAY)) {
    const ahead = /next|prossimo/.test(match[0]) ? 2 : 1
    const now = new Date(today)
    found.push({
      day: Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 0),
      relative: true,
      rank: 2,
      ...span(match),
    })
  }
  for (const match of folded.matchAll(IN_WEEKS)) {
    const from = match[0].startsWith('tomorrow') ? 8 : 7
    found.push({ day: addDays(today, from), relative: true, rank: 2, ...span(match) })
  }
  return found
}

function daysOfMonth(folded: string, language: string, today: Day): Found[] {
  const pattern = DAY_OF_MONTH[language] ?? DAY_OF_MONTH['en']
  if (pattern === undefined) return []
  return [...folded.matchAll(pattern)].flatMap((match) => {
    const said = match.slice(1).find((group: string | undefined) => group !== undefined) ?? ''
    const number = DAY_WORDS.get(said) ?? Number(said)
    const base = NEXT_MONTH.test(folded) ? nextMonth(today) : today
    const day = comingDayOfMonth(base, number)
    return day === undefined ? [] : [{ day, relative: true, rank: 3, kind: 'day', ...span(match) }]
  })
}

const NEXT_MONTH =
  /\b(?:next month|prossimo mese|mese prossimo|nachste[nrs]? monat\w*|mois prochain|proximo mes|mes que viene|mes que vem)\b/

function nextMonth(today: Day): Day {
  const now = new Date(today)
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)
}

function weekdays(text: string, folded: string, language: string, today: Day): Found[] {
  return tokenize(text).flatMap((token) => {
    const own = WEEKDAYS[language]?.[token.word]
    const name = WEEKDAYS['any']?.[token.word] ?? own
    if (name === undefined) return []
    // Two letters are a weekday only with a dot or a capital in front of a date ("Fr. 27.11.").
    if (token.word.length === 2 && !/^\.?,? ?\d/.test(text.slice(token.end))) return []
    const before = folded.slice(0, token.start)
    const after = folded.slice(token.end)
    // "Friday Harbor" is a place.
    const following = /^\s+(\p{L}+)/u.exec(after)?.[1]
    if (following !== undefined && placesNamed(`${token.word} ${following}`).length > 0) return []
    if (token.word === 'sun' && (/^\s*valley/.test(after) || isCode(text, token))) return []
    if (language === 'pt' && token.word === 'segunda' && /^ (?:op|vez|etapa|perna)/.test(after)) return []
    const near = NEXT_WEEK_AROUND.test(before.slice(-34)) || NEXT_WEEK_AROUND.test(after.slice(0, 34))
    let day = comingWeekday(today, name)
    if (near || NEXT_BEFORE.test(before)) day = weekdayOfNextWeek(today, name)
    if (WEEK_LATER_AFTER.test(after) || WEEK_LATER_BEFORE.test(before)) day = addDays(comingWeekday(today, name), 7)
    const weeks = WEEKS_LATER_BEFORE.exec(before)?.[1]
    if (weeks !== undefined) day = addDays(comingWeekday(today, name), 7 * (NUMBER_WORDS[weeks] ?? Number(weeks)))
    if (/^\s+fortnight\b/.test(after)) day = addDays(comingWeekday(today, name), 14)
    const numbered = WITH_NUMBER.exec(after)
    const exact = numbered === null ? undefined : dayWithNumber(today, name, Number(numbered[1]))
    if (exact !== undefined && numbered !== null) {
      return [{ day: exact, relative: true, rank: 2, start: token.start, end: token.end + numbered[0].length }]
    }
    const feira = /^-feira/.exec(after)
    return [
      {
        day,
        relative: true,
        rank: 4,
        kind: 'weekday',
        start: token.start,
        end: token.end + (feira === null ? 0 : feira[0].length),
      },
    ]
  })
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

/** "Thursday 25", "sabato 28": a weekday with the day of its month. */
const WITH_NUMBER =
  /^\s+(?:the |il |den |le |el |dia )?(\d{1,2})(?:st|nd|rd|th|\.)?(?=\s*(?:$|[,;?!)]|(?:at|alle|um|a las|a|as|from|to|da|von|de|for|per|fur|pour|para|and|und|e|et|y|return|back|ritorno|retour)\b))/

function dayWithNumber(today: Day, name: number, number: number): Day | undefined {
  const now = new Date(today)
  for (let ahead = 0; ahead < 3; ahead += 1) {
    const day = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, number)
    if (new Date(day).getUTCDate() === number && day >= today && weekday(day) === name) return day
  }
  return undefined
}

function span(match: RegExpExecArray): Span {
  return { start: match.index, end: match.index + match[0].length }
}

/** "SUN to VNY": an airport among airports, not a day. */
function isCode(
  text: string,
  { raw, start, end }: { readonly raw: string; readonly start: number; readonly end: number },
): boolean {
  if (raw !== 'SUN') return false
  return (
    /^\s*(?:to|-|–|\/|>|→)\s*[A-Z]{3,4}\b/.test(text.slice(end)) ||
    /(?:\b(?:to|from)|[A-Z]{3,4}\s*[-–/>→])\s*$/.test(text.slice(0, start))
  )
}

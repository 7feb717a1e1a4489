import { comingDate } from './calendar.ts'
import type { Day } from './calendar.ts'
import { DAY_WORDS, MONTHS, MONTH_FIRST_ZONES } from './tables/months.ts'

/** A day named with its month. */
export interface CalendarDate {
  readonly day: Day
  readonly start: number
  readonly end: number
  /** The first of two days written as a range: "3-6 December". */
  readonly opensRange?: boolean
}

const byLength = (words: Iterable<string>): string => [...words].sort((a, b) => b.length - a.length).join('|')
const MONTH = `(${byLength(MONTHS.keys())})\\b\\.?`
const DAY = `(\\d{1,2}|${byLength(DAY_WORDS.keys())})`
const SUFFIX = '(?:st|nd|rd|th|er|ten|te|o|a|\\.|º|°|ª)?'
const YEAR = "(?:,? ?(?:de |del |of )?((?:20)\\d{2}|'\\d{2})\\b(?! ?(?:h|hrs|l|lt|lcl|local|z)\\b))?"
const TO =
  ' ?(?:-|–|—|to|thru|through|until|till|bis|al|a|au|ao|ate|hasta|and|&|/|e|und|et|y) ?(?:the |il |zum |den |le |el |o )?'
const NOT_A_COUNT =
  '(?! ?(?:pax|people|ppl|passengers?|persons?|adults?|guests?|persone|passegger|personen|passagiere|personnes|passagers|personas|pasajeros|pessoas|passageiros|seats|of us)\\b(?! ?:? ?\\d))(?![:h]\\d)'

const RANGE_BEFORE_MONTH = new RegExp(`\\b${DAY}${SUFFIX}${TO}${DAY}${SUFFIX} ?(?:of |de |di |d')?${MONTH}${YEAR}`, 'g')
const RANGE_AFTER_MONTH = new RegExp(
  `\\b${MONTH} ?(?:the )?${DAY}${SUFFIX} ?(?:-|–|to|thru|through|until|till) ?(?:the )?${DAY}${SUFFIX}\\b${NOT_A_COUNT}${YEAR}`,
  'g',
)
const DAY_FIRST = new RegExp(`\\b${DAY}${SUFFIX} ?(?:of |de |di |d'|do )?(?:the )?${MONTH}${YEAR}`, 'g')
const MONTH_FIRST = new RegExp(`\\b${MONTH} ?(?:the )?${DAY}(?:st|nd|rd|th)?\\b${NOT_A_COUNT}${YEAR}`, 'g')
const OF_NEXT_MONTH = new RegExp(
  `\\b(?:the )?${DAY}${SUFFIX} (?:of|del|des|du|do) (?:next month|prossimo mese|mese prossimo|nachsten monats|mois prochain|(?:proximo|mes)? ?(?:mes|que viene|proximo))`,
  'g',
)
const GLUED = /\b(\d{1,2})(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(\d{4}|\d{2})\b/g
const ISO = /\b(20\d{2})-(\d{2})-(\d{2})\b/g
const SLASHED = /(?<![\d/])(\d{1,2})\/(\d{1,2})(?:\/((?:20)?\d{2}))?(?![\d/])/g
const DOTTED = /(?<![\d.])(\d{1,2})\. ?(\d{1,2})\.(?: ?(20\d{2}|\d{2})\b(?!:))?(?!\d)/g
const DOTTED_SHORT = /\b(?:am|vom|den|zum|il|dal|al|le|el|dia|on) (\d{1,2})\.(1[0-2]|0?[1-9])(?![\d.])/g
const DASHED = /(?<![\d-])(\d{1,2})-(\d{1,2})-(20\d{2})(?![\d-])/g

/** Finds days that are named with their month, in six languages and in figures. Folded text. A day in the past is left out. */
export function findCalendarDates(folded: string, today: Day, timeZone: string): CalendarDate[] {
  const found: CalendarDate[] = []
  const add = (match: RegExpExecArray, day: Day | undefined, part?: 'first' | 'second'): void => {
    if (day === undefined || day < today) return
    const middle = match.index + Math.floor(match[0].length / 2)
    const start = part === 'second' ? middle : match.index
    const end = part === 'first' ? middle : match.index + match[0].length
    if (found.some((other) => start < other.end && end > other.start)) return
    found.push({ day, start, end, ...(part === 'first' ? { opensRange: true } : {}) })
  }
  for (const match of folded.matchAll(ISO)) add(match, date(today, Number(match[3]), Number(match[2]), match[1]))
  for (const match of folded.matchAll(GLUED))
    add(match, date(today, Number(match[1]), MONTHS.get(match[2] ?? ''), match[3]))
  for (const match of folded.matchAll(RANGE_BEFORE_MONTH)) {
    range(match, dayNumber(match[1]), dayNumber(match[2]), MONTHS.get(match[3] ?? ''), match[4])
  }
  for (const match of folded.matchAll(RANGE_AFTER_MONTH)) {
    range(match, dayNumber(match[2]), dayNumber(match[3]), MONTHS.get(match[1] ?? ''), match[4])
  }
  for (const match of folded.matchAll(DAY_FIRST)) {
    add(match, date(today, dayNumber(match[1]), MONTHS.get(match[2] ?? ''), match[3]))
  }
  for (const match of folded.matchAll(MONTH_FIRST)) {
    add(match, date(today, dayNumber(match[2]), MONTHS.get(match[1] ?? ''), match[3]))
  }
  for (const match of folded.matchAll(OF_NEXT_MONTH)) {
    const next = new Date(today).getUTCMonth() + 2
    add(match, date(today, dayNumber(match[1]), next > 12 ? 1 : next, undefined))
  }
  const monthFirst = MONTH_FIRST_ZONES.test(timeZone)
  for (const match of folded.matchAll(SLASHED)) {
    const [first, second] = [Number(match[1]), Number(match[2])]
    const american = (monthFirst && first <= 12) || second > 12
    add(match, american ? date(today, second, first, match[3]) : date(today, first, second, match[3]))
  }
  for (const pattern of [DOTTED, DASHED, DOTTED_SHORT]) {
    for (const match of folded.matchAll(pattern)) {
      const [first, second] = [Number(match[1]), Number(match[2])]
      const american = pattern === DASHED && monthFirst && first <= 12
      add(match, american ? date(today, second, first, match[3]) : date(today, first, second, match[3]))
    }
  }
  return found

  function range(
    match: RegExpExecArray,
    from: number,
    to: number,
    month: number | undefined,
    year: string | undefined,
  ): void {
    if (month === undefined || from === to) return
    const last = date(today, to, month, year)
    if (last === undefined) return
    const startMonth = from < to ? month : month === 1 ? 12 : month - 1
    const first = date(today, from, startMonth, year)
    if (first === undefined || first > last) return
    add(match, first, 'first')
    add(match, last, 'second')
  }
}

function dayNumber(word: string | undefined): number {
  if (word === undefined) return 0
  return DAY_WORDS.get(word) ?? Number(word)
}

function date(today: Day, day: number, month: number | undefined, year: string | undefined): Day | undefined {
  if (month === undefined || day < 1 || day > 31 || month < 1 || month > 12) return undefined
  if (year === undefined) return comingDate(today, month, day)
  const full = Number(year.replace("'", '').padStart(4, '20'))
  const exact = new Date(Date.UTC(full, month - 1, day))
  return exact.getUTCDate() === day ? exact.getTime() : undefined
}

import {
  addDays,
  comingDate,
  comingDayOfMonth,
  comingEaster,
  comingNthWeekday,
  comingWeekday,
  weekday,
  weekdayOfNextWeek,
} from './calendar.ts'
import type { Day } from './calendar.ts'
import { span } from './found-day.ts'
import type { FoundDay } from './found-day.ts'
import { placesNamed } from './gazetteer.ts'
import {
  DAYS_FROM_TODAY,
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
  WEEKDAYS,
  WEEKS_LATER_BEFORE,
  WEEK_LATER_AFTER,
  WEEK_LATER_BEFORE,
} from './tables/date-words.ts'
import { DAY_WORDS, MONTHS } from './tables/months.ts'
import { NUMBER_WORDS } from './tables/numbers.ts'
import { tokenize } from './text.ts'

/** Every day that a text names without its month in figures: feasts, "tomorrow", "on the 3rd", weekdays. */
export function findNamedDays(text: string, folded: string, language: string, today: Day): FoundDay[] {
  return [
    ...feasts(folded, today).map((date) => ({ ...date, feast: true })),
    ...relativeDays(folded, language, today),
    ...daysOfMonth(folded, language, today),
    ...weekdays(text, folded, language, today),
  ]
}

function feasts(folded: string, today: Day): FoundDay[] {
  const found: FoundDay[] = []
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

function relativeDays(folded: string, language: string, today: Day): FoundDay[] {
  const found: FoundDay[] = []
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

function daysOfMonth(folded: string, language: string, today: Day): FoundDay[] {
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

function weekdays(text: string, folded: string, language: string, today: Day): FoundDay[] {
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

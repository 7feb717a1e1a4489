import { addDays } from './calendar.ts'
import { span } from './found-day.ts'
import type { FoundDay } from './found-day.ts'
import { DAYS_LATER, WEEKDAYS } from './tables/date-words.ts'
import { NUMBER_WORDS } from './tables/numbers.ts'

/** "Two days later", counted from the day named before it, or from an earlier message's. */
export function laterDays(
  folded: string,
  known: readonly FoundDay[],
): { found: FoundDay[]; replaced: readonly FoundDay[]; shiftDays?: number } {
  const found: FoundDay[] = []
  const replaced: FoundDay[] = []
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
export function laterMinutes(folded: string): number | undefined {
  const match = HOURS_LATER.exec(folded)
  if (match === null) return undefined
  const [, half, word, unit = '', direction = ''] = match
  const count = half !== undefined ? 0.5 : word === undefined ? 1 : (NUMBER_WORDS[word] ?? Number(word))
  const minutes = count * (unit.startsWith('min') ? 1 : 60)
  return /^(?:earl|soon|before|prima|fruher|plus tot|antes|mais cedo)/.test(direction) ? -minutes : minutes
}

/** "The Friday before". */
export function weekdayBeside(folded: string): { readonly weekday: number; readonly direction: 1 | -1 } | undefined {
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

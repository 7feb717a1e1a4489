import { CLOCK_TIMES, NAMED_TIMES } from './tables/date-words.ts'
import { NUMBER_WORDS } from './tables/numbers.ts'

/** A time of day named in a text. */
export interface TimeMention {
  readonly start: number
  readonly end: number
  /** `HH:MM`. */
  readonly time: string
}

const LATE = /^p|nachmittag|abend|soir|apres|afternoon|evening|night|pomeriggio|sera|tarde|noche|noite/
const HALF: Readonly<Record<string, number>> = { ' thirty': 30, ' fifteen': 15, ' e un quarto': 15, ' y cuarto': 15 }

const APPOINTMENT =
  /^\s*(?:meeting|appointment|lunch|dinner|wedding|event|game|match|kick-?off|start|tee time|call|conference|funeral|riunione|appuntamento|termin|meeting|besprechung|reunion|rendez-vous|cita|reuniao|show|concert)\b/
const ARRIVAL =
  /\b(?:by|before|no later than|arriv\w*(?: (?:at|by|before|alle|a las|um|a))?|there (?:at|by|before)|entro le|bis|spatestens(?: um)?|avant|antes d[ea]s?(?: las)?)\s*$/

/** Finds times of day. Folded text; `days` are the stretches that name a day. */
export function findClockTimes(
  folded: string,
  days: readonly { readonly start: number; readonly end: number }[],
): TimeMention[] {
  const found: TimeMention[] = []
  const add = (start: number, end: number, hour: number, minute: number): void => {
    if (!(hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59)) return
    const taken = [...days, ...found].some((span) => start < span.end && end > span.start)
    if (taken) return
    found.push({ start, end, time: `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}` })
  }
  for (const pattern of CLOCK_TIMES) {
    for (const match of folded.matchAll(pattern)) {
      // A time to be there by is no time of departure.
      if (ARRIVAL.test(folded.slice(0, match.index))) continue
      if (APPOINTMENT.test(folded.slice(match.index + match[0].length))) continue
      const end = match.index + match[0].length
      const { hour, minute } = read(match)
      add(match.index, end, hour, minute)
    }
  }
  for (const [pattern, time] of NAMED_TIMES) {
    for (const match of folded.matchAll(pattern)) {
      const [hour, minute] = time.split(':').map(Number)
      add(match.index, match.index + match[0].length, hour ?? 0, minute ?? 0)
    }
  }
  return found.sort((a, b) => a.start - b.start)
}

function read(match: RegExpExecArray): { hour: number; minute: number } {
  const groups = match.slice(1).map((group: string | undefined) => group ?? '')
  const [first = '', second = ''] = groups
  const half = groups.find((group) => /^(?:[ap]m?|a\.m\.?|p\.m\.?)$/.test(group) || LATE.test(group)) ?? ''
  const relation = /past|to|halb|viertel|^half$/.test(first) ? first : ''
  let hour = number(relation === '' ? first : second)
  let minute = relation === '' ? (/^\d{2}$/.test(second) ? Number(second) : 0) : 0
  const words = groups.find((group) => /^ (?:thirty|fifteen|e |y |et )/.test(group))
  if (words !== undefined) minute = HALF[words] ?? 30
  if (relation.startsWith('half')) minute = 30
  if (relation === 'halb') {
    hour -= 1
    minute = 30
  }
  if (relation === 'quarter past' || relation === 'viertel nach') minute = 15
  if (relation === 'quarter to' || relation === 'viertel vor') {
    hour -= 1
    minute = 45
  }
  if (LATE.test(half) && hour < 12) hour += 12
  if (/^a\.?m/.test(half) && hour === 12) hour = 0
  return { hour, minute }
}

function number(word: string): number {
  return /^\d+$/.test(word) ? Number(word) : (NUMBER_WORDS[word] ?? Number.NaN)
}

/** A day without a time zone: milliseconds of its midnight as if it were in UTC. */
export type Day = number

const DAY_MS = 86_400_000

/** What the calendar on the asker's wall says. */
export function localToday(now: Date, timeZone: string): Day {
  return Date.parse(`${new Intl.DateTimeFormat('en-CA', { timeZone }).format(now)}T00:00:00Z`)
}

/** `YYYY-MM-DD`. */
export function isoDay(day: Day): string {
  return new Date(day).toISOString().slice(0, 10)
}

/** That many days later. */
export function addDays(day: Day, days: number): Day {
  return day + days * DAY_MS
}

/** 0 is Sunday. */
export function weekday(day: Day): number {
  return new Date(day).getUTCDay()
}

/** The next day of that name; never today. */
export function comingWeekday(today: Day, name: number): Day {
  return addDays(today, ((name - weekday(today) + 6) % 7) + 1)
}

/** The day of that name in the week (Monday to Sunday) after this one. */
export function weekdayOfNextWeek(today: Day, name: number): Day {
  const monday = addDays(today, 7 - ((weekday(today) + 6) % 7))
  return addDays(monday, (name + 6) % 7)
}

/** The next day with that month and day, today included; undefined for 31 April and the like. */
export function comingDate(today: Day, month: number, day: number): Day | undefined {
  const year = new Date(today).getUTCFullYear()
  for (const candidateYear of [year, year + 1]) {
    const date = dayOf(candidateYear, month, day)
    if (date !== undefined && date >= today) return date
  }
  return undefined
}

/** The next day with that number, in this month or one of the two after it. */
export function comingDayOfMonth(today: Day, number: number): Day | undefined {
  const base = new Date(today)
  for (const ahead of [0, 1, 2]) {
    const date = dayOf(base.getUTCFullYear(), base.getUTCMonth() + 1 + ahead, number)
    if (date !== undefined && date >= today) return date
  }
  return undefined
}

/** The next "third Monday of January" and the like; `nth` -1 is the last one. Today counts. */
export function comingNthWeekday(today: Day, month: number, name: number, nth: number): Day {
  const year = new Date(today).getUTCFullYear()
  const [first = today] = [year, year + 1].map((y) => nthWeekday(y, month, name, nth)).filter((day) => day >= today)
  return first
}

function nthWeekday(year: number, month: number, name: number, nth: number): Day {
  if (nth < 0) {
    const end = Date.UTC(year, month, 0)
    return addDays(end, -((weekday(end) - name + 7) % 7))
  }
  const start = Date.UTC(year, month - 1, 1)
  return addDays(start, ((name - weekday(start) + 7) % 7) + 7 * (nth - 1))
}

/** The next day that many days after an Easter Sunday (Gregorian; the computus of Meeus, Jones and Butcher). */
export function comingEaster(today: Day, days: number): Day {
  const year = new Date(today).getUTCFullYear()
  const [first = today] = [year, year + 1].map((y) => addDays(easter(y), days)).filter((day) => day >= today)
  return first
}

function easter(year: number): Day {
  const a = year % 19
  const b = Math.floor(year / 100)
  const c = year % 100
  const d = Math.floor((8 * b + 13) / 25)
  const e = (19 * a + b - Math.floor(b / 4) - d + 15) % 30
  const f = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - e - (c % 4)) % 7
  const g = Math.floor((a + 11 * e + 22 * f) / 451)
  const sum = e + f - 7 * g + 114
  return Date.UTC(year, Math.floor(sum / 31) - 1, (sum % 31) + 1)
}

function dayOf(year: number, month: number, day: number): Day | undefined {
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCDate() === day ? date.getTime() : undefined
}

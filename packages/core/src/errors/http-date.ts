const MONTHS: readonly string[] = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

// The three forms a recipient must accept (RFC 9110, 5.6.7); only the first may be sent.
const IMF_FIXDATE = /^[a-z]{3}, (?<day>\d{2}) (?<month>[a-z]{3}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) gmt$/i
const RFC_850 = /^[a-z]{6,9}, (?<day>\d{2})-(?<month>[a-z]{3})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) gmt$/i
const ASCTIME = /^[a-z]{3} (?<month>[a-z]{3}) (?<day>[ \d]\d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/i

/** Milliseconds since the Unix epoch of an HTTP date (RFC 9110, 5.6.7); `undefined` when it is none. */
export function parseHttpDate(text: string, wallTime: number): number | undefined {
  const groups = (IMF_FIXDATE.exec(text) ?? RFC_850.exec(text) ?? ASCTIME.exec(text))?.groups
  if (groups === undefined) return undefined
  const month = MONTHS.indexOf((groups['month'] ?? '').toLowerCase()) + 1
  const day = Number(groups['day'])
  const [hours = 0, minutes = 0, seconds = 0] = (groups['time'] ?? '').split(':').map(Number)
  if (month === 0 || day < 1 || day > 31 || hours > 23 || minutes > 59 || seconds > 60) return undefined
  const year = fullYear(groups['year'] ?? '', wallTime)
  return ((daysSinceEpoch(year, month, day) * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1_000
}

/** A year of two digits means the past century when it would else lie more than 50 years ahead (RFC 9110, 5.6.7). */
function fullYear(text: string, wallTime: number): number {
  const year = Number(text)
  if (text.length === 4) return year
  const thisYear = 1970 + Math.floor(wallTime / 31_556_952_000)
  const inThisCentury = thisYear - (thisYear % 100) + year
  return inThisCentury > thisYear + 50 ? inThisCentury - 100 : inThisCentury
}

/** Proleptic Gregorian calendar, with years that begin in March so that the leap day comes last. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year
  const marchMonth = (month + 9) % 12
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  return marchYear * 365 + leapDays + Math.floor((marchMonth * 153 + 2) / 5) + day - 719_469
}

import type { Airport } from '../world/airports.ts'

/** `$23,450`. */
export function usd(amount: number): string {
  return `$${Math.round(amount).toLocaleString('en-US')}`
}

/** `2 h 35 min`. */
export function duration(minutes: number): string {
  const hours = Math.floor(minutes / 60)
  const rest = Math.round(minutes % 60)
  return hours === 0 ? `${rest} min` : rest === 0 ? `${hours} h` : `${hours} h ${rest} min`
}

/** `Friday, November 27, 2026` of `2026-11-27`. */
export function day(date: string): string {
  const at = new Date(`${date}T12:00:00Z`)
  if (Number.isNaN(at.getTime())) return date
  return at.toLocaleDateString('en-US', {
    weekday: 'long',
    month: 'long',
    day: 'numeric',
    year: 'numeric',
    timeZone: 'UTC',
  })
}

/** `Teterboro Airport (KTEB)`. */
export function place(airport: Pick<Airport, 'name' | 'icao'>): string {
  return `${airport.name} (${airport.icao})`
}

/** `one, two and three`. */
export function list(items: readonly string[], last = 'and'): string {
  if (items.length < 2) return items.join('')
  return `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1)}`
}

/** `1 seat`, `2 seats`. */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount} ${amount === 1 ? one : many}`
}

/** Text cut into words, each with the space that follows it; joined they give the text again. */
export function words(text: string): string[] {
  return text.match(/\S+\s*|\s+/g) ?? []
}

const ASKED: Readonly<Record<string, string>> = {
  from: 'where you would like to leave from',
  to: 'where you are going',
  date: 'which day you would like to fly',
  time: 'what time suits you',
  passengers: 'how many passengers will be on board',
  person: 'whom I should look up (a name with the company, or an email address)',
  people: 'what kind of people you are looking for (role, place or company)',
  organisation: 'which company you mean',
  sequence: 'which sequence they should go into',
  emails: 'the email addresses to add',
  requestId: 'the number of the quote request (it begins with arfq-)',
}

/** What is missing, in words. */
export function missingInWords(missing: readonly string[]): string {
  return list(missing.map((what) => ASKED[what] ?? what))
}

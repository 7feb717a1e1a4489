import type { Organisation, Person } from '@holdfast/connectors/apollo'
import type { Aircraft, AircraftOffer, Price, Quote } from '@holdfast/connectors/avinode'
import type { ToolName, ToolResults } from '../tools/run-tool.ts'
import { airportByIcao } from '../understanding/index.ts'
import type { Understanding } from '../understanding/index.ts'
import type { Phrases } from './phrases/index.ts'

/** Longest list in a reply: nobody reads on. */
const MOST_SHOWN = 5

type Replies = {
  readonly [Name in ToolName]: (result: ToolResults[Name], phrases: Phrases, asked: Understanding) => string[]
}

/** Paragraphs about what a tool has found. */
const replies: Replies = {
  search_aircraft({ offers }, phrases, asked) {
    const head = tripLines(asked, phrases)
    if (offers.length === 0) return [head, phrases.offersNone]
    const shown = offers.toSorted(byPrice).slice(0, MOST_SHOWN)
    return [
      head,
      phrases.offersFound(offers.length, shown.length),
      bullets(shown.map((offer) => offerLine(offer, phrases))),
      phrases.offersNext,
    ]
  },
  list_fleet(aircraft, phrases) {
    if (aircraft.length === 0) return [phrases.fleetNone]
    const shown = aircraft.slice(0, MOST_SHOWN * 2)
    return [
      phrases.fleetFound(aircraft.length, shown.length),
      bullets(shown.map((one) => aircraftLine(one, phrases))),
      phrases.fleetNext,
    ]
  },
  request_quote({ requestId }, phrases, asked) {
    return [phrases.quoteSent(requestId), tripLines(asked, phrases), phrases.quoteNext(requestId)]
  },
  read_quotes({ requestId, quotes, unanswered, canceled }, phrases) {
    if (canceled) return [phrases.quotesCancelled(requestId)]
    if (quotes.length === 0) return [phrases.quotesNone(requestId, unanswered.length)]
    return [
      phrases.quotesFound(quotes.length, requestId),
      bullets(quotes.map((quote) => quoteLine(quote, phrases))),
      phrases.quotesNext,
    ]
  },
  find_people({ items, total }, phrases) {
    if (items.length === 0) return [phrases.peopleNone]
    return [
      phrases.peopleFound(total ?? items.length, items.length),
      bullets(items.map(personLine)),
      phrases.peopleNext,
    ]
  },
  enrich_person({ person, candidates }, phrases) {
    if (person !== undefined) return [bullets([personLine(person), ...personDetails(person)])]
    if (candidates.length === 0) return [phrases.personNone]
    return [phrases.personChoice, bullets(candidates.map(personLine))]
  },
  find_organisations({ items, total }, phrases) {
    if (items.length === 0) return [phrases.companiesNone]
    return [
      phrases.companiesFound(total ?? items.length, items.length),
      bullets(items.map((company) => companyLine(company, phrases))),
    ]
  },
  add_to_sequence({ sequence, added, skipped }, phrases) {
    return [
      ...(added.length === 0 ? [] : [phrases.sequenceAdded(added.map(({ email }) => email).join(', '), sequence.name)]),
      ...(skipped.length === 0
        ? []
        : [phrases.sequenceSkipped(skipped.map(({ email, reason }) => `${email} (${reason})`).join(', '))]),
      ...(added.length === 0 ? [] : [phrases.sequenceNext]),
    ]
  },
}

/** What a tool has found, as text. */
export function replyTo<Name extends ToolName>(
  name: Name,
  result: ToolResults[Name],
  phrases: Phrases,
  asked: Understanding,
): string {
  return replies[name](result, phrases, asked).join('\n\n')
}

/** What a tool that writes had done before, as text. */
export function replyAgain<Name extends ToolName>(
  name: Name,
  result: ToolResults[Name],
  phrases: Phrases,
  asked: Understanding,
): string {
  const id = requestIdOf(result)
  const rest =
    id === undefined ? replies[name](result, phrases, asked) : [tripLines(asked, phrases), phrases.quoteNext(id)]
  return [phrases.alreadySent(id), ...rest].join('\n\n')
}

/** The number under which it was sent, where it has one. */
export function requestIdOf(result: ToolResults[ToolName]): string | undefined {
  return 'requestId' in result ? result.requestId : undefined
}

/** A list of what is missing, as a question. */
export function askBack(missing: readonly string[], asked: Understanding, phrases: Phrases): string {
  const known = tripLines(asked, phrases)
  const lines = missing.map((what) => phrases.missing[what] ?? phrases.anything)
  return [...(known === '' ? [] : [known]), phrases.ask, bullets(lines)].join('\n\n')
}

/** What is known of the trip, leg by leg. */
function tripLines({ segments, passengers, category }: Understanding, phrases: Phrases): string {
  const legs = segments
    .filter((segment) => segment.from !== undefined || segment.to !== undefined)
    .map(({ from, to, date, time }) =>
      phrases.leg(airportName(from), airportName(to), date === undefined ? '…' : sayDay(date, phrases.locale), time),
    )
  if (legs.length === 0) return ''
  const people = passengers === undefined ? [] : [phrases.passengers(passengers)]
  const kind = category === undefined ? [] : [category.replaceAll('-', ' ')]
  return `**${[legs.join('; '), ...people, ...kind].join(' · ')}**`
}

function airportName(code: string | undefined): string {
  if (code === undefined) return '…'
  const airport = airportByIcao(code)
  return airport === undefined
    ? code
    : `${airport.name.replace(/ Airport$/, '')} (${airport.iata === '' ? code : airport.iata})`
}

function sayDay(date: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(new Date(`${date}T00:00:00Z`))
}

function sayPrice({ amount, currency }: Price, locale: string): string {
  try {
    return new Intl.NumberFormat(locale, { style: 'currency', currency, maximumFractionDigits: 0 }).format(amount)
  } catch {
    // Not a currency that Intl knows; the code as it came says enough.
    return `${Math.round(amount)} ${currency}`
  }
}

function sayMinutes(minutes: number): string {
  return `${Math.floor(minutes / 60)}:${String(Math.round(minutes) % 60).padStart(2, '0')} h`
}

function byPrice(a: AircraftOffer, b: AircraftOffer): number {
  return (a.estimatedPrice?.amount ?? Infinity) - (b.estimatedPrice?.amount ?? Infinity) || a.id.localeCompare(b.id)
}

function offerLine(offer: AircraftOffer, phrases: Phrases): string {
  return joined([
    aircraftTitle(offer),
    offer.maxPassengers === undefined ? undefined : phrases.seats(offer.maxPassengers),
    offer.flightMinutes === undefined ? undefined : phrases.flightTime(sayMinutes(offer.flightMinutes)),
    offer.estimatedPrice === undefined ? undefined : phrases.estimate(sayPrice(offer.estimatedPrice, phrases.locale)),
  ])
}

function aircraftLine(aircraft: Aircraft, phrases: Phrases): string {
  return joined([
    aircraftTitle(aircraft),
    aircraft.maxPassengers === undefined ? undefined : phrases.seats(aircraft.maxPassengers),
    aircraft.homeBase === undefined ? undefined : phrases.base(airportName(aircraft.homeBase)),
  ])
}

function aircraftTitle({ aircraftType, category, tail, operator }: Aircraft): string {
  const about = [category, tail, operator].filter((piece) => piece !== undefined)
  return `**${aircraftType}**${about.length === 0 ? '' : ` (${about.join(', ')})`}`
}

function quoteLine(quote: Quote, phrases: Phrases): string {
  return joined([
    aircraftTitle({ ...quote.aircraft, ...(quote.operator === undefined ? {} : { operator: quote.operator }) }),
    quote.price === undefined ? phrases.noPrice : `**${sayPrice(quote.price, phrases.locale)}**`,
    quote.message,
  ])
}

function personLine(person: Person): string {
  return joined([
    `**${person.name}**`,
    [person.title, person.organisation?.name].filter((piece) => piece !== undefined).join(', ') || undefined,
    place(person),
  ])
}

function personDetails(person: Person): string[] {
  return [person.email, person.linkedinUrl].filter((detail) => detail !== undefined)
}

function companyLine(company: Organisation, phrases: Phrases): string {
  return joined([
    `**${company.name}**`,
    company.industry,
    place(company),
    company.employees === undefined
      ? undefined
      : phrases.employees(new Intl.NumberFormat(phrases.locale).format(company.employees)),
    company.domain,
  ])
}

function place({ city, state, country }: { city?: string; state?: string; country?: string }): string | undefined {
  return [city, state, country].filter((piece) => piece !== undefined).join(', ') || undefined
}

function joined(pieces: readonly (string | undefined)[]): string {
  return pieces.filter((piece) => piece !== undefined && piece !== '').join(', ')
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n')
}

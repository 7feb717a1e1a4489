import { ANY_CATEGORY, CATEGORIES } from './tables/aircraft.ts'
import { FOLLOW_UP } from './tables/intents.ts'
import { findWhen } from './dates.ts'
import type { When } from './dates.ts'
import { asksForHelp, isGreeting, isMisuse, strongestIntent, ownBusiness } from './intent.ts'
import { detectLanguage } from './language.ts'
import { findAnyCounted, findListedPassengers, findMorePassengers, findPassengers } from './passengers.ts'
import { findOperator, findOrganisationName } from './organisations.ts'
import { findEmails, findPeople } from './people.ts'
import { findEmployer, findPersonName } from './person.ts'
import { findSequenceName } from './sequence-name.ts'
import { NO_AIRCRAFT } from './tables/corrections.ts'
import { findPlaces } from './places.ts'
import type { PlaceMention } from './places.ts'
import { readRoute } from './route.ts'
import type { Route } from './route.ts'
import { fold } from './text.ts'
import type { Intent, PeopleFilter, UnderstandOptions } from './types.ts'

/** What one message says by itself. */
export interface Frame {
  readonly text: string
  readonly folded: string
  readonly language: string | undefined
  /** Undefined when the message alone does not tell. */
  readonly intent: Intent | undefined
  readonly weight: number
  readonly places: readonly PlaceMention[]
  readonly when: When
  readonly route: Route
  readonly passengers: number | undefined
  /** How many it adds to those who were to fly before. */
  readonly morePassengers: number | undefined
  readonly category: string | undefined
  /** Whether it says that any kind of aircraft will do. */
  readonly anyCategory: boolean
  readonly people: PeopleFilter
  /** Who flies the aircraft asked about. */
  readonly operator: string | undefined
  readonly personName: string | undefined
  /** The company that is looked up itself. */
  readonly organisationName: string | undefined
  /** Where the person named works. */
  readonly employer: string | undefined
  readonly emails: readonly string[]
  readonly sequenceName: string | undefined
  readonly requestId: string | undefined
  /** Whether it reads like going on with what was said before. */
  readonly goesOn: boolean
}

const REQUEST_ID = /\b(?:arfq|atrip|aquote|rfq|trip|req|qr|rq)[-_#]\w[\w-]*\b/i
const LABELLED_ID =
  /\b(?:rfq|request|quote|richiesta|anfrage|demande|solicitud|trip|preventivo|angebot|devis)(?: (?:id|number|no\.?|nr\.?|numero|nummer|ref\.?))? ?[#:]? ?((?=[\w-]*\d)[a-z]{0,6}-?\d[\w-]{2,})\b/i

/** Reads one message. `language` is the conversation's so far, for a message too short to tell. */
export function readFrame(
  text: string,
  language: string | undefined,
  options: UnderstandOptions,
  askedPassengers: boolean,
): Frame {
  const folded = fold(text)
  // One word tells too little: "Mon" is a day or French.
  const spoken = language !== undefined && !text.trim().includes(' ') ? undefined : detectLanguage(text)
  const tongue = spoken ?? language ?? 'en'
  const when = findWhen(text, tongue, options)
  const emails = findEmails(text)
  const mailSpans = emails.map((email) => ({ start: text.indexOf(email), end: text.indexOf(email) + email.length }))
  const places = findPlaces(text, tongue, [...when.spans, ...when.times, ...mailSpans])
  const people = findPeople(text, places)
  const person = findPersonName(text, places)
  const requestId = REQUEST_ID.exec(text)?.[0] ?? LABELLED_ID.exec(fold(text))?.[1]
  const route = readRoute(text, places, when, options.timeZone)
  const passengers = findPassengers(text, askedPassengers)
  const own = ownBusiness(folded)
  const ours = route.legs.filter(
    (leg) => !own.elsewhere.some(({ start, end }) => leg.start >= start && leg.start < end),
  )
  const joined = ours.some((leg) => leg.from !== undefined && leg.to !== undefined)
  const wholeRoute = route.legs.some((leg) => leg.from !== undefined && leg.to !== undefined)
  const wholeTrip = joined && (when.dates.length > 0 || passengers !== undefined)
  const { intent, weight } = intentOf(folded, own.text, requestId, wholeTrip)
  return {
    text,
    folded,
    language: spoken,
    intent,
    weight,
    places,
    when,
    route,
    passengers:
      passengers ??
      (askedPassengers || (wholeRoute && when.dates.length > 0)
        ? findListedPassengers(text, Math.max(0, ...places.map(({ end }) => end)))
        : undefined) ??
      (wholeRoute && when.dates.length > 0 ? findAnyCounted(text) : undefined),
    morePassengers: findMorePassengers(text),
    category: findCategory(folded),
    anyCategory: ANY_CATEGORY.test(folded),
    people,
    operator: findOperator(text),
    personName: person?.name,
    employer: findEmployer(text, person),
    organisationName: findOrganisationName(text),
    emails,
    sequenceName: findSequenceName(text),
    requestId,
    goesOn: FOLLOW_UP.test(folded),
  }
}

/** The kind of aircraft that is wanted; one that is ruled out ("no turboprops") is none. */
function findCategory(folded: string): string | undefined {
  for (const [category, pattern] of CATEGORIES) {
    const match = pattern.exec(folded)
    if (match !== null && !NO_AIRCRAFT.test(folded.slice(0, match.index))) return category
  }
  return undefined
}

function intentOf(
  folded: string,
  ours: string,
  requestId: string | undefined,
  wholeTrip: boolean,
): { intent: Intent | undefined; weight: number } {
  if (isMisuse(folded)) return { intent: 'misuse', weight: 10 }
  if (isGreeting(folded)) return { intent: 'greeting', weight: 5 }
  if (asksForHelp(folded)) return { intent: 'help', weight: 5 }
  if (ours === '' && !wholeTrip) return { intent: 'out-of-scope', weight: 8 }
  const cut = ours.length < folded.trim().length
  const strongest = strongestIntent(ours)
  if (strongest !== undefined && (!cut || wholeTrip || strongest.weight >= 3)) return strongest
  if (cut) return wholeTrip ? { intent: 'search-aircraft', weight: 3 } : { intent: 'out-of-scope', weight: 8 }
  return requestId === undefined ? { intent: undefined, weight: 0 } : { intent: 'read-quotes', weight: 2 }
}

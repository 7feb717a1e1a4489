import { CATEGORIES } from './tables/aircraft.ts'
import { FOLLOW_UP } from './tables/intents.ts'
import { findWhen } from './dates.ts'
import type { When } from './dates.ts'
import { asksForHelp, isGreeting, isMisuse, isOtherBusiness, strongestIntent } from './intent.ts'
import { detectLanguage } from './language.ts'
import { findPassengers } from './passengers.ts'
import { findEmails, findPeople, findPersonName, findSequenceName } from './people.ts'
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
  readonly category: string | undefined
  readonly people: PeopleFilter
  readonly personName: string | undefined
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
  const spoken = detectLanguage(text)
  const tongue = spoken ?? language ?? 'en'
  const when = findWhen(text, tongue, options)
  const emails = findEmails(text)
  const mailSpans = emails.map((email) => ({ start: text.indexOf(email), end: text.indexOf(email) + email.length }))
  const places = findPlaces(text, tongue, [...when.dates, ...when.times, ...mailSpans])
  const people = findPeople(text, places)
  const requestId = REQUEST_ID.exec(text)?.[0] ?? LABELLED_ID.exec(fold(text))?.[1]
  const { intent, weight } = intentOf(folded, emails, requestId)
  return {
    text,
    folded,
    language: spoken,
    intent,
    weight,
    places,
    when,
    route: readRoute(text, places, when, options.timeZone),
    passengers: findPassengers(text, askedPassengers),
    category: CATEGORIES.find(([, pattern]) => pattern.test(folded))?.[0],
    people,
    personName: findPersonName(text, places, people.organisations),
    emails,
    sequenceName: findSequenceName(text),
    requestId,
    goesOn: FOLLOW_UP.test(folded),
  }
}

function intentOf(
  folded: string,
  emails: readonly string[],
  requestId: string | undefined,
): { intent: Intent | undefined; weight: number } {
  if (isMisuse(folded)) return { intent: 'misuse', weight: 10 }
  if (isGreeting(folded)) return { intent: 'greeting', weight: 5 }
  if (asksForHelp(folded)) return { intent: 'help', weight: 5 }
  if (isOtherBusiness(folded)) return { intent: 'out-of-scope', weight: 8 }
  const strongest = strongestIntent(emails.length === 0 ? folded : folded)
  if (strongest !== undefined) return strongest
  return requestId === undefined ? { intent: undefined, weight: 0 } : { intent: 'read-quotes', weight: 2 }
}

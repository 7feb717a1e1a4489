import type { Frame } from './frame.ts'
import { isCourteous } from './intent.ts'
import { COMPANY_NOUN } from './business.ts'
import { ABOUT_RESULTS, OFFERED_QUOTES, YES } from './tables/intents.ts'
import type { Intent, Understanding } from './types.ts'

/** Intents about a trip. */
export const TRIPS: ReadonlySet<Intent> = new Set<Intent>(['search-aircraft', 'request-quote'])
/** Intents about people and companies. */
export const PEOPLE: ReadonlySet<Intent> = new Set<Intent>([
  'find-people',
  'enrich-person',
  'find-organisations',
  'add-to-sequence',
])
const SETTLED: ReadonlySet<Intent | undefined> = new Set<Intent | undefined>([
  'misuse',
  'out-of-scope',
  'help',
  'greeting',
])
/** A message of up to this many letters may go on with the talk without saying so. */
const SHORT = 40
const SHORT_COURTESY_WORDS = 14

/** What a message asks for in the light of what came before. `offered` is what the desk said last, folded. */
export function resolveIntent(frame: Frame, before: Understanding | undefined, offered: string): Intent {
  const own = ownIntent(frame)
  if (own !== undefined && SETTLED.has(own) && !(own === 'greeting' && saysYes(frame, before))) return own
  return (before === undefined ? undefined : goingOn(frame, own, before, offered)) ?? alone(frame, own)
}

function saysYes(frame: Frame, before: Understanding | undefined): boolean {
  return (
    before !== undefined &&
    YES.test(frame.folded) &&
    !/^\W*(?:thanks?|thx|perfect|great|grazie|danke|merci|gracias)\b/.test(frame.folded)
  )
}

/** What the message itself asks for, after its slots have been looked at too. */
function ownIntent(frame: Frame): Intent | undefined {
  const { intent, people, weight } = frame
  const whole = isWholeRoute(frame)
  const vague = (intent === undefined || intent === 'search-aircraft') && !hasTrip(frame, 'strict')
  const titled = people.titles.length + people.seniorities.length > 0
  const somewhere = people.keywords.length + people.organisations.length + people.locations.length > 0
  if (frame.emails.length > 0 && ENTERS.test(frame.folded) && (intent === 'enrich-person' || vague))
    return 'add-to-sequence'
  // "CEOs of biotech firms" are people, "biotech firms" are companies.
  if (intent === 'find-organisations' && titled) return 'find-people'
  if (vague && !whole && people.titles.length > 0 && somewhere) return 'find-people'
  const companies = COMPANY_NOUN.test(frame.folded)
  // "à Lyon" is to and in.
  const directed =
    (frame.language === 'en' || frame.language === 'de') &&
    frame.places.some(({ role }) => role === 'from' || role === 'to')
  if (
    vague &&
    !whole &&
    !directed &&
    !titled &&
    frame.personName === undefined &&
    people.locations.length + people.keywords.length > (companies ? 0 : 1)
  ) {
    return 'find-organisations'
  }
  if (
    vague &&
    !whole &&
    frame.personName !== undefined &&
    (frame.employer !== undefined || LOOKS_UP.test(frame.folded))
  )
    return 'enrich-person'
  if (vague && !whole && !titled && frame.organisationName !== undefined && LOOKS_UP.test(frame.folded))
    return 'find-organisations'
  if (
    intent === 'enrich-person' &&
    frame.personName === undefined &&
    frame.emails.length === 0 &&
    frame.organisationName !== undefined
  )
    return 'find-organisations'
  if (intent === 'enrich-person' && titled && frame.personName === undefined && frame.emails.length === 0 && somewhere)
    return 'find-people'
  if (
    (intent === undefined || intent === 'request-quote' || intent === 'search-aircraft') &&
    !whole &&
    !isTripSaid(frame) &&
    ASKS_AFTER.test(frame.folded)
  ) {
    return 'read-quotes'
  }
  // Offers for a whole trip are to be got, offers for a request are to be read.
  if (intent === 'read-quotes' && frame.requestId === undefined && whole) return 'request-quote'
  // "Do you have light jets?": a kind of aircraft and nothing of a trip.
  const fleet = intent === 'search-aircraft' || intent === undefined
  if (
    fleet &&
    frame.category !== undefined &&
    frame.route.legs.length === 0 &&
    !isTripSaid(frame) &&
    HAVE.test(frame.folded)
  )
    return 'list-fleet'
  // "Show me what is free from A to B on Friday" is no question about the fleet.
  if (intent === 'list-fleet' && whole && weight < 8) return 'search-aircraft'
  return intent
}

const ASKS_AFTER =
  /\b(?:any|did|have|has|is|are|were|where|what|which|how many|status|news|luck|stand|update|check|waiting|yet|already|so far)\b.*\b(?:quotes?|offers?|rfqs?|bids|quotations?|responses?|replies)\b(?! (?:for|from|to) (?!arfq|my|the|our|request))|\b(?:quotes?|offers?|rfqs?|bids|quotations?)\b.*\b(?:yet|back|in yet|arrived|received|come in|came in|already|so far|ready|status|news)\b|\b(?:preventivi|offerte|angebote|devis|offres|cotizaciones|presupuestos|ofertas|orcamentos|cotacoes|propostas)\b.*\b(?:arrivat\w*|gia|ricevut\w*|pronti|da|schon|erhalten|eingegangen|recus?|arrives?|deja|llegad\w*|ya|recibid\w*|listas?|chegaram|recebid\w*|ja)\b|\b(?:gia|schon|deja|ya|ja)\b.*\b(?:preventivi|offerte|risposte|angebote|antworten|devis|offres|reponses|cotizaciones|presupuestos|ofertas|respuestas|orcamentos|cotacoes|propostas|respostas)\b/

function isTripSaid({ when, passengers, route }: Frame): boolean {
  return when.dates.length > 0 || when.times.length > 0 || when.vague || passengers !== undefined || route.returns
}

const HAVE =
  /\b(?:have|got|offer|operate|available|avete|disponibil\w*|offrite|habt|haben|verfugbar\w*|avez|disponibles?|proposez|tienen|teneis|tiene|tem|voces|which|what|list|show|any)\b/

const ENTERS =
  /^\W*(?:\w+ ){0,3}?(?:add|put|enrol+|subscribe|include|enter|aggiungi|inserisci|metti|fug\w*|trag\w*|nimm|ajoute\w*|inscri\w*|mets|mettez|anad\w*|agreg\w*|pon|inclu\w*|adicion\w*|coloque|inscrev\w*)\b.*\b(?:to|into|in|on|onto|a|al|alla|nella|zu|zur|in die|dans|en|na|no)\b/

const LOOKS_UP =
  /\b(?:find|look|search|pull|get|who|show|tell|info|details|trova|cerca|suche?n?|finde?|trouve|cherche|busca|encuentra|procur\w+|encontr\w+)\b/

function isWholeRoute(frame: Frame): boolean {
  return frame.route.legs.some((leg) => leg.from !== undefined && leg.to !== undefined)
}

/** Whether the message says anything about a trip. `strict`: a place alone does not count. */
function hasTrip(frame: Frame, how: 'strict' | 'any'): boolean {
  const { route, when } = frame
  return (
    (how === 'any' && route.legs.length > 0) ||
    when.dates.length > 0 ||
    (how === 'any' && when.times.length > 0) ||
    frame.passengers !== undefined ||
    frame.category !== undefined ||
    route.returns
  )
}

function hasPeople({ people }: Frame): boolean {
  const { titles, seniorities, keywords, organisations, locations } = people
  return titles.length + seniorities.length + keywords.length + organisations.length + locations.length > 0
}

/** The intent of a message that goes on with the talk, or undefined when it does not. */
function goingOn(
  frame: Frame,
  guessed: Intent | undefined,
  before: Understanding,
  offered: string,
): Intent | undefined {
  const about = SETTLED.has(before.intent) ? subjectOf(before) : before.intent
  if (about === undefined) return undefined
  // Two places alone are no question about companies while a trip is being talked about.
  const guess = guessed === 'find-organisations' && frame.intent !== guessed && !COMPANY_NOUN.test(frame.folded)
  const own = guess && TRIPS.has(about) ? undefined : guessed
  const weak = own === undefined || frame.weight < 3
  const continues = frame.goesOn || frame.text.length < SHORT
  if (TRIPS.has(about)) {
    if (YES.test(frame.folded)) return OFFERED_QUOTES.test(offered) ? 'request-quote' : about
    if (own === 'request-quote' || own === 'search-aircraft')
      return own === 'search-aircraft' && hasTrip(frame, 'any') ? about : own
    if (own === 'list-fleet' && frame.intent !== own && continues) return about
    if (own === undefined && (changesTrip(frame) || (before.missing.length > 0 && continues))) return about
    if (own === undefined && continues && ABOUT_RESULTS.test(frame.folded)) return about
    return weak && continues && hasTrip(frame, 'any') && !isPeopleQuestion(own) ? about : undefined
  }
  if (!weak || !continues)
    return frame.when.dates.length === 0 && own === undefined && before.missing.length > 0 && hasPeople(frame)
      ? about
      : undefined
  switch (about) {
    case 'find-people':
    case 'find-organisations':
      return hasPeople(frame) && frame.passengers === undefined && !isWholeRoute(frame) ? about : undefined
    case 'enrich-person':
      return frame.personName !== undefined ||
        frame.employer !== undefined ||
        hasPeople(frame) ||
        frame.emails.length > 0
        ? about
        : undefined
    case 'add-to-sequence':
      return frame.emails.length > 0 || frame.sequenceName !== undefined || frame.text.split(/\s+/).length <= 6
        ? about
        : undefined
    case 'read-quotes':
      return frame.requestId === undefined ? undefined : about
    case 'list-fleet':
      return (frame.places.length > 0 || frame.category !== undefined || frame.operator !== undefined) &&
        !isWholeRoute(frame)
        ? about
        : undefined
    default:
      return undefined
  }
}

function isPeopleQuestion(intent: Intent | undefined): boolean {
  return intent !== undefined && (PEOPLE.has(intent) || intent === 'read-quotes' || intent === 'list-fleet')
}

function changesTrip(frame: Frame): boolean {
  const { route, when } = frame
  return (
    hasTrip(frame, 'any') ||
    when.shiftDays !== undefined ||
    when.shiftMinutes !== undefined ||
    when.vague ||
    route.reverses ||
    route.onlyBack ||
    route.oneWay ||
    frame.anyCategory ||
    frame.morePassengers !== undefined
  )
}

/** What a conversation was about before a greeting or a refusal. */
function subjectOf(before: Understanding): Intent | undefined {
  if (before.segments.length > 0 || before.passengers !== undefined) return 'search-aircraft'
  return before.people === undefined ? undefined : 'find-people'
}

/** The intent of a message by itself. */
function alone(frame: Frame, own: Intent | undefined): Intent {
  const { when, passengers, people } = frame
  const legs = frame.route.legs.length
  if (own !== undefined) {
    // A lone weak sign ("go", "price") with nothing of a trip in the message is no question for a charter desk.
    return own === 'search-aircraft' && frame.weight < 2 && !hasTrip(frame, 'any') ? 'out-of-scope' : own
  }
  if (isWholeRoute(frame) || (legs > 0 && (when.dates.length > 0 || passengers !== undefined))) return 'search-aircraft'
  if (passengers !== undefined && when.dates.length > 0) return 'search-aircraft'
  const somewhere = people.locations.length + people.organisations.length + people.keywords.length > 0
  if (people.titles.length > 0 && somewhere) return 'find-people'
  if (frame.emails.length > 0) return 'enrich-person'
  if (isCourteous(frame.folded) && frame.text.split(/\s+/).length <= SHORT_COURTESY_WORDS && legs === 0)
    return 'greeting'
  return frame.category !== undefined || legs > 0 ? 'search-aircraft' : 'out-of-scope'
}

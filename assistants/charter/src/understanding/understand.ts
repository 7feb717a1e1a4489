import { readFrame } from './frame.ts'
import type { Frame } from './frame.ts'
import { isCourteous } from './intent.ts'
import { mergeTrip } from './trip.ts'
import { tidy } from './text.ts'
import type { Intent, PeopleFilter, Segment, Turn, Understanding, UnderstandOptions } from './types.ts'

const WRITES: ReadonlySet<Intent> = new Set<Intent>(['request-quote', 'add-to-sequence'])
const TRIPS: ReadonlySet<Intent> = new Set<Intent>(['search-aircraft', 'request-quote'])
const PEOPLE: ReadonlySet<Intent> = new Set<Intent>([
  'find-people',
  'enrich-person',
  'find-organisations',
  'add-to-sequence',
])
/** Messages longer than this are cut: nobody types a question of that length, and rules cost time by the letter. */
const LONGEST_MESSAGE = 4000
const MOST_TURNS = 20

/** What is known after some turns. */
interface State {
  readonly understanding: Understanding
  /** False while nothing but greetings was said. */
  readonly subject: boolean
}

/**
 * Reads a conversation by rules, without a model: what the last message asks for, with what earlier ones said filled in.
 * Deterministic; costs a few milliseconds.
 */
export function understand(messages: readonly Turn[], options: UnderstandOptions): Understanding {
  let state: State | undefined
  let mails: readonly string[] = []
  for (const { role, text } of messages.slice(-MOST_TURNS)) {
    const clean = tidy(text).slice(0, LONGEST_MESSAGE)
    if (role === 'assistant') {
      // Addresses the desk itself has named can be meant by "add them".
      mails = [...new Set(clean.match(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g) ?? mails)]
      continue
    }
    const language: string | undefined = state?.understanding.language
    const asked = state?.understanding.missing.includes('passengers') ?? false
    const frame = readFrame(clean, language, options, asked)
    state = next(state, frame, mails, options)
    if (frame.emails.length > 0) mails = frame.emails
  }
  return state?.understanding ?? empty('greeting', 'en')
}

function empty(intent: Intent, language: string): Understanding {
  return { intent, language, segments: [], missing: [], readOnly: !WRITES.has(intent), relativeDate: false }
}

function next(state: State | undefined, frame: Frame, mails: readonly string[], options: UnderstandOptions): State {
  const before = state?.subject === true ? state.understanding : undefined
  const language = frame.language ?? state?.understanding.language ?? 'en'
  const intent = resolveIntent(frame, before)
  if (!TRIPS.has(intent) && !PEOPLE.has(intent) && intent !== 'list-fleet' && intent !== 'read-quotes') {
    // A refusal or a greeting in between does not forget what the conversation is about.
    const kept =
      before === undefined ? empty(intent, language) : { ...before, intent, language, missing: [], readOnly: true }
    return { understanding: kept, subject: before !== undefined }
  }
  const filled = fill(intent, language, frame, before, mails, options)
  return { understanding: { ...filled, missing: missingOf(filled) }, subject: true }
}

/** What the message asks for in the light of what came before. */
function resolveIntent(frame: Frame, before: Understanding | undefined): Intent {
  const { weight } = frame
  const intent = ownIntent(frame)
  const trip =
    frame.route.legs.length > 0 ||
    frame.when.dates.length > 0 ||
    frame.passengers !== undefined ||
    frame.category !== undefined ||
    frame.route.returns
  const people =
    frame.people.titles.length +
      frame.people.seniorities.length +
      frame.people.keywords.length +
      frame.people.organisations.length +
      frame.people.locations.length >
    0
  if (intent === 'misuse' || intent === 'out-of-scope' || intent === 'help' || intent === 'greeting') return intent
  if (before !== undefined) {
    const goesOn = frame.goesOn || frame.text.length < 40
    const about =
      before.intent === 'greeting' ||
      before.intent === 'help' ||
      before.intent === 'misuse' ||
      before.intent === 'out-of-scope'
        ? subjectOf(before)
        : before.intent
    const sameTrip =
      about !== undefined && TRIPS.has(about) && trip && (intent === undefined || intent === 'search-aircraft')
    if (about !== undefined && (goesOn || sameTrip) && (intent === undefined || weight < 3 || sameTrip)) {
      if (TRIPS.has(about)) {
        if (trip || frame.route.returns || frame.when.vague) return intent === 'request-quote' ? intent : about
        if (intent === 'search-aircraft') return about
      }
      if (
        PEOPLE.has(about) &&
        about !== 'enrich-person' &&
        (people || frame.personName !== undefined || frame.emails.length > 0)
      )
        return about
      if (
        about === 'enrich-person' &&
        (frame.personName !== undefined || frame.people.organisations.length > 0 || frame.emails.length > 0)
      )
        return about
      if (
        about === 'add-to-sequence' &&
        (frame.emails.length > 0 || frame.sequenceName !== undefined || frame.text.split(/\s+/).length <= 6)
      )
        return about
      if (about === 'read-quotes' && frame.requestId !== undefined) return about
      if (about === 'list-fleet' && (frame.places.length > 0 || frame.category !== undefined)) return about
    }
    if (intent === undefined && about !== undefined && before.missing.length > 0 && (trip || people)) return about
    if (frame.when.shiftDays !== undefined && about !== undefined && TRIPS.has(about) && intent === undefined)
      return about
  }
  if (intent !== undefined) {
    // A lone weak sign ("go", "price") with nothing of a trip in the message is no question for a charter desk.
    if (intent === 'search-aircraft' && weight < 2 && !trip) return 'out-of-scope'
    return intent
  }
  const complete = frame.route.legs.some((leg) => leg.from !== undefined && leg.to !== undefined)
  if (complete || (frame.route.legs.length > 0 && (frame.when.dates.length > 0 || frame.passengers !== undefined)))
    return 'search-aircraft'
  if (frame.passengers !== undefined && frame.when.dates.length > 0) return 'search-aircraft'
  if (
    frame.people.titles.length > 0 &&
    (frame.people.locations.length > 0 || frame.people.organisations.length > 0 || frame.people.keywords.length > 0)
  )
    return 'find-people'
  if (frame.emails.length > 0) return 'enrich-person'
  if (isCourteous(frame.folded) && frame.text.split(/\s+/).length <= 14 && frame.route.legs.length === 0)
    return 'greeting'
  if (frame.category !== undefined || frame.route.legs.length > 0) return 'search-aircraft'
  return 'out-of-scope'
}

/** What the message itself asks for, after its slots have been looked at too. */
function ownIntent(frame: Frame): Intent | undefined {
  const { intent, people, route } = frame
  const complete = route.legs.some((leg) => leg.from !== undefined && leg.to !== undefined)
  const titled = people.titles.length + people.seniorities.length > 0
  // "CEOs of biotech firms" are people, "biotech firms" are companies.
  if (intent === 'find-organisations' && titled) return 'find-people'
  if (
    (intent === 'search-aircraft' || intent === undefined) &&
    people.titles.length > 0 &&
    !complete &&
    frame.passengers === undefined &&
    frame.when.dates.length === 0
  ) {
    if (people.keywords.length + people.organisations.length + people.locations.length > 0) return 'find-people'
  }
  // Offers for a whole trip are to be got, offers for a request are to be read.
  if (intent === 'read-quotes' && frame.requestId === undefined && complete) return 'request-quote'
  return intent
}

function subjectOf(before: Understanding): Intent | undefined {
  if (before.segments.length > 0 || before.passengers !== undefined) return 'search-aircraft'
  return before.people === undefined ? undefined : 'find-people'
}

function fill(
  intent: Intent,
  language: string,
  frame: Frame,
  before: Understanding | undefined,
  mails: readonly string[],
  options: UnderstandOptions,
): Understanding {
  const base = { ...empty(intent, language), relativeDate: false }
  if (TRIPS.has(intent)) {
    const earlier =
      before !== undefined &&
      (before.segments.length > 0 || before.passengers !== undefined || TRIPS.has(before.intent))
        ? before
        : undefined
    const { segments, relativeDate } = mergeTrip(frame, earlier, options)
    const passengers = frame.passengers ?? earlier?.passengers
    const category = frame.category ?? earlier?.category
    return {
      ...base,
      segments,
      relativeDate,
      ...(passengers === undefined ? {} : { passengers }),
      ...(category === undefined ? {} : { category }),
    }
  }
  if (intent === 'list-fleet') {
    const category = frame.category ?? (before?.intent === 'list-fleet' ? before.category : undefined)
    const code =
      frame.places[0]?.places[0]?.airports[0] ?? (before?.intent === 'list-fleet' ? before.fleet?.base : undefined)
    const operator = frame.operator ?? (before?.intent === 'list-fleet' ? before.fleet?.operator : undefined)
    return {
      ...base,
      ...(category === undefined ? {} : { category }),
      fleet: { ...(code === undefined ? {} : { base: code }), ...(operator === undefined ? {} : { operator }) },
    }
  }
  if (intent === 'read-quotes') {
    const id = frame.requestId ?? before?.quoteRequestId
    return { ...base, ...(id === undefined ? {} : { quoteRequestId: id }) }
  }
  if (intent === 'add-to-sequence') {
    const earlier = before?.sequence
    const emails =
      frame.emails.length > 0
        ? frame.emails
        : earlier !== undefined && earlier.emails.length > 0
          ? earlier.emails
          : mails
    const bare =
      earlier !== undefined && frame.emails.length === 0 && before?.missing.includes('sequence') === true
        ? frame.text.replace(/[.!?]+$/, '').trim()
        : undefined
    const name = frame.sequenceName ?? earlier?.name ?? bare
    return { ...base, sequence: { emails, ...(name === undefined ? {} : { name }) } }
  }
  if (intent === 'enrich-person') {
    const earlier = before?.intent === 'enrich-person' ? before.person : undefined
    const name = frame.personName ?? earlier?.name
    const [email = earlier?.email] = frame.emails
    const organisation = frame.employer ?? earlier?.organisation
    return {
      ...base,
      person: {
        ...(name === undefined ? {} : { name }),
        ...(email === undefined ? {} : { email }),
        ...(organisation === undefined ? {} : { organisation }),
      },
    }
  }
  if (intent === 'find-organisations') {
    const earlier = before?.intent === 'find-organisations' ? before.organisation : undefined
    const locations = frame.people.locations.length > 0 ? frame.people.locations : (earlier?.locations ?? [])
    const keywords = frame.people.keywords.length > 0 ? frame.people.keywords : (earlier?.keywords ?? [])
    return { ...base, organisation: { locations, keywords } }
  }
  return { ...base, people: mergePeople(frame.people, before?.intent === 'find-people' ? before.people : undefined) }
}

/** What the message names replaces what was named before, kind by kind. */
function mergePeople(said: PeopleFilter, before: PeopleFilter | undefined): PeopleFilter {
  const titled = said.titles.length > 0 || said.seniorities.length > 0
  return {
    titles: titled ? said.titles : (before?.titles ?? []),
    seniorities: titled ? said.seniorities : (before?.seniorities ?? []),
    locations: said.locations.length > 0 ? said.locations : (before?.locations ?? []),
    keywords: said.keywords.length > 0 ? said.keywords : (before?.keywords ?? []),
    organisations: said.organisations.length > 0 ? said.organisations : (before?.organisations ?? []),
  }
}

function missingOf(understanding: Understanding): string[] {
  const { intent, segments, people, person, organisation, sequence } = understanding
  const lacks = (key: keyof Segment): boolean =>
    segments.length === 0 || segments.some((segment) => segment[key] === undefined)
  if (TRIPS.has(intent)) {
    return [
      ...(['from', 'to', 'date'] as const).filter(lacks),
      ...(understanding.passengers === undefined ? ['passengers'] : []),
    ]
  }
  if (intent === 'find-people') {
    const said =
      people === undefined
        ? 0
        : people.titles.length +
          people.seniorities.length +
          people.keywords.length +
          people.organisations.length +
          people.locations.length
    return said === 0 ? ['people'] : []
  }
  if (intent === 'enrich-person') return person?.name === undefined && person?.email === undefined ? ['person'] : []
  if (intent === 'find-organisations') {
    return organisation === undefined ||
      (organisation.locations.length + organisation.keywords.length === 0 && organisation.name === undefined)
      ? ['organisation']
      : []
  }
  if (intent === 'add-to-sequence') {
    return [
      ...(sequence === undefined || sequence.emails.length === 0 ? ['person'] : []),
      ...(sequence?.name === undefined ? ['sequence'] : []),
    ]
  }
  if (intent === 'read-quotes') return understanding.quoteRequestId === undefined ? ['requestId'] : []
  return []
}

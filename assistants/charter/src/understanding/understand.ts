import { readFrame } from './frame.ts'
import type { Frame } from './frame.ts'
import { PEOPLE, TRIPS, resolveIntent } from './resolve-intent.ts'
import { mergeTrip } from './trip.ts'
import { detectLanguage } from './language.ts'
import { tidy, withoutSalutation } from './text.ts'
import { NOTHING_SAID, hear, personMeant } from './desk-said.ts'
import type { DeskSaid } from './desk-said.ts'
import type { Intent, PeopleFilter, Segment, Turn, Understanding, UnderstandOptions } from './types.ts'

const WRITES: ReadonlySet<Intent> = new Set<Intent>(['request-quote', 'add-to-sequence'])
/** Messages longer than this are cut: nobody types a question of that length, and rules cost time by the letter. */
const LONGEST_MESSAGE = 2000
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
  let said = NOTHING_SAID
  for (const { role, text } of messages.slice(-MOST_TURNS)) {
    const clean = tidy(text).slice(0, LONGEST_MESSAGE)
    if (role === 'assistant') {
      said = hear(said, clean)
      continue
    }
    const language: string | undefined = state?.understanding.language
    const asked = state?.understanding.missing.includes('passengers') ?? false
    const frame = readFrame(withoutSalutation(clean), language ?? detectLanguage(clean), options, asked)
    state = next(state, frame, said, options)
    if (frame.emails.length > 0) said = { ...said, emails: frame.emails }
  }
  return state?.understanding ?? empty('greeting', 'en')
}

function empty(intent: Intent, language: string): Understanding {
  return { intent, language, segments: [], missing: [], readOnly: !WRITES.has(intent), relativeDate: false }
}

function next(state: State | undefined, frame: Frame, said: DeskSaid, options: UnderstandOptions): State {
  const before = state?.subject === true ? state.understanding : undefined
  const language = frame.language ?? state?.understanding.language ?? 'en'
  const resolved = resolveIntent(frame, before, said.text)
  const intent = options.aboutTrip === true && !TRIPS.has(resolved) ? 'search-aircraft' : resolved
  if (!TRIPS.has(intent) && !PEOPLE.has(intent) && intent !== 'list-fleet' && intent !== 'read-quotes') {
    // A refusal or a greeting in between does not forget what the conversation is about.
    const kept =
      before === undefined ? empty(intent, language) : { ...before, intent, language, missing: [], readOnly: true }
    return { understanding: kept, subject: before !== undefined }
  }
  const filled = fill(intent, language, frame, before, said, options)
  return { understanding: { ...filled, missing: missingOf(filled) }, subject: true }
}

function fill(
  intent: Intent,
  language: string,
  frame: Frame,
  before: Understanding | undefined,
  said: DeskSaid,
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
    const more = earlier?.passengers === undefined ? undefined : frame.morePassengers
    const passengers =
      more === undefined ? (frame.passengers ?? earlier?.passengers) : Math.max(1, (earlier?.passengers ?? 0) + more)
    const category = frame.category ?? (frame.anyCategory ? undefined : earlier?.category)
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
    const id = frame.requestId ?? said.requestId ?? before?.quoteRequestId
    return { ...base, ...(id === undefined ? {} : { quoteRequestId: id }) }
  }
  if (intent === 'add-to-sequence') {
    const earlier = before?.sequence
    const emails =
      frame.emails.length > 0
        ? frame.emails
        : earlier !== undefined && earlier.emails.length > 0
          ? earlier.emails
          : said.emails
    const bare =
      earlier !== undefined && frame.emails.length === 0 && before?.missing.includes('sequence') === true
        ? frame.text.replace(/[.!?]+$/, '').trim()
        : undefined
    const name = frame.sequenceName ?? earlier?.name ?? bare
    return { ...base, sequence: { emails, ...(name === undefined ? {} : { name }) } }
  }
  if (intent === 'enrich-person') {
    const earlier = before?.intent === 'enrich-person' ? before.person : undefined
    const meant = frame.emails.length > 0 ? undefined : personMeant(frame.folded, said.people)
    const name = meant !== undefined && frame.employer === undefined ? meant.name : (frame.personName ?? earlier?.name)
    const [email = meant === undefined ? earlier?.email : undefined] = frame.emails
    const organisation = frame.employer ?? meant?.organisation ?? earlier?.organisation
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
    const name = frame.organisationName ?? (frame.people.keywords.length > 0 ? undefined : earlier?.name)
    return { ...base, organisation: { ...(name === undefined ? {} : { name }), locations, keywords } }
  }
  return { ...base, people: mergePeople(frame.people, peopleBefore(before)) }
}

/** Whom or what the conversation was about: "who are their CEOs?" after a list of companies. */
function peopleBefore(before: Understanding | undefined): PeopleFilter | undefined {
  if (before?.intent === 'find-people') return before.people
  if (before?.intent !== 'find-organisations' || before.organisation === undefined) return undefined
  const { name, locations, keywords } = before.organisation
  return { titles: [], seniorities: [], locations, keywords, organisations: name === undefined ? [] : [name] }
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

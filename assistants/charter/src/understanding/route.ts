import type { DateMention, TimeMention, When } from './dates.ts'
import { chain, samePlace, sortMeant } from './chain.ts'
import { airportByIcao } from './gazetteer.ts'
import type { Place } from './gazetteer.ts'
import { countryOfZone } from './regions.ts'
import type { PlaceMention } from './places.ts'
import {
  ONE_WAY_WORDS,
  ONLY_BACK,
  RETURN_WORDS,
  REVERSE_WORDS,
  ROUND_TRIP_WORDS,
  SAME_DAY_WORDS,
} from './tables/route-words.ts'
import { fold } from './text.ts'
import type { Segment } from './types.ts'

/** The legs a text speaks of, as far as it does. */
export interface Route {
  readonly legs: readonly Leg[]
  /** The places that are meant, and those that were named and taken back. */
  readonly places: readonly PlaceMention[]
  readonly dropped: readonly PlaceMention[]
  /** Whether it asks for the way back, and from where in the text. */
  readonly returns: boolean
  /** Days that stand in the text with no leg to go to. */
  readonly spareDates: readonly DateMention[]
  readonly spareTimes: readonly TimeMention[]
  /** Whether it asks for the way back and nothing else. */
  readonly onlyBack: boolean
  /** Whether it has any word for the way back. */
  readonly saysBack: boolean
  /** Whether it asks for the same the other way round. */
  readonly reverses: boolean
  readonly sameDay: boolean
  readonly oneWay: boolean
}

/** A leg under construction. */
export interface Leg extends Segment {
  readonly start: number
  /** Whether the text named this leg's ends itself, or the leg follows from another ("and back"). */
  readonly implied: boolean
}

/** The continent half a mention's neighbours lie in, to tell Naples from Naples. */
function regionOf(code: string): string {
  const airport = airportByIcao(code)
  return airport === undefined ? '' : airport.longitude < -30 ? 'A' : 'E'
}

/**
 * The airport meant, of several places with one name: the one in the state or country that was named with it, else the one on the
 * side of the world that the rest of the message, or the asker's clock, speaks of.
 */
export function chooseAirport(
  mention: PlaceMention | undefined,
  others: readonly PlaceMention[],
  timeZone: string,
): string | undefined {
  if (mention === undefined) return undefined
  const { places, within } = mention
  const usual = places[0]
  if (within !== undefined) {
    const exact = places.find(({ province }) => province !== undefined && province === within.province)
    const country = within.country ?? (within.province === undefined ? undefined : 'US')
    const near = places.find((place) => place.country === country)
    const usualFits = country === undefined || usual?.country === undefined || within.province === 'ontario'
    // "Rome, Georgia" is not the Rome that everybody knows.
    return (
      (exact !== undefined && near !== undefined && sharesAirport(exact, near) ? near : (exact ?? near))?.airports[0] ??
      (usualFits ? usual?.airports[0] : undefined)
    )
  }
  const homes = [countryOfZone(timeZone), ...others.filter((other) => other !== mention).map(countryOf)]
  // A country that the rest of the message speaks of counts more than where the asker is.
  for (const country of homes.toReversed()) {
    const there = places.find(({ region }) => region !== undefined && region.length === 2 && region === country)
    if (there !== undefined) return there.airports[0]
  }
  const sided = places.filter(({ region }) => region?.length === 1)
  if (sided.length === 0)
    return places.find(({ region }) => region === undefined || region.length === 1)?.airports[0] ?? usual?.airports[0]
  const company = others.find((other) => other !== mention && other.places.every(({ region }) => region?.length !== 1))
  const american = /^(?:America|US)\//.test(timeZone) ? 'A' : 'E'
  const side = company === undefined ? american : regionOf(company.places[0]?.airports[0] ?? '')
  return (sided.find((place) => place.region === side) ?? usual)?.airports[0]
}

function sharesAirport(a: Place, b: Place): boolean {
  return a.airports.some((code) => b.airports.includes(code))
}

function countryOf(mention: PlaceMention): string | undefined {
  return airportByIcao(mention.places[0]?.airports[0] ?? '')?.country
}

/** Reads legs, the way back, and which day and time belongs to which leg. */
export function readRoute(text: string, mentions: readonly PlaceMention[], when: When, timeZone: string): Route {
  const folded = fold(text)
  const oneWay = ONE_WAY_WORDS.test(folded)
  const backAt = oneWay ? undefined : backPosition(folded, mentions, when)
  const sameDay = SAME_DAY_WORDS.test(folded)
  const { meant: places, dropped } = sortMeant(folded, mentions)
  const open = chain(folded, places)
  const first = open[0]
  const lastLeg = open.at(-1)
  const alreadyBack =
    open.length > 1 && first?.from !== undefined && lastLeg?.to !== undefined && samePlace(first.from, lastLeg.to)
  // "3-6 December" on a single leg is there and back.
  const opened = when.dates.findIndex(({ opensRange }) => opensRange === true)
  const ranged = opened >= 0 && when.dates.length === 2 && open.length === 1 && !oneWay
  // "Back to New York on Sunday" says itself where the way back goes.
  const saidBack = backAt === undefined ? undefined : open.find((leg, index) => index > 0 && leg.start > backAt)
  if (saidBack !== undefined && saidBack.to === undefined && first?.from !== undefined) saidBack.to = first.from
  // "We are in A and go home to B" is the way out.
  const homeward =
    backAt !== undefined &&
    open.length === 1 &&
    first?.to !== undefined &&
    first.to.role === 'to' &&
    first.to.start > backAt &&
    !roundTrip(folded)
  const returns = (backAt !== undefined || ranged) && !alreadyBack && saidBack === undefined && !homeward
  if (returns && first?.from !== undefined && lastLeg?.to !== undefined) {
    open.push({ from: lastLeg.to, to: first.from, start: backAt ?? text.length, implied: true })
  }
  const bare = open.map((leg) => ({
    ...spread('from', chooseAirport(leg.from, mentions, timeZone)),
    ...spread('to', chooseAirport(leg.to, mentions, timeZone)),
    start: leg.start,
    implied: leg.implied,
  }))
  const dated = assign(bare, when.dates, (leg, mention) => ({ ...leg, date: mention.date }), backAt)
  const timed = assign(dated.legs, when.times, (leg, mention) => ({ ...leg, time: mention.time }), backAt)
  return {
    legs:
      sameDay || isShorthand(text, places, when) || places.some(({ role }) => role === 'via')
        ? fillSameDay(timed.legs)
        : backInTime(timed.legs, when),
    saysBack: folded.match(RETURN_WORDS) !== null,
    reverses: REVERSE_WORDS.test(folded),
    places,
    dropped,
    returns,
    spareDates: dated.spare,
    spareTimes: timed.spare,
    onlyBack: ONLY_BACK.test(folded),
    sameDay,
    oneWay,
  }
}

/**
 * Where a text begins to speak of the way back. "Coming home from Nice to London" is no way back: there the words stand before
 * the places, and only a round trip may be announced so.
 */
function backPosition(folded: string, mentions: readonly PlaceMention[], when: When): number | undefined {
  const free = (match: RegExpExecArray): boolean =>
    !mentions.some(({ start, end }) => match.index < end && match.index + match[0].length > start)
  const firstPlace = mentions[0]?.end ?? 0
  const after = [...folded.matchAll(RETURN_WORDS)].find((match) => free(match) && match.index >= firstPlace)
  // "Depart 3 Dec, return 5 Dec, TEB PBI": the second of two days says what the word means.
  const dated = [...folded.matchAll(RETURN_WORDS)].find(
    (match) =>
      free(match) &&
      when.dates.length > 1 &&
      when.dates.some(({ start }, index) => index > 0 && start > match.index && start - match.index < 24),
  )
  return after?.index ?? dated?.index ?? [...folded.matchAll(ROUND_TRIP_WORDS)].find(free)?.index
}

function roundTrip(folded: string): boolean {
  return folded.match(ROUND_TRIP_WORDS) !== null
}

function spread<K extends 'from' | 'to'>(key: K, value: string | undefined): { [P in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: string })
}

/**
 * Gives each leg its day (or time). As many as legs: in order. Fewer: by where they stand; a day right before or inside a leg
 * belongs to it, one after the words for the way back belongs to the way back.
 */
function assign<T extends DateMention | TimeMention>(
  legs: readonly Leg[],
  mentions: readonly T[],
  put: (leg: Leg, mention: T) => Leg,
  backAt: number | undefined,
): { legs: Leg[]; spare: T[] } {
  const out = [...legs]
  if (legs.length === 0) return { legs: out, spare: [...mentions] }
  const spare: T[] = []
  const given = new Set<number>()
  for (const [order, mention] of mentions.entries()) {
    let index = mentions.length >= legs.length ? order : homeOf(mention)
    if (index < legs.length && given.has(index)) index = [...legs.keys()].find((i) => !given.has(i)) ?? legs.length
    const leg = out[index]
    if (leg === undefined) {
      spare.push(mention)
      continue
    }
    given.add(index)
    out[index] = put(leg, mention)
  }
  return { legs: out, spare }

  function homeOf(mention: T): number {
    const back = legs.findIndex((leg) => leg.implied)
    if (back >= 0 && backAt !== undefined)
      return mention.start > backAt && mention.start - backAt < 60 && !beforeAnyLeg(mention) ? back : 0
    let home = 0
    for (const [index, leg] of legs.entries()) if (leg.start <= mention.start) home = index
    return home
  }

  function beforeAnyLeg(mention: T): boolean {
    return (
      legs.every((leg) => leg.implied || leg.start > mention.start) &&
      mentions.length === 1 &&
      backAt !== undefined &&
      legs.some((leg) => !leg.implied && leg.start > backAt)
    )
  }
}

/** "Tomorrow 8 am, back 6 pm": a way back with a time and no day is flown on the same day. */
function backInTime(legs: readonly Leg[], when: When): Leg[] {
  const date = legs[0]?.date
  if (date === undefined || when.dates.length !== 1 || when.times.length < 2) return [...legs]
  return legs.map((leg) => (leg.implied && leg.time !== undefined ? { date, ...leg } : leg))
}

function fillSameDay(legs: readonly Leg[]): Leg[] {
  const date = legs.find((leg) => leg.date !== undefined)?.date
  return date === undefined ? [...legs] : legs.map((leg) => ({ date, ...leg }))
}

/** "TEB-MIA-NAS-TEB, 4 Dec": a row of airports with one day is flown on that day. */
function isShorthand(text: string, mentions: readonly PlaceMention[], when: When): boolean {
  if (mentions.length < 3 || when.dates.length !== 1) return false
  return mentions.every((mention, index) => {
    const next = mentions[index + 1]
    return next === undefined || /^\s*(?:[-–—>/→]+|->)\s*$/.test(text.slice(mention.end, next.start))
  })
}

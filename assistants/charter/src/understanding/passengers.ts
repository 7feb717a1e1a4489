import {
  ALREADY_COUNTED,
  CHIEF,
  COMPANION,
  EXTRA_NOUNS,
  FEWER_PEOPLE,
  FIXED_COUNTS,
  FOR_PHRASES,
  IN_TOTAL,
  MEMBER_NOUNS,
  MORE_PEOPLE,
  MULTIPLES,
  NOBODY,
  NOT_PEOPLE,
  NUMBER_WORDS,
  PARENTS,
  PASSENGER_PHRASES,
  SPEAKER,
  SPEAKER_PLUS,
  SPEAKER_WITH,
  STAYS_BEHIND,
  TOTAL_NOUNS,
} from './tables/numbers.ts'
import { CORRECTION } from './tables/corrections.ts'
import { fold } from './text.ts'

const words = Object.keys(NUMBER_WORDS).sort((a, b) => b.length - a.length)
const NUMBER = `(\\d{1,3}|${words.join('|')})`
/** Where no noun follows, an article is no number: "per un volo". */
const ARTICLES: ReadonlySet<string> = new Set(['un', 'una', 'ein', 'eine', 'einen', 'une', 'um', 'uma'])
const BARE_NUMBER = `(\\d{1,3}|${words.filter((word) => !ARTICLES.has(word)).join('|')})`
/** The largest party an aircraft of any kind is chartered for. */
const MOST_PASSENGERS = 400
const NOT_INSIDE_A_NUMBER = '(?<![\\w.$€£:/-]|\\d,)'
const ADJECTIVE =
  '(?:[ -](?:adult|vip|more|other|business|weitere|altre|altri|autres|mas|mais|young|small|little|teenage|close|of (?:my|our|the)|dei nostri|unserer|de nos|de mis|piccol[ie]|kleine[rn]?|petits|pequen[oa]s|of)){0,2}'

const counted = (nouns: string): RegExp =>
  new RegExp(`${NOT_INSIDE_A_NUMBER}${NUMBER}${ADJECTIVE}[ -]*(?:${nouns})\\b`, 'g')
const totals = counted(TOTAL_NOUNS)
const members = counted(MEMBER_NOUNS)
const couples = new RegExp(`\\b${NUMBER} (?:couples|coppie|paare|parejas|casais)\\b`)
const couple =
  /\bcouple (?:with|and|plus|\+)|\b(?:a|one|the|young|married|una|un|ein|eine) (?:young |married |retired )?(?:couple|coppia|paar|pareja|casal)\b(?! of)/
const extras = new RegExp(
  `${NOT_INSIDE_A_NUMBER}(?:${NUMBER}|a|an|my|our|the|il|mio|un|una|unser|mein|notre|mon|mi|meu|minha)${ADJECTIVE} *(?:${EXTRA_NOUNS})\\b`,
  'g',
)
const withNumber = (phrases: readonly string[], tail: string): RegExp[] =>
  phrases.map((phrase) => new RegExp(`\\b${phrase.replace('N', BARE_NUMBER)}(?!\\w|\\.\\d)${tail}`))
const phrases = withNumber(PASSENGER_PHRASES, NOT_PEOPLE)
const sums = IN_TOTAL.map((phrase) => new RegExp(phrase.replace('N', BARE_NUMBER)))
const opening = new RegExp(`^\\W*${BARE_NUMBER}\\b${NOT_PEOPLE}`)
const bare = withNumber(FOR_PHRASES, NOT_PEOPLE)
const plus = withNumber(SPEAKER_PLUS, '')
const more = MORE_PEOPLE.map((phrase) => new RegExp(phrase.replace('N', NUMBER)))
const fewer = FEWER_PEOPLE.map((phrase) => new RegExp(phrase.replace('N', NUMBER)))
const labelled = new RegExp(
  `\\b(?:pax|passengers?|passeggeri|personen|passagiere|passagers|pasajeros|passageiros|persone|people|pob)\\b *(?:[:=x]|is|are|count:?)? *${NUMBER}\\b${NOT_PEOPLE}`,
)
const anything = new RegExp(`${NOT_INSIDE_A_NUMBER}${BARE_NUMBER} ([a-z]{3,}(?:s|i|e|en|er))\\b`, 'g')
const listed = new RegExp(`(?:^|[,;\\n]) *${BARE_NUMBER} *(?:$|[,;.\\n])`)
const alone = new RegExp(
  `^\\W*(?:just |only |solo |nur |juste |about |circa |there are |we are |ok |yes,? |e |und |et |y |and |siamo |sind )*${NUMBER}\\W*(?:please|bitte|grazie|per favore|svp|s'il vous plait|por favor|thanks|total|in total|now|instead)?\\W*$`,
)

function value(word: string | undefined): number | undefined {
  if (word === undefined) return undefined
  const number = /^\d+$/.test(word) ? Number(word) : NUMBER_WORDS[word]
  return number === undefined || number < 1 || number > MOST_PASSENGERS ? undefined : number
}

interface Counted {
  readonly count: number
  readonly start: number
  readonly end: number
}

function all(folded: string, pattern: RegExp): Counted[] {
  return [...folded.matchAll(pattern)].map((match) => ({
    count: match[1] === undefined ? 1 : (value(match[1]) ?? 0),
    start: match.index,
    end: match.index + match[0].length,
  }))
}

/** How many people a text says will fly. `asked`: whether it answers a question for just that, so that a bare number counts. */
export function findPassengers(text: string, asked = false): number | undefined {
  const folded = fold(text)
  return (
    first(sums, folded) ??
    byNouns(folded) ??
    first(phrases, folded) ??
    fixed(folded) ??
    value(labelled.exec(folded)?.[1]) ??
    first(bare, folded) ??
    (asked ? (value(alone.exec(folded)?.[1]) ?? value(opening.exec(folded)?.[1])) : undefined)
  )
}

function first(patterns: readonly RegExp[], folded: string): number | undefined {
  for (const pattern of patterns) {
    const number = value(pattern.exec(folded)?.[1])
    if (number !== undefined) return number
  }
  return undefined
}

function byNouns(folded: string): number | undefined {
  const everybody = withoutCorrected(all(folded, totals), folded)
  const kids = all(folded, extras).filter(
    (kid) => !everybody.some(({ start, end }) => kid.start < end && kid.end > start),
  )
  const some = withoutCorrected(all(folded, members), folded).filter(
    (member) => !kids.some(({ start, end }) => member.start < end && member.end > start),
  )
  const pairs = value(couples.exec(folded)?.[1])
  const multiples = MULTIPLES.reduce((total, [pattern, count]) => total + (pattern.test(folded) ? count : 0), 0)
  const sum = (list: readonly Counted[]): number => list.reduce((total, { count }) => total + count, 0)
  const phrase = first(phrases, folded)
  if (everybody.length > 0 || phrase !== undefined) {
    const base = everybody.length > 0 ? Math.max(...everybody.map(({ count }) => count)) : (phrase ?? 0)
    const last = everybody.at(-1)?.end ?? 0
    const added = [...kids, ...some].filter((more) => more.start >= last && isAdded(folded.slice(last, more.start)))
    return base === 0 ? undefined : base + sum(added)
  }
  if (pairs !== undefined) return 2 * pairs + sum(kids)
  if (couple.test(folded)) return 2 + sum(kids) + multiples
  const others = first(plus, folded)
  const along =
    some.some(({ start }) => SPEAKER_WITH.test(folded.slice(0, start))) ||
    [...folded.matchAll(COMPANION)].some(({ index }) => SPEAKER_WITH.test(folded.slice(0, index)))
  const speaker = SPEAKER.test(folded) || others !== undefined || along
  const parents = 2 * [...folded.matchAll(PARENTS)].length
  const chiefs = [...folded.matchAll(CHIEF)].filter(
    (chief) => ![...folded.matchAll(COMPANION)].some((other) => overlaps(chief, other)),
  ).length
  const companions = speaker ? [...folded.matchAll(COMPANION)].length + parents + chiefs : 0
  // "My wife and I and our daughter": the daughter is a companion and a child, and one person.
  const ownKids = kids.filter(({ count, start }) => count > 1 || !companionAt(folded, start))
  if (speaker && (companions > 0 || some.length > 0 || others !== undefined)) {
    const named = sum(some) + sum(ownKids)
    return 1 + companions + Math.max(named, companions > 0 ? 0 : (others ?? 0))
  }
  const heads = [...folded.matchAll(CHIEF), ...(speaker ? [] : folded.matchAll(COMPANION))]
  const spans = heads.filter((head, index) => heads.findIndex((other) => overlaps(head, other)) === index)
  const listed = some.length + ownKids.length > 0 || spans.length > 1
  const joins = spans.length > 0 && listed && LIST.test(folded.slice(spans[0]?.index ?? 0))
  if (joins)
    return (
      (speaker ? 1 : 0) +
      spans.length +
      sum(some) +
      sum(
        ownKids.filter(
          ({ start }) => !spans.some((head) => start >= head.index && start < head.index + head[0].length),
        ),
      )
    )
  const firstOf = some[0]?.start ?? 0
  const uncounted = kids.filter(({ start }) => start < firstOf || !ALREADY_COUNTED.test(folded.slice(firstOf, start)))
  const total = sum(some) + (some.length > 0 ? sum(uncounted) : 0)
  return total > 0 ? total : undefined
}

function overlaps(a: RegExpExecArray, b: RegExpExecArray): boolean {
  return a.index < b.index + b[0].length && a.index + a[0].length > b.index
}

/** Right after somebody named, it says that others come too. */
const LIST = /^(?:\S+ ){0,3}\S*(?:,| and\b| plus\b| with\b| \+| &| e\b| und\b| et\b| y\b| con\b| mit\b| avec\b)/

function companionAt(folded: string, at: number): boolean {
  return [...folded.matchAll(COMPANION)].some((match) => at >= match.index && at < match.index + match[0].length)
}

function isAdded(between: string): boolean {
  return (
    /\b(?:plus|and|piu|und|et|y|mas|mais|e|with|mit|con|avec|com)\b|[+&]/.test(between) &&
    !ALREADY_COUNTED.test(between) &&
    !between.includes('(')
  )
}

/** "4 people, no wait, 5 people": the later one. */
function withoutCorrected(list: readonly Counted[], folded: string): Counted[] {
  return list.filter(({ end }, index) => {
    const next = list[index + 1]
    return next === undefined || !CORRECTION.test(`${folded.slice(end, next.start)}x`.replace(/x$/, ''))
  })
}

function fixed(folded: string): number | undefined {
  const count = FIXED_COUNTS.find(([pattern]) => pattern.test(folded))?.[1]
  if (count === undefined || count === 1) return count
  return count + all(folded, extras).reduce((total, kid) => total + kid.count, 0)
}

/** The last resort, for a message that has all the rest of a trip: "2 lovebirds", any plural that is not known to be something else. */
export function findAnyCounted(text: string): number | undefined {
  for (const match of fold(text).matchAll(anything)) {
    if (!NOBODY.test(match[2] ?? '')) return value(match[1])
  }
  return undefined
}

/** A number alone between commas, in a list that has all the rest: "5 Dec, Teterboro, Dulles, 4". */
export function findListedPassengers(text: string, afterPlaces = 0): number | undefined {
  const folded = fold(text)
  return (
    value(listed.exec(folded)?.[1]) ?? (afterPlaces > 0 ? value(alone.exec(folded.slice(afterPlaces))?.[1]) : undefined)
  )
}

/** How many a text adds to those who were to fly before, or takes away: "plus two kids", "one less". */
export function findMorePassengers(text: string): number | undefined {
  const folded = fold(text)
  for (const pattern of fewer) {
    const number = value(pattern.exec(folded)?.[1])
    if (number !== undefined) return -number
  }
  if (STAYS_BEHIND.test(folded)) {
    const absent = [...folded.matchAll(COMPANION)].length
    if (absent > 0) return -absent
  }
  for (const pattern of more) {
    const number = value(pattern.exec(folded)?.[1])
    if (number !== undefined) return number
  }
  const joins =
    /\b(?:coming too|joining|joins|tags? along|tagging along|will come|comes? (?:too|along|with)|is coming|viene anche|kommt (?:auch )?mit|vient aussi|viene tambien|vem tambem|as well|also)\b/.test(
      folded,
    )
  const companions = [...folded.matchAll(COMPANION)].length
  return joins && companions > 0 ? companions : undefined
}

import { airportByIcao, placesNamed } from './gazetteer.ts'
import { nearestName } from './misspelt.ts'
import { regionNamed } from './regions.ts'
import { CATEGORIES } from './tables/aircraft.ts'
import { COMMON_WORDS } from './tables/common-words.ts'
import { nameKey } from './text.ts'

/** A stretch of a text. */
interface Span {
  readonly start: number
  readonly end: number
}

const NAME = String.raw`\p{Lu}[\p{L}'-]+`

/** "My name is Paris Jackson". */
const OWN_NAME = new RegExp(
  String.raw`\b(?:[Mm]y name is|[Nn]ame is|[Tt]his is|[Mm]i chiamo|[Ii]ch hei(?:ss|ß)e|[Mm]ein [Nn]ame ist|[Jj]e m'appelle|[Mm]e llamo|[Mm]eu nome é|[Mm]e chamo|[Hh]ere's|[Rr]egards,?|[Cc]heers,?|[Bb]est,)\s+(?<name>${NAME}(?:\s+${NAME})?)`,
  'dgu',
)

/** "Mr. Houston", "la signora Messina": nobody's title stands before a place. */
const TITLED = new RegExp(
  String.raw`(?<![\p{L}'])(?:(?:[Mm]r|[Mm]rs|[Mm]s|[Mm]iss|[Dd]r|[Pp]rof|[Ss]ir|[Ll]ady|[Ss]ig|[Ss]ig\.ra|[Dd]ott|[Dd]ott\.ssa|[Ii]ng|[Aa]vv|[Hh]err|[Ff]rau|[Mm]me|[Ss]r|[Ss]ra)\.?|[Ss]ignora?|[Ss]ignor|[Dd]ottor|[Dd]ottoressa|[Aa]vvocat[oa]|[Ii]ngegnere?|[Mm]onsieur|[Mm]adame|[Ss]eñora?|[Ss]enhora?)\s+(?<name>${NAME})(?:\s+(?<second>${NAME}))?`,
  'dgu',
)

/** "For Ada Lovelace", "per Ada Lovelace": a weak word of direction and two words with capitals. */
const FOR_SOMEBODY = new RegExp(
  String.raw`(?<![\p{L}'])(?:[Ff]or|[Pp]er|[Pp]our|[Pp]ara)\s+(?<name>(?<first>${NAME})\s+(?<second>${NAME}))`,
  'dgu',
)

/** Large places by whose names people are called too, folded. Behind another one stands a quarter of it or an airport: "per Napoli Capodichino". */
const GIVEN_NAMES: ReadonlySet<string> = new Set(
  'adelaide alexandria anchorage asuncion aurora austin bristol brooklyn carolina charlotte chelsea cheyenne dallas denver devon diego eugene florence francisco geneva georgia helena houston india israel jackson jordan kingston lincoln london lorraine lourdes madison milan nashville orlando paris petra phoenix raleigh regina roma salvador santiago savannah sienna siena sofia sydney trinidad troy tyler valencia valentia venice verona victoria vienna virginia'.split(
    ' ',
  ),
)

/** Each of those is compared with thousands of names; a message made to be full of them must not cost more than a real one. */
const MOST_LOOKED_AT = 10

/** Where a text names persons, so that no place is read out of a name. */
export function personsNamed(text: string, language: string): Span[] {
  const own = [...text.matchAll(OWN_NAME)].map((match) => spanOf(match, 'name'))
  const titled = [...text.matchAll(TITLED)].flatMap((match) => {
    const second = match.groups?.['second']
    const isHis = second !== undefined && isOnlyName(second)
    return isHis ? [spanOf(match, 'name'), spanOf(match, 'second')] : [spanOf(match, 'name')]
  })
  // In German every noun has a capital.
  const meant = language === 'de' ? [] : [...text.matchAll(FOR_SOMEBODY)].slice(0, MOST_LOOKED_AT)
  return [...own, ...titled, ...meant.filter(isSomebody).map((match) => spanOf(match, 'name'))]
}

function spanOf({ indices }: RegExpMatchArray, group: string): Span {
  const [start, end] = indices?.groups?.[group] ?? [0, 0]
  return { start, end }
}

/** Two words that are a name and no place: not "San Francisco", "Miami Executive", "Nice Geneva", "Miami Gulfstream". */
function isSomebody({ groups }: RegExpMatchArray): boolean {
  const { name = '', first = '', second = '' } = groups ?? {}
  const key = nameKey(name)
  if ([first, second].some((word) => COMMON_WORDS.has(nameKey(word)))) return false
  if (placesNamed(key).length > 0 || regionNamed(key) !== undefined || CATEGORIES.some(([, said]) => said.test(key)))
    return false
  const [place] = placesNamed(nameKey(first))
  // "Marco Venezia": the first word is nobody's way to say where.
  if (!isOnlyName(second)) return place === undefined && placesNamed(nameKey(second)).length > 0
  if (place?.kind === 'metro' && !GIVEN_NAMES.has(nameKey(first))) return false
  if (place !== undefined) return !isInAirportOf(nameKey(first), nameKey(second))
  return nearestName(key) === undefined
}

/** A word that may be a family's name, and means nothing else here. */
function isOnlyName(word: string): boolean {
  const key = nameKey(word)
  return placesNamed(key).length === 0 && regionNamed(key) === undefined && !COMMON_WORDS.has(key)
}

/** "Paris Charles", "Charlotte Douglas": how an airport of the place is called. */
function isInAirportOf(place: string, word: string): boolean {
  return placesNamed(place).some(({ airports }) =>
    airports.some((icao) => nameKey(airportByIcao(icao)?.name ?? '').includes(word)),
  )
}

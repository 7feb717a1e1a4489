import { COMPANY_NOUN, findKeywords } from './business.ts'
import { placesNamed } from './gazetteer.ts'
import { findTitles } from './job-titles.ts'
import { isNoName } from './person.ts'
import type { PlaceMention } from './places.ts'
import { regionNamed } from './regions.ts'
import { COMMON_WORDS } from './tables/common-words.ts'
import { STOP_WORDS } from './tables/name-words.ts'
import { fold, nameKey } from './text.ts'

/** What stands before the name of an organisation. */
const AT_ORGANISATION =
  /(?:\b(?:at|of|from|with|works? (?:at|for)|working (?:at|for)|employed by|di|presso|bei|chez|de|du|en|del|na)|@)\s+(?:the |la |il |el |le |der |den |dem )?/g
const NAME_WORD = /^(?:\p{Lu}[\p{L}\p{N}'&.-]*|&|and|of|de|und|y|e|[A-Z0-9]{2,})$/u

/** Names of organisations: written with capitals after "at" and the like, and not a place. */
export function findOrganisations(text: string, places: readonly PlaceMention[]): string[] {
  const found: string[] = []
  for (const match of text.matchAll(AT_ORGANISATION)) {
    const start = match.index + match[0].length
    const words: string[] = []
    for (const word of text.slice(start).split(/\s+/)) {
      const bare = word
        .replace(/[,;:!?)"]+$|(?<=\w{2})\.$/, '')
        .replace(/^["(]/, '')
        .replace(/'s$/, '')
      if (bare === '' || !NAME_WORD.test(bare)) break
      words.push(bare)
      if (bare !== word) break
    }
    while (/^(?:&|and|of|de|und|y|e)$/.test(words.at(-1) ?? '')) words.pop()
    const name = words.join(' ')
    if (!/\p{Lu}/u.test(name) || isPlaceOrTitle(name, start, places)) continue
    found.push(name)
  }
  return [...new Set(found)]
}

function isPlaceOrTitle(name: string, start: number, places: readonly PlaceMention[]): boolean {
  const key = nameKey(name)
  if (key.length < 2 || regionNamed(key) !== undefined || placesNamed(key).some(({ kind }) => kind !== 'airport'))
    return true
  if (places.some((place) => start >= place.start && start < place.end && name.length <= place.end - place.start + 2))
    return true
  if (
    findTitles(name).titles.length > 0 ||
    findKeywords(name).some((keyword) => fold(name).length <= keyword.length + 4)
  )
    return true
  if (findKeywords(name).length > 0 || COMPANY_NOUN.test(fold(name))) return true
  return /^(?:Monday|Fortune \d+|FTSE|DAX|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|May|June|July|August|September|October|November|December|I|We|The)$/.test(
    name,
  )
}

/** In text without capitals: up to three words after "at". */
export function findPlainOrganisation(text: string, places: readonly PlaceMention[]): string | undefined {
  const match = /(?:\b(?:at|presso|bei|chez|works? (?:at|for))|@)\s+([\p{L}\p{N}&.' -]{2,40})/iu.exec(text)
  if (match === null) return undefined
  const start = match.index + match[0].length - (match[1]?.length ?? 0)
  const words: string[] = []
  let at = start
  for (const word of (match[1] ?? '').split(' ')) {
    const key = nameKey(word)
    const place = places.some((mention) => at >= mention.start && at < mention.end)
    if (key === '' || place || STOP_WORDS.has(key) || words.length === 3) break
    words.push(word)
    at += word.length + 1
  }
  const name = words.join(' ').replace(/[.' -]+$/, '')
  return name === '' || /^\d/.test(name) || isPlaceOrTitle(name, start, []) || findKeywords(name).length > 0
    ? undefined
    : name
}

/** The name of a company that is looked up itself: "find Acme Corp", "the company Larkspur Holdings". */
export function findOrganisationName(text: string): string | undefined {
  const after =
    /\b(?:company|firm|organi[sz]ation|business|azienda|società|impresa|Firma|Unternehmen|entreprise|société|empresa|compañía)\s+(?:called |named |chiamata |namens |appelée |llamada |chamada )?["']?((?:\p{Lu}|\d)[\p{L}\d&.'-]*(?:\s+(?:\p{Lu}|\d|&)[\p{L}\d&.'-]*){0,4})/u.exec(
      text,
    )
  if (after?.[1] !== undefined) return after[1].replace(/[."']+$/, '')
  const formal =
    /((?:\p{Lu}[\p{L}\d&.'-]*\s+){1,4}(?:Corp(?:oration)?|Inc|Ltd|LLC|LLP|GmbH|AG|SE|S\.?p\.?A|S\.?r\.?l|S\.?A|PLC|Plc|plc|Holdings?|Group|Industries|Partners|Capital|Ventures|Technologies|Systems|Pharma|Bank|Foundation)\b\.?)/u.exec(
      text,
    )
  const words = formal?.[1]?.split(/\s+/) ?? []
  while (words.length > 0 && isNoName(words[0] ?? '')) words.shift()
  return words.length < 2 ? undefined : words.join(' ').replace(/\.$/, '')
}

/** Who operates the aircraft a text asks about: "VistaJet's fleet", "jets operated by NetJets", "what does Luxaviation fly". */
export function findOperator(text: string): string | undefined {
  for (const pattern of OPERATOR) {
    const name = pattern
      .exec(text)?.[1]
      ?.trim()
      .replace(/['’]s?$/, '')
    if (name === undefined || name === '') continue
    const key = nameKey(name)
    const known =
      placesNamed(key).length > 0 || regionNamed(key) !== undefined || COMMON_WORDS.has(key) || NOT_OPERATORS.has(key)
    if (!known) return name
  }
  return undefined
}

const NAME = "[\\p{Lu}\\d][\\p{L}\\d&.'-]*(?: (?:[\\p{Lu}\\d&][\\p{L}\\d&.'-]*)){0,3}"
const OPERATOR: readonly RegExp[] = [
  new RegExp(`(${NAME})(?:['’]s|['’]) (?:\\p{L}+ ){0,2}(?:fleet|jets|aircraft|planes|turboprops|tails)`, 'u'),
  new RegExp(
    `(?:fleet|flotta|Flotte|flotte|flota|frota|jets|aircraft|planes|aerei|Flugzeuge|avions|aviones|aeronaves|jatos)(?: list)? (?:of|for|di|von|de|da|do|der|from|operated by|owned by|flown by|operati da|exploités par) (?:the |la |der |l')?(${NAME})`,
    'u',
  ),
  new RegExp(`(?:operated|owned|flown|run|managed) by (${NAME})`, 'u'),
  new RegExp(
    `\\b(?:does|do|has|have|did|hat|betreibt|fliegt|ha|opera|exploite|tiene|tem) (${NAME})(?: (?:have|operate|fly|own|got|run|offer|currently)\\b|\\?|$)`,
    'u',
  ),
  /\b([a-z][a-z0-9]+jets?|[a-z]+ (?:aviation|jet|air charter))(?:['’]?s)? (?:\w+ )?(?:fleet|aircraft|planes)/i,
  new RegExp(`(${NAME}) (?:fleet|Flotte|aircraft)(?: list)?\\b`, 'u'),
]
const NOT_OPERATORS: ReadonlySet<string> = new Set(
  'show list show me what which your the our heavy light midsize available private charter whole entire full current jet jets i you we u cessna gulfstream bombardier embraer dassault pilatus'.split(
    ' ',
  ),
)

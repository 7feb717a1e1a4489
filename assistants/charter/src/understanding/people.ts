import { allNames, placesNamed } from './gazetteer.ts'
import type { PlaceMention } from './places.ts'
import { COMMON_WORDS } from './tables/common-words.ts'
import { INDUSTRIES } from './tables/industries.ts'
import { REGIONS } from './tables/regions.ts'
import { SENIORITIES, TITLES, TITLE_PATTERN } from './tables/titles.ts'
import { fold, nameKey, tokenize } from './text.ts'
import type { PeopleFilter } from './types.ts'

interface Compiled {
  readonly name: string
  readonly pattern: RegExp
}

function compile(table: readonly (readonly [string, string])[]): Compiled[] {
  return table.map(([name, pattern]) => ({ name, pattern: new RegExp(`(?<![\\w@.])(?:${pattern})(?![\\w@])`, 'g') }))
}

const titles = compile(TITLES)
const seniorities = compile(SENIORITIES)
const industries = compile(INDUSTRIES)
const regionKeys = new Map(REGIONS.map((region) => [nameKey(region), region]))
const longestRegion = 3

/** E-mail addresses of a text, as typed. */
export function findEmails(text: string): string[] {
  return [...new Set(text.match(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g) ?? [])]
}

/** Job titles, in Apollo's spelling. */
export function findTitles(text: string): { titles: string[]; seniorities: string[] } {
  let rest = fold(text)
  const found: { at: number; name: string }[] = []
  const take = (list: readonly Compiled[]): void => {
    for (const { name, pattern } of list) {
      rest = rest.replaceAll(pattern, (match: string, ...groups: unknown[]) => {
        found.push({ at: Number(groups.at(-2)), name })
        return ' '.repeat(match.length)
      })
    }
  }
  take(titles)
  rest = rest.replaceAll(TITLE_PATTERN, (match: string, ...groups: unknown[]) => {
    found.push({
      at: Number(groups.at(-2)),
      name: match.replace(/\b(head|director|vp|vice president|manager|svp|evp|lead)s\b/, '$1'),
    })
    return ' '.repeat(match.length)
  })
  const names = [...new Set(found.sort((a, b) => a.at - b.at).map(({ name }) => name))]
  const levels = seniorities.filter(({ pattern }) => rest.match(pattern) !== null).map(({ name }) => name)
  return { titles: names, seniorities: [...new Set(levels)] }
}

/** Lines of business. */
export function findKeywords(text: string): string[] {
  let rest = fold(text)
  const found: string[] = []
  for (const { name, pattern } of industries) {
    rest = rest.replaceAll(pattern, (match: string) => {
      found.push(name)
      return ' '.repeat(match.length)
    })
  }
  return [...new Set(found)]
}

/** Cities, states and countries people are looked for in. */
export function findLocations(text: string, places: readonly PlaceMention[]): string[] {
  const found: { at: number; name: string }[] = []
  for (const { places: meant, start, end, qualifier } of places) {
    const [usual] = meant
    if (usual === undefined || usual.kind === 'airport') continue
    found.push({ at: start, name: qualifier === undefined ? usual.name : `${usual.name}, ${qualifier}` })
    void end
  }
  const tokens = tokenize(text)
  for (let i = 0; i < tokens.length; i += 1) {
    for (let size = longestRegion; size >= 1; size -= 1) {
      const span = tokens.slice(i, i + size)
      const first = span[0]
      const last = span.at(-1)
      if (first === undefined || last === undefined || span.length < size) continue
      const key = span.map(({ word }) => word).join(' ')
      const short = key.length <= 2 && first.raw !== first.raw.toUpperCase()
      const inside = places.some(({ start, end }) => first.start < end && last.end > start)
      if (!regionKeys.has(key) || short || inside) continue
      found.push({ at: first.start, name: text.slice(first.start, last.end) })
      i += size - 1
      break
    }
  }
  return [...new Set(found.sort((a, b) => a.at - b.at).map(({ name }) => name))]
}

/** What stands before the name of an organisation. */
const AT_ORGANISATION =
  /(?:\b(?:at|of|from|with|for|works? (?:at|for)|working (?:at|for)|employed by|di|da|presso|in|bei|von|der|chez|de|du|en|del)|@)\s+(?:the |la |il |el |le )?/g
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
  if (key.length < 2 || regionKeys.has(key) || placesNamed(key).some(({ kind }) => kind !== 'airport')) return true
  if (places.some((place) => start >= place.start && start < place.end && name.length <= place.end - place.start + 2))
    return true
  if (
    findTitles(name).titles.length > 0 ||
    findKeywords(name).some((keyword) => fold(name).length <= keyword.length + 4)
  )
    return true
  return /^(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|May|June|July|August|September|October|November|December|I|We|The)$/.test(
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

const STOP_WORDS: ReadonlySet<string> = new Set(
  'in and or to for on with who that from based near please pls thanks the a an their e in und oder et ou y o companies company firms aziende firmen startups large big small least am pm'.split(
    ' ',
  ),
)

/** A person's name: two or more capitalised words, or the words after "look up" and the like. */
export function findPersonName(
  text: string,
  places: readonly PlaceMention[],
  organisations: readonly string[],
): string | undefined {
  const candidates = text.matchAll(
    /(?<![\p{L}@.])\p{Lu}[\p{Ll}'-]+\p{L}*(?:\s+(?:(?:van|von|de|di|del|della|la|le|bin|al)\s+){0,2}\p{Lu}[\p{L}'-]+){1,3}/gu,
  )
  for (const match of candidates) {
    const words = match[0].split(/\s+/)
    while (words.length > 1 && LEADING_WORDS.has(fold(words[0] ?? ''))) words.shift()
    const name = words.join(' ')
    const key = nameKey(name)
    if (
      words.length < 2 ||
      organisations.some((organisation) => nameKey(organisation).includes(key) || key.includes(nameKey(organisation)))
    )
      continue
    if (
      placesNamed(key).length > 0 ||
      places.some(
        ({ start, end }) => match.index < end && match.index + match[0].length > start && end - start >= name.length,
      )
    )
      continue
    if (findTitles(name).titles.length > 0) continue
    return name
  }
  const spoken =
    /\b(?:look ?up|who(?:'s| is)|tell me about|enrich|(?:e-?mail|phone|number|details|contact|info|profile|linkedin)(?: address| number| info| details)? (?:of|for|about|on)|about|on|mail von|email di|email de|wer ist|chi e|qui est|quien es)\s+((?!the\b|a\b|an\b|our\b|my\b)[a-z'-]+\s+(?!at\b|from\b|in\b)[a-z'-]+)\b/.exec(
      fold(text),
    )
  const raw = spoken?.[1]
  if (raw === undefined || raw.split(' ').some((word) => COMMON_WORDS.has(word)) || findTitles(raw).titles.length > 0)
    return undefined
  return raw.replaceAll(/(^|[\s'-])\p{L}/gu, (letter) => letter.toUpperCase())
}

const LEADING_WORDS: ReadonlySet<string> = new Set(
  'find enrich look lookup search get add put who what is email please can could hi hello tell give show the contact for phone run pull cerca trova aggiungi arricchisci suche finde wer chi qui quien cherche trouve busca ajoute anade fuge mail dear contact'.split(
    ' ',
  ),
)

/** The name of a sequence: quoted, or beside the word. */
export function findSequenceName(text: string): string | undefined {
  const noun =
    '(?:sequence|seqeunce|cadence|campaign|drip|outreach|sequenza|campagna|cadenza|sequenz|kampagne|séquence|campagne|cadence|secuencia|campaña|campana|cadencia)'
  const quoted = new RegExp(`["']([^"']{2,60})["']`).exec(text)
  if (quoted !== null && new RegExp(noun, 'i').test(text)) return quoted[1]
  const named = new RegExp(
    `${noun}\\s+(?:called |named |namens |genannt |chiamata |appelée |llamada |: ?)?((?:\\p{Lu}|\\d)[\\p{L}\\p{N}&'/-]*(?:\\s+(?:\\p{Lu}|\\d)[\\p{L}\\p{N}&'/-]*)*)`,
    'u',
  ).exec(text)
  if (named !== null) return named[1]
  const before = new RegExp(
    `\\b(?:to|into|in|on|onto|zur|zu|der|die|in die|alla|nella|à la|a la|dans la|en la)\\s+(?:(?:the|our|my|a|der|die|la|nostra|unsere|unserer|notre|nuestra)\\s+)?((?:[\\p{L}\\p{N}&'/-]+\\s+){0,4}?[\\p{L}\\p{N}&'/-]+)[\\s-]+(?:email |e-mail |outreach )?${noun}\\b`,
    'iu',
  ).exec(text)
  const name = before?.[1]?.replace(/^(?:the|our|my|a|la|die|der)\s+/i, '')
  if (name !== undefined && !/^(?:the|our|my|a|la|die|der|email|e-mail|this|that)$/i.test(name)) return name
  const after = new RegExp(
    `${noun}\\s+((?!for|with|to|please|and|per|mit|pour|con|bitte|hinzu|auf)[\\p{L}\\p{N}&'/-]+(?:\\s+(?!for|with|to|please|and|per|mit|pour|con|bitte|hinzu|auf)[\\p{L}\\p{N}&'/-]+){0,3})`,
    'iu',
  ).exec(text)
  return after?.[1]
}

/** Everything a text says about the people looked for. */
export function findPeople(text: string, places: readonly PlaceMention[]): PeopleFilter {
  const { titles: named, seniorities: levels } = findTitles(text)
  const organisations = findOrganisations(text, places)
  const plain = organisations.length === 0 ? findPlainOrganisation(text, places) : undefined
  const locations = findLocations(text, places)
  return {
    titles: named,
    seniorities: named.length > 0 ? [] : levels,
    locations,
    keywords: findKeywords(text),
    organisations: plain === undefined ? organisations : [plain],
  }
}

/** For tests: how many names the index holds. */
export function namesKnown(): number {
  return [...allNames()].length
}

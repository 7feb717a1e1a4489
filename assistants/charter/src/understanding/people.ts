import { placesNamed } from './gazetteer.ts'
import type { PlaceMention } from './places.ts'
import { COMMON_WORDS } from './tables/common-words.ts'
import { INDUSTRIES } from './tables/industries.ts'
import { regionNamed } from './regions.ts'
import { SENIORITIES, TITLES, TITLE_PATTERN, TRADE_PATTERN } from './tables/titles.ts'
import { fold, isShouting, nameKey, tokenize } from './text.ts'
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
  rest = rest.replaceAll(TRADE_PATTERN, (match: string, ...groups: unknown[]) => {
    found.push({ at: Number(groups.at(-2)), name: singular(match) })
    return ' '.repeat(match.length)
  })
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

function singular(title: string): string {
  return title.replace(/ies$/, 'y').replace(/ches$/, 'ch').replace(/s$/, '')
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

/** What kind of company is meant, in the words of the message: "sovereign wealth funds", "agences événementielles". */
export function findCompanyKinds(text: string): string[] {
  const folded = fold(text)
  const found: string[] = []
  for (const match of folded.matchAll(KIND_BEFORE)) {
    const words = text.slice(match.index, match.index + match[0].length).split(' ')
    const stop = words.findLastIndex((word) => COMMON_WORDS.has(fold(word)) || KIND_STOP.test(fold(word)))
    words.splice(0, Math.min(stop + 1, words.length - 1))
    if (words.length > 1 && !words.some((word) => placesNamed(fold(word)).some(({ kind }) => kind === 'metro')))
      found.push(words.join(' '))
  }
  for (const match of folded.matchAll(KIND_AFTER)) {
    const kind = match[1]
    const start = match.index + match[0].length - (kind?.length ?? 0)
    if (kind !== undefined && !COMMON_WORDS.has(kind) && !KIND_STOP.test(kind) && placesNamed(kind).length === 0)
      found.push(text.slice(start, start + kind.length))
  }
  for (const match of folded.matchAll(KIND_WITHIN))
    if (match[1] !== undefined && match[1].length > 3)
      found.push(text.slice(match.index, match.index + match[1].length))
  return found
}

const KIND_BEFORE =
  /\b(?:[a-z&-]+ ){1,3}(?:companies|firms|funds|agencies|studios|brands|manufacturers|makers|groups|houses|dealers|dealerships|developers|producers|suppliers|operators|brokers|clinics|practices|chains|galleries|labels|clubs|teams|associations|institutes|schools|shops|stores|consultancies|boutiques|distributors|wholesalers|contractors|builders|publishers|foundations|organi[sz]ations|businesses|offices|banks)\b/g
const KIND_AFTER =
  /\b(?:aziende|societa|imprese|ditte|agenzie|studi|case|gruppi|entreprises|societes|agences|maisons|cabinets|groupes|empresas|companias|agencias|sociedades|grupos|fundos|fondos|escritorios|despachos)\s+(?:di |de |d'|del |della |do |da |dell')?([a-z-]{4,})\b/g
const KIND_WITHIN =
  /\b([a-z]+?)s?(?:firmen|unternehmen|hersteller|betriebe|agenturen|gesellschaften|branche|konzerne)\b/g
const KIND_STOP =
  /^(?:of|in|at|for|the|and|or|to|from|find|list|show|get|give|which|what|are|there|any|all|some|me|us|our|your|with|by|on|who|that|need|want|looking|ceos?|cfos?|heads?|managers?|directors?|executives?|assistants?|partners?|owners?|presidents?|decision|large|small|big|local|good|best|top|major|biggest|leading|new|private|\d+)$/

/** Cities, states and countries people are looked for in. */
export function findLocations(text: string, places: readonly PlaceMention[]): string[] {
  const found: { at: number; name: string }[] = []
  for (const { places: meant, start, qualifier, exact, role } of places) {
    const [usual] = meant
    if (usual === undefined || usual.kind === 'airport') continue
    // "From Prada" is no misspelt Praga.
    if (!exact && (role === 'from' || /\b(?:at|bei|presso|chez|of|for|with)\s+$/i.test(text.slice(0, start)))) continue
    found.push({ at: start, name: qualifier === undefined ? usual.name : `${usual.name}, ${qualifier}` })
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
      if (regionNamed(key) === undefined || short || inside) continue
      found.push({ at: first.start, name: text.slice(first.start, last.end) })
      i += size - 1
      break
    }
  }
  return [...new Set(found.sort((a, b) => a.at - b.at).map(({ name }) => name))]
}

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

/** A word for companies in general. Folded text. */
export const COMPANY_NOUN =
  /\b(?:compan(?:y|ies|ys)|firms?|businesses|corporations?|corporates|organi[sz]ations?|start-?ups?|agenc(?:y|ies)|shops|funds?|clubs?|teams?|brands?|studios?|labels?|manufacturers?|makers?|producers? of|developers|brokers|dealers(?:hips?)?|retailers|chains?|banks?|universit(?:y|ies)|hospitals?|hotels|resorts|wineries|breweries|aziende|azienda|societa|imprese|impresa|ditte|agenzie|banche|squadre|unternehmen|firmen|konzerne|kanzleien|banken|vereine|\w+unternehmen|\w+firmen|\w+hersteller|\w+banken|entreprises?|societes?|boites|cabinets|banques|agences|maisons|clubs|empresas?|companias?|sociedades|bufetes|bancos|agencias|fundos?|fondos?|fonds|escritorios|companhias|family offices?|hedge ?funds?|law firms?)\b/

const STOP_WORDS: ReadonlySet<string> = new Set(
  'in and or to for on with who that from based near please pls thanks the a an their e in und oder et ou y o companies company firms aziende firmen startups large big small least am pm'.split(
    ' ',
  ),
)

const CAPITALISED =
  /(?<![\p{L}@.])\p{Lu}[\p{L}'’-]*\.?(?:\s+(?:van|von|de|di|del|della|la|le|bin|al|da|dos|du|den|der)(?:\s+(?:la|der|den))?)?(?:\s+\p{Lu}[\p{L}'’-]+){1,3}/gu
/** Right before a name it says that an employer follows. */
const EMPLOYER_BEFORE =
  /(?:\b(?:at|with|presso|bei|chez|works? (?:at|for)|firma|company|azienda|empresa|na|of the)|@)\s+(?:the )?$/i

/** A person's name: two or more capitalised words, or the words after "look up" and the like. */
export function findPersonName(
  text: string,
  places: readonly PlaceMention[],
): { name: string; start: number; end: number } | undefined {
  for (const match of isShouting(text) ? [] : text.matchAll(CAPITALISED)) {
    const words = match[0].split(/\s+/)
    let start = match.index
    while (words.length > 1 && isNoName(words[0] ?? '')) {
      start += (words.shift() ?? '').length + 1
    }
    const name = words.join(' ').replace(/['’]s$/, '')
    const key = nameKey(name)
    if (words.length < 2 || EMPLOYER_BEFORE.test(text.slice(0, start))) continue
    const within = places.some(
      (place) => start < place.end && start + name.length > place.start && place.end - place.start >= name.length - 2,
    )
    if (within || placesNamed(key).length > 0 || findTitles(name).titles.length > 0) continue
    return { name, start, end: start + name.length }
  }
  const folded = fold(text)
  const spoken = SPOKEN_NAME.exec(folded)
  const raw = spoken?.[1]
  if (spoken === null || raw === undefined) return undefined
  if (raw.split(' ').some((word) => COMMON_WORDS.has(word)) || findTitles(raw).titles.length > 0) return undefined
  const start = spoken.index + spoken[0].length - raw.length
  const name = raw.replaceAll(/(^|[\s'-])\p{L}/gu, (letter) => letter.toUpperCase())
  return { name, start, end: start + raw.length }
}

function isNoName(word: string): boolean {
  const plain = fold(word).replace(/\.$/, '')
  return LEADING_WORDS.has(plain) || COMMON_WORDS.has(plain) || /^(?:von|di|de|da|du|del|of|for|d')$/.test(plain)
}

const SPOKEN_NAME =
  /\b(?:look ?up|who(?:'s| is)|tell me about|enrich|find|(?:e-?mail|mail|phone|number|details|contact|contacts|info|profile|linkedin|telefono|telefon|telephone|correo|recapiti|contatti|dati|datos|dados|coordonnees)(?: address| number| info| details)? (?:of|for|about|on|di|von|de|do|da|fur)|about|wer ist|chi e|qui est|quien es|quem e|arricchisci)\s+((?!the\b|a\b|an\b|our\b|my\b|me\b|all\b|some\b)[a-z'-]{2,}\s+(?!at\b|from\b|in\b|and\b|of\b|di\b|von\b|de\b|for\b|bei\b|presso\b|chez\b)[a-z'-]{2,})(?=\s+(?:at|from|of|di|von|de|bei|presso|chez|en|da|do|@|in)\b|\s*[,?.!]|\s*$)/

/** The employer of a person: what follows the name after "at", "of", "di" and the like. */
export function findEmployer(text: string, person: { readonly end: number } | undefined): string | undefined {
  const rest = person === undefined ? text : text.slice(person.end)
  // "Giulia Conti, direttrice marketing di Lavazza"
  const after = rest.replace(
    /^\s*,\s*(?:the |la |il |el |le |die |der )?\p{Ll}[^,.;]*?\s(?=(?:at|of|for|di|della|de|da|do|bei|von|der|chez|en)\s+\p{Lu})/u,
    ' ',
  )
  const match =
    /^['’]?s?[\s,]*(?:\(|,\s*(?=\p{Lu}|[\p{Ll}\d][\p{L}\d.&' -]*$)|(?:who )?(?:works? |working |arbeitet |lavora |travaille |trabaja |trabalha )?(?:at|of|from|with|for|di|della|dell'|del|da|presso|bei|von|der|chez|de|d'|en|na|no|do|@)\s+(?:the |la |il |el |le |l')?)([^,;:?!()\n]{2,60})/iu.exec(
      after,
    ) ??
    /(?:\b(?:works?|working|arbeitet|lavora|travaille|trabaja|trabalha|employed)\s+(?:at|for|bei|für|presso|per|da|chez|pour|en|para|na|no|by)|\b(?:at|presso|bei|chez)|@)\s+(?:the |der |dem |den )?([^,;:?!()\n]{2,60})/iu.exec(
      after,
    ) ??
    /\b(?:runs|heads|leads|founded|owns|manages|started|guida|dirige|leitet|führt|gründete|fondé)\s+(\p{Lu}[^,;:?!()\n]{1,60})/u.exec(
      after,
    )
  if (match?.[1] === undefined) return undefined
  const words: string[] = []
  const said = match[1].trim().split(/\s+/)
  const capitals = /^\p{Lu}|^\d/u.test(said[0] ?? '')
  for (const word of said) {
    const bare = word.replace(/[."”]+$/, '')
    const linking = /^(?:&|and|of|de|di|do|da|dos|del|della|la|les|von|und|y|e|et|the)$/i.test(bare)
    if (capitals && !/^[\p{Lu}\d]/u.test(bare) && !linking) break
    if (!capitals && (STOP_WORDS.has(nameKey(bare)) || words.length === 3)) break
    words.push(bare)
  }
  while (/^(?:&|and|of|de|di|do|da|dos|del|della|la|les|von|und|y|e|et|the|in)$/i.test(words.at(-1) ?? '')) words.pop()
  const name = words.join(' ')
  return name === '' ? undefined : name
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

const LEADING_WORDS: ReadonlySet<string> = new Set(
  'e e-mail mail email emails telefonnummer telefon nummer handynummer kontaktdaten kontakt adresse daten frau herr herrn mr mrs ms miss dr prof signor signora sig dott dottor ing avv madame monsieur mme senor senora sr sra don dona telefono contatti recapiti coordonnees correo telefone dados do does need i please we is are have find enrich look lookup search get add put who what is email please can could hi hello tell give show the contact for phone run pull cerca trova aggiungi arricchisci suche finde wer chi qui quien cherche trouve busca ajoute anade fuge mail dear contact'.split(
    ' ',
  ),
)

/** The name of a sequence: quoted, or beside the word. */
export function findSequenceName(text: string): string | undefined {
  const name = sequenceName(text)
  return name?.replace(/\s+(?:ein|hinzu|auf|bitte|please|pls|aufnehmen|eintragen)$/i, '')
}

function sequenceName(text: string): string | undefined {
  const noun =
    '(?:[Ss]equence|[Ss]eqeunce|[Cc]adence|[Cc]ampaign|[Dd]rip|[Oo]utreach|[Ss]equenza|[Cc]ampagna|[Cc]adenza|[Ss]equenz|[Kk]ampagne|[Ss]équence|[Cc]ampagne|[Cc]adence|[Ss]ecuencia|[Cc]ampaña|[Cc]ampana|[Cc]adencia|[Ss]equência|[Ss]equencia|[Cc]ampanha)'
  const quoted = new RegExp(`["']([^"']{2,60})["']`).exec(text)
  if (quoted !== null) return quoted[1]
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
  if (after?.[1] !== undefined) return after[1]
  const started = new RegExp(
    `\\b(?:start|launch|begin|avvia|starte|lance|inicia)\\s+(?:the |our |la |die )?((?:[\\p{L}\\p{N}&'/-]+\\s+){1,4}?)${noun}`,
    'iu',
  ).exec(text)
  if (started?.[1] !== undefined) return started[1].trim()
  // "Put a@x.example into Winter Warmup": no word for a sequence, but an address and a place for it.
  const bare =
    /@[\w.-]+\S*\s+(?:to|into|in|onto|alla|nella|zur|zu|à|a la|dans|en|na)\s+(?:the |our )?((?:\p{Lu}|\d)[^.!?\n]{1,60})/u.exec(
      text,
    )
  return bare?.[1]?.trim()
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
    keywords: [...new Set([...findKeywords(text), ...findCompanyKinds(text)])],
    organisations: plain === undefined ? organisations : [plain],
  }
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

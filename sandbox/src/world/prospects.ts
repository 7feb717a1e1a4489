import type { Organisation, Person, Place } from './people.ts'

/** Filters of a people search; an empty or missing list allows any. */
export interface PeopleFilter {
  readonly titles?: readonly string[]
  readonly seniorities?: readonly string[]
  readonly locations?: readonly string[]
  readonly organisationLocations?: readonly string[]
  readonly domains?: readonly string[]
  readonly organisationIds?: readonly string[]
  readonly employeeRanges?: readonly string[]
  /** Words that must all occur in name, title, company or its field. */
  readonly keywords?: string
  /** Whether `assistant` also finds `Executive Assistant`; default true. */
  readonly similarTitles?: boolean
}

/** Filters of a company search. */
export interface OrganisationFilter {
  readonly name?: string
  readonly locations?: readonly string[]
  readonly notLocations?: readonly string[]
  readonly keywords?: readonly string[]
  readonly domains?: readonly string[]
  readonly ids?: readonly string[]
  readonly employeeRanges?: readonly string[]
}

/** People who pass every filter. */
export function findPeople(people: readonly Person[], filter: PeopleFilter): Person[] {
  const words = tokens(filter.keywords ?? '')
  const titles = filter.titles?.map(titleWords)
  return people.filter((person) => {
    const { organisation } = person
    return (
      anyOf(titles, (title) => titleFits(person.title, title, filter.similarTitles ?? true)) &&
      anyOf(filter.seniorities, (seniority) => person.seniority === seniority.toLowerCase()) &&
      anyOf(filter.locations, (location) => isIn(person.place, location)) &&
      anyOf(filter.organisationLocations, (location) => isIn(organisation.place, location)) &&
      anyOf(filter.domains, (domain) => organisation.domain === domain.toLowerCase()) &&
      anyOf(filter.organisationIds, (id) => organisation.id === id) &&
      anyOf(filter.employeeRanges, (range) => employs(organisation, range)) &&
      allIn(words, `${person.firstName} ${person.lastName} ${person.title} ${describe(organisation)}`)
    )
  })
}

/** Companies that pass every filter. */
export function findOrganisations(organisations: readonly Organisation[], filter: OrganisationFilter): Organisation[] {
  const name = filter.name?.toLowerCase() ?? ''
  return organisations.filter(
    (organisation) =>
      organisation.name.toLowerCase().includes(name) &&
      anyOf(filter.locations, (location) => isIn(organisation.place, location)) &&
      !(filter.notLocations ?? []).some((location) => isIn(organisation.place, location)) &&
      anyOf(filter.keywords, (keyword) => allIn(tokens(keyword), describe(organisation))) &&
      anyOf(filter.domains, (domain) => organisation.domain === domain.toLowerCase()) &&
      anyOf(filter.ids, (id) => organisation.id === id) &&
      anyOf(filter.employeeRanges, (range) => employs(organisation, range)),
  )
}

/** What somebody knows of a person. */
export interface PersonClue {
  readonly id?: string | undefined
  readonly email?: string | undefined
  readonly name?: string | undefined
  readonly organisation?: string | undefined
  readonly domain?: string | undefined
}

/** The one person that an id, an address, or a name point to. */
export function matchPerson(people: readonly Person[], clue: PersonClue): Person | undefined {
  if (clue.id !== undefined) return people.find((person) => person.id === clue.id)
  if (clue.email !== undefined) {
    const email = clue.email.toLowerCase()
    return people.find((person) => person.email === email)
  }
  if (clue.name === undefined) return undefined
  const name = clue.name.trim().toLowerCase()
  const found = people.filter(
    (person) =>
      `${person.firstName} ${person.lastName}`.toLowerCase() === name &&
      (clue.organisation === undefined ||
        person.organisation.name.toLowerCase().includes(clue.organisation.toLowerCase())) &&
      (clue.domain === undefined || person.organisation.domain === clue.domain.toLowerCase()),
  )
  return found[0]
}

function describe(organisation: Organisation): string {
  return `${organisation.name} ${organisation.industry} ${organisation.keywords.join(' ')}`
}

function anyOf<T>(wanted: readonly T[] | undefined, fits: (one: T) => boolean): boolean {
  return wanted === undefined || wanted.length === 0 || wanted.some(fits)
}

const tokens = (words: string): string[] => words.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

/** Words that say nothing about which company is meant. */
const EMPTY_WORDS = new Set([
  'company',
  'companies',
  'firm',
  'firms',
  'startup',
  'startups',
  'business',
  'businesses',
  'industry',
  'sector',
  'and',
  'the',
  'in',
  'of',
  'at',
])

function allIn(words: readonly string[], text: string): boolean {
  if (words.length === 0) return true
  const there = tokens(text)
  return words.every(
    (word) => EMPTY_WORDS.has(word) || there.some((one) => one === word || one === `${word}s` || `${one}s` === word),
  )
}

const TITLE_SHORTS: Readonly<Record<string, string>> = {
  ceo: 'chief executive officer',
  cfo: 'chief financial officer',
  coo: 'chief operating officer',
  cto: 'chief technology officer',
  cmo: 'chief marketing officer',
  vp: 'vice president',
  ea: 'executive assistant',
}

/** The words of a title, short ones spelled out. */
function titleWords(title: string): string[] {
  return tokens(title).flatMap((word) => TITLE_SHORTS[word]?.split(' ') ?? word)
}

function titleFits(title: string, wanted: readonly string[], similar: boolean): boolean {
  const words = titleWords(title)
  if (similar)
    return wanted.every(
      (word) => words.includes(word) || words.includes(`${word}s`) || words.includes(word.replace(/s$/, '')),
    )
  return words.join(' ') === wanted.join(' ')
}

const COUNTRY_SHORTS: Readonly<Record<string, string>> = {
  us: 'united states',
  usa: 'united states',
  'united states of america': 'united states',
  uk: 'united kingdom',
  uae: 'united arab emirates',
  'bay area': 'san francisco',
  nyc: 'new york',
  la: 'los angeles',
  deutschland: 'germany',
}

/** `Austin`, `Texas`, `Austin, Texas`, `Austin, US`: every part must name the city, the state or the country. */
function isIn(place: Place, location: string): boolean {
  const names = [place.city, place.state, place.country].map((name) => name.toLowerCase())
  return location
    .toLowerCase()
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .every((part) => names.includes(COUNTRY_SHORTS[part] ?? part))
}

/** `11,50` as Apollo writes it. */
function employs(organisation: Organisation, range: string): boolean {
  const [least, most] = range.split(',').map(Number)
  return organisation.employees >= (least ?? 0) && organisation.employees <= (most ?? Infinity)
}

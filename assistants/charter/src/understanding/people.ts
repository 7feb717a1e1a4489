import { findCompanyKinds, findKeywords } from './business.ts'
import { findTitles } from './job-titles.ts'
import { findOrganisations, findPlainOrganisation } from './organisations.ts'
import type { PlaceMention } from './places.ts'
import { regionNamed } from './regions.ts'
import { tokenize } from './text.ts'
import type { PeopleFilter } from './types.ts'

const longestRegion = 3

/** E-mail addresses of a text, as typed. */
export function findEmails(text: string): string[] {
  return [...new Set(text.match(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g) ?? [])]
}

/** Cities, states and countries people are looked for in. */
function findLocations(text: string, places: readonly PlaceMention[]): string[] {
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

import { compileTerms } from './terms.ts'
import type { Term } from './terms.ts'
import { SENIORITIES, TITLES, TITLE_PATTERN, TRADE_PATTERN } from './tables/titles.ts'
import { fold } from './text.ts'

const titles = compileTerms(TITLES)
const seniorities = compileTerms(SENIORITIES)

/** Job titles, in Apollo's spelling. */
export function findTitles(text: string): { titles: string[]; seniorities: string[] } {
  let rest = fold(text)
  const found: { at: number; name: string }[] = []
  const take = (list: readonly Term[]): void => {
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

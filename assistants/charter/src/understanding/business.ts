import { placesNamed } from './gazetteer.ts'
import { COMMON_WORDS } from './tables/common-words.ts'
import { INDUSTRIES } from './tables/industries.ts'
import { compileTerms } from './terms.ts'
import { fold } from './text.ts'

const industries = compileTerms(INDUSTRIES)

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

/** A word for companies in general. Folded text. */
export const COMPANY_NOUN =
  /\b(?:compan(?:y|ies|ys)|firms?|businesses|corporations?|corporates|organi[sz]ations?|start-?ups?|agenc(?:y|ies)|shops|funds?|clubs?|teams?|brands?|studios?|labels?|manufacturers?|makers?|producers? of|developers|brokers|dealers(?:hips?)?|retailers|chains?|banks?|universit(?:y|ies)|hospitals?|hotels|resorts|wineries|breweries|aziende|azienda|societa|imprese|impresa|ditte|agenzie|banche|squadre|unternehmen|firmen|konzerne|kanzleien|banken|vereine|\w+unternehmen|\w+firmen|\w+hersteller|\w+banken|entreprises?|societes?|boites|cabinets|banques|agences|maisons|clubs|empresas?|companias?|sociedades|bufetes|bancos|agencias|fundos?|fondos?|fonds|escritorios|companhias|family offices?|hedge ?funds?|law firms?)\b/

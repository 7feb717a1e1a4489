import type { CrmRecord } from './records.ts'

/** The body of a search. */
export interface Search {
  readonly query?: string
  readonly filterGroups?: readonly { readonly filters: readonly Filter[] }[]
  readonly sorts?: readonly { readonly propertyName: string; readonly direction?: string }[]
  readonly properties?: readonly string[]
  readonly limit?: number
  readonly after?: string
}

interface Filter {
  readonly propertyName: string
  readonly operator: string
  readonly value?: string
  readonly highValue?: string
  readonly values?: readonly string[]
}

/** A page of what was found. */
export interface Found {
  readonly total: number
  readonly rows: readonly CrmRecord[]
  readonly after?: string
}

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

/** No more of a search is shown. */
const MAX_FOUND = 10_000

/** What was found, or why the search is refused. */
export function find(records: readonly CrmRecord[], search: Search): Found | string {
  const { limit = 10, after = '0', query = '', filterGroups = [], sorts = [] } = search
  const from = Number(after)
  if (!Number.isInteger(limit) || limit < 1 || limit > 200) return 'limit: must be 1 to 200'
  if (!Number.isInteger(from) || from < 0 || from + limit > MAX_FOUND) return 'after: the paging is past 10000'
  const filters = filterGroups.flatMap((group) => group.filters)
  if (filterGroups.length > 5 || filters.length > 18) return 'filterGroups: too many filters'
  const unknown = filters.find(({ operator }) => !(operator in OPERATORS))
  if (unknown !== undefined) return `operator: ${unknown.operator} is not one`
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const found = records.filter(({ properties }) => {
    const all = Object.values(properties).join(' ').toLowerCase()
    const passes =
      filterGroups.length === 0 ||
      filterGroups.some((group) => group.filters.every((filter) => passesOne(properties[filter.propertyName], filter)))
    return passes && words.every((word) => all.includes(word))
  })
  const [sort] = sorts
  if (sort !== undefined) {
    const sign = sort.direction === 'DESCENDING' ? -1 : 1
    found.sort((a, b) => sign * compare(a.properties[sort.propertyName] ?? '', b.properties[sort.propertyName] ?? ''))
  }
  const next = from + limit
  return {
    total: found.length,
    rows: found.slice(from, next),
    ...(next < Math.min(found.length, MAX_FOUND) ? { after: String(next) } : {}),
  }
}

const OPERATORS: Readonly<Record<string, (actual: string, filter: Filter) => boolean>> = {
  EQ: (actual, { value = '' }) => compare(actual, value) === 0,
  NEQ: (actual, { value = '' }) => compare(actual, value) !== 0,
  LT: (actual, { value = '' }) => compare(actual, value) < 0,
  LTE: (actual, { value = '' }) => compare(actual, value) <= 0,
  GT: (actual, { value = '' }) => compare(actual, value) > 0,
  GTE: (actual, { value = '' }) => compare(actual, value) >= 0,
  BETWEEN: (actual, { value = '', highValue = '' }) => compare(actual, value) >= 0 && compare(actual, highValue) <= 0,
  IN: (actual, { values = [] }) => values.some((value) => compare(actual, value) === 0),
  NOT_IN: (actual, { values = [] }) => values.every((value) => compare(actual, value) !== 0),
  CONTAINS_TOKEN: (actual, { value = '' }) => tokens(actual).includes(value.toLowerCase().replaceAll('*', '')),
  NOT_CONTAINS_TOKEN: (actual, { value = '' }) => !tokens(actual).includes(value.toLowerCase().replaceAll('*', '')),
  HAS_PROPERTY: () => true,
  NOT_HAS_PROPERTY: () => false,
}

function passesOne(actual: string | undefined, filter: Filter): boolean {
  // A record without the property passes only what asks for that.
  if (actual === undefined || actual === '') return filter.operator.startsWith('NOT_')
  return OPERATORS[filter.operator]?.(actual, filter) ?? false
}

/** Numbers as numbers, a time with milliseconds since 1970 as times, all else as text. */
function compare(a: string, b: string): number {
  if (TIME.test(a) && /^\d+$/.test(b)) return Date.parse(a) - Number(b)
  const [x, y] = [Number(a), Number(b)]
  if (a.trim() !== '' && b.trim() !== '' && Number.isFinite(x) && Number.isFinite(y)) return x - y
  return a.toLowerCase().localeCompare(b.toLowerCase())
}

function tokens(text: string): string[] {
  return text.toLowerCase().split(/[^\p{L}\p{N}]+/u)
}

import { count, duration, list, usd } from '../brain/wording.ts'

/** What one tool answered. */
export interface ToolResult {
  readonly tool: string
  /** JSON or text. */
  readonly content: string
}

type Row = Readonly<Record<string, unknown>>

const MOST_ROWS = 5

/** Says in sentences what the tools found. Reads results of any shape: rows where there are some, else the facts one by one. */
export function reportResults(results: readonly ToolResult[]): string {
  return results.map(report).join('\n\n')
}

function report({ tool, content }: ToolResult): string {
  let value: unknown
  try {
    value = JSON.parse(content)
  } catch {
    return content.trim() === '' ? 'The search came back empty.' : `Here is what I found: ${content.trim()}`
  }
  const error = readError(value)
  if (error !== undefined) return `I could not complete that: ${error}`
  const { about, rows } = table(value)
  const intro = introduction(tool, rows.length, about)
  if (rows.length === 0) return intro
  const shown = rows.slice(0, MOST_ROWS).map((row, index) => `${index + 1}. ${sentence(row)}`)
  const more =
    rows.length > MOST_ROWS
      ? `\n\nThere ${rows.length - MOST_ROWS === 1 ? 'is' : 'are'} ${rows.length - MOST_ROWS} more.`
      : ''
  return `${intro}\n\n${shown.join('\n')}${more}${nextStep(tool)}`
}

function readError(value: unknown): string | undefined {
  const error = (value as { error?: unknown } | null)?.error
  if (typeof error === 'string') return error
  const message = (error as { message?: unknown } | null | undefined)?.message
  return typeof message === 'string' ? message : undefined
}

/** Finds the list in a result, and the plain facts beside it. */
function table(value: unknown): { about: Row; rows: Row[] } {
  if (Array.isArray(value)) return { about: {}, rows: value.filter(isRow) }
  if (!isRow(value)) return { about: {}, rows: [] }
  const lists = Object.values(value).filter((inner) => Array.isArray(inner) && inner.some(isRow)) as unknown[][]
  const longest = lists.toSorted((a, b) => b.length - a.length)[0] ?? []
  const inner = Object.values(value).filter(isRow)
  if (longest.length === 0 && inner.length === 1) return table(inner[0])
  const facts = Object.entries(value).filter(([, fact]) => typeof fact !== 'object')
  return { about: Object.fromEntries(facts), rows: longest.filter(isRow) }
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function introduction(tool: string, rows: number, about: Row): string {
  const facts = Object.entries(about)
    .filter(([, fact]) => fact !== '' && fact !== null)
    .map(([name, fact]) => `${spaced(name)} ${String(fact)}`)
  if (/request_quote|rfq/.test(tool))
    return `The quote request is on its way (${list(facts)}). Operators usually answer within minutes.`
  if (rows === 0 && facts.length > 0) return `Here is what I found: ${list(facts)}.`
  if (rows === 0) return 'I searched, but nothing matched. You could try another date, place or size.'
  const what = /aircraft|flight/.test(tool)
    ? count(rows, 'aircraft', 'aircraft')
    : /fleet/.test(tool)
      ? `${rows} aircraft in the fleet`
      : /quotes/.test(tool)
        ? count(rows, 'quote')
        : /people|person/.test(tool)
          ? count(rows, 'person', 'people')
          : /organi|compan/.test(tool)
            ? count(rows, 'company', 'companies')
            : count(rows, 'result')
  return `I found ${what} for you.`
}

function nextStep(tool: string): string {
  if (/aircraft|flight/.test(tool))
    return '\n\nPrices are estimates. If you like one of these, the next step is to request a quote.'
  if (/people|person/.test(tool)) return '\n\nI can get contact details or add them to a sequence.'
  return ''
}

/** A row as a line: names first, then the rest as `what value`. */
function sentence(row: Row): string {
  const flat = flatten(row)
  return flat
    .map(([name, value]) => inWords(name, value))
    .filter((words) => words !== '')
    .join(', ')
}

function flatten(row: Row, prefix = ''): [name: string, value: string | number | boolean][] {
  return Object.entries(row).flatMap(([name, value]): [string, string | number | boolean][] => {
    const path = prefix === '' ? name : `${prefix} ${name}`
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return [[path, value]]
    if (isRow(value)) return flatten(value, path)
    return []
  })
}

const NAMES =
  /(^|\s)(name|type|aircraft|aircraftType|title|operator|displayName|tail|tailNumber|category|city|email|status)$/i

function inWords(path: string, value: string | number | boolean): string {
  const name = path.split(' ').at(-1) ?? path
  if (value === '' || /(^|[a-z])(id|href|url)$/i.test(name)) return ''
  if (/^currency$/i.test(name)) return ''
  if (typeof value === 'number' && /price|amount|usd/i.test(path)) return usd(value)
  if (typeof value === 'number' && /minutes/i.test(name))
    return `${duration(value)} ${spaced(name.replace(/minutes/i, ''))}`.trim()
  if (NAMES.test(path)) return String(value)
  return `${spaced(name)} ${String(value)}`
}

function spaced(name: string): string {
  return name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]/g, ' ')
    .toLowerCase()
}

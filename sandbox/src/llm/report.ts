import { count, day, list } from '../brain/wording.ts'
import { parseJson } from '../http/received.ts'
import { fact, factsInWords, isRow, rowInWords, type Row } from './rows.ts'

/** What one tool answered. */
export interface ToolResult {
  readonly tool: string
  /** The arguments it was called with, JSON. */
  readonly asked: string
  /** JSON or text. */
  readonly content: string
}

const MOST_ROWS = 5

/** Fields that hold what was asked for, best first. */
const LISTS = [
  'offers',
  'quotes',
  'items',
  'added',
  'candidates',
  'people',
  'organisations',
  'aircraft',
  'results',
  'data',
]

/** Says in sentences what the tools found. */
export function reportResults(results: readonly ToolResult[]): string {
  return results.map(report).join('\n\n')
}

function report({ tool, asked, content }: ToolResult): string {
  const value = parseJson(content)
  if (value === undefined) {
    return content.trim() === '' ? 'The search came back empty.' : `Here is what I found: ${content.trim()}`
  }
  const error = errorIn(value)
  if (error !== undefined) return `I could not complete that: ${error}`
  const about = isRow(value) ? value : {}
  return sent(about) ?? enrolled(about) ?? single(about) ?? found(tool, rowsOf(value), about, tripIn(asked))
}

function errorIn(value: unknown): string | undefined {
  if (!isRow(value)) return undefined
  const error = fact(value, 'error') ?? fact(value, 'error', 'message')
  return error === undefined ? undefined : String(error)
}

function rowsOf(value: unknown): Row[] {
  if (Array.isArray(value)) return value.filter(isRow)
  if (!isRow(value)) return []
  const field = LISTS.find((name) => Array.isArray(value[name]))
  if (field !== undefined) return (value[field] as unknown[]).filter(isRow)
  const lists = Object.values(value).filter((inner) => Array.isArray(inner) && inner.some(isRow))
  return ((lists[0] as unknown[] | undefined) ?? []).filter(isRow)
}

function found(tool: string, rows: readonly Row[], about: Row, trip: string): string {
  const waiting = Array.isArray(about['unanswered']) ? about['unanswered'].length : 0
  const pending = waiting === 0 ? '' : ` ${count(waiting, 'operator has', 'operators have')} not answered yet.`
  if (rows.length === 0) {
    if (waiting > 0) return `There are no quotes yet.${pending}`
    const facts = factsInWords(about)
    const empty = Object.values(about).some((value) => Array.isArray(value)) || facts === ''
    return empty
      ? `I searched${trip}, but nothing matched. You could try another date, place or size.`
      : `Here is what I found: ${facts}.`
  }
  const total = Math.max(rows.length, Number(fact(about, 'total') ?? 0))
  const lines = rows.slice(0, MOST_ROWS).map((row, index) => `${index + 1}. ${rowInWords(row)}`)
  const more = total > MOST_ROWS ? `\n\nThese are the first ${MOST_ROWS} of ${total}.` : ''
  return `I found ${things(tool, total)}${trip === '' ? ' for you' : trip}:\n\n${lines.join('\n')}${more}${nextStep(tool)}${pending}`
}

/** ` from KTEB to KMIA on Friday, December 4, 2026 for 4 passengers`, when a trip was asked for. */
function tripIn(asked: string): string {
  const wanted = parseJson(asked)
  const segments = isRow(wanted) && Array.isArray(wanted['segments']) ? wanted['segments'].filter(isRow) : []
  if (segments.length === 0) return ''
  const legs = segments.map((segment) => {
    const date = fact(segment, 'date')
    return `from ${fact(segment, 'from')} to ${fact(segment, 'to')}${date === undefined ? '' : ` on ${day(String(date))}`}`
  })
  const passengers = isRow(wanted) ? fact(wanted, 'passengers') : undefined
  return ` ${list(legs, 'and then')}${typeof passengers === 'number' ? ` for ${count(passengers, 'passenger')}` : ''}`
}

function things(tool: string, amount: number): string {
  if (/aircraft|flight|fleet/.test(tool)) return `${amount} aircraft`
  if (/quote/.test(tool)) return count(amount, 'quote')
  if (/people|person/.test(tool)) return count(amount, 'person', 'people')
  if (/organi|compan/.test(tool)) return count(amount, 'company', 'companies')
  return count(amount, 'result')
}

function nextStep(tool: string): string {
  if (/aircraft|flight/.test(tool)) {
    return '\n\nThe prices are estimates. If you like one of these, the next step is to request a quote.'
  }
  if (/people|person/.test(tool)) return '\n\nI can look up contact details or add them to a sequence.'
  return ''
}

/** A request for quotes that went out. */
function sent(about: Row): string | undefined {
  const requestId = fact(about, 'requestId')
  if (requestId === undefined || 'quotes' in about) return undefined
  return `Your quote request is on its way; its number is ${requestId}. Operators usually answer within minutes, just ask me for the quotes.`
}

/** People who were added to a sequence. */
function enrolled(about: Row): string | undefined {
  const { sequence, added, skipped } = about
  if (!isRow(sequence) || !Array.isArray(added)) return undefined
  const emails = (people: unknown): string[] =>
    (Array.isArray(people) ? people : []).flatMap((one) => (isRow(one) ? [String(fact(one, 'email') ?? '')] : []))
  const [now, before] = [emails(added), emails(skipped)]
  const first = now.length === 0 ? 'Nobody new was added' : `I added ${list(now)}`
  const second = before.length === 0 ? '' : ` ${list(before)} ${before.length === 1 ? 'was' : 'were'} skipped.`
  return `${first} to the sequence “${fact(sequence, 'name') ?? ''}”.${second}`
}

/** One person that was looked up. */
function single(about: Row): string | undefined {
  const { person } = about
  if (isRow(person)) return `I found ${rowInWords(person)}.`
  if (!('candidates' in about) && !('person' in about)) return undefined
  const candidates = rowsOf(about)
  if (candidates.length === 0) return 'I found nobody of that name. An email address or the company would help.'
  const lines = candidates.slice(0, MOST_ROWS).map((row) => `- ${rowInWords(row)}`)
  return `Several people have that name. Which one do you mean?\n\n${lines.join('\n')}`
}

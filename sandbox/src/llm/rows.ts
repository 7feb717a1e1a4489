import { duration, usd } from '../brain/wording.ts'

/** An object of a tool's result. */
export type Row = Readonly<Record<string, unknown>>

/** Whether a value is an object with fields. */
export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at a path of field names, when it is text or a number. */
export function fact(row: Row, ...path: readonly string[]): string | number | undefined {
  let value: unknown = row
  for (const field of path) value = isRow(value) ? value[field] : undefined
  return typeof value === 'number' || (typeof value === 'string' && value !== '') ? value : undefined
}

/** A row as a line, in the words that suit what it is about; any other row as its facts one by one. */
export function rowInWords(row: Row): string {
  if (isRow(row['aircraft'])) return quoteInWords(row)
  if (fact(row, 'aircraftType') !== undefined) return aircraftInWords(row)
  if (fact(row, 'title') !== undefined || isRow(row['organisation'])) return personInWords(row)
  if (fact(row, 'industry') !== undefined) return organisationInWords(row)
  return factsInWords(row)
}

function aircraftInWords(row: Row): string {
  const seats = fact(row, 'maxPassengers')
  const minutes = fact(row, 'flightMinutes')
  const price = fact(row, 'estimatedPrice', 'amount')
  const base = fact(row, 'homeBase')
  return joined([
    fact(row, 'aircraftType'),
    fact(row, 'category'),
    seats === undefined ? undefined : `up to ${seats} passengers`,
    fact(row, 'operator'),
    typeof minutes === 'number' ? `${duration(minutes)} flight time` : undefined,
    typeof price === 'number' ? `about ${usd(price)}` : undefined,
    price === undefined && base !== undefined ? `based at ${base}` : undefined,
  ])
}

function quoteInWords(row: Row): string {
  const price = fact(row, 'price', 'amount')
  const who = fact(row, 'operator') ?? fact(row, 'aircraft', 'operator')
  const what = fact(row, 'aircraft', 'aircraftType')
  return joined([what, who, typeof price === 'number' ? `${usd(price)} for the whole trip` : 'no price yet'])
}

function personInWords(row: Row): string {
  const organisation = fact(row, 'organisation', 'name')
  return joined([
    fact(row, 'name'),
    fact(row, 'title'),
    organisation === undefined ? undefined : `at ${organisation}`,
    fact(row, 'city'),
    fact(row, 'email'),
  ])
}

function organisationInWords(row: Row): string {
  const employees = fact(row, 'employees')
  return joined([
    fact(row, 'name'),
    fact(row, 'industry'),
    fact(row, 'city'),
    employees === undefined ? undefined : `about ${employees} employees`,
    fact(row, 'domain'),
  ])
}

/** `name value, name value`, without what only machines want to know. */
export function factsInWords(row: Row): string {
  const facts = Object.entries(row).flatMap(([name, value]) => {
    if (isRow(value)) return [factsInWords(value)]
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return []
    if (value === '') return []
    if (/^(id|href|url|currency)$|[a-z](Id|Url|Href)$/.test(name)) return []
    if (typeof value === 'number' && /price|amount/i.test(name)) return [usd(value)]
    const words = name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').replaceAll(/[_-]/g, ' ')
    return [/^(name|title|type|status|email)$/.test(name) ? String(value) : `${words.toLowerCase()} ${String(value)}`]
  })
  return joined(facts)
}

function joined(facts: readonly (string | number | undefined)[]): string {
  return facts.filter((one) => one !== undefined && one !== '').join(', ')
}

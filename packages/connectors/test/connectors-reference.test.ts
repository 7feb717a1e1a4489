import { readFileSync } from 'node:fs'
import { CAL_COM_DEFAULTS, GOOGLE_CALENDAR_DEFAULTS } from '@holdfast/connectors/calendar'
import { GOOGLE_AUTH_DEFAULTS, GOOGLE_SHEETS_DEFAULTS } from '@holdfast/connectors/google-sheets'
import { HUBSPOT_DEFAULTS } from '@holdfast/connectors/hubspot'
import { describe, expect, it } from 'vitest'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const reference = read('../../../docs/reference/connectors.md')

const TABLES = [
  ['GoogleAuthOptions', 'google-auth/google-auth', GOOGLE_AUTH_DEFAULTS],
  ['GoogleSheetsOptions', 'google-sheets/google-sheets', GOOGLE_SHEETS_DEFAULTS],
  ['GoogleCalendarOptions', 'calendar/google-calendar', GOOGLE_CALENDAR_DEFAULTS],
  ['CalComOptions', 'calendar/cal-com', CAL_COM_DEFAULTS],
  ['HubSpotOptions', 'hubspot/hubspot', HUBSPOT_DEFAULTS],
] as const

/** What an interface declares, each with its doc comment. */
function declared(heading: string, file: string): ReadonlyMap<string, string> {
  const source = read(`../src/${file}.ts`)
  const body = new RegExp(`export interface ${heading} \\{([\\s\\S]*?)\\n\\}`).exec(source)?.[1] ?? ''
  const members = body.matchAll(/(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s+)?readonly (\w+)\??:/g)
  return new Map([...members].map(([, comment = '', name = '']) => [name, comment.replaceAll(/\s*\n\s*\* ?/g, ' ')]))
}

/** The rows of the table that begins with this heading. */
function table(heading: string): ReadonlyMap<string, { readonly standard: string; readonly notes: string }> {
  const begin = reference.slice(reference.indexOf(`| \`${heading}\``))
  const rows = begin.slice(0, begin.indexOf('\n\n')).split('\n').slice(2)
  return new Map(
    rows
      .map((row) => row.split('|').map((cell) => cell.trim()))
      .map(([, option = '', standard = '', notes = '']) => [option.replaceAll('`', ''), { standard, notes }]),
  )
}

describe('the reference of the connectors', () => {
  it.each(TABLES)('lists every one of %s, and no other', (heading, file) => {
    expect([...table(heading).keys()]).toEqual([...declared(heading, file).keys()])
  })

  it.each(
    TABLES.flatMap(([heading, file, defaults]) =>
      Object.entries<number | string>(defaults).map((one) => [heading, file, ...one] as const),
    ),
  )('tells of %s in %s the default and range of %s as the code does', (heading, file, option, value) => {
    const told = value.toLocaleString('en-US')
    const comment = declared(heading, file).get(option) ?? ''
    expect(comment.replaceAll('`', '')).toContain(`Default: ${told}`)
    const row = table(heading).get(option)
    expect(row?.standard.replaceAll('`', '')).toBe(told)
    const range = /\d\S* to [\d,]*\d/.exec(comment)?.[0]
    if (typeof value === 'number') expect(row?.notes).toContain(range)
  })
})

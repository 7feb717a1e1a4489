import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { STORE_DEFAULTS } from '../src/database/index.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const reference = read('../../../docs/reference/store/database.md')
const source = (name: string): string => read(`../src/database/${name}.ts`)

/** Rows of the table under a heading, cell by cell. */
function table(heading: string): string[][] {
  const section = reference.slice(reference.indexOf(`## ${heading}\n`)).split('\n## ')[0] ?? ''
  const cells = section.split('\n').flatMap((line) => (line.startsWith('| `') ? [line.split('|').slice(1, -1)] : []))
  return cells.map((row) => row.map((cell) => cell.trim()))
}

describe('the reference of the database', () => {
  const rows = new Map(
    table('Options')
      .slice(1)
      .map(([option = '', standard = '', range = '']) => [option, { standard, range }]),
  )

  it('lists every option, and no other', () => {
    const body = /export interface StoreOptions \{([\s\S]*?)\n\}/.exec(source('options'))?.[1] ?? ''
    const made = [...body.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name]) => `\`${name}\``)
    expect([...rows.keys()].toSorted()).toEqual(made.toSorted())
  })

  it.each(Object.entries(STORE_DEFAULTS))(
    'tells default and range of %s as the doc comment and the code do',
    (option, value) => {
      const comment =
        new RegExp(`/\\*\\*((?:(?!\\*/).)*)\\*/\\s+readonly ${option}\\?:`).exec(source('options'))?.[1] ?? ''
      const told = value.toLocaleString('en-US')
      expect(comment).toContain(`Default: ${told}`)
      expect(rows.get(`\`${option}\``)?.standard).toContain(told)
      if (typeof value !== 'number') return
      const range = /[\d,]+ to [\d,]+/.exec(comment)?.[0]
      expect(range).toBeDefined()
      expect(rows.get(`\`${option}\``)?.range).toBe(range)
    },
  )

  it('lists every error with its category, and no other', () => {
    const made = [...source('errors').matchAll(/made\(\s*'(\w+)',\s*'([a-z-]+)'/g)].map(
      ([, code, category]) => `${code} ${category}`,
    )
    const told = [...source('classify').matchAll(/\['\w+', '(STORE_\w+)'/g)].map(([, code]) => `${code} client`)
    const given = ['INVALID_OPTION', 'STORE_CLAIMS_INVALID'].map((code) => `${code} validation`)
    const listed = table('Errors').map(([code = '', category = '']) => `${code} ${category}`.replaceAll('`', ''))
    expect(listed.toSorted()).toEqual([...new Set([...made, ...told, ...given])].toSorted())
  })

  it('lists every event, and no other', () => {
    const made = [...source('events').matchAll(/StoreEventOf<'(store-[a-z-]+)'>/g)].map(([, type]) => `\`${type}\``)
    expect(
      table('Events')
        .map(([type = '']) => type)
        .toSorted(),
    ).toEqual(made.toSorted())
  })
})

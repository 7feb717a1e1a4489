import { readFileSync } from 'node:fs'
import { HoldfastError } from '@holdfast/core'
import { describe, expect, it } from 'vitest'
import { JOURNAL_DEFAULTS } from '../src/journal/index.ts'
import * as errors from '../src/journal/errors.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const reference = read('../../../docs/reference/store.md')
const source = (name: string): string => read(`../src/journal/${name}.ts`)

/** Rows of a table that stands under this heading, cell by cell. */
function table(heading: string): string[][] {
  const section = reference.slice(reference.indexOf(`### ${heading}\n`)).split('\n### ')[0] ?? ''
  const cells = section.split('\n').flatMap((line) => (line.startsWith('| `') ? [line.split('|').slice(1, -1)] : []))
  return cells.map((row) => row.map((cell) => cell.trim()))
}

describe('the reference', () => {
  it('lists every error with its category, and no other', () => {
    const made = Object.values(errors).flatMap((make) => {
      const error = (make as (...args: unknown[]) => unknown)('JOURNAL_RECORD_INVALID', 'x')
      return HoldfastError.isInstance(error) ? [`\`${error.code}\` \`${error.category}\``] : []
    })
    const listed = table('Errors').map(([code, category]) => `${code} ${category}`)
    expect(listed.toSorted()).toEqual([...made, '`INVALID_OPTION` `validation`'].toSorted())
  })

  it('lists every event, and no other', () => {
    const made = [...source('events').matchAll(/'(journal-[a-z-]+)'/g)].map(([, type]) => `\`${type}\``)
    const listed = table('Events').flatMap(([types = '']) => types.split(', '))
    expect(listed.toSorted()).toEqual([...new Set(made)].toSorted())
  })

  const rows = new Map(
    table('Defaults')
      .filter(([, standard]) => standard !== 'default')
      .map(([option = '', standard, range]) => [option, { standard, range }]),
  )
  for (const [option, value] of Object.entries(JOURNAL_DEFAULTS)) {
    it(`tells default and range of ${option} as the doc comment and the code do`, () => {
      const comment = new RegExp(`/\\*\\*([^/]*?)\\*/\\s+readonly ${option}\\?:`).exec(source('options'))?.[1] ?? ''
      const told = typeof value === 'number' ? value.toLocaleString('en-US') : `\`${value}\``
      expect(comment).toContain(`Default: ${told}`)
      expect(rows.get(`\`${option}\``)?.standard).toContain(told)
      const range = /[\d,]+ to [\d,]+/.exec(comment)?.[0]
      expect(range).toBeDefined()
      expect(rows.get(`\`${option}\``)?.range).toContain(range)
    })
  }

  it('lists every option, and no other', () => {
    const made = [...source('options').matchAll(/^ {2}readonly (\w+)\??: [\w ]+(?:<\w+>)?(?: \| undefined)?$/gm)]
    expect([...rows.keys()].toSorted()).toEqual([...new Set(made.map(([, name]) => `\`${name}\``))].toSorted())
  })
})

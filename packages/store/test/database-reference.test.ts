import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { STORE_DEFAULTS } from '@holdfast/store/database'
import { CLOSE_CATALOGUE } from '../src/database/engine/close-catalogue.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const reference = read('../../../docs/reference/store/database.md')
const options = read('../src/database/options.ts')
const rows = [...reference.matchAll(/^\| `(\w+)`[^|]*\|([^|]*)\|([^|]*)\|/gm)].map(
  ([, option = '', standard = '', range = '']) => ({ option, standard, range }),
)

const byName = (a = '', b = ''): number => a.localeCompare(b)

describe('the reference of the database', () => {
  it.each(Object.entries(STORE_DEFAULTS))('tells default and range of %s as the code does', (option, value) => {
    const comment = new RegExp(`/\\*\\*([^/]*?)\\*/\\s+readonly ${option}\\?:`).exec(options)?.[1] ?? ''
    const told = value.toLocaleString('en-US')
    expect(comment).toContain(`Default: ${told}`)
    const row = rows.find((one) => one.option === option)
    expect(row?.standard).toContain(told)
    if (typeof value === 'boolean') return
    const range = /\d\S* to [\d,]+/.exec(comment)?.[0]
    expect(range).toBeDefined()
    expect(row?.range).toContain(range)
  })

  it('lists every option, and no other', () => {
    const made = [...options.slice(0, options.indexOf('type Numbers')).matchAll(/^ {2}readonly (\w+)\?:/gm)].map(
      ([, name]) => name,
    )
    const section = reference.slice(reference.indexOf('## Options'), reference.indexOf('## Transactions'))
    const listed = [...section.matchAll(/^\| `(\w+)` +\|/gm)]
      .map(([, name]) => name)
      .filter((name) => name !== 'StoreOptions')
    expect(listed.toSorted(byName)).toEqual(made.toSorted(byName))
  })

  it('has the statements for a server that the embedded engine runs', () => {
    expect(reference).toContain(`\`\`\`sql\n${CLOSE_CATALOGUE}\n\`\`\``)
  })

  it('lists every code of an error, and no other', () => {
    const folder = new URL('../src/database/', import.meta.url)
    const source = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(new URL(name, folder), 'utf8'))
      .join('\n')
    const made = [
      ...source.matchAll(
        /(?:code: |mistake\(|meaning\(|refused\(|backupError\(|\? backupError\()\s*'([A-Z]+_?[A-Z_]+)'/g,
      ),
    ].map(([, code]) => code)
    const section = reference.slice(reference.indexOf('## Errors'))
    const listed = [...section.matchAll(/`([A-Z]+_?[A-Z_]{2,})`/g)].map(([, code]) => code)
    expect([...new Set(listed)].filter((code) => code !== 'SQLSTATE').toSorted(byName)).toEqual(
      [...new Set(made)].toSorted(byName),
    )
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import { SYNC_DEFAULTS } from '@holdfast/agents/sync'
import { describe, expect, it } from 'vitest'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const reference = read('../../../docs/reference/agents/sync.md')
const source = (name: string): string => read(`../src/sync/${name}.ts`)
const byName = (a = '', b = ''): number => a.localeCompare(b)

/** The rows of the table that begins with this heading. */
function table(heading: string): { readonly name: string; readonly standard: string; readonly range: string }[] {
  const begin = reference.slice(reference.indexOf(`| \`${heading}\``))
  return begin
    .slice(0, begin.indexOf('\n\n'))
    .split('\n')
    .slice(2)
    .map((row) => row.split('|').map((cell) => cell.trim()))
    .map(([, name = '', standard = '', range = '']) => ({ name: name.replaceAll('`', ''), standard, range }))
}

describe('the reference of sync', () => {
  it.each(Object.entries(SYNC_DEFAULTS))('tells default and range of %s as the code does', (option, value) => {
    const told = value.toLocaleString('en-US')
    const comment = new RegExp(`/\\*\\*([^/]*?)\\*/\\s+readonly ${option}\\?:`).exec(source('options'))?.[1] ?? ''
    expect(comment).toContain(`Default: ${told}`)
    const row = table('SyncOptions').find(({ name }) => name === option)
    expect(row?.standard).toContain(told)
    expect(row?.range).toBe(/\d\S* to [\d,]*\d/.exec(comment)?.[0])
  })

  it.each([
    ['SyncOptions', 'options', []],
    ['EntityKind', 'kind', []],
    ['SourceRecord', 'record', ['source', 'id']],
  ])('lists every one of %s, and no other', (heading, file, inherited) => {
    const declared = new RegExp(`export interface ${heading} [^{]*\\{([\\s\\S]*?)\\n\\}`).exec(source(file))?.[1] ?? ''
    const made = [...declared.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name!)
    const listed = table(heading).map(({ name }) => name)
    expect(listed.toSorted(byName)).toEqual([...made, ...inherited].toSorted(byName))
  })

  it('lists every code of an error, and every reason of a match, and no other', () => {
    const folder = new URL('../src/sync/', import.meta.url)
    const code = readdirSync(folder)
      .filter((name) => !name.endsWith('.test.ts'))
      .map((name) => readFileSync(new URL(name, folder), 'utf8'))
      .join('\n')
    const made = [...code.matchAll(/syncError\(\s*'([A-Z_]+)'/g)].map(([, one]) => one!)
    const listed = [...reference.slice(reference.indexOf('## Errors')).matchAll(/`([A-Z]+_[A-Z_]+)`/g)].map(
      ([, one]) => one!,
    )
    expect(listed.toSorted(byName)).toEqual([...new Set(made)].toSorted(byName))
    const reasons = [...source('match').matchAll(/(?:reasons\.add\(|return \[)[`']([a-z-]+)/g)].map(([, one]) => one!)
    const told = table('reasons').map(({ name }) => name.replace(':NAME', ''))
    expect(told.toSorted(byName)).toEqual(reasons.toSorted(byName))
  })

  it('names every export', () => {
    const names = [...source('index').matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list = '']) =>
      list.split(',').map((name) => name.trim()),
    )
    const paragraph = /\*\*Exports\*\*.*/.exec(reference)?.[0] ?? ''
    const told = [...paragraph.matchAll(/`(\w+)`/g)].map(([, name]) => name!)
    expect(told.toSorted(byName)).toEqual(names.filter((name) => name !== '').toSorted(byName))
  })
})

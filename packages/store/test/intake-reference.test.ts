import { readFileSync } from 'node:fs'
import { HoldfastError } from '@holdfast/core'
import { describe, expect, it } from 'vitest'
import * as errors from '../src/intake/errors.ts'
import { INTAKE_DEFAULTS } from '../src/intake/index.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const reference = read('../../../docs/reference/store/intake.md')
const source = (name: string): string => read(`../src/intake/${name}.ts`)

/** Rows of the table under a heading, cell by cell. */
function table(heading: string): string[][] {
  const section = reference.slice(reference.indexOf(`## ${heading}\n`)).split('\n## ')[0] ?? ''
  const cells = section.split('\n').flatMap((line) => (line.startsWith('| `') ? [line.split('|').slice(1, -1)] : []))
  return cells.map((row) => row.map((cell) => cell.trim()))
}

const byName = (a = '', b = ''): number => a.localeCompare(b)

describe('the reference of the intake', () => {
  it.each(Object.entries(INTAKE_DEFAULTS))('tells default and range of %s as the code does', (option, value) => {
    const comment = new RegExp(`/\\*\\*([^/]*?)\\*/\\s+readonly ${option}\\?:`).exec(source('options'))?.[1] ?? ''
    const told = value.toLocaleString('en-US')
    expect(comment).toContain(`Default: ${told}`)
    const [, standard, range] = table('Options').find(([name]) => name === `\`${option}\``) ?? []
    expect(standard).toBe(told)
    const allowed = /\S+ to [\d,]+/.exec(comment)?.[0]
    expect(allowed).toBeDefined()
    expect(range).toBe(allowed)
  })

  it('lists every option, and no other', () => {
    const made = [
      ...source('options')
        .split('/** What {@link')[0]!
        .matchAll(/^ {2}readonly (\w+)\??:/gm),
    ]
    const listed = table('Options').flatMap(([name]) => (name === '`IntakeOptions`' ? [] : [name]))
    expect(listed.toSorted(byName)).toEqual(made.map(([, name]) => `\`${name}\``).toSorted(byName))
  })

  it('lists every error with its category, and no other', () => {
    const made = Object.values(errors).map((make) => {
      const error = (make as (...args: unknown[]) => unknown)('x', 1, 1)
      return HoldfastError.isInstance(error) ? `\`${error.code}\` \`${error.category}\`` : 'no error'
    })
    const listed = table('Errors').map(([code, category]) => `${code} ${category}`)
    expect(listed.toSorted(byName)).toEqual([...new Set(made)].toSorted(byName))
  })

  it('lists every event, and no other', () => {
    const made = [...source('events').matchAll(/'(intake-[a-z-]+)'/g)].map(([, type]) => `\`${type}\``)
    const listed = table('Events').flatMap(([types = '']) => types.split(', '))
    expect(listed.toSorted(byName)).toEqual([...new Set(made)].toSorted(byName))
  })

  it('lists the parts of each kind of entry, and which are required', () => {
    const fields = source('entries').slice(source('entries').indexOf('const FIELDS'))
    for (const [kind = '', , parts = ''] of table('What is taken')) {
      const made = new RegExp(`^ {2}${kind.replaceAll('`', '')}: \\{([^;]*?)\\},?$`, 'm').exec(fields)?.[1] ?? ''
      const names = [...made.matchAll(/(\w+)(?:: (required)\(|: \w+|(?=,|\s*$))/g)].map(([, name, isRequired]) =>
        isRequired === undefined ? `\`${name}\`` : `**\`${name}\`**`,
      )
      const listed = [...parts.matchAll(/(?:\*\*)?`\w+`(?:\*\*)?/g)].map(([name]) => name)
      expect([kind, listed]).toEqual([kind, names])
    }
  })
})

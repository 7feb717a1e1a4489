import { readdirSync, readFileSync } from 'node:fs'
import { WEBHOOK_DEFAULTS } from '@holdfast/agents/webhooks'
import { describe, expect, it } from 'vitest'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const reference = read('../../../docs/reference/agents/webhooks.md')
const source = (name: string): string => read(`../src/webhooks/${name}.ts`)

/** The rows of the table that begins with this heading. */
function table(heading: string): { readonly option: string; readonly standard: string; readonly range: string }[] {
  const begin = reference.slice(reference.indexOf(`| \`${heading}\``))
  const rows = begin.slice(0, begin.indexOf('\n\n')).split('\n').slice(2)
  return rows
    .map((row) => row.split('|').map((cell) => cell.trim()))
    .map(([, option = '', standard = '', range = '']) => ({ option, standard, range }))
}

describe('the reference of webhooks', () => {
  it.each(Object.entries(WEBHOOK_DEFAULTS))('tells the default and range of %s as the code does', (option, value) => {
    const told = value.toLocaleString('en-US')
    const comment = new RegExp(`/\\*\\*([^/]*?)\\*/\\s+readonly ${option}\\?:`).exec(source('options'))?.[1] ?? ''
    expect(comment).toContain(`Default: ${told}`)
    const row = table('WebhooksOptions').find((one) => one.option === `\`${option}\``)
    expect(row?.standard).toBe(told)
    const range = /\d\S* to [\d,]*\d/.exec(comment)?.[0]
    if (typeof value === 'number') expect(row?.range).toBe(range)
  })

  it.each([
    ['WebhooksOptions', 'options'],
    ['NewWebhook', 'webhooks'],
  ])('lists every one of %s', (heading, file) => {
    const declared = new RegExp(`export interface ${heading} \\{([\\s\\S]*?)\\n\\}`).exec(source(file))?.[1] ?? ''
    const made = [...declared.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => `\`${name}\``)
    const listed = table(heading)
      .map(({ option }) => option)
      .join(' ')
    expect(made.length).toBeGreaterThan(3)
    expect(made.filter((name) => !listed.includes(name))).toEqual([])
  })

  it('lists the codes that are made, and no others', () => {
    const files = readdirSync(new URL('../src/webhooks/', import.meta.url)).filter((name) => !name.includes('.test.'))
    const code = files.map((name) => source(name.replace('.ts', ''))).join('\n')
    const made = [...code.matchAll(/webhookError\(\s*'([A-Z_]+)'/g)].map(([, name]) => name)
    const section = reference.slice(reference.indexOf('## Errors')).split('\n\nAttempts')[0]!
    const listed = [...section.matchAll(/`([A-Z]+_[A-Z_]+)`/g)].map(([, name]) => name)
    expect(new Set(listed)).toEqual(new Set(made))
  })
})

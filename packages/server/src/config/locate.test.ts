import { describe, expect, it } from 'vitest'
import { lineOf } from './locate.ts'
import { nearestName } from './suggest.ts'

const source = `import { defineConfig } from '@holdfast/server'

const shared = { retry: {
  maxRetries: 1,
} } as const
export const llm = {
  ...shared,
  'deadlineMs': 5,
}

export default defineConfig({
  contact: { name: 'us' },
  integrations: { llm,
    n8n: shared,
  },
  assistants: [
    first(),
    second({ a: 1 }),
  ],
} satisfies Config)
`

describe('lineOf', () => {
  it.each<[string, (string | number)[], number]>([
    ['the whole', [], 11],
    ['a part', ['contact', 'name'], 12],
    ['an element of a list', ['assistants', 1], 18],
    ['what a constant of the file holds', ['integrations', 'n8n', 'retry', 'maxRetries'], 4],
    ['a shorthand, through a spread', ['integrations', 'llm', 'retry', 'maxRetries'], 4],
    ['a key in quotes', ['integrations', 'llm', 'deadlineMs'], 8],
    ['the nearest part around what is missing', ['integrations', 'n8n', 'kind'], 14],
    ['the nearest part around what another file holds', ['assistants', 0, 'name'], 17],
    ['the whole, for a part that is missing', ['memory', 'maxBytes'], 11],
  ])('finds the line of %s', (_title, path, line) => {
    expect(lineOf(source, path)).toBe(line)
  })

  it('finds the line in an export without defineConfig, and by a name', () => {
    expect(lineOf('const c = {\n  a: 1 }\nexport default c', ['a'])).toBe(2)
    expect(lineOf('export default {\n  a: 1 }', ['a'])).toBe(2)
  })

  it.each(['', 'module.exports = {}', 'export default {{{'])(
    'says nothing about a source without a default export: %j',
    (text) => {
      expect(lineOf(text, ['a'])).toBeUndefined()
    },
  )
})

describe('nearestName', () => {
  it.each([
    ['maxRetrys', 'maxRetries'],
    ['maxretries', 'maxRetries'],
    ['mxaRetries', 'maxRetries'],
    ['kin', 'kind'],
  ])('takes %s for %s', (name, meant) => {
    expect(nearestName(name, ['kind', 'maxRetries', 'openMs'])).toBe(meant)
  })

  it('does not guess wildly', () => {
    expect(nearestName('timeout', ['kind', 'maxRetries', 'openMs'])).toBeUndefined()
    expect(nearestName('x', [])).toBeUndefined()
  })
})

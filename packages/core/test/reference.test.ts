import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import {
  BREAKER_DEFAULTS,
  CATEGORY_RULES,
  FALLBACK_DEFAULTS,
  INTEGRATION_DEFAULTS,
  RETRY_DEFAULTS,
} from '../src/index.ts'
import { CACHE_DEFAULTS } from '../src/cache/index.ts'

const SOURCE = new URL('../src/', import.meta.url)
const page = await readFile(new URL('../../../docs/reference/core.md', import.meta.url), 'utf8')

const POLICIES = [
  { name: 'integration', heading: 'Integration', interface: 'IntegrationOptions', defaults: INTEGRATION_DEFAULTS },
  { name: 'retry', heading: 'Retry', interface: 'RetryOptions', defaults: RETRY_DEFAULTS },
  { name: 'breaker', heading: 'Circuit breaker', interface: 'BreakerOptions', defaults: BREAKER_DEFAULTS },
  { name: 'fallback', heading: 'Fallback', interface: 'FallbackOptions', defaults: FALLBACK_DEFAULTS },
  { name: 'cache', heading: 'Cache', interface: 'CacheOptions<Value>', defaults: CACHE_DEFAULTS },
] as const

/** The rows of the first table below a heading of the page, without its head. */
function table(heading: string): string[][] {
  const lines = page.split('\n')
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading)
  const first = lines.findIndex((line, index) => index > start && line.startsWith('|'))
  const last = lines.findIndex((line, index) => index > first && !line.startsWith('|'))
  const rows = lines.slice(first + 2, last)
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  )
}

/** The options of an interface and what their doc comments name as the default. */
function documented(source: string, name: string): Map<string, string | undefined> {
  const body = source.split(`export interface ${name}`)[1]?.split('\n}')[0] ?? ''
  const options = new Map<string, string | undefined>()
  for (const [, comment = '', option = ''] of body.matchAll(
    /((?:\/\*\*(?:(?!\*\/)[^])*\*\/)?)\s*readonly (\w+)\??:/g,
  )) {
    const [, value] = /Default: `?([\w-]+(?:[.,]\d+)*(?: MiB)?)/.exec(comment.replaceAll(/\s+\*\s+/g, ' ')) ?? []
    options.set(option, value)
  }
  return options
}

function shown(value: unknown): string {
  return typeof value === 'number' ? value.toLocaleString('en-US') : String(value)
}

/** The code of all source files, without what stands in doc comments. */
async function sources(): Promise<string> {
  const paths = (await readdir(SOURCE, { recursive: true })).filter((path) => /(?<!\.test)\.ts$/.test(path))
  const texts = await Promise.all(paths.map((path) => readFile(new URL(path, SOURCE), 'utf8')))
  return texts.join('\n').replaceAll(/^\s*\*.*$/gm, '')
}

describe.each(POLICIES)('the options of $name', ({ name, heading, interface: type, defaults }) => {
  it('have the defaults in their doc comments that they have in the code', async () => {
    const options = documented(await readFile(new URL(`${name}/options.ts`, SOURCE), 'utf8'), type)
    for (const [option, value] of Object.entries(defaults)) {
      const expected = option === 'maxBytes' ? '16 MiB' : shown(value)
      expect(options.get(option), option).toBe(expected)
    }
  })

  it('are all in the reference, with the same defaults', async () => {
    const rows = new Map(table(heading).map(([option = '', value = '']) => [option, value]))
    const options = documented(await readFile(new URL(`${name}/options.ts`, SOURCE), 'utf8'), type)
    const environment = name === 'integration' || name === 'cache' ? ['clock', 'random', 'events'] : []
    expect(new Set(rows.keys())).toEqual(new Set([...options.keys(), ...environment]))
    for (const [option, value] of Object.entries(defaults)) expect(rows.get(option), option).toBe(shown(value))
  })
})

describe('the reference', () => {
  it('has the table of categories that the code has', () => {
    const rows = table('Categories').map(([category, retry, breaker, throttle, fallback]) => [
      category,
      { retry, breaker, throttle, fallback },
    ])
    const expected = Object.entries(CATEGORY_RULES).map(([category, { retry, breaker, throttle, fallback }]) => [
      category,
      { retry: retry ? 'yes' : 'no', breaker, throttle, fallback: fallback ? 'yes' : 'no' },
    ])
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(expected))
  })

  it('names every error code there is, and no other', async () => {
    const codes = new Set(['HTTP_<status>'])
    const text = await sources()
    // A code stands behind `code:`, or is the first argument of a function that makes an error from it …
    for (const [place] of text.matchAll(/(?:\bcode: |#reject\(|refuse\()[^\n]*/g)) {
      for (const [, code = ''] of place.matchAll(/'([A-Z_]{4,})'/g)) codes.add(code)
    }
    // … or begins a verdict of the table.
    for (const [, code = ''] of text.matchAll(/^([A-Z_]{4,}) [a-z-]+ (?:retry|final) /gm)) codes.add(code)
    expect(new Set(table('Errors').map(([name]) => name))).toEqual(codes)
  })

  it('names every event there is, and no other', async () => {
    const paths = (await readdir(SOURCE, { recursive: true })).filter((path) => path.endsWith('events.ts'))
    const texts = await Promise.all(paths.map((path) => readFile(new URL(path, SOURCE), 'utf8')))
    // The type of an event stands behind `type`, alone, in a list, or as the argument of the interface they share.
    const places = texts
      .join('\n')
      .matchAll(/(?:readonly type:|IntegrationEvent<|TimedEvent<)((?:[\s|]*'[a-z]+-[a-z-]+')+)/g)
    const types = [...places].flatMap(([, list = '']) => [...list.matchAll(/'([a-z-]+)'/g)])
    expect(new Set(table('Events').map(([name]) => name))).toEqual(new Set(types.map(([, type]) => type)))
  })
})

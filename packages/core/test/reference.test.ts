import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import * as admission from '../src/admission/index.ts'
import * as byHand from '../src/by-hand/index.ts'
import * as cache from '../src/cache/index.ts'
import * as chaos from '../src/chaos/index.ts'
import * as health from '../src/health/index.ts'
import * as core from '../src/index.ts'
import * as metrics from '../src/metrics/index.ts'
import * as presets from '../src/presets/index.ts'
import * as sessions from '../src/sessions/index.ts'
import * as testing from '../src/testing/index.ts'

const SOURCE = new URL('../src/', import.meta.url)
const DOCS = new URL('../../../docs/reference/', import.meta.url)
const ROOT = new URL('../../../', import.meta.url)

const ENTRIES: Readonly<Record<string, object>> = {
  '': core,
  admission,
  'by-hand': byHand,
  cache,
  chaos,
  health,
  metrics,
  presets,
  sessions,
  testing,
}

/** The sections of a page, in their order. A page may have others between `Defaults` and `Errors`. */
const SECTIONS = ['About', 'Usage', 'Defaults', 'Errors', 'Events', 'States', 'Patterns', 'Anti-patterns']
const NEEDED = ['About', 'Usage', 'Patterns', 'Anti-patterns']

// ---- the pages

interface Table {
  readonly page: string
  /** The first cell of its head. */
  readonly about: string
  readonly head: readonly string[]
  /** By the first cell. */
  readonly rows: ReadonlyMap<string, readonly string[]>
}

const pages = new Map([['core.md', await readFile(new URL('core.md', DOCS), 'utf8')]])
for (const name of await readdir(new URL('core/', DOCS))) {
  pages.set(`core/${name}`, await readFile(new URL(`core/${name}`, DOCS), 'utf8'))
}
const tables = [...pages].flatMap(([page, text]) => tablesOf(page, text))

function tablesOf(page: string, text: string): Table[] {
  return [...text.matchAll(/(?:^\|.*\n)+/gm)].map(([block]) => {
    const lines = block.trim().split('\n').map(cellsOf)
    const [head = [], , ...body] = lines
    const rows = new Map(body.map((cells) => [cells[0] ?? '', cells]))
    if (rows.size !== body.length) throw new Error(`${page}: two rows of the table ${head[0]} have one name`)
    return { page, about: head[0] ?? '', head, rows }
  })
}

function cellsOf(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('`', '').replaceAll('\\|', '|'))
}

/** The one table whose head begins with these cells. */
function tableOf(...head: readonly string[]): Table {
  const found = tables.filter((table) => head.every((cell, index) => table.head[index] === cell))
  expect(found, head.join(' | ')).toHaveLength(1)
  return found[0] as Table
}

function headingsOf(text: string): string[] {
  return [...text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading)
}

// ---- the source

interface Member {
  readonly file: string
  readonly isOptional: boolean
  readonly comment: string
}

interface Interface {
  readonly name: string
  readonly parents: readonly string[]
  readonly members: ReadonlyMap<string, Member>
  /** What stands between `interface` and its end. */
  readonly text: string
}

const paths = (await readdir(SOURCE, { recursive: true })).filter((path) => /(?<!\.test)\.ts$/.test(path))
const sources = new Map(
  await Promise.all(
    paths.map(async (path): Promise<[string, string]> => [path, await readFile(new URL(path, SOURCE), 'utf8')]),
  ),
)
const interfaces = new Map(
  [...sources].flatMap(([file, text]) => interfacesOf(file, text).map((one) => [one.name, one])),
)

function interfacesOf(file: string, source: string): Interface[] {
  const found = source.matchAll(/^(?:export )?interface (\w+)(?:<[^>]*>)?(?: extends ([^{]+))? \{(\}|[^]*?\n\})/gm)
  return [...found].map(([text, name = '', parents = '', body = '']) => ({
    name,
    parents: parents.match(/\b[A-Z]\w+/g) ?? [],
    members: new Map(
      [...body.matchAll(/(^ {2}\/\*\*(?:(?!\*\/)[^])*\*\/\n)?^ {2}(?:readonly )?(\w+)(\?)?(?:<[^\n(]*>)?[(:]/gm)].map(
        ([, comment = '', member = '', isOptional]) => [
          member,
          { file, isOptional: isOptional !== undefined, comment: comment.replaceAll(/\s+\*?\/?\s*/g, ' ') },
        ],
      ),
    ),
    text,
  }))
}

/** The members that a table of an interface must have: its own, and those it inherits from interfaces without a table. */
function membersOf({ members, parents }: Interface): Map<string, Member> {
  const inherited = parents.flatMap((name) => {
    const parent = interfaces.get(name)
    return parent === undefined || tables.some(({ about }) => about === name) ? [] : [...membersOf(parent)]
  })
  return new Map([...inherited, ...members])
}

/** Names that an entry point exports. */
function exportsOf(entry: string): Set<string> {
  const text = sources.get(entry === '' ? 'index.ts' : `${entry}/index.ts`) ?? ''
  return new Set(
    [...text.matchAll(/export (?:type )?\{([^}]+)\}/g)].flatMap(([, names = '']) => names.match(/\w+/g) ?? []),
  )
}

/** All constants with defaults, with the file that each is made in. */
const defaults = Object.values(ENTRIES)
  .flatMap((entry) => Object.entries(entry))
  .filter(([name]) => name.endsWith('_DEFAULTS'))
  .map(([name, values]) => {
    const file = [...sources].find(([, text]) => text.includes(`export const ${name}:`))?.[0]
    return { name, file, values: values as Readonly<Record<string, unknown>> }
  })

function defaultOf(name: string, { file }: Member): { readonly value: unknown } | undefined {
  const constant = defaults.find((one) => one.file === file && Object.hasOwn(one.values, name))
  return constant && { value: constant.values[name] }
}

function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([key, part]) => `${key} ${String(part)}`)
      .join(', ')
  }
  if (typeof value !== 'number' || value === Infinity) return String(value)
  return value % 2 ** 20 === 0 && value > 0 ? `${value / 2 ** 20} MiB` : value.toLocaleString('en-US')
}

/** What a doc comment names as the default, up to the end of its sentence. */
function documentedDefault({ comment }: Member): string | undefined {
  return /Default: (.*?)\.(?= |$)/.exec(comment)?.[1]?.replaceAll('`', '')
}

// ---- what the code allows

type Make = (options: object) => unknown

const run = (): number => 1
const source = { name: 'a', snapshot: () => ({ status: 'healthy' as const }) }
const monitor = health.createHealthMonitor({ integrations: [{ integration: source }] })

/** How something is made with options that may be wrong. */
const MAKERS: Readonly<Record<string, Make>> = {
  Environment: (options) => core.createIntegration({ name: 'a', ...options }),
  IntegrationOptions: (options) => core.createIntegration({ name: 'a', ...options }),
  PipelineOptions: (options) => core.pipeline([], options),
  TimeoutOptions: (options) => core.createTimeout({ timeoutMs: 1, ...options }),
  RetryConfiguration: (options) => core.createRetry(options),
  HedgeOptions: (options) => core.createHedge(options),
  BreakerConfiguration: (options) => core.createBreaker({ name: 'a', ...options }),
  FallbackOptions: (options) => core.fallback([{ name: 'a', run }], options),
  RememberedOptions: (options) => core.lastKnown({ peek: () => undefined }, 'a', options),
  FallbackStep: (options) => core.fallback([{ name: 'a', run, ...options }]),
  RegistryOptions: (options) => presets.createRegistry(options),
  CallLabels: (options) => presets.withErrorHandling(run, options),
  ErrorHandlingOptions: (options) => presets.withErrorHandling(run, {}, options),
  BulkheadConfiguration: (options) => admission.createBulkhead({ name: 'a', ...options }),
  RateLimiterConfiguration: (options) => admission.createRateLimiter({ name: 'a', limit: 1, ...options }),
  RateLimitersConfiguration: (options) => admission.createRateLimiters({ name: 'a', limit: 1, ...options }),
  ThrottleConfiguration: (options) => admission.createThrottle({ name: 'a', ...options }),
  GoodputLimitConfiguration: (options) => admission.createGoodputLimit({ name: 'a', ...options }),
  CapacityConfiguration: (options) => admission.createCapacity({ name: 'a', ...options }),
  AdaptiveConcurrencyConfiguration: (options) => admission.createAdaptiveConcurrency({ name: 'a', ...options }),
  CacheOptions: (options) => cache.createCache({ name: 'a', ...options }),
  CacheSetOptions: (options) => cache.createCache({ name: 'a' }).set('a', 1, options),
  CacheScope: (options) => cache.createCache({ name: 'a' }).peek('a', options),
  HealthOptions: (options) => health.createHealthMonitor({ integrations: [], ...options }),
  HealthTarget: (options) => health.createHealthMonitor({ integrations: [{ integration: source, ...options }] }),
  Maintenance: (options) => monitor.enterMaintenance({ level: 'LIMITED', by: 'a', reason: 'a', forMs: 1, ...options }),
  RecoveryRequest: (options) => monitor.forceRecovery({ by: 'a', reason: 'a', ...options }),
  FeaturesOptions: (options) => health.createFeatures({ monitor, features: {}, ...options }),
  FeatureNeeds: (options) => health.createFeatures({ monitor, features: { a: options } }),
  MetricsOptions: (options) => metrics.createMetrics({ events: core.createEvents(), ...options }),
  SketchOptions: (options) => metrics.createSketch(options),
  SessionsOptions: (options) => sessions.createSessions({ name: 'a', ...options }),
  SessionOptions: (options) => sessions.createSessions({ name: 'a' }).create('a', 1, options),
  ChaosOptions: (options) => chaos.createChaos({ faults: [], ...options }),
}

/** What an option may be, as the error says it for a value that nothing allows. */
async function allowedBy(make: Make, option: string): Promise<string | undefined> {
  const error = await (async () => make({ [option]: Symbol('nothing') }))().catch((reason: unknown) => reason)
  if (!core.HoldfastError.isInstance(error) || error.code !== 'INVALID_OPTION') return undefined
  return / must be (.*), but is /.exec(error.message)?.[1]
}

/** The range that a table must name for it; `undefined` where words are free. */
function rangeOf(allowed: string | undefined): string | undefined {
  if (allowed === undefined) return ''
  const [, least, most] = /^a (?:whole )?number from (\S+) to (\S+)$/.exec(allowed) ?? []
  if (most !== undefined) return `${least} to ${most.replace('∞', 'Infinity')}`
  if (allowed === 'a number above 0 and up to 1') return 'above 0, up to 1'
  if (allowed.startsWith('1 to 64 lower-case')) return '1 to 64 of a-z, 0-9, -'
  if (allowed === '1 to 200 characters') return allowed
  return /^'[\w-]+'( or '[\w-]+')+$/.test(allowed) ? allowed.replaceAll("'", '').replaceAll(' or ', ', ') : undefined
}

const optionTables = tables.filter(({ about }) => interfaces.has(about))

describe.each(optionTables)('the table of $about', ({ about, head, rows }) => {
  const members = membersOf(interfaces.get(about) as Interface)

  it('has a row for each, and no other', () => {
    expect(head.slice(1)).toEqual(['default', 'range', 'what'])
    expect(new Set(rows.keys())).toEqual(new Set(members.keys()))
  })

  it('has the defaults that the code and its doc comments have', () => {
    for (const [name, member] of members) {
      const cell = rows.get(name)?.[1] ?? ''
      const documented = documentedDefault(member)
      const constant = member.isOptional ? defaultOf(name, member) : undefined
      const begins = (what: string): boolean =>
        `${documented},`.startsWith(what) && /^[, ;]/.test(`${documented},`.slice(what.length))
      if (constant !== undefined)
        expect([cell, begins(shown(constant.value))], name).toEqual([shown(constant.value), true])
      else if (!member.isOptional) expect(cell, name).toBe('required')
      else if (documented === undefined) expect(cell, name).toBe('')
      else expect(cell !== '' && begins(cell), `${name}: ${documented}`).toBe(true)
    }
  })

  it('has the ranges that the code holds', async () => {
    const make = MAKERS[about]
    if (make === undefined) return
    for (const name of members.keys()) {
      const range = rangeOf(await allowedBy(make, name))
      if (range !== undefined) expect(rows.get(name)?.[2], name).toBe(range)
    }
  })
})

describe('the options', () => {
  const hasTable = (name: string): boolean => optionTables.some(({ about }) => about === name)

  it('all have a table, of their own or as part of another', () => {
    const names = Object.keys(ENTRIES).flatMap((entry) => [...exportsOf(entry)])
    for (const name of names.filter((name) => /(Options|Configuration)$/.test(name))) {
      const heirs = [...interfaces.values()].filter(({ parents }) => parents.includes(name))
      expect(hasTable(name) || heirs.some((heir) => hasTable(heir.name)), name).toBe(true)
    }
  })

  it('have one table each', () => {
    const names = optionTables.map(({ about }) => about)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  it('have defaults that all stand in a table', () => {
    for (const { name, file, values } of defaults) {
      const known = optionTables.flatMap(({ about }) => [...membersOf(interfaces.get(about) as Interface)])
      const inFile = known.filter(([, member]) => member.file === file).map(([option]) => option)
      for (const option of Object.keys(values)) expect(inFile, `${name}.${option}`).toContain(option)
    }
  })

  it('are checked for their range wherever something is made of them', () => {
    const made = optionTables.map(({ about }) => about).filter((name) => /(Options|Configuration)$/.test(name))
    const given = [
      'CallOptions',
      'GuardedCallOptions',
      'RetryCallOptions',
      'DedupeCallOptions',
      'CacheGetOptions',
      'EnterOptions',
    ]
    expect(made.filter((name) => MAKERS[name] === undefined).sort()).toEqual([...given, 'HoldfastErrorOptions'].sort())
  })
})

describe('the errors', () => {
  const { rows } = tableOf('code', 'category')

  /** The text of all sources, without comments. */
  const code = new Map([...sources].map(([path, text]) => [path, text.replaceAll(/\/\*\*[^]*?\*\/|^\s*\/\/.*$/gm, '')]))

  it('have a table with every code there is, and no other', () => {
    const notCodes = new Set(['FULL', 'LIMITED', 'EMERGENCY', ...Object.keys(presets.RETRY_PRESETS)])
    const codes = new Set(['HTTP_<status>'])
    for (const [path, text] of code) {
      // Words that services use for their errors, and names of variables.
      if (path === 'errors/verdict-table.ts' || path === 'settings/settings.ts') continue
      for (const [, word = ''] of text.replaceAll(/verdictOf\([^)]*\)/g, '').matchAll(/'([A-Z][A-Z_]{3,})'/g)) {
        if (!notCodes.has(word)) codes.add(word)
      }
    }
    for (const [, word = ''] of verdicts()) codes.add(word)
    expect(new Set(rows.keys())).toEqual(codes)
  })

  it('have the category there that the code gives them', () => {
    for (const text of code.values()) {
      for (const [, word = '', category] of text.matchAll(/code: '([A-Z_]+)',\s*category: '([a-z-]+)'/g)) {
        expect(rows.get(word)?.[1], word).toBe(category)
      }
      for (const [, word = ''] of text.matchAll(/\b#?(?:refuse|reject)\((?:this\.name, )?'([A-Z_]+)'/g)) {
        expect(rows.get(word)?.[1], word).toBe('rejected')
      }
    }
  })

  it('of a page are in that table', () => {
    const named = tables.filter(({ about }) => about === 'code').flatMap((table) => [...table.rows.keys()])
    expect(named.length).toBeGreaterThan(rows.size + 10)
    for (const word of named) expect(rows.has(word), word).toBe(true)
  })

  it('that services give have the verdict there that the code has', () => {
    for (const [, word = '', category, again, effect] of verdicts()) {
      const [, ...cells] = rows.get(word) ?? []
      expect(cells.slice(0, 3), word).toEqual([
        category,
        again === 'retry' ? 'yes' : 'no',
        effect === 'safe' ? 'no' : 'perhaps',
      ])
    }
  })

  it('have the matrix of categories that the code has', () => {
    const matrix = [...tableOf('category').rows].map(([category, [, retry, breaker, throttle, fallback]]) => [
      category,
      { retry, breaker, throttle, fallback },
    ])
    const yesOrNo = (is: boolean): string => (is ? 'yes' : 'no')
    const expected = Object.entries(core.CATEGORY_RULES).map(([category, { retry, breaker, throttle, fallback }]) => [
      category,
      { retry: yesOrNo(retry), breaker, throttle, fallback: yesOrNo(fallback) },
    ])
    expect(Object.fromEntries(matrix)).toEqual(Object.fromEntries(expected))
  })

  function verdicts(): RegExpStringIterator<RegExpExecArray> {
    return (sources.get('errors/verdict-table.ts') ?? '').matchAll(
      /^([A-Z_]{4,}) ([a-z-]+) (retry|final) (safe|unsure):/gm,
    )
  }
})

describe('the events', () => {
  const { rows } = tableOf('event')

  /** The members of the union, by the types that each may have. */
  function events(union = 'CoreEvent'): [type: string, event: Interface][] {
    const text = [...sources.values()].join('\n')
    const [, members = ''] = new RegExp(`^export type ${union} =((?:[^]*?)(?=\\n(?:\\n|$)))`, 'm').exec(text) ?? []
    return (members.match(/\b[A-Z]\w+/g) ?? []).flatMap((name) => {
      const event = interfaces.get(name)
      if (event === undefined) return events(name)
      const [type = ''] = /\btype:(?:\s*\|?\s*'[a-z-]+')+|Event<[^{]*>/.exec(event.text) ?? []
      return (type.match(/'[a-z-]+'/g) ?? []).map((word): [string, Interface] => [word.slice(1, -1), event])
    })
  }

  it('have a table with each, and no other', () => {
    expect(events().length).toBeGreaterThan(40)
    expect(new Set(rows.keys())).toEqual(new Set(events().map(([type]) => type)))
  })

  it('have the fields there that they carry', () => {
    for (const [type, event] of events()) {
      const fields = new Set([...event.members.keys()].filter((name) => name !== 'type' && name !== 'at'))
      if (event.parents.includes('IntegrationEvent')) fields.add('integration')
      expect(new Set(rows.get(type)?.[1]?.split(', ')), type).toEqual(fields)
    }
  })

  it('are all exported by the name of their type', () => {
    const exported = exportsOf('')
    for (const [type, { name }] of events()) expect(exported.has(name), `${name} of ${type}`).toBe(true)
  })

  it('are all named on the page of what reports them, too', () => {
    for (const [type] of events()) {
      const at = [...pages].filter(([page, text]) => page !== 'core/events.md' && text.includes(`\`${type}\``))
      expect(at.length, type).toBeGreaterThan(0)
    }
  })
})

describe('the other tables', () => {
  it('of refused orders has what the code refuses', () => {
    const refused = (sources.get('pipeline/order.ts') ?? '').matchAll(/^ {2}'(\w+ > \w+)':/gm)
    const rows = new Set(tableOf('refused').rows.keys())
    for (const [, order = ''] of refused) expect(rows, order).toContain(order)
    expect(rows.size).toBeGreaterThan(5)
  })

  it('of retry presets has their numbers', () => {
    const rows = [...tableOf('preset').rows.values()].map(([name, retries, wait]) => [name, retries, wait])
    const expected = Object.entries(presets.RETRY_PRESETS)
    expect(rows).toEqual(expected.map(([name, one]) => [name, shown(one.maxRetries), shown(one.backoffMs)]))
  })

  it('of kinds has their numbers', () => {
    const { head, rows } = tableOf('preset of')
    const expected = Object.entries(presets.KIND_PRESETS).map(([kind, { options, timeouts, checkIntervalMs }]) => {
      const all: Record<string, unknown> = { ...options, ...options.retry, ...options.breaker, ...timeouts }
      return [kind, ...head.slice(1).map((name) => shown({ ...all, checkIntervalMs }[name] ?? ''))]
    })
    expect([...rows.values()]).toEqual(expected)
    for (const { options } of Object.values(presets.KIND_PRESETS)) {
      const named = Object.keys({ ...options, ...options.retry, ...options.breaker })
      expect(head).toEqual(
        expect.arrayContaining(named.filter((name) => !/^(kind|retry|breaker|growth|jitter|probeLeaseMs)$/.test(name))),
      )
    }
  })

  it('of variables has those that are read', () => {
    const read = (sources.get('settings/settings.ts') ?? '').matchAll(/read\('([A-Z_]+)'/g)
    expect(new Set(tableOf('variable').rows.keys())).toEqual(new Set([...read].map(([, name]) => name)))
  })

  it('of subpaths has what they may weigh', async () => {
    const limits = JSON.parse(await readFile(new URL('.size-limit.json', ROOT), 'utf8')) as Record<string, string>[]
    const { rows } = tableOf('subpath')
    expect(new Set(rows.keys())).toEqual(
      new Set(Object.keys(ENTRIES).map((name) => `@holdfast/core${name && `/${name}`}`)),
    )
    for (const { path = '', import: part, limit } of limits) {
      const name = path.replace(/^packages\/core\/src\/?/, '').replace(/\/?index\.ts$/, '')
      if (part === undefined) expect(rows.get(`@holdfast/core${name && `/${name}`}`)?.[1], path).toBe(limit)
    }
  })
})

describe('the pages', () => {
  it('name every export of each entry point, and no other', () => {
    for (const entry of Object.keys(ENTRIES)) {
      const path = `@holdfast/core${entry && `/${entry}`}`
      const named = [...pages.values()].flatMap((text) =>
        [...text.matchAll(/^\*\*Exports\*\* of `([^`]+)`: ((?:.+\n)+)/gm)]
          .filter(([, at]) => at === path)
          .flatMap(([, , names = '']) => [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)),
      )
      expect(new Set(named), path).toEqual(exportsOf(entry))
    }
  })

  it.each([...pages.keys()].filter((page) => page !== 'core.md'))(
    'of which %s is one have the same sections',
    (page) => {
      const text = pages.get(page) ?? ''
      const sections = [...text.matchAll(/^## (.*)$/gm)].map(([, name = '']) => name)
      const known = sections.filter((name) => SECTIONS.includes(name))
      expect(known).toEqual(SECTIONS.filter((name) => known.includes(name)))
      expect(known).toEqual(expect.arrayContaining(NEEDED))
      expect(text).toMatch(/^```ts$/m)
    },
  )

  it('speak of nothing that the code does not know', () => {
    const known = new Set([...sources.values()].join('\n').match(/\w+/g))
    for (const [page, text] of pages) {
      const words = text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)
      for (const word of [...words].flatMap(([, code = '']) => code.match(/\b([a-z]+[A-Z]\w*|[A-Z_]{4,})\b/g) ?? [])) {
        expect(known.has(word), `${page}: ${word}`).toBe(true)
      }
    }
  })

  it('are all in the index', () => {
    const index = pages.get('core.md') ?? ''
    for (const page of pages.keys()) if (page !== 'core.md') expect(index, page).toContain(`](${page})`)
  })

  it('lead to headings that are there', () => {
    for (const [page, text] of pages) {
      for (const [, path = '', anchor = ''] of text.matchAll(/\]\(([\w./-]*)#([\w-]+)\)/g)) {
        const target = path === '' ? page : new URL(path, new URL(page, DOCS)).href.slice(DOCS.href.length)
        const anchors = headingsOf(pages.get(target) ?? '').map((heading) =>
          heading
            .toLowerCase()
            .replaceAll(/[^\w\s-]/g, '')
            .replaceAll(' ', '-'),
        )
        expect(anchors, `${page}: ${path}#${anchor}`).toContain(anchor)
      }
    }
  })
})

import { readFileSync } from 'node:fs'
import { BREAKER_DEFAULTS, INTEGRATION_DEFAULTS, RETRY_DEFAULTS } from '@holdfast/core'
import { ANSWER_MEMORY_DEFAULTS, BUDGET_DEFAULTS } from '@holdfast/ai'
import { describe, expect, it } from 'vitest'
import { EMERGENCY_DEFAULTS, TRIAGE_DEFAULTS } from '@holdfast/ai/triage'
import { DELIVERY_DEFAULTS } from '@holdfast/store/delivery'
import {
  BUDGET_OPTIONS_DEFAULTS,
  EMERGENCY_OPTIONS_DEFAULTS,
  MEMORY_DEFAULTS,
  SERVER_DEFAULTS,
  SYNC_OPTIONS_DEFAULTS,
  WEBHOOK_OPTIONS_DEFAULTS,
} from '../src/config/options.ts'
import { budgetLimitSchema } from '../src/config/budget-schema.ts'
import { modelSchema } from '../src/config/model-schema.ts'
import { VARIABLES } from '../src/environment/variables.ts'
import { ERRORS } from '../src/http/errors.ts'
import { fakeApp } from './fakes.ts'

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const server = read('docs/reference/server.md')
const configuration = read('docs/guides/configuration.md')

/** The rows of the tables under a heading, cell by cell, from the first cell in code on. */
function rows(page: string, from: string, to: string): string[][] {
  const part = page.slice(page.indexOf(from), page.indexOf(to, page.indexOf(from) + from.length))
  return part
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}

const code = (cell: string | undefined): string => (cell ?? '').replaceAll('`', '')

describe('the reference of the server', () => {
  it('lists every error with its status, type and message, and no other', () => {
    const documented = rows(server, '## Errors', '## Metrics').map(([name, status, type, message]) => [
      code(name),
      { status: Number(status), type: code(type), message },
    ])
    expect(Object.fromEntries(documented)).toEqual(ERRORS)
  })

  it('lists the metrics there are, and no other', async () => {
    const { context } = await fakeApp()
    const { metrics } = context
    const call = { at: 0, integration: 'n8n' }
    const answer = { at: 0, assistant: 'desk', requestId: '1', tenant: 'default' }
    const failure = { code: 'X', category: 'server', durationMs: 1 } as const
    const kept = { confirmed: true, durationMs: 1 }
    const waited = { tenant: 'default', waitedMs: 1 }
    const provenance = { tier: 'n8n', durationMs: 1, firstOutputMs: 1 } as never
    metrics.observe({ ...call, type: 'call-succeeded', durationMs: 1, attempts: 1 })
    metrics.observe({ ...call, type: 'call-rejected', code: 'X' })
    metrics.observe({ ...call, type: 'attempt-succeeded', attempt: 1, durationMs: 1, outcome: 'success' })
    metrics.observe({ ...call, type: 'retry-scheduled', attempt: 2, delayMs: 1 })
    metrics.observe({ ...call, type: 'circuit-opened', from: 'closed', to: 'open', reason: 'failures' })
    metrics.observe({ ...answer, type: 'answer-served', provenance })
    metrics.observe({ ...answer, type: 'answer-failed', ...failure })
    metrics.observe({ ...answer, type: 'answer-abandoned', durationMs: 1 })
    metrics.observe({ ...answer, type: 'tier-failed', tier: 'n8n', ...failure })
    metrics.observe({ ...answer, type: 'tier-hedged', tier: 'n8n', next: 'direct', afterMs: 1 })
    metrics.observe({ at: 0, type: 'budget-exceeded', budget: 'day', of: {}, unit: 'cost', used: 1, limit: 1 })
    metrics.observe({ ...answer, type: 'emergency-answered', ticketId: '1', score: 1, reasons: [], ...kept })
    metrics.observe({ at: 0, type: 'delivery-succeeded', delivery: 'on-call', sequence: 1, kind: 'ticket', ...waited })
    const decision = { guardrail: 'desk', direction: 'output', rule: 'html', action: 'escaped', count: 1 } as const
    metrics.observe({ ...decision, at: 0, tenant: 'default', type: 'guardrail-decided' })
    const pull = { at: 0, tenant: 'acme', source: 'crm', records: 1, durationMs: 1 }
    metrics.observe({ ...pull, type: 'sync-pulled', changed: 1, refused: 0, recovered: false })
    metrics.observeRequest('GET', '/', 200, 1)
    const shown = [...(await metrics.collect()).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, kind]) => [
      name,
      kind,
    ])
    const documented = rows(server, '## Metrics', '## Stopping').map(([name, kind]) => [code(name), kind])
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(shown))
  })

  it('lists every route, and no other', async () => {
    const documented = rows(server, '## Routes', 'API keys and the admin token').flatMap(([routes = '']) => {
      const names = [...routes.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name.replaceAll('\\|', '|'))
      const path = names.at(-1)?.split(' ').at(-1) ?? ''
      // `GET`, `POST` of one path, or several routes of one row.
      return names.map((name) => (name.includes(' ') ? name : `${name} ${path}`))
    })
    const { app } = await fakeApp({ context: { desks: { open: undefined } } })
    const served = leaves(app.printRoutes({ commonPrefix: false })).filter((route) => !route.includes(' /page/'))
    const shape = (route: string): string => route.replace(/\{[^}]+\}/g, ':')
    expect(new Set(documented.map(shape))).toEqual(new Set(served.map((route) => route.replace(/:\w+/g, ':'))))
  })
})

/** `GET /a/b` for every line of the tree that Fastify prints. */
function leaves(tree: string): string[] {
  const path: string[] = []
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', part = '', methods = ''] = /^([│├└─ ]*)(\S+) \(([^)]+)\)$/.exec(line) ?? []
    if (part === '') return []
    path.length = indent.length / 4 - 1
    path.push(part)
    const whole = path.join('')
    return methods
      .split(', ')
      .filter((method) => method !== 'HEAD')
      .map((method) => `${method} ${whole}`)
  })
}

describe('the guide to the configuration', () => {
  it('lists every variable with its purpose, and no other; so does .env.example, but for comments', () => {
    const documented = rows(configuration, '## Environment', '## `holdfast.config.ts`').map(([name, purpose]) => [
      code(name),
      purpose,
    ])
    const purposes = Object.entries(VARIABLES).map(([name, { purpose }]) => [name, purpose])
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(purposes))
    const example = [...read('.env.example').matchAll(/^# ([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name)
    expect(new Set(example)).toEqual(new Set(Object.keys(VARIABLES)))
  })

  it.each<[string, string, string, object]>([
    ['server', '### `server`', '### `integrations`', SERVER_DEFAULTS],
    ['integration', '### `integrations`', '`retry`,', INTEGRATION_DEFAULTS],
    ['retry', '`retry`,', '`breaker`,', RETRY_DEFAULTS],
    ['breaker', '`breaker`, or', '### `models`', BREAKER_DEFAULTS],
    ['budgets', '### `budgets`', '`limits` holds', BUDGET_OPTIONS_DEFAULTS],
    ['memory', '### `memory`', '### `emergency`', MEMORY_DEFAULTS],
    ['emergency', '### `emergency`', '### `tenants`', EMERGENCY_OPTIONS_DEFAULTS],
    ['sync', '### `sync`', 'A source is one of these', SYNC_OPTIONS_DEFAULTS],
    ['webhooks', '### `webhooks`', '## Reachable', WEBHOOK_OPTIONS_DEFAULTS],
  ])('lists every setting of %s with its default, and no other', (_title, from, to, defaults) => {
    const documented = rows(configuration, from, to).map(([name, value]) => [code(name), JSON.parse(code(value))])
    expect(Object.fromEntries(documented)).toEqual(defaults)
  })

  it('lists every setting of a model, and no other', () => {
    const documented = rows(configuration, '### `models`', '### `budgets`').map(([name]) => code(name))
    expect(documented).toEqual(Object.keys(modelSchema.shape))
  })

  it('lists every setting of a limit of the budgets, and no other', () => {
    const documented = rows(configuration, '`limits` holds', '### `memory`').map(([name]) => code(name))
    expect(documented).toEqual(Object.keys(budgetLimitSchema.shape))
  })

  it('has the defaults of budgets from where they are', () => {
    expect(BUDGET_DEFAULTS).toMatchObject(BUDGET_OPTIONS_DEFAULTS)
  })

  it('has the defaults of the memory from where they are', () => {
    expect(MEMORY_DEFAULTS).toEqual(ANSWER_MEMORY_DEFAULTS)
  })

  it('has the defaults of emergencies from where they are', () => {
    const { openTimeoutMs, language } = EMERGENCY_DEFAULTS
    const { threshold } = TRIAGE_DEFAULTS
    const { giveUpAfterMs } = DELIVERY_DEFAULTS
    expect(EMERGENCY_OPTIONS_DEFAULTS).toMatchObject({ openTimeoutMs, language, threshold, giveUpAfterMs })
  })
})

import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faultSchema } from '../src/faults/fault.ts'
import {
  CUT_VARIANTS,
  FAULTS,
  MALFORMED_VARIANTS,
  N8N_REPLIES,
  N8N_WORKFLOWS,
  SETTINGS_DEFAULTS,
  startSandbox,
  type Sandbox,
} from '../src/index.ts'
import { call } from './call.ts'

const page = await readFile(new URL('../../docs/reference/sandbox.md', import.meta.url), 'utf8')
const examples = [...page.matchAll(/^fault '(\{.*\})'$/gm)].map((match) => match[1]!)

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(async () => {
  await sandbox.close()
})

function post(path: string, body: string) {
  return call(`${sandbox.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.parse(body),
  })
}

describe('docs/reference/sandbox.md', () => {
  it('has an example of every fault', () => {
    const shown = new Set(examples.map((example) => (JSON.parse(example) as { fault: string }).fault))
    expect(shown).toEqual(new Set(FAULTS))
    for (const fault of FAULTS) expect(page).toContain(`### \`${fault}\``)
  })

  it.each(examples)('shows a fault that is taken: %s', async (example) => {
    expect((await post('/faults', example)).status).toBe(200)
  })

  it('shows settings that are taken', async () => {
    const bodies = [...page.matchAll(/\/settings .* -d '(\{.*\})'/g)].map((match) => match[1]!)
    expect(bodies.length).toBeGreaterThan(0)
    for (const body of bodies) expect((await post('/settings', body)).status).toBe(200)
  })

  it('names every setting with its default, and every variant', () => {
    for (const [name, value] of Object.entries(SETTINGS_DEFAULTS)) {
      expect(page).toMatch(new RegExp(`\\| \`${name}\` +\\| \`${String(value)}\``))
    }
    for (const word of [...CUT_VARIANTS, ...MALFORMED_VARIANTS, ...N8N_REPLIES, ...N8N_WORKFLOWS])
      expect(page).toContain(`\`${word}\``)
  })

  it('tells the defaults of the faults', () => {
    const defaults = (fault: string): object => faultSchema.parse({ service: 'n8n', fault })
    expect(defaults('error')).toMatchObject({ status: 500 })
    expect(defaults('slow')).toMatchObject({ delayMs: 6_000 })
    expect(defaults('flap')).toMatchObject({ upMs: 2_000, downMs: 2_000 })
    expect(defaults('rate-limit')).toMatchObject({ limit: 0, windowMs: 60_000 })
    for (const words of [
      '(500)',
      '`delayMs` (6,000)',
      '`downMs` (2,000)',
      '`upMs` (2,000)',
      '`limit` (0)',
      '`windowMs` (60,000)',
    ]) {
      expect(page).toContain(words)
    }
  })
})

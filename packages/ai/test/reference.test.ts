import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { AGENT_DEFAULTS } from '../src/agent/index.ts'
import {
  ANSWER_MEMORY_DEFAULTS,
  BUDGET_DEFAULTS,
  EMBEDDING_FAILOVER_DEFAULTS,
  FAILOVER_DEFAULTS,
  SEMANTIC_MEMORY_DEFAULTS,
  TIER_LIST_DEFAULTS,
} from '../src/index.ts'
import { DEEP_DEFAULTS, GUARDRAIL_DEFAULTS, PROMPT_GUARD_DEFAULTS } from '../src/guardrails/index.ts'
import { INTENT_DEFAULTS, STATIC_DEFAULTS, TEMPLATE_DEFAULTS } from '../src/replies/index.ts'
import { EMERGENCY_DEFAULTS, TRIAGE_DEFAULTS } from '../src/triage/index.ts'

const source = new URL('../src/', import.meta.url)
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  .map((path) => readFileSync(new URL(path, source), 'utf8'))
const reference = readFileSync(new URL('../../../docs/reference/ai.md', import.meta.url), 'utf8')

describe('the reference', () => {
  it('lists every error code with its category, and no other', () => {
    const made = files.flatMap((text) =>
      [...text.matchAll(/code: '([A-Z_]+)',\s+category: '([a-z-]+)'/g)].map(
        ([, code, category]) => `${code} ${category}`,
      ),
    )
    const table = reference.slice(reference.indexOf('## Error codes'))
    const listed = [...table.matchAll(/^\| `([A-Z_]+)`\s+\| `([a-z-]+)`/gm)].map(
      ([, code, category]) => `${code} ${category}`,
    )
    expect(listed.toSorted()).toEqual([...new Set(made)].toSorted())
  })
})

describe('a doc comment', () => {
  const text = files.join('\n')
  for (const [option, value] of Object.entries({
    ...TIER_LIST_DEFAULTS,
    ...ANSWER_MEMORY_DEFAULTS,
    ...AGENT_DEFAULTS,
    ...FAILOVER_DEFAULTS,
    ...BUDGET_DEFAULTS,
    ...GUARDRAIL_DEFAULTS,
    ...PROMPT_GUARD_DEFAULTS,
    ...DEEP_DEFAULTS,
    ...TRIAGE_DEFAULTS,
    ...EMERGENCY_DEFAULTS,
    ...EMBEDDING_FAILOVER_DEFAULTS,
    ...INTENT_DEFAULTS,
    ...TEMPLATE_DEFAULTS,
    ...STATIC_DEFAULTS,
    ...SEMANTIC_MEMORY_DEFAULTS,
  })) {
    it(`tells the default of ${option} as it is`, () => {
      const comments = text.matchAll(new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s+readonly ${option}\\?:`, 'g'))
      const told = [...comments].flatMap(([, comment = '']) =>
        [...comment.matchAll(/Default: `?([\w-]+(?:,\d{3}|\.\d+)*)/g)].map(([, found = '']) =>
          found.replaceAll(',', ''),
        ),
      )
      expect(told).toContain(String(value))
    })
  }
})

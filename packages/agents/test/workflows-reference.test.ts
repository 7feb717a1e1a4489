import { readFileSync } from 'node:fs'
import { AGENT_LIMITS } from '@holdfast/agents/agents'
import { ORCHESTRATOR_DEFAULTS } from '@holdfast/agents/orchestrator'
import { STEP_DEFAULTS, WORKFLOW_DEFAULTS } from '@holdfast/agents/workflows'
import { describe, expect, it } from 'vitest'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const pages = {
  workflows: read('../../../docs/reference/agents/workflows.md'),
  agents: read('../../../docs/reference/agents/agents.md'),
}
const source = (name: string): string => read(`../src/${name}.ts`)

type Page = keyof typeof pages

/** The rows of the table that begins with this heading. */
function table(page: Page, heading: string): readonly { option: string; standard: string; range: string }[] {
  const begin = pages[page].slice(pages[page].indexOf(`| \`${heading}\``))
  const rows = begin.slice(0, begin.indexOf('\n\n')).split('\n').slice(2)
  return rows
    .map((row) => row.split('|').map((cell) => cell.trim()))
    .map(([, option = '', standard = '', range = '']) => ({ option, standard, range }))
}

describe('the reference of workflows and agents', () => {
  it.each([
    ...Object.entries(WORKFLOW_DEFAULTS).map(
      (entry) => ['workflows', 'WorkflowsOptions', 'workflows/options', ...entry] as const,
    ),
    ...Object.entries(STEP_DEFAULTS).map((entry) => ['workflows', 'StepOptions', 'workflows/run', ...entry] as const),
    ...Object.entries(AGENT_LIMITS).map((entry) => ['agents', 'AgentOptions', 'agents/options', ...entry] as const),
    ...Object.entries(ORCHESTRATOR_DEFAULTS).map(
      (entry) => ['agents', 'OrchestratorOptions', 'orchestrator/options', ...entry] as const,
    ),
  ])(
    'tells on the page %s of %s in %s the default and range of %s as the code does',
    (page, heading, file, option, value) => {
      const told = value.toLocaleString('en-US')
      const comment =
        new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*?)\\*/\\s+readonly ${option}\\?:`).exec(source(file))?.[1] ?? ''
      expect(comment.replaceAll('`', '')).toContain(`Default: ${told}`)
      const row = table(page, heading).find((one) => one.option === `\`${option}\``)
      expect(row?.standard.replaceAll('`', '')).toContain(told)
      const range = /\d\S* to [\d,]*\d/.exec(comment)?.[0]
      if (typeof value === 'number') expect(row?.range).toContain(range)
    },
  )

  it.each([
    ['workflows', 'WorkflowsOptions', 'workflows/options'],
    ['workflows', 'StepOptions', 'workflows/run'],
    ['workflows', 'StartOptions', 'workflows/workflows'],
    ['agents', 'AgentOptions', 'agents/options'],
    ['agents', 'OrchestratorOptions', 'orchestrator/options'],
  ] as const)('lists on the page %s every one of %s', (page, heading, file) => {
    const declared = new RegExp(`export interface ${heading}[^{]*\\{([\\s\\S]*?)\\n\\}`).exec(source(file))?.[1] ?? ''
    const made = [...declared.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name!)
    const listed = table(page, heading)
      .map(({ option }) => option)
      .join(' ')
    expect(made.length).toBeGreaterThan(3)
    expect(made.filter((name) => !listed.includes(`\`${name}\``))).toEqual([])
  })

  it.each([
    ['workflows', 'workflows'],
    ['agents', 'agents'],
    ['agents', 'orchestrator'],
  ] as const)('names on the page %s every export of %s', (page, room) => {
    const names = [...source(`${room}/index`).matchAll(/\{([^}]*)\}/g)].flatMap(([, list = '']) =>
      list
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    )
    expect(names.filter((name) => !pages[page].includes(`\`${name}\``))).toEqual([])
  })

  it('has every code that the code throws', () => {
    const code = [
      'advance',
      'start',
      'tell-run',
      'look-up',
      'failures',
      'replay/replay',
      'replay/step',
      'replay/delegate',
      'records/lease',
    ]
      .map((name) => source(`workflows/${name}`))
      .join('\n')
    const thrown = [...code.matchAll(/(?:Error\(\s*|code: )'([A-Z_]{5,})'/g)].map(([, one]) => one!)
    expect(thrown.length).toBeGreaterThan(20)
    // What only those inside hear.
    const inside = new Set(['WORKER_STOPPED'])
    expect([...new Set(thrown)].filter((one) => !inside.has(one) && !pages.workflows.includes(`\`${one}\``))).toEqual(
      [],
    )
  })
})

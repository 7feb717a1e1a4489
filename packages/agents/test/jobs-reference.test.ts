import { readFileSync } from 'node:fs'
import { JOB_DEFAULTS } from '@holdfast/agents/jobs'
import { BULLMQ_DEFAULTS } from '@holdfast/agents/jobs/bullmq'
import { PG_BOSS_DEFAULTS } from '@holdfast/agents/jobs/pg-boss'
import { describe, expect, it } from 'vitest'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const reference = read('../../../docs/reference/agents/jobs.md')
const source = (name: string): string => read(`../src/jobs/${name}.ts`)

/** The rows of the table that begins with this heading. */
function table(heading: string): { readonly option: string; readonly standard: string; readonly range: string }[] {
  const begin = reference.slice(reference.indexOf(`| \`${heading}\``))
  const rows = begin.slice(0, begin.indexOf('\n\n')).split('\n').slice(2)
  return rows
    .map((row) => row.split('|').map((cell) => cell.trim()))
    .map(([, option = '', standard = '', range = '']) => ({ option, standard, range }))
}

describe('the reference of jobs', () => {
  it.each([
    ...Object.entries(PG_BOSS_DEFAULTS).map((entry) => ['PgBossDriverOptions', 'pg-boss/options', ...entry] as const),
    ...Object.entries(BULLMQ_DEFAULTS).map((entry) => ['BullmqDriverOptions', 'bullmq/options', ...entry] as const),
    ...(['concurrency', 'attemptTimeoutMs'] as const).map(
      (name) => ['WorkOptions', 'job', name, JOB_DEFAULTS[name]] as const,
    ),
    ...(['maxRetries', 'backoffMs', 'maxBackoffMs'] as const).map(
      (name) => ['AddOptions', 'job', name, JOB_DEFAULTS[name]] as const,
    ),
    ['JobsOptions', 'options', 'addTimeoutMs', JOB_DEFAULTS.addTimeoutMs] as const,
  ])('tells of %s in %s the default and range of %s as the code does', (heading, file, option, value) => {
    const told = value.toLocaleString('en-US')
    const comment = new RegExp(`/\\*\\*([^/]*?)\\*/\\s+readonly ${option}\\?:`).exec(source(file))?.[1] ?? ''
    expect(comment.replaceAll('`', '')).toContain(`Default: ${told}`)
    const row = table(heading).find((one) => one.option.replace('retry.', '') === `\`${option}\``)
    expect(row?.standard.replaceAll('`', '')).toContain(told)
    const range = /\d\S* to [\d,]*\d/.exec(comment)?.[0]
    if (typeof value === 'number') expect(row?.range).toContain(range)
  })

  it.each([
    ['AddOptions', 'job'],
    ['WorkOptions', 'job'],
    ['JobsOptions', 'options'],
    ['PgBossDriverOptions', 'pg-boss/options'],
    ['BullmqDriverOptions', 'bullmq/options'],
  ])('lists every one of %s', (heading, file) => {
    const declared = new RegExp(`export interface ${heading} \\{([\\s\\S]*?)\\n\\}`).exec(source(file))?.[1] ?? ''
    const made = [...declared.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name!)
    const listed = table(heading)
      .map(({ option }) => option)
      .join(' ')
    expect(made.filter((name) => !listed.includes(name))).toEqual([])
  })
})

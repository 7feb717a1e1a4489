import { describe, expect, it } from 'vitest'
import type { Outcome } from './runtimes.ts'
import { exclusionsOf, failuresOf, HEADER, line } from './table.ts'

const outcome = (runtime: string, rest: Partial<Outcome> = {}): Outcome => ({
  runtime,
  version: '1.2.3',
  seconds: 1.26,
  ...rest,
})
const report = { passed: 3, failures: [{ test: 'a', says: 'no' }], excluded: [{ test: 'b', says: 'needs c' }] }

describe('the table of runtimes', () => {
  it('has a line for each, aligned with its head', () => {
    const lines = [HEADER, line(outcome('bun', { report })), line(outcome('deno'))]
    expect(lines.map((text) => text.split(/ +/))).toEqual([
      ['runtime', 'version', 'passed', 'failed', 'excluded', 'seconds'],
      ['bun', '1.2.3', '3', '1', '1', '1.3'],
      ['deno', '1.2.3', '-', '-', '-', '1.3'],
    ])
    expect(new Set(lines.map(({ length }) => length)).size).toBe(1)
    expect(line(outcome('bun', { missing: 'x' }))).toMatch(/^bun +not there$/)
  })

  it('says each failure once, with where it was, and what was wrong with a whole runtime', () => {
    const outcomes = [
      outcome('bun', { report }),
      outcome('deno', { report }),
      outcome('workerd', { problem: 'silent' }),
    ]
    expect(failuresOf(outcomes)).toEqual(['workerd: silent', 'bun, deno: a: no'])
  })

  it('says what was not run: files, tests and runtimes', () => {
    const selection = { paths: [], excluded: [{ test: 'd', says: 'needs e' }] }
    expect(
      exclusionsOf([outcome('bun', { report }), outcome('deno', { missing: 'not installed' })], selection),
    ).toEqual(['d: needs e', 'bun: b: needs c', 'deno: not installed'])
  })
})

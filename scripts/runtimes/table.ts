import type { TestSelection } from './bundle.ts'
import type { Remark } from './inside/suite.ts'
import type { Outcome } from './runtimes.ts'

export const HEADER = row('runtime', 'version', 'passed', 'failed', 'excluded', 'seconds')

/** What one runtime did, in one line. */
export function line({ runtime, version, seconds, report, missing }: Outcome): string {
  if (missing !== undefined) return row(runtime, 'not there')
  const counts = [report?.passed, report?.failures.length, report?.excluded.length].map((count) => String(count ?? '-'))
  return row(runtime, version, ...counts, seconds.toFixed(1))
}

function row(runtime: string, version: string, ...rest: readonly string[]): string {
  return `${runtime.padEnd(10)} ${version.padEnd(14)}${rest.map((cell) => cell.padStart(9)).join('')}`.trimEnd()
}

/** What failed: each failure once, with the runtimes in which it did. */
export function failuresOf(outcomes: readonly Outcome[]): string[] {
  const whole = outcomes.flatMap(({ runtime, problem }) => (problem === undefined ? [] : [`${runtime}: ${problem}`]))
  return [...whole, ...together(outcomes, (outcome) => outcome.report?.failures ?? [])]
}

/** What was not run: each once, with the runtimes in which it was not. */
export function exclusionsOf(outcomes: readonly Outcome[], selection: TestSelection): string[] {
  return [
    ...selection.excluded.map(({ test, says }) => `${test}: ${says}`),
    ...together(outcomes, (outcome) => outcome.report?.excluded ?? []),
    ...outcomes.flatMap(({ runtime, missing }) => (missing === undefined ? [] : [`${runtime}: ${missing}`])),
  ]
}

function together(outcomes: readonly Outcome[], of: (outcome: Outcome) => readonly Remark[]): string[] {
  const runtimes = new Map<string, string[]>()
  for (const outcome of outcomes)
    for (const { test, says } of of(outcome)) {
      const text = `${test}: ${says}`
      runtimes.set(text, [...(runtimes.get(text) ?? []), outcome.runtime])
    }
  return [...runtimes].map(([text, names]) => `${names.join(', ')}: ${text}`)
}

import { runRuntimes } from '../runtimes/runtimes.ts'
import { exclusionsOf, failuresOf, HEADER, line } from '../runtimes/table.ts'
import type { GateResult } from './gate.ts'

/** Runs the tests of core in every runtime. In CI each must be there; elsewhere one that is not is noted. */
export async function runtimes(): Promise<GateResult> {
  const { outcomes, selection } = await runRuntimes()
  const missing = process.env['CI'] === 'true' ? outcomes.filter((outcome) => outcome.missing !== undefined) : []
  const failures = [
    ...failuresOf(outcomes),
    ...missing.map(({ runtime, missing }) => `${runtime} must be there in CI: ${missing}`),
  ]
  const passed = outcomes.reduce((sum, { report }) => sum + (report?.passed ?? 0), 0)
  return {
    ok: failures.length === 0,
    output: [HEADER, ...outcomes.map(line), ...failures].join('\n'),
    tests: { passed, failed: failures.length },
    notes: exclusionsOf(outcomes, selection).map((text) => `not run: ${text}`),
  }
}

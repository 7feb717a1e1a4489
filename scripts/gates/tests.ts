import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { command, type CommandOptions } from './command.ts'
import type { GateResult } from './gate.ts'

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[]
}

/** Runs Vitest with one configuration and counts its tests. @param more arguments of Vitest. */
export async function vitest(
  config: string,
  options: CommandOptions = {},
  more: readonly string[] = [],
): Promise<GateResult> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-tests-'))
  try {
    const file = join(folder, 'report.json')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const args = ['run', '--config', config, ...reporters, ...more]
    const ended = await command('vitest', args, options)
    const report = await readFile(file, 'utf8').then(
      (text) => JSON.parse(text) as Report,
      () => undefined,
    )
    return { ...ended, ...(report === undefined ? {} : counted(report, ended.ok)) }
  } finally {
    await rm(folder, { recursive: true })
  }
}

function counted(report: Report, ok: boolean): Pick<GateResult, 'tests' | 'notes'> {
  // A file that cannot be loaded has no tests to fail, and an unhandled rejection fails none.
  const unloadable = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
  const failed = report.numFailedTests + unloadable.length
  return {
    tests: { passed: report.numPassedTests, failed: ok ? failed : Math.max(1, failed) },
    notes: report.numPendingTests === 0 ? [] : [`${report.numPendingTests} tests skipped`],
  }
}

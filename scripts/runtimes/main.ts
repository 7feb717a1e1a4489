/**
 * Runs the tests of core in every runtime it is made for: `npm run test:runtimes`.
 * `npm run test:runtimes -- --only bun,deno breaker` runs the test files with `breaker` in their path in two of them.
 */
import { parseArgs } from 'node:util'
import { RUNTIME_NAMES, runRuntimes } from './runtimes.ts'
import { exclusionsOf, failuresOf, HEADER, line } from './table.ts'

process.exitCode = await main()

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { only: { type: 'string' } }, allowPositionals: true })
  const only = values.only?.split(',')
  const unknown = only?.filter((name) => !RUNTIME_NAMES.includes(name)) ?? []
  if (unknown.length > 0 || positionals.length > 1) {
    console.error(`Give runtimes as --only ${RUNTIME_NAMES.join(',')} and at most one part of a path.`)
    return 2
  }
  console.log(HEADER)
  const { outcomes, selection } = await runRuntimes({
    onOutcome: (outcome) => console.log(line(outcome)),
    ...(only === undefined ? {} : { only }),
    ...(positionals[0] === undefined ? {} : { filter: positionals[0] }),
  })
  const excluded = exclusionsOf(outcomes, selection)
  if (excluded.length > 0) console.log(`\nNot run:\n${excluded.join('\n')}`)
  const failures = failuresOf(outcomes)
  if (failures.length > 0) console.log(`\nFailed:\n${failures.join('\n')}`)
  return failures.length === 0 ? 0 : 1
}

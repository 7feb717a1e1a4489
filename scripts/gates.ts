/**
 * Everything that must hold before a change is taken, in one command, the same here and in CI: `npm test`.
 * `npm test -- --only lint,types` runs some of it, `npm test -- --list` says what there is.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { docExamples } from './examples/run.ts'
import { allOf, command } from './gates/command.ts'
import { alone, beside } from './gates/end-to-end.ts'
import type { Gate, GateResult } from './gates/gate.ts'
import { links } from './gates/links.ts'
import { manifests } from './gates/manifests.ts'
import { ownWords } from './gates/own-words.ts'
import { packages } from './gates/packages.ts'
import { runtimes } from './gates/runtimes.ts'
import { unit } from './gates/unit.ts'

/** These only read the tree: all of them run at the same time. */
const STATIC: readonly Gate[] = [
  { name: 'format', about: 'Prettier has nothing to change', run: () => command('prettier', ['--check', '.']) },
  { name: 'words', about: 'no path of one machine, no registry', run: ownWords },
  { name: 'links', about: 'every link between the pages leads somewhere', run: links },
  { name: 'manifests', about: 'exact versions, one of each dependency', run: manifests },
  {
    name: 'lint',
    about: 'oxlint with types, walls between packages',
    run: () => command('oxlint', ['--deny-warnings']),
  },
  {
    name: 'types',
    about: 'the whole tree, and what the packages declare',
    run: () =>
      allOf([() => command('tsc', ['-p', 'tsconfig.check.json']), () => command('tsc', ['-b', 'tsconfig.build.json'])]),
  },
  {
    name: 'unused',
    about: 'no unused file, export or dependency',
    run: () => command('knip', ['--no-progress', '--no-config-hints']),
  },
]

/** These need the machine for themselves. */
const TESTS: readonly Gate[] = [
  {
    name: 'unit',
    about: 'tests beside the source, on a fake clock',
    run: unit,
  },
  { name: 'runtimes', about: 'the tests of core on Node 22, 24, 26, Bun, Deno, Workers, Chromium', run: runtimes },
  { name: 'examples', about: 'every example of the documentation compiles and runs', run: docExamples },
  { name: 'size', about: 'the size of core', run: () => command('size-limit', []) },
  { name: 'packages', about: 'what would be published, packed and imported', run: packages },
  { name: 'outside', about: 'real processes, sockets, databases and queues, three files at a time', run: beside },
  { name: 'alone', about: 'those that measure, one file after the other', run: alone },
]

const GATES: readonly Gate[] = [...STATIC, ...TESTS]

process.exitCode = await main()

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: 'string' }, list: { type: 'boolean' } } })
  if (values.list === true) {
    for (const { name, about } of GATES) console.log(`${name.padEnd(10)} ${about}`)
    return 0
  }
  const names = values.only?.split(',')
  const unknown = names?.filter((name) => !GATES.some((gate) => gate.name === name)) ?? []
  if (unknown.length > 0) {
    console.error(`There is no gate ${unknown.join(', ')}. There are: ${GATES.map(({ name }) => name).join(', ')}`)
    return 2
  }
  // Gates start many programs of this tree: what one has compiled, the next one need not.
  const compiled = await mkdtemp(join(tmpdir(), 'holdfast-compiled-'))
  process.env['NODE_COMPILE_CACHE'] = compiled
  try {
    return await runGates(GATES.filter(({ name }) => names?.includes(name) ?? true))
  } finally {
    await rm(compiled, { recursive: true, force: true })
  }
}

async function runGates(gates: readonly Gate[]): Promise<number> {
  const total = { passed: 0, failed: 0 }
  const failed: { readonly name: string; readonly output: string }[] = []
  const notes: string[] = []
  const begun = new Map(gates.filter((gate) => STATIC.includes(gate)).map((gate) => [gate, timed(gate)]))
  for (const gate of gates) {
    const { name } = gate
    process.stdout.write(name.padEnd(12))
    const { result, seconds } = await (begun.get(gate) ?? timed(gate))
    const tests = result.tests ?? { passed: result.ok ? 1 : 0, failed: result.ok ? 0 : 1 }
    total.passed += tests.passed
    total.failed += tests.failed
    console.log(
      `${result.ok ? 'ok    ' : 'FAILED'} ${seconds.padStart(6)} s${result.tests ? `  ${tests.passed} passed` : ''}`,
    )
    if (!result.ok) failed.push({ name, output: result.output })
    notes.push(...(result.notes ?? []).map((note) => `${name}: ${note}`))
  }
  for (const { name, output } of failed) console.log(`\n===== ${name}\n${output.trim()}`)
  if (notes.length > 0) console.log(`\n${notes.join('\n')}`)
  console.log(`\n${total.passed} passed, ${total.failed} failed`)
  return failed.length === 0 ? 0 : 1
}

async function timed(gate: Gate): Promise<{ readonly result: GateResult; readonly seconds: string }> {
  const started = performance.now()
  // A gate that breaks has not held.
  const result = await gate.run().catch((error: unknown) => ({ ok: false, output: String(error) }))
  return { result, seconds: ((performance.now() - started) / 1000).toFixed(1) }
}

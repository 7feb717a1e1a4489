import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { command, ROOT, type Ended } from '../gates/command.ts'
import { projectFiles, readProjectFile } from '../gates/files.ts'
import type { GateResult } from '../gates/gate.ts'
import { examplesInMarkdown, examplesInSource, type Example } from './extract.ts'

const FOLDER = join(ROOT, '.examples')
const LOOPBACK_ONLY = pathToFileURL(join(ROOT, 'scripts/examples/loopback-only.ts')).href
const AT_ONCE = 2

/** Type-checks every example of the documentation and runs those that are not marked `no-run`. */
export async function docExamples(): Promise<GateResult> {
  const { examples, problems } = await findExamples()
  await rm(FOLDER, { recursive: true, force: true })
  await mkdir(FOLDER)
  try {
    const config = { extends: '../tsconfig.check.json', include: ['*.ts'], exclude: [] }
    await writeFile(join(FOLDER, 'tsconfig.json'), JSON.stringify(config))
    // The code stands in the line it has in the page, so that a message points there.
    await Promise.all(
      examples.map((example) => writeFile(fileOf(example), `${'\n'.repeat(example.line - 1)}${example.code}\n`)),
    )
    const types: Ended =
      examples.length === 0 ? { ok: true, output: '' } : await command('tsc', ['-p', join(FOLDER, 'tsconfig.json')])
    const failures = await runAll(examples.filter(({ runs }) => runs))
    const ok = types.ok && failures.length === 0 && problems.length === 0
    const failed = Math.max(failures.length, types.ok ? 0 : 1) + problems.length
    return {
      ok,
      output: [...problems, types.output, ...failures].join('\n'),
      tests: { passed: Math.max(0, examples.length + problems.length - failed), failed },
    }
  } finally {
    await rm(FOLDER, { recursive: true, force: true })
  }
}

async function findExamples(): Promise<{ readonly examples: Example[]; readonly problems: string[] }> {
  const examples: Example[] = []
  const problems: string[] = []
  for (const path of await projectFiles()) {
    if (path.startsWith('.changeset/')) continue
    if (path.endsWith('.md')) examples.push(...examplesInMarkdown(path, await readProjectFile(path)))
    if (!/^(packages|assistants)\/.*\/src\/.*(?<!\.test|\.test-d)\.ts$/.test(path)) continue
    try {
      examples.push(...examplesInSource(path, await readProjectFile(path)))
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error))
    }
  }
  return { examples, problems }
}

async function runAll(examples: readonly Example[]): Promise<string[]> {
  const failures: string[] = []
  const waiting = [...examples]
  const worker = async (): Promise<void> => {
    for (let example = waiting.shift(); example !== undefined; example = waiting.shift()) {
      const args = ['--conditions=holdfast-source', `--import=${LOOPBACK_ONLY}`, fileOf(example)]
      const { ok, output } = await command('node', args, { cwd: FOLDER, limitMs: 30_000 })
      if (!ok) failures.push(`${example.path}:${example.line}: the example fails\n${output}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return failures
}

function fileOf(example: Example): string {
  return join(FOLDER, `${example.path.replaceAll(/[^\w.-]/g, '_')}_${example.line}.ts`)
}

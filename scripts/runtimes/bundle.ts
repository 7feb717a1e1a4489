import { readFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type BuildFailure, type BuildOptions, type Plugin } from 'esbuild'
import { ROOT } from '../gates/command.ts'
import { projectFiles, readProjectFile } from '../gates/files.ts'
import type { Remark } from './inside/suite.ts'

/** Where a bundle runs: in a process that has Node's modules, in a page, in a worker. */
export type Place = 'process' | 'page' | 'worker'

export interface Bundle {
  readonly code: string
  /** Files that could not be bundled. */
  readonly failures: readonly Remark[]
}

/** The tests of core, and what of them runs nowhere but in Vitest. */
export interface TestSelection {
  readonly paths: readonly string[]
  readonly excluded: readonly Remark[]
}

/** Why a file of tests says nothing about the runtime it runs in. */
const NOT_OF_A_RUNTIME: readonly { readonly where: RegExp; readonly uses: RegExp; readonly says: string }[] = [
  { where: /./, uses: /from 'node:(child_process|worker_threads)'/, says: 'tests programs that it starts' },
  { where: /^packages\/core\/test\//, uses: /from 'node:fs(\/promises)?'/, says: 'tests files of the repository' },
]

/** The parts of a bundle that are ours. */
const INSIDE = {
  places: fileURLToPath(new URL('./inside/places.ts', import.meta.url)),
  notHere: fileURLToPath(new URL('./inside/not-here.ts', import.meta.url)),
  nodeEvents: fileURLToPath(new URL('./inside/node-events.ts', import.meta.url)),
  nodeGlobals: fileURLToPath(new URL('./inside/node-globals.ts', import.meta.url)),
  platformSuite: fileURLToPath(new URL('./inside/platform.suite.ts', import.meta.url)),
}

const START: Readonly<Record<Place, string>> = {
  process: `import process from 'node:process'
import { inProcess } from ${JSON.stringify(INSIDE.places)}
await inProcess(process, files)`,
  page: `import { inPage } from ${JSON.stringify(INSIDE.places)}
await inPage(files)`,
  worker: `import { inWorker } from ${JSON.stringify(INSIDE.places)}
export default inWorker(files)`,
}

/** @param filter keeps the files whose path contains it. */
export async function selectTests(filter = ''): Promise<TestSelection> {
  const folders = await Promise.all(['packages/core/src', 'packages/core/test'].map((folder) => projectFiles(folder)))
  const tests = folders.flat().filter((path) => path.endsWith('.test.ts'))
  const found = [...tests, relative(ROOT, INSIDE.platformSuite)].filter((path) => path.includes(filter))
  const paths: string[] = []
  const excluded: Remark[] = []
  for (const path of found) {
    const text = await readProjectFile(path)
    const reason = NOT_OF_A_RUNTIME.find(({ where, uses }) => where.test(path) && uses.test(text))
    if (path.startsWith('packages/core/test/')) {
      excluded.push({ test: path, says: reason?.says ?? 'takes its seeds and its microtasks from a Node process' })
    } else if (reason === undefined) paths.push(path)
    else excluded.push({ test: path, says: reason.says })
  }
  return { paths, excluded }
}

/** Makes one module of the tests. A file that cannot be part of it is a failure, and the others still run. */
export async function bundleTests(place: Place, paths: readonly string[]): Promise<Bundle> {
  const whole = await tryBuild(place, paths)
  if (typeof whole === 'string') return { code: whole, failures: [] }
  const usable: string[] = []
  const failures: Remark[] = []
  for (const path of paths) {
    const alone = await tryBuild(place, [path])
    if (typeof alone === 'string') usable.push(path)
    else failures.push({ test: path, says: `cannot be bundled: ${messageOf(alone)}` })
  }
  const rest = await tryBuild(place, usable)
  if (typeof rest === 'string') return { code: rest, failures }
  throw new Error(messageOf(rest))
}

async function tryBuild(place: Place, paths: readonly string[]): Promise<string | BuildFailure> {
  const files = paths.map((path) => `${JSON.stringify(path)}: () => import(${JSON.stringify(join(ROOT, path))}),`)
  const options: BuildOptions = {
    stdin: {
      contents: `const files = {\n${files.join('\n')}\n}\n${START[place]}\n`,
      resolveDir: ROOT,
      sourcefile: 'tests.ts',
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'esm',
    // What the packages are published as.
    target: 'es2024',
    conditions: ['holdfast-source'],
    keepNames: true,
    logLevel: 'silent',
    ...(place === 'process'
      ? { platform: 'node', plugins: [loadTests(false)] }
      : { platform: 'browser', plugins: [loadTests(true), withoutNode] }),
  }
  try {
    const { outputFiles } = await build(options)
    return outputFiles?.[0]?.text ?? ''
  } catch (error) {
    if (error instanceof Error && 'errors' in error) return error as BuildFailure
    throw error
  }
}

function messageOf({ errors, message }: BuildFailure): string {
  const [first] = errors
  if (first === undefined) return message
  const { location, text } = first
  return location === null ? text : `${location.file}:${location.line}: ${text}`
}

/** Tests keep their address, where they ask for it, and get the globals of Node that they use where there is no Node. */
function loadTests(giveGlobals: boolean): Plugin {
  return {
    name: 'load-tests',
    setup(build) {
      build.onLoad({ filter: /\.test\.ts$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8')
        const globals = ['process', 'setImmediate'].filter((name) => new RegExp(`\\b${name}[.(]`).test(text))
        // In front of the first line, so that the lines keep their numbers.
        const added =
          giveGlobals && globals.length > 0
            ? `import { ${globals.join(', ')} } from ${JSON.stringify(INSIDE.nodeGlobals)}; `
            : ''
        const contents = added + text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
        return { contents, loader: 'ts' }
      })
    },
  }
}

/** Lets tests that use a little of Node be loaded where there is no Node; what is more than that little fails as `NotHere`. */
const withoutNode: Plugin = {
  name: 'without-node',
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'not-here' }))
    build.onLoad({ filter: /.*/, namespace: 'not-here' }, async ({ path }) => ({
      contents: await standIn(path),
      resolveDir: ROOT,
    }))
  },
}

/** A module with every name that Node's has. */
async function standIn(module: string): Promise<string> {
  const real = module === 'node:events' ? INSIDE.nodeEvents : undefined
  const names = isBuiltin(module) ? Object.keys((await import(module)) as object) : []
  const missing = names.filter(
    (name) =>
      name !== 'default' && !(real !== undefined && name === 'getEventListeners') && /^[A-Za-z_$][\w$]*$/.test(name),
  )
  return [
    `import { notHere } from ${JSON.stringify(INSIDE.notHere)}`,
    ...(real === undefined ? [] : [`export * from ${JSON.stringify(real)}`]),
    ...missing.map((name) => `const _${name} = notHere('${module}'); export { _${name} as ${name} }`),
    `export default {}`,
  ].join('\n')
}

import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium as playwright } from 'playwright-core'
import { command, ROOT, type Ended } from '../gates/command.ts'
import { chromium } from '../services.ts'
import { bundleTests, type Bundle, type Place, selectTests, type TestSelection } from './bundle.ts'
import type { SuiteReport } from './inside/suite.ts'
import { startPeer, type Peer } from './peer.ts'

/** How the tests of core went in one runtime. */
export interface Outcome {
  readonly runtime: string
  readonly version: string
  readonly seconds: number
  /** Absent when the runtime never reported, or is not there. */
  readonly report?: SuiteReport
  /** Why the runtime as a whole has failed. */
  readonly problem?: string
  /** Why the runtime was not run. */
  readonly missing?: string
}

export interface RunOptions {
  /** Names of runtimes. Default: all. */
  readonly only?: readonly string[]
  /** Runs the test files whose path contains it. Default: all. */
  readonly filter?: string
  readonly onOutcome?: (outcome: Outcome) => void
}

interface Runtime {
  readonly name: string
  readonly place: Place
  /** Where its program is. */
  readonly find: () => { readonly path: string } | { readonly missing: string }
  /** What `--version` must show. */
  readonly version: RegExp
  /** Runs the bundle to its end. */
  readonly run: (program: string, bundle: string, peer: Peer, folder: string) => Promise<Ended>
}

/** For one runtime, its start included. */
const LIMIT_MS = 240_000
/** Each runs the tests on one core. */
const AT_ONCE = 2
/** A process that has nothing left to do must end within this. */
const LONGEST_STAY_MS = 2_000
/** What Workers behave like; at most the date of the `workerd` that is installed. */
const COMPATIBILITY_DATE = '2026-11-01'
const DENO_MAY = ['--allow-net=127.0.0.1', '--allow-env', `--allow-read=${ROOT}`]
const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const installed = (path: string): { readonly path: string } | { readonly missing: string } =>
  existsSync(join(ROOT, path))
    ? { path: join(ROOT, path) }
    : { missing: `${path} is not there; npm installs it on Linux x64 only` }

const node = (major: number, path: string): Runtime => ({
  name: `node-${major}`,
  place: 'process',
  find: () => installed(path),
  version: new RegExp(`^v(${major}\\..*)`),
  run: (program, bundle, peer) => command(program, [bundle, peer.url], { limitMs: LIMIT_MS }),
})

const RUNTIMES: readonly Runtime[] = [
  node(22, 'scripts/runtimes/node-22/node_modules/node/bin/node'),
  node(24, 'node_modules/node/bin/node'),
  node(26, 'scripts/runtimes/node-26/node_modules/node/bin/node'),
  {
    name: 'bun',
    place: 'process',
    find: () => installed('node_modules/.bin/bun'),
    version: /^(\d.*)/,
    run: (program, bundle, peer) =>
      command(program, ['--no-install', 'run', bundle, peer.url], {
        env: { DO_NOT_TRACK: '1', BUN_RUNTIME_TRANSPILER_CACHE_PATH: '0' },
        limitMs: LIMIT_MS,
      }),
  },
  {
    name: 'deno',
    place: 'process',
    find: () => installed('node_modules/.bin/deno'),
    version: /^deno (\S+)/,
    run: (program, bundle, peer, folder) =>
      command(program, ['run', '--no-prompt', '--no-lock', '--no-config', ...DENO_MAY, bundle, peer.url], {
        env: { DENO_DIR: join(folder, 'deno'), DENO_NO_UPDATE_CHECK: '1' },
        limitMs: LIMIT_MS,
      }),
  },
  {
    name: 'workerd',
    place: 'worker',
    find: () => installed('node_modules/.bin/workerd'),
    version: /^workerd (\S+)/,
    run: inWorkerd,
  },
  {
    name: 'chromium',
    place: 'page',
    find: chromium,
    version: /^(?:Chromium|Google Chrome)[^\d\n]* (\S+)/m,
    run: inChromium,
  },
]

export const RUNTIME_NAMES: readonly string[] = RUNTIMES.map(({ name }) => name)

/** Runs the tests of core in every runtime. */
export async function runRuntimes(
  options: RunOptions = {},
): Promise<{ readonly outcomes: readonly Outcome[]; readonly selection: TestSelection }> {
  const { only = RUNTIME_NAMES, filter, onOutcome } = options
  const selection = await selectTests(filter)
  const runtimes = RUNTIMES.filter(({ name }) => only.includes(name))
  // All at once and first, so that every runtime gets the same source.
  const places = [...new Set(runtimes.map(({ place }) => place))]
  const bundles = new Map(
    await Promise.all(places.map(async (place) => [place, await bundleTests(place, selection.paths)] as const)),
  )
  const outcomes = new Map<Runtime, Outcome>()
  // The last are the slowest: nothing waits for one of them at the end.
  const waiting = runtimes.toReversed()
  const work = async (): Promise<void> => {
    for (let runtime = waiting.shift(); runtime !== undefined; runtime = waiting.shift()) {
      const outcome = await runOne(runtime, bundles.get(runtime.place))
      outcomes.set(runtime, outcome)
      onOutcome?.(outcome)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return { outcomes: runtimes.flatMap((runtime) => outcomes.get(runtime) ?? []), selection }
}

async function runOne(runtime: Runtime, bundle: Bundle = { code: '', failures: [] }): Promise<Outcome> {
  const started = performance.now()
  const { name, find, version: wanted, run } = runtime
  const seconds = (): number => (performance.now() - started) / 1000
  const found = find()
  if ('missing' in found) return { runtime: name, version: '', seconds: seconds(), missing: found.missing }
  const said = await command(found.path, ['--version'], { limitMs: 30_000 })
  const version = wanted.exec(said.output.trim())?.[1]
  if (version === undefined)
    return { runtime: name, version: '?', seconds: seconds(), problem: `--version says: ${said.output}` }
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-runtime-'))
  const peer = await startPeer(bundle.code)
  try {
    const file = join(folder, 'tests.mjs')
    await writeFile(file, bundle.code)
    let reportedAt = 0
    let report: SuiteReport | undefined
    void peer.report.then((value) => {
      reportedAt = performance.now()
      report = { ...value, failures: [...bundle.failures, ...value.failures] }
    })
    const ended = await run(found.path, file, peer, folder)
    const stayedMs = performance.now() - reportedAt
    const outcome = { runtime: name, version, seconds: seconds() }
    if (report === undefined) return { ...outcome, problem: `it reported nothing\n${ended.output.trim()}` }
    const stayed = runtime.place === 'process' && stayedMs > LONGEST_STAY_MS
    const problem = stayed ? `it ran on for ${(stayedMs / 1000).toFixed(1)} s after its last test` : ended.output.trim()
    if (ended.ok && report.passed + report.failures.length === 0) return { ...outcome, report, problem: 'no test ran' }
    return { ...outcome, report, ...(ended.ok && !stayed ? {} : { problem }) }
  } finally {
    await peer.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function inWorkerd(program: string, _bundle: string, peer: Peer, folder: string): Promise<Ended> {
  const config = join(folder, 'config.capnp')
  await writeFile(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [
  (name = "tests", worker = (
    modules = [(name = "tests.mjs", esModule = embed "tests.mjs")],
    compatibilityDate = "${COMPATIBILITY_DATE}",
    bindings = [(name = "PEER", text = "${peer.url}")],
  )),
  (name = "internet", network = (allow = ["private"])),
]);
`,
  )
  return command(program, ['test', config], { limitMs: LIMIT_MS })
}

async function inChromium(program: string, _bundle: string, peer: Peer): Promise<Ended> {
  const complaints: string[] = []
  const browser = await playwright.launch({ executablePath: program, args: CHROMIUM_FLAGS, timeout: 30_000 })
  try {
    const page = await browser.newPage()
    page.on('pageerror', (error) => void complaints.push(error.message))
    await page.goto(`${peer.url}/page`)
    const limit = new AbortController()
    const ended = await Promise.race([
      peer.report.then(() => true),
      new Promise<boolean>((resolve) => page.once('crash', () => resolve(false))),
      new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), LIMIT_MS)
        limit.signal.addEventListener('abort', () => clearTimeout(timer))
      }),
    ])
    limit.abort()
    return { ok: ended, output: complaints.join('\n') }
  } finally {
    await browser.close()
  }
}

/**
 * What the tests need on the machine besides Node: Chromium, for the test that drives the page, PostgreSQL, for the tests of the store, and PostgreSQL and Redis, for those of the jobs.
 * `node scripts/services.ts` finds them or installs them, and says where they are.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const APPLICATIONS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** Where Debian and its relatives keep each version of PostgreSQL. */
const POSTGRES_VERSIONS = '/usr/lib/postgresql'

/** Where a service is, or why it is nowhere. */
export type Service = { readonly path: string } | { readonly missing: string }

/** The path of a Chromium on this machine; `CHROMIUM_PATH` goes before everything else. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const given = env['CHROMIUM_PATH']
  if (given !== undefined && given !== '') return given
  return [
    ...foldersOf(env, ['/usr/bin']).flatMap((folder) => BROWSERS.map((name) => join(folder, name))),
    ...APPLICATIONS,
  ].find(isExecutable)
}

/** The folder of PostgreSQL's programs; `POSTGRES_PATH` goes before everything else. */
export function findPostgres(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const given = env['POSTGRES_PATH']
  if (given !== undefined && given !== '') return given
  const versions = existsSync(POSTGRES_VERSIONS) ? readdirSync(POSTGRES_VERSIONS) : []
  const newest = versions
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(POSTGRES_VERSIONS, version, 'bin'))
  // A folder with both: what stands alone in the path may be a link to one of them.
  return [...newest, ...foldersOf(env, [])].find((folder) =>
    ['postgres', 'initdb'].every((name) => isExecutable(join(folder, name))),
  )
}

/** The path of `redis-server`; `REDIS_PATH` goes before everything else. */
export function findRedis(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const given = env['REDIS_PATH']
  if (given !== undefined && given !== '') return given
  return foldersOf(env, ['/usr/bin'])
    .map((folder) => join(folder, 'redis-server'))
    .find(isExecutable)
}

/** Finds Chromium, or installs it where that can be done without asking: as root on Debian and its relatives. */
export function chromium(): Service {
  return service('Chromium', 'chromium', 'CHROMIUM_PATH', findChromium)
}

/** The same for the folder of PostgreSQL's programs. */
export function postgres(): Service {
  return service('PostgreSQL', 'postgresql', 'POSTGRES_PATH', findPostgres)
}

/** The same for the path of `redis-server`. */
export function redis(): Service {
  return service('Redis', 'redis-server', 'REDIS_PATH', findRedis)
}

function service(name: string, debianPackage: string, variable: string, find: () => string | undefined): Service {
  const found = find()
  if (found !== undefined) return { path: found }
  const advice = `Install ${name} (on Debian: apt-get install ${debianPackage}), or name one in ${variable}.`
  if (!existsSync('/etc/debian_version') || !isExecutable('/usr/bin/apt-get') || process.getuid?.() !== 0)
    return { missing: `There is no ${name} on this machine. ${advice}` }
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', debianPackage]]) {
    const ended = spawnSync('/usr/bin/apt-get', ['-qq', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      encoding: 'utf8',
      timeout: 300_000,
    })
    if (ended.status !== 0)
      return { missing: `apt-get ${args.join(' ')} failed. ${advice}\n${ended.stdout}${ended.stderr}` }
  }
  const installed = find()
  return installed === undefined ? { missing: `apt-get installed no ${name}. ${advice}` } : { path: installed }
}

function foldersOf(env: NodeJS.ProcessEnv, more: readonly string[]): readonly string[] {
  return [...(env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''), ...more]
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const result of [chromium(), postgres(), redis()]) {
    console.log('path' in result ? result.path : result.missing)
    if ('missing' in result) process.exitCode = 1
  }
}

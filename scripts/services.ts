/**
 * What the tests need on the machine besides Node: Chromium, for the test that drives the page, and PostgreSQL, for those of the store.
 * `node scripts/services.ts` finds them or installs them, and says where they are.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const APPLICATIONS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** The path of a Chromium on this machine; `CHROMIUM_PATH` goes before everything else. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const given = env['CHROMIUM_PATH']
  if (given !== undefined && given !== '') return given
  const folders = [...(env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''), '/usr/bin']
  const candidates = [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...APPLICATIONS]
  return candidates.find(isExecutable)
}

/** Finds Chromium, or installs it where that can be done without asking. */
export function chromium(): Service {
  return findOrInstall('Chromium', 'chromium', 'CHROMIUM_PATH', findChromium)
}

/** The folder with PostgreSQL's programs (`initdb`, `postgres`), the newest there is; `POSTGRESQL_BIN` goes before everything else. */
export function findPostgresql(
  env: NodeJS.ProcessEnv = process.env,
  installed = '/usr/lib/postgresql',
): string | undefined {
  const given = env['POSTGRESQL_BIN']
  if (given !== undefined && given !== '') return given
  const versions = existsSync(installed) ? readdirSync(installed) : []
  const folders = versions.toSorted((a, b) => Number(b) - Number(a)).map((version) => join(installed, version, 'bin'))
  const onPath = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return [...folders, ...onPath].find((folder) =>
    ['initdb', 'postgres'].every((name) => isExecutable(join(folder, name))),
  )
}

/** Finds PostgreSQL, or installs it where that can be done without asking. */
export function postgresql(): Service {
  return findOrInstall('PostgreSQL', 'postgresql', 'POSTGRESQL_BIN', findPostgresql)
}

/** Where a service is, or what to do about it. */
export type Service = { readonly path: string } | { readonly missing: string }

/** As root on Debian and its relatives, a package can be installed. */
function findOrInstall(name: string, debian: string, variable: string, find: () => string | undefined): Service {
  const found = find()
  if (found !== undefined) return { path: found }
  const advice = `Install ${name} (on Debian: apt-get install ${debian}), or name one in ${variable}.`
  if (!existsSync('/etc/debian_version') || !isExecutable('/usr/bin/apt-get') || process.getuid?.() !== 0)
    return { missing: `There is no ${name} on this machine. ${advice}` }
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', debian]]) {
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

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const service of [chromium(), postgresql()]) {
    console.log('path' in service ? service.path : service.missing)
    if ('missing' in service) process.exitCode = 1
  }
}

/**
 * What the tests need on the machine besides Node: Chromium, for the test that drives the page.
 * `node scripts/services.ts` finds it or installs it, and says where it is.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
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

/** Finds Chromium, or installs it where that can be done without asking: as root on Debian and its relatives. */
export function chromium(): { readonly path: string } | { readonly missing: string } {
  const found = findChromium()
  if (found !== undefined) return { path: found }
  const advice = 'Install Chromium (on Debian: apt-get install chromium), or name one in CHROMIUM_PATH.'
  if (!existsSync('/etc/debian_version') || !isExecutable('/usr/bin/apt-get') || process.getuid?.() !== 0)
    return { missing: `There is no Chromium on this machine. ${advice}` }
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', 'chromium']]) {
    const ended = spawnSync('/usr/bin/apt-get', ['-qq', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      encoding: 'utf8',
      timeout: 300_000,
    })
    if (ended.status !== 0)
      return { missing: `apt-get ${args.join(' ')} failed. ${advice}\n${ended.stdout}${ended.stderr}` }
  }
  const installed = findChromium()
  return installed === undefined ? { missing: `apt-get installed no Chromium. ${advice}` } : { path: installed }
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
  const result = chromium()
  console.log('path' in result ? result.path : result.missing)
  process.exitCode = 'path' in result ? 0 : 1
}

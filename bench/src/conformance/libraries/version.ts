import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const { resolve } = createRequire(import.meta.url)

/** The version of an installed package, whatever its `exports` let through. */
export function versionOf(name: string): string {
  for (let folder = dirname(resolve(name)); ; folder = dirname(folder)) {
    try {
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>
      if (manifest['name'] === name) return String(manifest['version'])
    } catch {
      // Further up, then.
    }
    if (folder === dirname(folder)) throw new Error(`no package.json of ${name}`)
  }
}

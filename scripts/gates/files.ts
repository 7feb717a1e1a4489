import { readdir, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { ROOT } from './command.ts'

// Git may be missing on the machine, so what belongs to the project is found without it.
const NOT_OURS = new Set(['.git', 'node_modules', 'dist', 'coverage', '.data', '.examples', 'results'])

/** Paths of the project's own files under `folder`, from the root, with `/`. */
export async function projectFiles(folder = ''): Promise<string[]> {
  const entries = await readdir(join(ROOT, folder), { withFileTypes: true })
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = posix.join(folder, entry.name)
      if (NOT_OURS.has(entry.name) || isPrivate(entry.name)) return []
      return entry.isDirectory() ? projectFiles(path) : [path]
    }),
  )
  return found.flat().toSorted()
}

export function readProjectFile(path: string): Promise<string> {
  return readFile(join(ROOT, path), 'utf8')
}

function isPrivate(name: string): boolean {
  return (
    name.endsWith('.log') || name.endsWith('.tsbuildinfo') || (/^\.env($|\.)/.test(name) && name !== '.env.example')
  )
}

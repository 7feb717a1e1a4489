/**
 * `npm run lock` after a change of the dependencies: npm 11 and later write the C library of binary packages into the
 * lock file and npm 10, which comes with Node 20, takes it out again. Without it the file is the same under all of them.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ROOT } from './gates/command.ts'

/** The lock file as every npm leaves it. */
export function settledLock(text: string): string {
  const lock = JSON.parse(text) as { readonly packages: Readonly<Record<string, { libc?: unknown }>> }
  for (const entry of Object.values(lock.packages)) delete entry.libc
  return `${JSON.stringify(lock, null, 2)}\n`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const path = join(ROOT, 'package-lock.json')
  await writeFile(path, settledLock(await readFile(path, 'utf8')))
}

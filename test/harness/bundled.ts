import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** A program in one file, which starts in a third of the time: for tests that start it again and again. */
export interface Bundled {
  readonly path: string
  remove(): Promise<void>
}

/** @param source the program, in TypeScript. */
export async function bundled(source: URL): Promise<Bundled> {
  // Inside the tree, where what it does not hold is found.
  const name = `.${basename(source.pathname, '.ts')}-${randomUUID()}.mjs`
  const path = fileURLToPath(new URL(`../node_modules/${name}`, import.meta.url))
  await build({
    entryPoints: [fileURLToPath(source)],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['holdfast-source'],
    // What has files beside its source, or is not there.
    external: ['@electric-sql/pglite', 'pg-native'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" },
    logLevel: 'error',
  })
  return { path, remove: () => rm(path, { force: true }) }
}

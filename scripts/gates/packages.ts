import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { allOf, command, commands, ROOT, type Ended } from './command.ts'
import { projectFiles, readProjectFile } from './files.ts'
import type { GateResult } from './gate.ts'
import type { Manifest } from './manifests.ts'

interface Published {
  readonly name: string
  readonly folder: string
  readonly manifest: Manifest
  readonly tarball: string
}

/** Builds, packs and checks what would be published, and imports it from the tarballs as a stranger would. */
export async function packages(): Promise<GateResult> {
  const found = await findPublished()
  const work = await mkdtemp(join(tmpdir(), 'holdfast-packages-'))
  try {
    // What an earlier build left behind must not be packed.
    await Promise.all(
      found.flatMap(({ folder }) =>
        ['dist', 'tsconfig.tsbuildinfo'].map((name) => rm(join(ROOT, folder, name), { recursive: true, force: true })),
      ),
    )
    const published = found.map((one) => ({ ...one, tarball: join(work, tarballName(one.manifest)) }))
    return await commands(
      () => command('tsc', ['-b', 'tsconfig.build.json']),
      () => allOf(published.map((one) => () => packed(one, work))),
      () => installed(published, work),
    )
  } finally {
    await rm(work, { recursive: true })
  }
}

function packed({ folder, tarball }: Published, work: string): Promise<Ended> {
  return commands(
    () => command('npm', ['pack', '--silent', '--pack-destination', work], { cwd: join(ROOT, folder) }),
    () => command('publint', ['run', tarball, '--strict', '--level', 'warning']),
    () => command('attw', [tarball, '--profile', 'esm-only', '--no-emoji', '--format', 'ascii']),
  )
}

async function findPublished(): Promise<Omit<Published, 'tarball'>[]> {
  const paths = (await projectFiles('packages')).filter((path) => /^packages\/[^/]+\/package\.json$/.test(path))
  const read = await Promise.all(
    paths.map(async (path) => {
      const manifest = JSON.parse(await readProjectFile(path)) as Manifest
      return { name: manifest.name ?? '', folder: dirname(path), manifest }
    }),
  )
  return read.filter(({ manifest }) => manifest.private !== true)
}

function tarballName({ name = '', version = '' }: Manifest): string {
  return `${name.replace('@', '').replace('/', '-')}-${version}.tgz`
}

/**
 * Lays the packed packages out so that each sees only what it declares, without a registry: its own packages from their
 * tarballs, everything else from the repository's `node_modules`. Then imports every entry point and starts every program.
 */
async function installed(published: readonly Published[], work: string): Promise<Ended> {
  const ours = new Map(published.map((one) => [one.name, one]))
  const home = (name: string): string => join(work, name.replaceAll('/', '+'))
  for (const { name, folder, manifest, tarball } of published) {
    const target = join(home(name), 'node_modules', name)
    await mkdir(target, { recursive: true })
    const unpacked = await command('tar', ['-xzf', tarball, '--strip-components=1', '-C', target])
    if (!unpacked.ok) return unpacked
    for (const needed of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
      const nested = join(ROOT, folder, 'node_modules', needed)
      const repository = existsSync(nested) ? nested : join(ROOT, 'node_modules', needed)
      const link = join(home(name), 'node_modules', needed)
      await mkdir(dirname(link), { recursive: true })
      await symlink(ours.has(needed) ? join(home(needed), 'node_modules', needed) : repository, link)
    }
  }
  return allOf(published.flatMap((one) => [() => imported(one, home(one.name)), ...started(one, home(one.name))]))
}

function imported({ name, manifest }: Published, home: string): Promise<Ended> {
  const entries = Object.keys(manifest.exports ?? {}).filter((entry) => !entry.endsWith('.json'))
  const code = entries.map((entry) => `await import('${name}${entry.slice(1)}')`).join('\n')
  return command('node', ['--input-type=module', '--eval', code], { cwd: home, limitMs: 30_000 })
}

/** Every program of a package says how it is used. */
function started({ name, manifest }: Published, home: string): (() => Promise<Ended>)[] {
  return Object.values(manifest.bin ?? {}).map(
    (path) => () => command('node', [join('node_modules', name, path), '--help'], { cwd: home, limitMs: 30_000 }),
  )
}

import { settledLock } from '../lock.ts'
import { projectFiles, readProjectFile } from './files.ts'
import type { GateResult } from './gate.ts'

export interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly private?: boolean
  readonly license?: string
  readonly engines?: { readonly node?: string }
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly bin?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, unknown>>
}

const EXACT = /^(?:npm:[^\s@]+@)?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/

/** Says what is wrong with a `package.json`: versions that are not exact, a licence or engines that are missing. */
export function manifestProblems(path: string, manifest: Manifest, versions: ReadonlyMap<string, string>): string[] {
  const problems: string[] = []
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies'] as const) {
    for (const [name, version] of Object.entries(manifest[kind] ?? {})) {
      const ours = versions.get(name)
      if (!EXACT.test(version)) problems.push(`${path}: ${kind}.${name} must be one exact version, not '${version}'`)
      else if (ours !== undefined && ours !== version)
        problems.push(`${path}: ${kind}.${name} is ${version}, but the workspace has ${ours}`)
    }
  }
  if (manifest.license !== 'MIT') problems.push(`${path}: license must be MIT`)
  if (manifest.private !== true && manifest.engines?.node === undefined)
    problems.push(`${path}: a published package names the Node it needs in engines.node`)
  return problems
}

/** Every dependency has one version only, named exactly, in the whole house. */
export async function manifests(): Promise<GateResult> {
  const paths = (await projectFiles()).filter((path) => path.split('/').at(-1) === 'package.json')
  const read = await Promise.all(
    paths.map(async (path) => ({ path, manifest: JSON.parse(await readProjectFile(path)) as Manifest })),
  )
  const versions = new Map(
    read.flatMap(({ manifest: { name, version } }) =>
      name === undefined || version === undefined ? [] : [[name, version]],
    ),
  )
  const problems = read.flatMap(({ path, manifest }) => manifestProblems(path, manifest, versions))
  problems.push(...differingVersions(read))
  const lock = await readProjectFile('package-lock.json')
  if (settledLock(lock) !== lock) problems.push('package-lock.json differs between versions of npm: npm run lock')
  return { ok: problems.length === 0, output: problems.map((line) => `${line}\n`).join('') }
}

/** Two versions of one dependency, asked for by two of our own packages. */
export function differingVersions(read: readonly { readonly path: string; readonly manifest: Manifest }[]): string[] {
  const first = new Map<string, { readonly path: string; readonly version: string }>()
  const problems: string[] = []
  for (const { path, manifest } of read) {
    for (const [name, version] of Object.entries({ ...manifest.devDependencies, ...manifest.dependencies })) {
      const seen = first.get(name)
      if (seen === undefined) first.set(name, { path, version })
      else if (seen.version !== version)
        problems.push(`${path}: ${name} is ${version} here and ${seen.version} in ${seen.path}`)
    }
  }
  return problems
}

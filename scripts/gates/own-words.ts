import { projectFiles, readProjectFile } from './files.ts'
import type { GateResult } from './gate.ts'

/** What would tie the repository to the machine or the registry somebody happened to use. */
const FOREIGN: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'a path of one machine', pattern: /(?<![\w.~*$}])\/(?:work|root|home\/\w+|Users\/\w+|tmp\/bash\w*)\// },
  { what: 'a registry host', pattern: /\bregistry\.[a-z0-9-]+\.[a-z]{2,}|\bnpm\.pkg\.github\.com|\bnpmmirror\b/i },
  { what: 'a registry address in the lock file', pattern: /"resolved":\s*"(?:https?|git\+)/ },
]

/** Says what of a file speaks of anything but the project: one line each, with the place. */
export function foreignWords(path: string, text: string): string[] {
  return text.split('\n').flatMap((line, index) =>
    FOREIGN.flatMap(({ what, pattern }) => {
      const match = pattern.exec(line)
      return match === null ? [] : [`${path}:${index + 1}: ${what}: ${match[0]}`]
    }),
  )
}

/** The project speaks of itself only. */
export async function ownWords(): Promise<GateResult> {
  const paths = (await projectFiles()).filter((path) => !/\.(png|jpg|ico|woff2?)$/.test(path))
  const found = await Promise.all(paths.map(async (path) => foreignWords(path, await readProjectFile(path))))
  const problems = found.flat()
  return { ok: problems.length === 0, output: problems.map((line) => `${line}\n`).join('') }
}

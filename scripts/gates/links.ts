import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from './command.ts'
import { projectFiles, readProjectFile } from './files.ts'
import type { GateResult } from './gate.ts'

/** The targets of a page's links that are files of this repository, with their lines. */
export function localLinks(text: string): { readonly line: number; readonly target: string }[] {
  let fenced = false
  return text.split('\n').flatMap((line, index) => {
    if (/^\s*```/.test(line)) fenced = !fenced
    if (fenced) return []
    return [...line.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1]?.replace(/#.*$/, '') ?? '')
      .filter((target) => target !== '' && !/^[a-z]+:/i.test(target))
      .map((target) => ({ line: index + 1, target }))
  })
}

/** Every link between the pages leads to a file that is there. */
export async function links(): Promise<GateResult> {
  const pages = (await projectFiles()).filter((path) => path.endsWith('.md'))
  const found = await Promise.all(
    pages.map(async (page) =>
      localLinks(await readProjectFile(page))
        .filter(({ target }) => !existsSync(join(ROOT, dirname(page), target)))
        .map(({ line, target }) => `${page}:${line}: there is no ${target}\n`),
    ),
  )
  const output = found.flat().join('')
  return { ok: output === '', output }
}

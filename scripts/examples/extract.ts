/** A piece of code that a reader is invited to copy. */
export interface Example {
  /** The file it stands in, from the root. */
  readonly path: string
  /** The line of its first line of code, from 1. */
  readonly line: number
  readonly code: string
  /** `false` where the block is marked `ts no-run`: it is type-checked only. */
  readonly runs: boolean
}

/** Finds the `ts` blocks of a Markdown page. */
export function examplesInMarkdown(path: string, text: string): Example[] {
  return fences(path, text.split('\n'), 0)
}

/**
 * Finds the `ts` blocks in the doc comments of a source file.
 * @throws Error when an `@example` has no `ts` block: nobody would notice when it stops working.
 */
export function examplesInSource(path: string, text: string): Example[] {
  const lines = text.split('\n')
  const found: Example[] = []
  let start = -1
  lines.forEach((line, index) => {
    if (start < 0 && /^\s*\/\*\*/.test(line)) start = index
    if (start < 0 || !line.includes('*/')) return
    const comment = lines.slice(start, index + 1).map(withoutFrame)
    const examples = fences(path, comment, start)
    const announced = comment.filter((text) => /^@example\b/.test(text)).length
    if (announced > examples.length) throw new Error(`${path}:${start + 1}: an @example needs a \`\`\`ts block`)
    found.push(...examples)
    start = -1
  })
  return found
}

function withoutFrame(line: string): string {
  return line.replace(/^\s*\/?\*+(?!\/) ?/, '').replace(/\s*\*\/\s*$/, '')
}

function fences(path: string, lines: readonly string[], offset: number): Example[] {
  const found: Example[] = []
  let open:
    { readonly indent: string; readonly ticks: string; readonly info: string[]; readonly at: number } | undefined
  lines.forEach((line, index) => {
    if (open === undefined) {
      const match = /^(\s*)(`{3,})\s*([^`]*)$/.exec(line)
      if (match === null) return
      const [, indent = '', ticks = '', info = ''] = match
      open = { indent, ticks, info: info.trim().split(/\s+/), at: index }
    } else if (line.trim() === open.ticks) {
      const { indent, info, at } = open
      open = undefined
      if (info[0] !== 'ts') return
      const code = lines
        .slice(at + 1, index)
        .map((text) => (text.startsWith(indent) ? text.slice(indent.length) : text))
      found.push({ path, line: offset + at + 2, code: code.join('\n'), runs: !info.includes('no-run') })
    }
  })
  return found
}

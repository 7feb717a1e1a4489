import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'

/** The root of the repository. */
const ROOT = new URL('../../../', import.meta.url)

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(3, title.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** Where it was measured, for a report's first line. */
export function machine(): string {
  return `Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'})`
}

/** Writes `bench/results/<name>.json`, which is not kept in the repository. */
export async function writeResult(name: string, result: unknown): Promise<void> {
  const folder = new URL('bench/results/', ROOT)
  await mkdir(folder, { recursive: true })
  const json = JSON.stringify(
    { measuredAt: new Date().toISOString(), machine: machine(), result },
    (_key, value: unknown) => (value === Infinity ? 'never' : value),
    1,
  )
  await writeFile(new URL(`${name}.json`, folder), `${json}\n`)
}

/** Writes a file of the documentation, named from `docs/`. */
export async function writeDocument(path: string, text: string): Promise<void> {
  const file = new URL(path, new URL('docs/', ROOT))
  await mkdir(new URL('./', file), { recursive: true })
  await writeFile(file, text)
}

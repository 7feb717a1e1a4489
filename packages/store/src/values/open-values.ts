import { join } from 'node:path'
import { HoldfastError } from '@holdfast/core'
import { type Files, type OpenFile, writeAll } from '../files/files.ts'
import { nodeFiles } from '../files/node-files.ts'
import { readTolerantly } from '../files/read-file.ts'
import { codeOf } from '../journal/errors.ts'
import { frame } from '../journal/frame.ts'
import { cannotOpen, locked, writeFailed } from './errors.ts'
import { readValues, VERSION } from './read-values.ts'
import type { Values, ValuesOpening, ValuesOptions, ValuesToWrite } from './values.ts'

const FILE = 'values.log'
const TEMPORARY = 'values.tmp'
const DAMAGED = /^values\.damaged-(\d+)$/

/** How much is put together before it is written and other work comes in between. */
const PART_BYTES = 65_536

/** Copies of damaged files that are kept. */
const MOST_COPIES = 16

/** How many lines may have been overtaken beside those of all keys before the file is begun anew. */
const OVERTAKEN_LINES = 1_000

/**
 * Opens the file in a directory that holds the latest value of each of many keys, such as accounts that change all the time: each write adds what has changed, and
 * the file is begun anew, with everything, before what is overtaken is more than what is not. What can be read of a damaged file is there, and the file as it was is kept.
 *
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { openValues } from '@holdfast/store/values'
 *
 * const directory = await mkdtemp(join(tmpdir(), 'values-'))
 * const counts = new Map([['a', 1]])
 * const values = await openValues({ directory })
 * await values.write({ changed: counts, all: () => counts })
 * await values.close()
 * const again = await openValues({ directory })
 * console.log(again.opening.values) // Map { 'a' => 1 }
 * await again.close()
 * await rm(directory, { recursive: true })
 * ```
 * @throws HoldfastError `VALUES_LOCKED`: it is open already, here or in another process; `VALUES_CANNOT_OPEN`: the directory cannot be made, or the file cannot be read
 */
export async function openValues({ directory, files = nodeFiles }: ValuesOptions): Promise<Values> {
  try {
    await files.makeDirectory(directory)
    const release = await files.lock(join(directory, 'lock'))
    if (release === undefined) throw locked(directory)
    try {
      return new ValuesFile(files, directory, release, await readOpening(files, directory))
    } catch (error) {
      release()
      throw error
    }
  } catch (error) {
    throw HoldfastError.isInstance(error) ? error : cannotOpen(directory, error)
  }
}

async function readOpening(files: Files, directory: string): Promise<ValuesOpening> {
  const read = await readFound(files, join(directory, FILE))
  if (read === undefined) return { values: new Map(), tornBytes: 0, damage: undefined }
  const { bytes, isWhole } = read
  const { values, isBegun, tornBytes, badBytes } = readValues(bytes)
  if (isBegun && badBytes === 0 && isWhole) return { values, tornBytes, damage: undefined }
  return { values, tornBytes, damage: { bytes: badBytes, keptAs: await keepAside(files, directory) } }
}

/** `undefined` where there is none yet. */
async function readFound(files: Files, path: string): Promise<Awaited<ReturnType<typeof readTolerantly>> | undefined> {
  let file: OpenFile
  try {
    file = await files.open(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    return await readTolerantly(file)
  } finally {
    await file.close()
  }
}

/** @returns under which name */
async function keepAside(files: Files, directory: string): Promise<string> {
  const copies = (await files.list(directory))
    .flatMap((name) => DAMAGED.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b)
  const keptAs = `values.damaged-${(copies.at(-1) ?? 0) + 1}`
  await files.keepAs(join(directory, FILE), join(directory, keptAs))
  await files.syncDirectory(directory)
  for (const oldest of copies.slice(0, Math.max(0, copies.length + 1 - MOST_COPIES))) {
    await files.remove(join(directory, `values.damaged-${oldest}`))
  }
  return keptAs
}

/** What this process has begun itself, and knows to be whole. */
interface Begun {
  readonly file: OpenFile
  readonly lines: number
  addedLines: number
  bytes: number
}

class ValuesFile implements Values {
  readonly opening: ValuesOpening
  readonly #files: Files
  readonly #directory: string
  readonly #release: () => void
  /** There is none at first: what was found may be in memory only, and is not written to. Neither is one of which a write has failed. */
  #begun: Begun | undefined

  constructor(files: Files, directory: string, release: () => void, opening: ValuesOpening) {
    this.#files = files
    this.#directory = directory
    this.#release = release
    this.opening = opening
  }

  async write({ changed, all }: ValuesToWrite): Promise<void> {
    const begun = this.#begun
    try {
      if (begun === undefined || begun.addedLines > begun.lines + OVERTAKEN_LINES) await this.#begin(all())
      else await this.#add(begun, changed)
    } catch (error) {
      await this.#leave()
      throw writeFailed(error)
    }
  }

  keepAsFound(): Promise<string> {
    return keepAside(this.#files, this.#directory)
  }

  async close(): Promise<void> {
    await this.#leave()
    this.#release()
  }

  async #add(begun: Begun, values: Iterable<readonly [string, unknown]>): Promise<void> {
    const { lines, bytes } = await writeLines(begun.file, begun.bytes, values)
    await begun.file.sync()
    begun.addedLines += lines
    begun.bytes = bytes
    // Removed or replaced: nobody would find it again.
    if (!(await begun.file.hasName())) throw Object.assign(new Error('the file is gone'), { code: 'ENOENT' })
  }

  /** A new file takes the place of the old one when it is whole. */
  async #begin(values: Iterable<readonly [string, unknown]>): Promise<void> {
    await this.#leave()
    const temporary = join(this.#directory, TEMPORARY)
    const file = await this.#files.create(temporary)
    try {
      const header = frame(JSON.stringify({ v: VERSION, values: 'latest' }))
      await writeAll(file, header, 0)
      const { lines, bytes } = await writeLines(file, header.length, values)
      await file.sync()
      await this.#files.rename(temporary, join(this.#directory, FILE))
      await this.#files.syncDirectory(this.#directory)
      this.#begun = { file, lines, addedLines: 0, bytes }
    } catch (error) {
      await file.close().catch(() => undefined)
      throw error
    }
  }

  async #leave(): Promise<void> {
    const begun = this.#begun
    this.#begun = undefined
    await begun?.file.close().catch(() => undefined)
  }
}

async function writeLines(
  file: OpenFile,
  from: number,
  values: Iterable<readonly [string, unknown]>,
): Promise<{ readonly lines: number; readonly bytes: number }> {
  let lines = 0
  let bytes = from
  let part: Buffer[] = []
  let size = 0
  const flush = async (): Promise<void> => {
    await writeAll(file, Buffer.concat(part), bytes)
    bytes += size
    part = []
    size = 0
  }
  for (const [key, value] of values) {
    const line = frame(JSON.stringify({ v: VERSION, key, value }))
    part.push(line)
    lines += 1
    size += line.length
    if (size >= PART_BYTES) await flush()
  }
  await flush()
  return { lines, bytes }
}

import { join } from 'node:path'
import { type Files, type OpenFile, writeAll } from '../files/files.ts'
import { readAll, readTolerantly } from '../files/read-file.ts'
import { type Frame, scan } from './frame.ts'
import { headerFrame, readPayload } from './payload.ts'
import type { Doubtful } from './recover.ts'
import { nameForCopy, type Segment, sortNames, temporaryName } from './segment.ts'

/** Copies of damaged files that are kept. */
const MOST_COPIES = 16

/** What a segment will have, written anew. */
export interface Renewed {
  readonly content: Buffer
  /** Where each line will be, by where it was. */
  readonly places: ReadonlyMap<number, Pick<Frame, 'offset' | 'length'>>
}

/** A segment with all lines of it that are whole, and nothing else. */
export async function renew(files: Files, directory: string, doubtful: Doubtful, at: number): Promise<Renewed> {
  const { segment, header, repaired } = doubtful
  const bytes = await readFile(files, directory, segment, !doubtful.isWhole)
  const parts: Buffer[] = [headerFrame({ ...header, repaired: header.repaired || repaired }, at)]
  let offset = parts[0]!.length
  const places = new Map<number, Pick<Frame, 'offset' | 'length'>>()
  for (const frame of scan(bytes).frames) {
    const payload = readPayload(frame.payload)
    if (payload === undefined || payload === 'newer' || 'segment' in payload) continue
    const line = wholeLine(bytes, frame)
    parts.push(line)
    places.set(frame.offset, { offset, length: line.length })
    offset += line.length
  }
  return { content: Buffer.concat(parts), places }
}

/** Puts the new content in place of the old one, at once and on the disk. */
export async function replace(
  files: Files,
  directory: string,
  segment: Segment,
  content: Buffer,
): Promise<{ readonly file: OpenFile; readonly hasName: boolean }> {
  const temporary = join(directory, temporaryName(segment))
  const file = await files.create(temporary)
  try {
    await writeAll(file, content, 0)
    await file.sync()
    await files.rename(temporary, join(directory, segment.file))
    await files.syncDirectory(directory)
    return { file, hasName: await file.hasName() }
  } catch (error) {
    await file.close().catch(() => undefined)
    throw error
  }
}

/** @param tolerantly puts zeros where the disk cannot read; otherwise that is an error, and perhaps it can later */
export async function readFile(
  files: Files,
  directory: string,
  segment: Segment,
  tolerantly: boolean,
): Promise<Buffer> {
  const file = await files.open(join(directory, segment.file))
  try {
    return tolerantly ? (await readTolerantly(file)).bytes : await readAll(file)
  } finally {
    await file.close()
  }
}

/** The bytes of a line, with a newline where that is missing. */
export function wholeLine(bytes: Buffer, { offset, length }: Pick<Frame, 'offset' | 'length'>): Buffer {
  const line = bytes.subarray(offset, offset + length)
  return line.at(-1) === 10 ? line : Buffer.concat([line, Buffer.from('\n')])
}

/** Keeps a damaged file as it was found. @returns under which name */
export async function keepAside(files: Files, directory: string, segment: Segment): Promise<string> {
  const names = await files.list(directory)
  const name = nameForCopy(segment, names)
  await files.keepAs(join(directory, segment.file), join(directory, name))
  await files.syncDirectory(directory)
  const { copies } = sortNames(names)
  for (const oldest of copies.slice(0, Math.max(0, copies.length + 1 - MOST_COPIES))) {
    await files.remove(join(directory, oldest))
  }
  return name
}

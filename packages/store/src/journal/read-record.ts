import { join } from 'node:path'
import type { Files, OpenFile } from '../files/files.ts'
import { readAt } from '../files/read-file.ts'
import { unreadable } from './errors.ts'
import { frameAt } from './frame.ts'
import type { JournalRecord } from './journal.ts'
import { readPayload } from './payload.ts'
import type { Entry, Segment } from './segment.ts'

/** What is read at once: most likely the next record is wanted next. */
const AHEAD_BYTES = 65_536

/** Reads records one after the other, with the file of the last one kept open, and some of it in memory. */
export class Reader {
  readonly #files: Files
  readonly #directory: string
  #open: { readonly segment: Segment; readonly file: OpenFile } | undefined
  #ahead: { readonly offset: number; readonly bytes: Buffer } = { offset: 0, bytes: Buffer.alloc(0) }

  constructor(files: Files, directory: string) {
    this.#files = files
    this.#directory = directory
  }

  /** @throws HoldfastError `JOURNAL_RECORD_UNREADABLE` */
  async read(entry: Entry): Promise<JournalRecord> {
    for (;;) {
      const { segment, offset, length } = entry
      const wasOpen = this.#open !== undefined
      try {
        return await this.#readAt(entry)
      } catch (error) {
        await this.close()
        // Otherwise it was moved meanwhile, or its segment written anew.
        const isThere = entry.segment === segment && entry.offset === offset && entry.length === length
        if (isThere && !wasOpen) throw error
      }
    }
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    this.#ahead = { offset: 0, bytes: Buffer.alloc(0) }
    await open?.file.close().catch(() => undefined)
  }

  async #readAt({ segment, sequence, offset, length }: Entry): Promise<JournalRecord> {
    let payload: ReturnType<typeof readPayload>
    try {
      const file = await this.#fileOf(segment)
      payload = readPayload(frameAt(await this.#bytesOf(file, offset, length), 0)?.payload)
    } catch (error) {
      throw unreadable(sequence, error)
    }
    if (typeof payload !== 'object' || !('record' in payload) || payload.record !== sequence) throw unreadable(sequence)
    const { at, tenant, kind, key, data } = payload
    return Object.freeze({ sequence, at, tenant, kind, key, data })
  }

  /** What is written at a place stays as it is. */
  async #bytesOf(file: OpenFile, offset: number, length: number): Promise<Buffer> {
    const start = offset - this.#ahead.offset
    if (start < 0 || start + length > this.#ahead.bytes.length) {
      const bytes = await readUpTo(file, Math.max(length, AHEAD_BYTES), offset).catch(() =>
        // Perhaps only what stands behind it cannot be read.
        readUpTo(file, length, offset),
      )
      this.#ahead = { offset, bytes }
      return bytes.subarray(0, length)
    }
    return this.#ahead.bytes.subarray(start, start + length)
  }

  async #fileOf(segment: Segment): Promise<OpenFile> {
    if (this.#open?.segment === segment) return this.#open.file
    await this.close()
    const file = await this.#files.open(join(this.#directory, segment.file))
    this.#open = { segment, file }
    return file
  }
}

async function readUpTo(file: OpenFile, length: number, offset: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  return bytes.subarray(0, await readAt(file, bytes, offset))
}

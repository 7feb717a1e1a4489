import { join } from 'node:path'
import { type OpenFile, writeAll } from '../files/files.ts'
import { codeOf, fileGone, writeFailed } from './errors.ts'
import type { Damage } from './events.ts'
import { frameAt } from './frame.ts'
import type { RecordIndex } from './index-of-records.ts'
import type { JournalSettings } from './options.ts'
import { headerFrame, readPayload } from './payload.ts'
import type { Doubtful, Recovered } from './recover.ts'
import { keepAside, readFile, renew, replace, wholeLine } from './rewrite.ts'
import { type Entry, type Location, newSegment, type Segment } from './segment.ts'

interface Active {
  readonly segment: Segment
  readonly file: OpenFile
  /** Whether the file system says when a file has lost its name; some count no names. */
  readonly hasName: boolean
  /** The number of the next record: numbers that are left out need a header that says so. */
  next: number
}

/** The files of a journal: one that is written, and older ones that are read until nothing in them is needed. Not for two callers at once. */
export class Log {
  readonly #settings: JournalSettings
  readonly #index: RecordIndex
  readonly #segments: Segment[]
  readonly #doubtful: Doubtful[]
  /** Of damaged segments, by the name of the file. */
  readonly #copies = new Map<string, string>()
  #active: Active | undefined
  #failure: { readonly error: unknown; readonly at: number } | undefined
  #compactFrom = -Infinity
  /** The disk could not read it the last time. */
  #unreadable: Segment | undefined
  #isGone = false
  readonly #lastFound: number
  #lastKept: number

  constructor(settings: JournalSettings, index: RecordIndex, found: Recovered) {
    this.#settings = settings
    this.#index = index
    this.#segments = [...found.segments]
    this.#doubtful = [...found.doubtful]
    this.#lastFound = found.lastSequence
    this.#lastKept = found.lastKept
  }

  /** The highest number of a record that was kept. */
  get lastKept(): number {
    return this.#lastKept
  }

  get segments(): number {
    return this.#segments.length
  }

  get diskBytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  get isFailed(): boolean {
    return this.#failure !== undefined || this.#isGone
  }

  /** Whether what was found at opening is certainly on the disk. */
  get isCertain(): boolean {
    return this.#doubtful.length === 0
  }

  /** Under which name a damaged segment is kept, if it is. */
  keptAs(file: string): Pick<Damage, 'keptAs'> {
    const keptAs = this.#copies.get(file)
    return keptAs === undefined ? {} : { keptAs }
  }

  /** The error that a write would fail with at once. */
  refusal(): Error | undefined {
    if (this.#isGone) return fileGone()
    if (this.#failure === undefined) return undefined
    const waitMs = this.#failure.at + this.#settings.retryAfterFailureMs - this.#settings.clock.now()
    return waitMs > 0 ? writeFailed(this.#failure.error, false, Math.ceil(waitMs)) : undefined
  }

  /**
   * Writes lines and syncs them. Without any, makes sure of what was found at opening.
   * @param first the lowest number of a record that is not written yet
   * @param next the same, once these lines are
   * @returns where they are
   */
  async write(lines: readonly Buffer[], first: number, next: number): Promise<Location[]> {
    const active = await this.#ready(first)
    const { segment, file } = active
    let offset = segment.bytes
    const places = lines.map((line) => {
      const place = { segment, offset, length: line.length }
      offset += line.length
      return place
    })
    if (lines.length === 0) return places
    try {
      await writeAll(file, Buffer.concat(lines), segment.bytes)
      await file.sync()
      // Else nobody would find it again: removed, or replaced by somebody whose file system knows no locks.
      this.#isGone = active.hasName && !(await file.hasName())
    } catch (error) {
      await this.#abandon()
      throw this.#failed(error, true)
    }
    if (this.#isGone) {
      await this.close()
      throw fileGone()
    }
    segment.bytes = offset
    active.next = next
    if (next > first) this.#lastKept = next - 1
    return places
  }

  /**
   * Removes the oldest segment, if what is needed in it is little beside all there is; moves that first.
   * @returns whether there may be more to do
   */
  async compact(first: number): Promise<boolean> {
    const { clock, segmentBytes } = this.#settings
    const [oldest] = this.#segments
    if (oldest === undefined || oldest === this.#active?.segment || !this.isCertain || this.isFailed) return false
    const needed = this.#index.pendingBytes + this.#index.rememberedBytes
    if (oldest.live.size > 0 && this.diskBytes <= 2 * (needed + segmentBytes)) return false
    if (clock.now() < this.#compactFrom) return false
    try {
      const movedBytes = await this.#empty(oldest, first)
      await this.#remove(oldest)
      this.#report('journal-compacted', { file: oldest.file, bytes: oldest.bytes, movedBytes })
      return true
    } catch {
      // A write that failed has told so; a file that cannot be read or removed now perhaps can be later.
      this.#compactFrom = clock.now() + this.#settings.retryAfterFailureMs
      return false
    }
  }

  async close(): Promise<void> {
    const active = this.#active
    this.#active = undefined
    await active?.file.close().catch(() => undefined)
  }

  async #ready(first: number): Promise<Active> {
    const refusal = this.refusal()
    if (refusal !== undefined) throw refusal
    if (this.#active !== undefined && this.#isFit(this.#active, first)) return this.#active
    let active: Active
    try {
      for (let doubtful = this.#doubtful[0]; doubtful !== undefined; doubtful = this.#doubtful[0]) {
        await this.#makeCertain(doubtful)
        this.#doubtful.shift()
      }
      if (this.#active === undefined || !this.#isFit(this.#active, first)) {
        await this.close()
        this.#active = await this.#begin(first)
      }
      active = this.#active
    } catch (error) {
      throw this.#failed(error, false)
    }
    if (this.#failure !== undefined) this.#report('journal-write-recovered', {})
    this.#failure = undefined
    return active
  }

  #isFit({ segment, next }: Active, first: number): boolean {
    return segment.bytes < this.#settings.segmentBytes && next === first
  }

  async #begin(first: number): Promise<Active> {
    const { files, directory, clock } = this.#settings
    const segment = newSegment((this.#segments.at(-1)?.number ?? 0) + 1)
    const path = join(directory, segment.file)
    const file = await files.create(path)
    let hasName: boolean
    try {
      const header = { segment: segment.number, first, follows: this.#lastKept, repaired: false }
      const bytes = headerFrame(header, clock.wallTime())
      await writeAll(file, bytes, 0)
      await file.sync()
      await files.syncDirectory(directory)
      hasName = await file.hasName()
      segment.bytes = bytes.length
    } catch (error) {
      await file.close().catch(() => undefined)
      await files.remove(path).catch(() => undefined)
      throw error
    }
    this.#segments.push(segment)
    return { segment, file, hasName, next: first }
  }

  /**
   * Writes a segment anew. What was read of it may be in memory only: its writer may have ended before a sync, or after one that
   * failed, of which the next one says nothing. What is written anew and synced is on the disk.
   */
  async #makeCertain(doubtful: Doubtful): Promise<void> {
    const { files, directory, clock } = this.#settings
    const { segment, damage } = doubtful
    const { content, places } = await renew(files, directory, doubtful, clock.wallTime())
    const lost = [...segment.live].filter(({ offset }) => !places.has(offset))
    if ((damage.length > 0 || lost.length > 0) && !this.#copies.has(segment.file)) {
      this.#copies.set(segment.file, await keepAside(files, directory, segment))
    }
    const { file, hasName } = await replace(files, directory, segment, content)
    this.#giveUp(segment, lost)
    // A list of its own: each one that is moved comes back into the same set.
    for (const entry of Array.from(segment.live)) this.#index.move(entry, { segment, ...places.get(entry.offset)! })
    segment.bytes = content.length
    if (segment === this.#segments.at(-1)) this.#active = { segment, file, hasName, next: this.#lastFound + 1 }
    else await file.close().catch(() => undefined)
  }

  /** After a write or a sync that failed nobody knows what is in the file, so it is not written any more. What of it was synced before is. */
  async #abandon(): Promise<void> {
    const active = this.#active
    this.#active = undefined
    await active?.file.truncate(active.segment.bytes).catch(() => undefined)
    await active?.file.close().catch(() => undefined)
  }

  #failed(error: unknown, mayHaveTakenEffect: boolean): Error {
    const { clock, retryAfterFailureMs } = this.#settings
    this.#report('journal-write-failed', { code: codeOf(error) })
    this.#failure = { error, at: clock.now() }
    return writeFailed(error, mayHaveTakenEffect, retryAfterFailureMs)
  }

  /** Moves what is needed in the segment to the end. @returns how much that is */
  async #empty(segment: Segment, first: number): Promise<number> {
    if (segment.live.size === 0) return 0
    const { files, directory } = this.#settings
    const bytes = await readFile(files, directory, segment, this.#unreadable === segment).catch((error: unknown) => {
      this.#unreadable = segment
      throw error
    })
    const entries = [...segment.live].toSorted((a, b) => a.offset - b.offset)
    const whole = entries.filter((entry) => saysWhatItShould(bytes, entry))
    if (whole.length < entries.length && !this.#copies.has(segment.file)) {
      this.#copies.set(segment.file, await keepAside(files, directory, segment))
    }
    const lines = whole.map((entry) => wholeLine(bytes, entry))
    const places = await this.write(lines, first, first)
    for (const [place, entry] of whole.entries()) this.#index.move(entry, places[place]!)
    this.#giveUp(segment, [...segment.live])
    return places.reduce((sum, { length }) => sum + length, 0)
  }

  /** What has become unreadable since it was found or written; the file is kept aside. */
  #giveUp(segment: Segment, entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#index.drop(entry)
      const { sequence, offset, length } = entry
      const damage: Damage = {
        file: segment.file,
        offset,
        bytes: length,
        missing: { first: sequence, last: sequence },
        ...this.keptAs(segment.file),
      }
      this.#report('journal-damaged', damage)
    }
  }

  async #remove(segment: Segment): Promise<void> {
    const { files, directory } = this.#settings
    await files.remove(join(directory, segment.file))
    this.#segments.splice(this.#segments.indexOf(segment), 1)
    // Before the next one goes: a mark must never be gone while the record that it speaks of can come back.
    await files.syncDirectory(directory)
  }

  #report(
    type: 'journal-compacted' | 'journal-damaged' | 'journal-write-failed' | 'journal-write-recovered',
    what: object,
  ): void {
    const { events, clock, name } = this.#settings
    if (events?.active === true) events.emit({ type, at: clock.wallTime(), journal: name, ...what } as never)
  }
}

function saysWhatItShould(bytes: Buffer, { offset, sequence }: Entry): boolean {
  const payload = readPayload(frameAt(bytes, offset)?.payload)
  if (payload === undefined || payload === 'newer') return false
  return ('record' in payload && payload.record === sequence) || ('done' in payload && payload.done === sequence)
}

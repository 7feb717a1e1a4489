import { join } from 'node:path'
import type { Files } from '../files/files.ts'
import { readTolerantly } from '../files/read-file.ts'
import { newerVersion } from './errors.ts'
import type { Damage } from './events.ts'
import { type Frame, scan } from './frame.ts'
import type { RecordIndex } from './index-of-records.ts'
import { type Accepted, type Done, type Header, readPayload } from './payload.ts'
import { type Entry, newSegment, scopeOf, type Segment, sortNames } from './segment.ts'

/** A segment whose place a new version has to take, because of what is in it or because nobody knows whether it is on the disk. */
export interface Doubtful {
  readonly segment: Segment
  readonly header: Header
  /** Records are missing, and that is told now; not again next time. */
  readonly repaired: boolean
  /** The disk could read all of it. */
  readonly isWhole: boolean
  /** What was found. */
  readonly damage: readonly Damage[]
}

export interface Recovered {
  readonly segments: readonly Segment[]
  readonly doubtful: readonly Doubtful[]
  readonly tornBytes: number
  /** The highest number that a record has or may have had. */
  readonly lastSequence: number
  /** The highest number of a record that was kept. */
  readonly lastKept: number
}

interface Read {
  readonly segment: Segment
  readonly header: Header | undefined
  readonly lines: readonly Line[]
  readonly damage: Damage[]
  readonly tornBytes: number
  /** The disk could read all of it. */
  readonly isWhole: boolean
  /** Records are missing. */
  hasGap: boolean
}

interface Line {
  readonly frame: Frame
  readonly payload: Accepted | Done
}

/** A header that is lost says nothing any more: all records in it count as its own, and none as missing. */
const NO_HEADER = { first: 0, follows: 0, repaired: true }

/** What the first sync of a segment has made durable at least; whatever is less may be a segment that was never begun. */
const BEGUN_BYTES = 512

/** Reads all that is in the directory, and fills the index with what is still needed. Removes what a crash left half made. */
export async function recover(files: Files, directory: string, index: RecordIndex): Promise<Recovered> {
  const { segments, leftovers } = sortNames(await files.list(directory))
  // If one stays, the next of its name overwrites it.
  const remove = (name: string): Promise<void> => files.remove(join(directory, name)).catch(() => undefined)
  for (const name of leftovers) await remove(name)
  const read: Read[] = []
  for (const number of segments) read.push(await readSegment(files, directory, newSegment(number)))
  const tornBytes = read.reduce((sum, one) => sum + one.tornBytes, 0)
  for (let last = read.at(-1); last !== undefined && isUnbegun(last); last = read.at(-1)) {
    await remove(last.segment.file)
    read.pop()
  }
  for (const [place, one] of read.entries()) findGaps(one, read[place - 1])
  const refused = refusedRanges(read)
  fill(index, read, refused)
  return {
    segments: read.map(({ segment }) => segment),
    doubtful: doubtfulOf(read),
    tornBytes,
    ...lastNumbers(read, refused),
  }
}

async function readSegment(files: Files, directory: string, segment: Segment): Promise<Read> {
  const file = await files.open(join(directory, segment.file))
  try {
    const { bytes, isWhole } = await readTolerantly(file)
    const { frames, bad } = scan(bytes)
    segment.bytes = bytes.length
    let header: Header | undefined
    const lines: Line[] = []
    const damage: Damage[] = []
    const damaged = ({ offset, length }: { readonly offset: number; readonly length: number }): void =>
      void damage.push({ file: segment.file, offset, bytes: length })
    for (const frame of frames) {
      const payload = readPayload(frame.payload)
      if (payload === 'newer') throw newerVersion(directory)
      if (payload === undefined) damaged(frame)
      else if ('segment' in payload) header ??= payload
      else lines.push({ frame, payload })
    }
    let tornBytes = 0
    for (const stretch of bad) {
      const mayBeTorn = isWhole && (header !== undefined || bytes.length < BEGUN_BYTES)
      if (stretch.torn && mayBeTorn) tornBytes += stretch.length
      else damaged(stretch)
    }
    return { segment, header, lines, damage, tornBytes, isWhole, hasGap: false }
  } finally {
    await file.close()
  }
}

function isUnbegun({ header, lines, damage }: Read): boolean {
  return header === undefined && lines.length === 0 && damage.length === 0
}

/** Numbers are given one after the other; where some are missing, so are records, whether or not anything stands in their place. */
function findGaps(one: Read, before: Read | undefined): void {
  const { segment, header, lines } = one
  if (header === undefined) return
  // Of a whole file that is missing nobody can tell who removed it, we or somebody else.
  if (before?.header?.repaired === false && before.segment.number === segment.number - 1) {
    const last = before.lines.filter((line) => isOwn(line, before)).at(-1)
    const lastNumber = last?.payload.record ?? before.header.first - 1
    if (lastNumber < header.follows) addGap(before, lastNumber + 1, header.follows, before.segment.bytes)
  }
  if (header.repaired) return
  let next = header.first
  for (const line of lines) {
    if (!isOwn(line, one)) continue
    if (line.payload.record > next) addGap(one, next, line.payload.record - 1, line.frame.offset)
    next = line.payload.record + 1
  }
}

/** Whether it is a record that was first written here, not moved here. */
function isOwn(line: Line, { header }: Read): line is Line & { readonly payload: Accepted } {
  return 'record' in line.payload && line.payload.record >= (header ?? NO_HEADER).first
}

function addGap(one: Read, first: number, last: number, offset: number): void {
  const { file } = one.segment
  one.hasGap = true
  // The bytes in whose place they stood, if there are any.
  const found = one.damage.findIndex((damage) => damage.offset < offset && damage.offset + damage.bytes >= offset)
  const missing = { first, last }
  if (found >= 0) one.damage[found] = { ...one.damage[found]!, missing }
  else one.damage.push({ file, offset, bytes: 0, missing })
}

/**
 * The damaged ones. And the last one: its writer ended nobody knows how, and what can be read of it may be in memory only. Those
 * before it had been synced when the next one was begun, which the header of that shows.
 */
function doubtfulOf(read: readonly Read[]): Doubtful[] {
  const lastBegun = read.findLastIndex(({ header }) => header !== undefined)
  return read.flatMap(({ segment, header, damage, isWhole, hasGap }, place) =>
    place >= lastBegun || damage.length > 0
      ? [{ segment, damage, isWhole, header: header ?? { segment: segment.number, ...NO_HEADER }, repaired: hasGap }]
      : [],
  )
}

interface Range {
  /** Of the segment that says so; it speaks of those before it. */
  readonly segment: number
  readonly after: number
  readonly before: number
}

/** Records whose write failed, which whoever appended them was told; they may be in a file all the same. */
function refusedRanges(read: readonly Read[]): readonly Range[] {
  return read.flatMap(({ segment, header }) =>
    header === undefined || header.follows >= header.first - 1
      ? []
      : [{ segment: segment.number, after: header.follows, before: header.first }],
  )
}

function isRefused(sequence: number, { segment }: Read, refused: readonly Range[]): boolean {
  return refused.some((range) => segment.number < range.segment && sequence > range.after && sequence < range.before)
}

function lastNumbers(read: readonly Read[], refused: readonly Range[]): Pick<Recovered, 'lastSequence' | 'lastKept'> {
  let lastSequence = 0
  let lastKept = 0
  for (const one of read) {
    lastSequence = Math.max(lastSequence, (one.header?.first ?? 1) - 1)
    lastKept = Math.max(lastKept, one.header?.follows ?? 0)
    for (const { payload } of one.lines) {
      const sequence = 'record' in payload ? payload.record : payload.done
      lastSequence = Math.max(lastSequence, sequence)
      if (!isRefused(sequence, one, refused)) lastKept = Math.max(lastKept, sequence)
    }
  }
  return { lastSequence, lastKept }
}

function fill(index: RecordIndex, read: readonly Read[], refused: readonly Range[]): void {
  const records = new Map<number, Entry>()
  const marks = new Map<number, { readonly entry: Entry; readonly at: number }>()
  for (const one of read) {
    for (const { payload, frame } of one.lines) {
      const { at, tenant, kind, key, check } = payload
      const { offset, length } = frame
      const sequence = 'record' in payload ? payload.record : payload.done
      const entry = { sequence, scope: scopeOf(tenant, kind, key), check, segment: one.segment, offset, length }
      // What was moved is there twice until its old place is removed; the later one counts.
      if ('done' in payload) marks.set(sequence, { entry, at })
      else if (!isRefused(sequence, one, refused)) records.set(sequence, entry)
    }
  }
  const waiting = [...records.values()].filter(({ sequence }) => !marks.has(sequence))
  for (const entry of waiting.toSorted((a, b) => a.sequence - b.sequence)) index.add(entry)
  for (const { entry } of [...marks.values()].toSorted((a, b) => a.at - b.at)) index.remember(entry)
}

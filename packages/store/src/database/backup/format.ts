import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { backupDamaged } from '../errors.ts'
import type { Schema } from '../schema.ts'

/** What stands first in a backup. */
export interface Header {
  readonly format: 'holdfast-backup'
  readonly version: 1
  /** ISO 8601. */
  readonly at: string
  readonly migrations: readonly { readonly id: string; readonly checksum: string }[]
}

/** What stands before the rows of a table. */
export interface TableLine {
  readonly table: string
  readonly columns: readonly string[]
}

/** One row: its columns as PostgreSQL writes them as text. */
export type RowLine = readonly (string | null)[]

/** What stands last. */
export interface End {
  readonly end: true
  /** By table. */
  readonly rows: Readonly<Record<string, number>>
  /** SHA-256 of every byte before this line. */
  readonly sha256: string
}

export type Line = Header | TableLine | RowLine | End

/** Every table with rows of somebody's, in an order in which they can be written. */
export const BACKED_UP: readonly Exclude<keyof Schema, 'migrations'>[] = [
  'tenants',
  'users',
  'api_keys',
  'conversations',
  'messages',
  'clients',
  'leads',
  'requests',
  'rfps',
  'quotes',
  'proposals',
  'tickets',
  'job_results',
  'idempotency_keys',
  'activities',
  'audit',
  'incidents',
  'alerts',
  'events',
]

/** Of the database that wrote the row; the one that it is restored into gives its own. */
export const NOT_BACKED_UP: readonly string[] = ['events.xid']

const NEWLINE = 10

/**
 * Reads a backup line by line, header and end included, and checks it on the way: whoever has come to the end has read all that was written.
 * @throws HoldfastError `STORE_BACKUP_DAMAGED`
 */
export async function* readBackup(file: string): AsyncGenerator<Line, void, undefined> {
  const hash = createHash('sha256')
  let ended: End | undefined
  for await (const line of linesOf(file)) {
    if (ended !== undefined) throw backupDamaged(file, 'something follows its end')
    const parsed = parse(file, line)
    if (isEnd(parsed)) {
      if (parsed.sha256 !== hash.digest('hex')) throw backupDamaged(file, 'its checksum is another')
      ended = parsed
    } else {
      hash.update(line).update('\n')
    }
    yield parsed
  }
  if (ended === undefined) throw backupDamaged(file, 'its end is missing')
}

export function isHeader(line: Line): line is Header {
  return (line as Partial<Header>).format === 'holdfast-backup'
}

export function isTable(line: Line): line is TableLine {
  return typeof (line as Partial<TableLine>).table === 'string'
}

export function isEnd(line: Line): line is End {
  return (line as Partial<End>).end === true
}

/** By the byte that ends a line: a text may hold other characters that some take for one. */
async function* linesOf(file: string): AsyncGenerator<Buffer, void, undefined> {
  let parts: Buffer[] = []
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      let from = 0
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
        parts.push(chunk.subarray(from, at))
        yield Buffer.concat(parts)
        parts = []
        from = at + 1
      }
      if (from < chunk.length) parts.push(chunk.subarray(from))
    }
  } catch (error) {
    throw backupDamaged(file, `it cannot be read (${(error as { readonly code?: string }).code ?? 'unknown'})`)
  }
  if (parts.length > 0) throw backupDamaged(file, 'its last line is torn')
}

function parse(file: string, line: Buffer): Line {
  try {
    const parsed: unknown = JSON.parse(line.toString('utf8'))
    if (typeof parsed === 'object' && parsed !== null) return parsed as Line
  } catch {
    // Said below.
  }
  throw backupDamaged(file, 'a line of it is no JSON')
}

import { createHash } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { HoldfastError } from '@holdfast/core'
import { sql } from 'kysely'
import { nodeFiles } from '../../files/node-files.ts'
import { backupFailed } from '../errors.ts'
import type { StoreTransaction } from '../store.ts'
import { BACKED_UP, type End, type Header, type Line, NOT_BACKED_UP } from './format.ts'

/** What was written. */
export interface BackupResult {
  readonly file: string
  readonly bytes: number
  readonly rows: number
  /** Of everything before the last line. */
  readonly sha256: string
}

const ROWS_AT_ONCE = 500

/**
 * Writes every row that the transaction sees. The file has its name only when it is whole and on the disk; one of that name is replaced then.
 * @param transaction as `holdfast_backup`, and one that sees one moment
 */
export async function writeBackup(transaction: StoreTransaction, file: string, at: Date): Promise<BackupResult> {
  const whole = resolve(file)
  const half = `${whole}.${process.pid}.tmp`
  try {
    const handle = await open(half, 'w', 0o600)
    let written: Omit<BackupResult, 'file'>
    try {
      written = await writeLines(handle, transaction, at)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(half, whole)
    await nodeFiles.syncDirectory(dirname(whole))
    return Object.freeze({ file: whole, ...written })
  } catch (error) {
    await rm(half, { force: true })
    if (HoldfastError.isInstance(error)) throw error
    const { code = 'unknown' } = error as { readonly code?: string }
    throw backupFailed(basename(whole), `written (${code})`, error)
  }
}

async function writeLines(
  handle: FileHandle,
  transaction: StoreTransaction,
  at: Date,
): Promise<Omit<BackupResult, 'file'>> {
  const hash = createHash('sha256')
  let bytes = 0
  const write = async (lines: readonly Line[]): Promise<void> => {
    const text = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), 'utf8')
    hash.update(text)
    bytes += text.length
    await handle.writeFile(text)
  }
  const migrations = await transaction.selectFrom('migrations').select(['id', 'checksum']).orderBy('id').execute()
  await write([{ format: 'holdfast-backup', version: 1, at: at.toISOString(), migrations } satisfies Header])
  const rows: Record<string, number> = {}
  for (const table of BACKED_UP) {
    const columns = (await columnsOf(transaction, table)).map(({ name }) => name)
    await write([{ table, columns }])
    const list = sql.join(columns.map((column) => sql`${sql.ref(column)}::text`))
    await sql`declare rows_of_table no scroll cursor for select ${list} from ${sql.table(table)}`.execute(transaction)
    let count = 0
    for (;;) {
      const page = await sql<Record<string, string | null>>`fetch ${sql.lit(ROWS_AT_ONCE)} from rows_of_table`.execute(
        transaction,
      )
      if (page.rows.length === 0) break
      count += page.rows.length
      await write(page.rows.map((row) => columns.map((column) => row[column] ?? null)))
    }
    await sql`close rows_of_table`.execute(transaction)
    rows[table] = count
  }
  const sha256 = hash.copy().digest('hex')
  await write([{ end: true, rows, sha256 } satisfies End])
  return { bytes, rows: Object.values(rows).reduce((sum, count) => sum + count, 0), sha256 }
}

/** The columns of a table that a backup holds, with their types as PostgreSQL names them. */
export async function columnsOf(
  transaction: StoreTransaction,
  table: string,
): Promise<readonly { readonly name: string; readonly type: string }[]> {
  const { rows } = await sql<{ name: string; type: string }>`
    select a.attname as name, format_type(a.atttypid, a.atttypmod) as type
    from pg_catalog.pg_attribute a
    where a.attrelid = ${`holdfast.${table}`}::regclass and a.attnum > 0 and not a.attisdropped
    order by a.attnum`.execute(transaction)
  return rows.filter(({ name }) => !NOT_BACKED_UP.includes(`${table}.${name}`))
}

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { openingFor } from '../claims.ts'
import type { Engine, Session } from '../engine/engine.ts'
import { MIGRATIONS } from '../migrations/index.ts'
import type { BackupResult } from '../store.ts'
import { backupError, damaged, TABLES } from './format.ts'
import type { BackupHeader, BackupLine } from './format.ts'

const ROWS_AT_ONCE = 500

/** Reads a backup twice: first whether it is whole, then its rows into an empty store, in one transaction. */
export async function restore(
  engine: Engine,
  path: string,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<BackupResult> {
  const rows = await check(path)
  return engine.transaction({
    // Nobody else comes between the look and the rows.
    opening: `lock table holdfast.tenants in share row exclusive mode; ${openingFor(engine.kind, 'holdfast_backup', {}, timeoutMs)}`,
    work: async (session) => {
      await refuseFull(session)
      await insertAll(session, path)
      return { rows }
    },
    signal,
  })
}

/** @returns how many rows of each table it has. */
async function check(path: string): Promise<Readonly<Record<string, number>>> {
  const hash = createHash('sha256')
  let header: BackupHeader | undefined
  let end: { readonly end: string; readonly rows: Readonly<Record<string, number>> } | undefined
  for await (const [text, line] of linesIn(path)) {
    if (end !== undefined) throw damaged('there is something behind its end')
    if (!Array.isArray(line) && 'end' in line) {
      end = line
      continue
    }
    hash.update(`${text}\n`)
    if (header === undefined) header = headerOf(line)
    else if (!Array.isArray(line) || !TABLES.includes(line[0] as string)) throw damaged('a line of it is no row')
  }
  if (end === undefined) throw damaged('its end is missing')
  if (hash.digest('hex') !== end.end) throw damaged('its checksum is not that of its content')
  return end.rows
}

function headerOf(line: BackupLine): BackupHeader {
  if (Array.isArray(line) || !('format' in line) || line.format !== 'holdfast-backup')
    throw damaged('it is no backup of a store')
  if (line.version !== 1 || line.migrations !== MIGRATIONS.length) {
    throw backupError(
      'BACKUP_OF_ANOTHER_VERSION',
      `The backup has the schema ${String(line.migrations)}, and this version has ${MIGRATIONS.length}: restore it with the version that wrote it, then bring it up to date`,
    )
  }
  return line
}

async function refuseFull(session: Session): Promise<void> {
  const { rows } = await session.query('select exists (select from holdfast.tenants) as is_full')
  if (rows[0]?.['is_full'] === true)
    throw backupError('STORE_NOT_EMPTY', 'The store has rows already: restore into an empty one')
}

async function insertAll(session: Session, path: string): Promise<void> {
  let table = ''
  let batch: string[] = []
  const insert = async (): Promise<void> => {
    if (batch.length === 0) return
    const records = `[${batch.join(',')}]`
    batch = []
    await session.query(
      `insert into holdfast.${table} select * from jsonb_populate_recordset(null::holdfast.${table}, $1::jsonb)`,
      [records],
    )
  }
  for await (const [, line] of linesIn(path)) {
    if (!Array.isArray(line)) continue
    const [of, row] = line as readonly [string, string]
    if (of !== table || batch.length >= ROWS_AT_ONCE) {
      await insert()
      table = of
    }
    batch.push(row)
  }
  await insert()
}

async function* linesIn(path: string): AsyncGenerator<readonly [string, BackupLine]> {
  const file = createReadStream(path)
  const unzipped = createGunzip()
  file.on('error', (error) => unzipped.destroy(error))
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  try {
    for await (const chunk of file.pipe(unzipped) as AsyncIterable<Buffer>) {
      // At line feeds alone: other ends of lines may stand in a text.
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop()!
      for (const text of lines) yield [text, JSON.parse(text) as BackupLine]
    }
    if (rest !== '') throw damaged('its last line is not whole')
  } catch (error) {
    throw (error as { code?: unknown }).code === 'ENOENT'
      ? backupError('BACKUP_MISSING', `There is no file ${path}`)
      : asDamaged(error)
  } finally {
    file.destroy()
    unzipped.destroy()
  }
}

function asDamaged(error: unknown): unknown {
  const { code, name } = error as { readonly code?: string; readonly name?: string }
  return code?.startsWith('Z_') === true || name === 'SyntaxError' || code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
    ? damaged('it cannot be read to its end')
    : error
}

import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { link, open, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { openingFor } from '../claims.ts'
import type { Engine, Session } from '../engine/engine.ts'
import { MIGRATIONS } from '../migrations/index.ts'
import type { BackupResult } from '../store.ts'
import { backupError, TABLES } from './format.ts'
import type { BackupHeader } from './format.ts'

const ROWS_AT_ONCE = 500

/** Writes all rows to a file: JSON lines, compressed, with a checksum at the end. The file has its name only when it is whole and on the disk. */
export async function backUp(
  engine: Engine,
  path: string,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<BackupResult> {
  const partial = `${path}.partial`
  const rows: Record<string, number> = {}
  try {
    await engine.transaction({
      opening: `set transaction isolation level repeatable read, read only; ${openingFor(engine.kind, 'holdfast_backup', {}, timeoutMs)}`,
      work: (session) =>
        pipeline(
          Readable.from(linesOf(session, rows)),
          createGzip(),
          createWriteStream(partial, { flags: 'w', mode: 0o600 }),
          { signal },
        ),
      signal,
    })
    await flush(partial)
    await link(partial, path)
  } catch (error) {
    throw (error as { code?: unknown }).code === 'EEXIST'
      ? backupError('BACKUP_EXISTS', `There is a file ${path} already`)
      : error
  } finally {
    await rm(partial, { force: true })
  }
  return { rows }
}

async function* linesOf(session: Session, counts: Record<string, number>): AsyncGenerator<string> {
  const hash = createHash('sha256')
  const line = (value: unknown): string => {
    const text = `${JSON.stringify(value)}\n`
    hash.update(text)
    return text
  }
  yield line({ format: 'holdfast-backup', version: 1, migrations: MIGRATIONS.length } satisfies BackupHeader)
  for (const table of TABLES) {
    let count = 0
    // As text, so that no number is rounded on the way.
    await session.script(
      `declare backup_rows no scroll cursor for select to_jsonb(t)::text as row from holdfast.${table} t`,
    )
    for (;;) {
      const { rows } = await session.query(`fetch ${ROWS_AT_ONCE} from backup_rows`)
      for (const { row } of rows) yield line([table, row])
      count += rows.length
      if (rows.length < ROWS_AT_ONCE) break
    }
    await session.script('close backup_rows')
    counts[table] = count
  }
  yield `${JSON.stringify({ end: hash.digest('hex'), rows: counts })}\n`
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

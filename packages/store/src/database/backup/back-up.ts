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

const ROWS_AT_ONCE = 200

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
          Readable.from(partsOf(session, rows)),
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

/** Many lines at once: each part that is compressed waits for a turn of the event loop. */
async function* partsOf(session: Session, counts: Record<string, number>): AsyncGenerator<string> {
  const hash = createHash('sha256')
  const linesOf = (values: readonly unknown[]): string => {
    const text = values.map((value) => `${JSON.stringify(value)}\n`).join('')
    hash.update(text)
    return text
  }
  yield linesOf([{ format: 'holdfast-backup', version: 1, migrations: MIGRATIONS.length } satisfies BackupHeader])
  for (const table of TABLES) {
    let count = 0
    // As text, so that no number is rounded on the way.
    await session.script(
      `declare backup_rows no scroll cursor for select to_jsonb(t)::text as row from holdfast.${table} t`,
    )
    for (;;) {
      const { rows } = await session.query(`fetch ${ROWS_AT_ONCE} from backup_rows`)
      if (rows.length > 0) yield linesOf(rows.map(({ row }) => [table, row]))
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

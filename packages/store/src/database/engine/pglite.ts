import { existsSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/core'
import type { PGlite, PGliteOptions, Results } from '@electric-sql/pglite'
import { takeLock } from '../../files/exclusive-lock.ts'
import { nodeFiles } from '../../files/node-files.ts'
import { cannotOpen, locked } from '../errors.ts'
import type { Connection, Engine, Rows } from './engine.ts'

const INT8 = 20
const DATE = 1082
const TIMESTAMP = 1114

const asText = (text: string): string => text

/** As `pg` reads them. */
export const PGLITE_OPTIONS: PGliteOptions = { parsers: { [INT8]: asText, [DATE]: asText, [TIMESTAMP]: asText } }

/**
 * Opens the database in a directory, and makes it if there is none. PGlite itself has no lock, and two processes on one directory lose
 * each other's rows without a word.
 * @throws HoldfastError `STORE_LOCKED`, `STORE_CANNOT_OPEN`
 */
export async function pgliteEngine(directory: string): Promise<Engine> {
  const release = await lock(directory)
  try {
    const { PGlite } = await import('@electric-sql/pglite')
    const data = join(directory, 'data')
    if (!existsSync(join(data, 'PG_VERSION'))) {
      if (existsSync(data)) throw cannotOpen(directory, 'what is called data in it is no database')
      // Under another name until it is whole: a process that is killed meanwhile leaves no half database.
      const half = join(directory, 'data.new')
      await rm(half, { recursive: true, force: true })
      await (await PGlite.create(half, PGLITE_OPTIONS)).close()
      await rename(half, data)
      await nodeFiles.syncDirectory(directory)
    }
    return engineOf(await PGlite.create(data, PGLITE_OPTIONS), directory, release)
  } catch (error) {
    release()
    throw HoldfastError.isInstance(error) ? error : cannotOpen(directory, 'PGlite does not start on it', error)
  }
}

/** A database in memory, which ends with its process. */
export async function memoryEngine(): Promise<Engine> {
  const { PGlite } = await import('@electric-sql/pglite')
  return engineOf(await PGlite.create(PGLITE_OPTIONS), 'in memory', () => undefined)
}

/** Beside the lock, which has to stay empty: who has it, for people to read. */
async function lock(directory: string): Promise<() => void> {
  const owner = join(directory, 'owner')
  let release: (() => void) | undefined
  try {
    await nodeFiles.makeDirectory(directory)
    release = takeLock(join(directory, 'lock'))
    if (release !== undefined) {
      await writeFile(owner, `process ${process.pid}, since ${new Date().toISOString()}\n`, { mode: 0o600 })
      return release
    }
  } catch (error) {
    release?.()
    throw cannotOpen(directory, 'the directory cannot be made or written', error)
  }
  const said = await readFile(owner, 'utf8').catch(() => '')
  throw locked(directory, /^process [^\n]{1,80}/.exec(said)?.[0] ?? 'another process')
}

/** A database that somebody has opened. */
export function engineOf(database: PGlite, where: string, release: () => void): Engine {
  const connection = new EmbeddedConnection(database)
  return {
    kind: 'pglite',
    where,
    size: 1,
    hasTimeouts: false,
    connect: async () => connection,
    close: async () => {
      try {
        await database.close()
      } finally {
        release()
      }
    },
  }
}

/** The one session there is. */
class EmbeddedConnection implements Connection {
  readonly #database: PGlite

  constructor(database: PGlite) {
    this.#database = database
  }

  async query(text: string, parameters: readonly unknown[]): Promise<Rows> {
    return rowsOf(await this.#database.query(text, [...parameters]))
  }

  async script(text: string): Promise<readonly Rows[]> {
    return (await this.#database.exec(text)).map(rowsOf)
  }

  release(): void {
    // Nothing is kept of who had it: everything was local to a transaction.
  }

  async discard(underWay: Promise<unknown>): Promise<void> {
    await underWay.catch(() => undefined)
    await this.#database.exec('rollback')
  }
}

function rowsOf(results: Results<Record<string, unknown>> | Results): Rows {
  const {
    rows,
    affectedRows,
    command = '',
  } = results as Results<Record<string, unknown>> & { readonly command?: string }
  return { rows, command, affected: command === 'SELECT' ? undefined : affectedRows }
}

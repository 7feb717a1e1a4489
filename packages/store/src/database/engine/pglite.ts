import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/core'
import type { PGlite, Transaction } from '@electric-sql/pglite'
import { takeLock } from '../../files/exclusive-lock.ts'
import { storeFailure } from '../failures.ts'
import { CLOSE_CATALOGUE } from './close-catalogue.ts'
import { copyDirectory } from './copy-directory.ts'
import { endingSession, untilAborted } from './ending.ts'
import type { Engine, Session, TransactionRequest } from './engine.ts'

/** Its owner only: what customers wrote is in it. */
const DIRECTORY_MODE = 0o700

/** Where in the directory the database is, and copies of it while somebody needs them. */
const DATA = 'data'
const COPIES = 'copies'

/**
 * PostgreSQL inside the process. Transactions run one after the other.
 *
 * @param directory where its data is; `undefined`: in memory.
 * @throws HoldfastError `STORE_LOCKED` when another process has the directory.
 */
export async function openPglite(directory: string | undefined): Promise<Engine> {
  const release = directory === undefined ? undefined : await lock(directory)
  try {
    // Those of a process that was killed.
    if (directory !== undefined) await rm(join(directory, COPIES), { recursive: true, force: true })
    const database = await openDatabase(directory && join(directory, DATA))
    // This database is ours alone.
    await database.exec(CLOSE_CATALOGUE)
    const engine = engineOver(database, async () => release?.())
    return directory === undefined ? engine : { ...engine, copy: (signal) => copyOf(database, directory, signal) }
  } catch (error) {
    release?.()
    throw storeFailure(error)
  }
}

async function openDatabase(dataDir: string | undefined): Promise<PGlite> {
  // Loaded by who uses it: 27 MB of WebAssembly.
  const { PGlite: Database, types } = await import('@electric-sql/pglite')
  const options = { parsers: { [types.INT8]: Number } }
  return dataDir === undefined ? Database.create(options) : Database.create({ ...options, dataDir })
}

/** What a process finds that is started again after this one was killed now: everything that was committed. */
async function copyOf(database: PGlite, directory: string, signal: AbortSignal): Promise<Engine> {
  await mkdir(join(directory, COPIES), { recursive: true, mode: DIRECTORY_MODE })
  const own = await mkdtemp(join(directory, COPIES, 'copy-'))
  const remove = (): Promise<void> => rm(own, { recursive: true, force: true })
  try {
    const alone = (work: () => void): Promise<void> => database.runExclusive(async () => work())
    await copyDirectory(join(directory, DATA), own, alone, signal)
    return engineOver(await openDatabase(own), remove)
  } catch (error) {
    await remove()
    throw error
  }
}

function engineOver(database: PGlite, release: () => Promise<void>): Engine {
  return {
    kind: 'pglite',
    embedded: database,
    transaction: (request) => transact(database, request),
    listen: async (channel, onNotification) => {
      const stop = await database.listen(channel, onNotification)
      return () => stop()
    },
    async close() {
      // Resolves after what is under way: the engine does one thing at a time.
      if (!database.closed) await database.close()
      await release()
    },
  }
}

async function transact<T>(
  database: PGlite,
  { opening, openingFailure, work, signal }: TransactionRequest<T>,
): Promise<T> {
  let isCommitting = false
  const whole = database.transaction(async (transaction) => {
    // It may have waited for others.
    signal.throwIfAborted()
    const { session, complete, end } = endingSession(sessionOf(transaction))
    try {
      try {
        await session.script(opening)
      } catch (error) {
        const failure = storeFailure(error)
        throw openingFailure?.(failure) ?? failure
      }
      // Not longer than somebody waits for it: the next one cannot begin before.
      const result = await untilAborted(work(session), signal)
      await complete()
      signal.throwIfAborted()
      isCommitting = true
      return result
    } finally {
      end()
    }
  })
  try {
    return await untilAborted(whole, signal)
  } catch (error) {
    if (!signal.aborted) throw storeFailure(error)
    // It has no way to go that could take long, and it alone knows what came of it.
    if (isCommitting) return whole
    throw signal.reason
  }
}

function sessionOf(transaction: Transaction): Omit<Session, 'failure'> {
  return {
    async query(text, values = []) {
      try {
        const { rows, affectedRows = 0 } = await transaction.query<Record<string, unknown>>(text, [...values])
        return { rows, affected: affectedRows > 0 ? affectedRows : rows.length }
      } catch (error) {
        throw storeFailure(error)
      }
    },
    async script(text) {
      try {
        await transaction.exec(text)
      } catch (error) {
        throw storeFailure(error)
      }
    },
  }
}

/** PGlite has no lock of its own, and of two processes on one directory each loses what the other writes. */
async function lock(directory: string): Promise<() => void> {
  await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE })
  const release = takeLock(join(directory, 'lock'))
  if (release !== undefined) return release
  throw new HoldfastError({
    code: 'STORE_LOCKED',
    category: 'configuration',
    message: `Another process has the store in ${directory}: stop it, or give this one another directory`,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

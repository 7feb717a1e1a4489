import { DatabaseSync } from 'node:sqlite'

/** SQLite's result code for a lock that somebody else has. */
const BUSY = 5

/**
 * Takes a lock that the kernel gives back when the process ends, `kill -9` included: the one that SQLite holds on a database
 * file (`fcntl` on POSIX, `LockFileEx` on Windows). There is no age, process number or start time to judge, so nothing can be judged wrongly: not after a
 * crash, not in containers that share a volume but not their process numbers, not while a process is suspended.
 *
 * The file stays empty, and stays: removing it would let two processes lock two files of one name. The process that holds the
 * lock must not open and close the file itself, since POSIX takes that for giving the lock back.
 * @returns what gives the lock back; `undefined` when another process, or another part of this one, has it
 */
export function takeLock(path: string): (() => void) | undefined {
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    // Nothing is written to it, and no second file is wanted beside it.
    database.exec('PRAGMA journal_mode = MEMORY')
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if ((error as { readonly errcode?: unknown }).errcode === BUSY) return undefined
    throw error
  }
  // Held by this closure: a database that is no longer reachable would be closed.
  return () => {
    if (database.isOpen) database.close()
  }
}

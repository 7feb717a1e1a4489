import { constants } from 'node:fs'
import { copyFile, link, mkdir, open, readdir, rename, unlink, type FileHandle } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { takeLock } from './exclusive-lock.ts'
import type { Files, OpenFile } from './files.ts'

/** What customers wrote is nobody else's business. */
const FILE_MODE = 0o600
const DIRECTORY_MODE = 0o700

function openFile(handle: FileHandle): OpenFile {
  return {
    size: async () => (await handle.stat()).size,
    read: async (into, position) => (await handle.read(into, 0, into.length, position)).bytesRead,
    write: async (bytes, position) => (await handle.write(bytes, 0, bytes.length, position)).bytesWritten,
    truncate: (length) => handle.truncate(length),
    // Data and length, which is what finding it again needs; on macOS, Node asks the drive itself to flush.
    sync: () => handle.datasync(),
    hasName: async () => (await handle.stat()).nlink > 0,
    close: () => handle.close(),
  }
}

async function syncOpened(handle: FileHandle): Promise<void> {
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function syncDirectory(path: string): Promise<void> {
  // Windows opens no directories; its file systems journal names themselves.
  if (process.platform === 'win32') return
  await syncOpened(await open(path, constants.O_RDONLY))
}

async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: DIRECTORY_MODE })
  if (first === undefined) return
  // Each new directory is a name in the one above it.
  const top = dirname(resolve(first))
  let above = resolve(path)
  do {
    above = dirname(above)
    await syncDirectory(above)
  } while (above !== top)
}

async function keepAs(path: string, other: string): Promise<void> {
  try {
    await link(path, other)
  } catch {
    await copyFile(path, other, constants.COPYFILE_EXCL)
    await syncOpened(await open(other, constants.O_RDWR))
  }
}

/** The file system of the machine. */
export const nodeFiles: Files = Object.freeze({
  makeDirectory,
  list: (path: string) => readdir(path),
  create: async (path: string) =>
    openFile(await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC, FILE_MODE)),
  open: async (path: string) => openFile(await open(path, constants.O_RDONLY)),
  keepAs,
  rename,
  remove: unlink,
  syncDirectory,
  lock: (path: string) => Promise.resolve(takeLock(path)),
})

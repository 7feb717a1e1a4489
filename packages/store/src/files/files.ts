/**
 * The little of a file system that a journal needs. A port, so that tests can put short writes, a full disk, a failing sync
 * and a crash at any byte behind it. Paths are whole; errors are Node's (`code: 'ENOSPC'`).
 */
export interface Files {
  /** Makes a directory and what is missing above it, for the owner only, and makes their names durable. */
  makeDirectory(path: string): Promise<void>
  /** The names in a directory. */
  list(path: string): Promise<readonly string[]>
  /** Opens an empty file for reading and writing, whatever was there before. Its name is durable after `syncDirectory`. */
  create(path: string): Promise<OpenFile>
  open(path: string): Promise<OpenFile>
  /** Gives a file a second name, or where the file system has no such thing, makes a copy. Durable after `syncDirectory`. */
  keepAs(path: string, other: string): Promise<void>
  /** Replaces what has the new name. Durable after `syncDirectory`. */
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** Makes durable which names a directory has. */
  syncDirectory(path: string): Promise<void>
  /**
   * Takes a lock that ends with the process, however that ends.
   * @returns what gives it back; `undefined` when somebody has it
   */
  lock(path: string): Promise<(() => void) | undefined>
}

/** A file, read and written at positions. */
export interface OpenFile {
  size(): Promise<number>
  /** How many bytes were read; 0 at the end. */
  read(into: Uint8Array, position: number): Promise<number>
  /** How many bytes were written; may be fewer than given. */
  write(bytes: Uint8Array, position: number): Promise<number>
  truncate(length: number): Promise<void>
  /** Resolves when what was written is on the disk. */
  sync(): Promise<void>
  /** Whether a name in some directory still leads to it. */
  hasName(): Promise<boolean>
  close(): Promise<void>
}

/** Writes all of it, however short each write is. */
export async function writeAll(file: OpenFile, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    const written = await file.write(bytes.subarray(done), position + done)
    if (written <= 0) throw Object.assign(new Error('a write wrote nothing'), { code: 'EIO' })
    done += written
  }
}

import type { Files } from '../files/files.ts'

/** What was found when the file was opened. */
export interface ValuesOpening {
  /** The latest value of each key. */
  readonly values: ReadonlyMap<string, unknown>
  /** What a crash cut off: it was never said to be on the disk. */
  readonly tornBytes: number
  /** How much cannot be read, or is not of such a file; `undefined` when all is well. The file as it was is kept beside it. */
  readonly damage: { readonly bytes: number; readonly keptAs: string } | undefined
}

/** What is to be on the disk. */
export interface ValuesToWrite {
  /** What has changed since the last write that was resolved. */
  readonly changed: Iterable<readonly [key: string, value: unknown]>
  /** Everything, for a file that is begun anew: what is not among it is forgotten. */
  readonly all: () => Iterable<readonly [key: string, value: unknown]>
}

/** A file with the latest value of each of many keys; see `openValues`. */
export interface Values {
  readonly opening: ValuesOpening
  /**
   * Resolves when it is on the disk. After a crash in it the file has what it had before, and of this what had been written. What is iterated comes in parts, with other work of the
   * process in between. Not for two callers at once.
   * @throws HoldfastError `VALUES_WRITE_FAILED`: then the next write writes everything
   */
  write(what: ValuesToWrite): Promise<void>
  /** Keeps the file as it was found, for whoever cannot read what its values say; before the first write. @returns under which name */
  keepAsFound(): Promise<string>
  /** Gives the file to the next one. */
  close(): Promise<void>
}

/** What `openValues` is made with. */
export interface ValuesOptions {
  /** The directory that it has for itself; made, for the owner only, if it is missing. */
  readonly directory: string
  /** The file system. Default: the machine's. */
  readonly files?: Files | undefined
}

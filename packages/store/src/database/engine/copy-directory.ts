import { constants, copyFileSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import type { Dirent, Stats } from 'node:fs'
import { copyFile, lstat, mkdir, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** A file that was written so short a time before it was looked at may have been written once more without another time of its own, in ms. */
const SAME_TICK_MS = 2_000

/** Copies share their blocks with the original, where the file system can do that. */
const MODE = constants.COPYFILE_FICLONE

/** A file as it was right before it was copied. */
type Seen = Pick<Stats, 'size' | 'mtimeMs' | 'ctimeMs' | 'ino'> & { readonly isOld: boolean }

/**
 * Copies a directory of files that are being written to, as it is at one moment. Nearly all of it is copied while they are; then, while `alone` lets nobody write, what has changed meanwhile.
 *
 * @param alone runs what it is given, at once, while nobody writes.
 */
export async function copyDirectory(
  from: string,
  to: string,
  alone: (work: () => void) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const seen = new Map<string, Seen>()
  await mkdir(to, { recursive: true, mode: 0o700 })
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    signal.throwIfAborted()
    const path = pathOf(entry, from)
    if (entry.isDirectory()) {
      await mkdir(join(to, path), { recursive: true })
      continue
    }
    try {
      const { size, mtimeMs, ctimeMs, ino } = await lstat(join(from, path))
      await copyFile(join(from, path), join(to, path), MODE)
      seen.set(path, { size, mtimeMs, ctimeMs, ino, isOld: Date.now() - Math.max(mtimeMs, ctimeMs) > SAME_TICK_MS })
    } catch (error) {
      // It is gone, and its copy is not to be either.
      if ((error as { code?: unknown }).code !== 'ENOENT') throw error
    }
  }
  await alone(() => copyChanges(from, to, seen))
}

/** Nothing of it waits: so long everybody does. */
function copyChanges(from: string, to: string, seen: Map<string, Seen>): void {
  const gone = new Set(seen.keys())
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    const path = pathOf(entry, from)
    if (entry.isDirectory()) {
      mkdirSync(join(to, path), { recursive: true })
      continue
    }
    gone.delete(path)
    if (!isAsSeen(lstatSync(join(from, path)), seen.get(path))) copyFileSync(join(from, path), join(to, path), MODE)
  }
  for (const path of gone) rmSync(join(to, path), { force: true })
}

function isAsSeen({ size, mtimeMs, ctimeMs, ino }: Stats, seen: Seen | undefined): boolean {
  return (
    seen?.isOld === true &&
    size === seen.size &&
    mtimeMs === seen.mtimeMs &&
    ctimeMs === seen.ctimeMs &&
    ino === seen.ino
  )
}

function pathOf({ parentPath, name }: Dirent, from: string): string {
  return relative(from, join(parentPath, name))
}

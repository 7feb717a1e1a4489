import type { OpenFile } from './files.ts'

/** How much is given up where the disk cannot be read. */
const BLOCK_BYTES = 4_096

/** Fills `into`, or as much of it as the file has. @returns how much that is */
export async function readAt(file: OpenFile, into: Uint8Array, position: number): Promise<number> {
  let done = 0
  while (done < into.length) {
    const read = await file.read(into.subarray(done), position + done)
    if (read <= 0) break
    done += read
  }
  return done
}

/** The whole file. */
export async function readAll(file: OpenFile): Promise<Buffer> {
  const bytes = Buffer.alloc(await file.size())
  return bytes.subarray(0, await readAt(file, bytes, 0))
}

/**
 * The whole file, also where the disk cannot read all of it: then zeros stand for what it cannot, so that what comes after is not
 * lost.
 */
export async function readTolerantly(file: OpenFile): Promise<{ readonly bytes: Buffer; readonly isWhole: boolean }> {
  try {
    return { bytes: await readAll(file), isWhole: true }
  } catch {
    // Perhaps it can be read in pieces.
  }
  const bytes = Buffer.alloc(await file.size())
  let isWhole = true
  for (let position = 0; position < bytes.length; position += BLOCK_BYTES) {
    const block = bytes.subarray(position, position + BLOCK_BYTES)
    try {
      await readAt(file, block, position)
    } catch {
      block.fill(0)
      isWhole = false
    }
  }
  return { bytes, isWhole }
}

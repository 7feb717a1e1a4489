/** Puts lines together from chunks. */
export interface Lines {
  /** @returns false when a line has grown too long. */
  push(chunk: Buffer): boolean
}

const NEWLINE = 10

/** @param maxBytes of one line. */
export function createLines(maxBytes: number, onLine: (line: string) => void): Lines {
  let parts: Buffer[] = []
  let length = 0
  return {
    push(chunk) {
      let from = 0
      for (;;) {
        const at = chunk.indexOf(NEWLINE, from)
        const end = at === -1 ? chunk.length : at
        length += end - from
        if (length > maxBytes) return false
        parts.push(chunk.subarray(from, end))
        if (at === -1) return true
        const line = Buffer.concat(parts).toString('utf8')
        parts = []
        length = 0
        from = at + 1
        if (line.trim() !== '') onLine(line)
      }
    },
  }
}

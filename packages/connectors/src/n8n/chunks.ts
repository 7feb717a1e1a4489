import { incomplete, workflowFailed } from './failures.ts'

/** One line of n8n's streamed reply. Other types (`tool-call-start`, …) appear too and carry no text. */
export interface N8nChunk {
  readonly type: string
  readonly content?: unknown
  readonly metadata?: { readonly nodeId?: unknown; readonly runIndex?: unknown; readonly itemIndex?: unknown }
}

/** The four types that make up n8n's streamed reply. */
const STREAM_TYPES = new Set(['begin', 'item', 'end', 'error'])

/** Reads one line. `undefined` when it is not a chunk of a streamed reply. */
export function parseChunk(line: string): N8nChunk | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const value = JSON.parse(line) as unknown
    if (typeof value !== 'object' || value === null || typeof (value as N8nChunk).type !== 'string') return undefined
    return value as N8nChunk
  } catch {
    return undefined
  }
}

/** Whether this chunk can begin a streamed reply. */
export function beginsStream(chunk: N8nChunk | undefined): boolean {
  return (
    chunk !== undefined && STREAM_TYPES.has(chunk.type) && (chunk.type !== 'item' || typeof chunk.content === 'string')
  )
}

/** Follows a streamed reply: a node that streams opens a run with `begin` and closes it with `end`, several in turn or at once. */
export interface ChunkReader {
  /** The text in this chunk, which may be none. @throws HoldfastError when the chunk says that the workflow failed. */
  read(chunk: N8nChunk): string
  /** The reply is over. @throws HoldfastError when a run is still open, or none was ever closed. */
  end(): void
}

/** Makes a {@link ChunkReader}. */
export function createChunkReader(): ChunkReader {
  const open = new Set<string>()
  let closed = 0
  return {
    read(chunk) {
      switch (chunk.type) {
        case 'begin':
          open.add(run(chunk))
          return ''
        case 'end':
          open.delete(run(chunk))
          closed++
          return ''
        case 'error':
          throw workflowFailed()
        case 'item':
          return typeof chunk.content === 'string' ? chunk.content : ''
        default:
          return ''
      }
    },
    end() {
      if (closed === 0 || open.size > 0) throw incomplete()
    },
  }
}

function run({ metadata }: N8nChunk): string {
  return `${String(metadata?.nodeId)}/${String(metadata?.runIndex)}/${String(metadata?.itemIndex)}`
}

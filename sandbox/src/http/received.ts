import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/** A request as a stand-in sees it, its body read. */
export interface Received {
  readonly method: string
  /** Path without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Thrown when a body is larger than a stand-in takes. */
export class BodyTooLarge extends Error {}

/** Largest body a stand-in takes, in bytes. */
const BODY_LIMIT_BYTES = 1_048_576

/** Splits a request target into path and query. */
export function target(request: IncomingMessage): { path: string; query: URLSearchParams } {
  const url = request.url ?? '/'
  const mark = url.indexOf('?')
  if (mark < 0) return { path: url, query: new URLSearchParams() }
  return { path: url.slice(0, mark), query: new URLSearchParams(url.slice(mark + 1)) }
}

/** Reads a body as text. @throws BodyTooLarge, or the error of a client that hung up. */
export async function readBody(request: IncomingMessage, limitBytes: number = BODY_LIMIT_BYTES): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > limitBytes) throw new BodyTooLarge(`a body has at most ${limitBytes} bytes here`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Parses JSON; `undefined` when it is none. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body) as unknown
  } catch {
    return undefined
  }
}

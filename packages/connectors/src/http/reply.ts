import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import type { Incoming } from './exchange.ts'
import { malformedReply, networkFailure } from './failure.ts'

/** A reply with a 2xx status. Read its body with exactly one of the methods, once. */
export interface HttpReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** @throws HoldfastError `MALFORMED_JSON` */
  json(): Promise<unknown>
  /** The whole body as UTF-8, decompressed if it came compressed. */
  text(): Promise<string>
  /** The bytes as they arrive. Cancelling it destroys the connection. */
  stream(): ReadableStream<Uint8Array>
  /** Gives the body up and destroys the connection. */
  discard(): void
}

const DECODERS = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
])

/** Makes an {@link HttpReply} of what came in, whose errors are ours. */
export function httpReply(
  incoming: Incoming,
  service: string,
  signal: AbortSignal | undefined,
  maxResponseBytes: number,
): HttpReply {
  const { status, headers } = incoming
  const known = (error: unknown): unknown => knownError(error, service, signal)
  const text = async (): Promise<string> => {
    let bytes: Buffer
    try {
      bytes = await incoming.bytes()
    } catch (error) {
      throw known(error)
    }
    const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
    if (encoding === 'identity' || encoding === '' || bytes.length === 0) return bytes.toString('utf8')
    try {
      const decoded = await DECODERS.get(encoding)?.(bytes, { maxOutputLength: maxResponseBytes })
      if (decoded !== undefined) return decoded.toString('utf8')
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') {
        const what = `answered with more than the allowed ${maxResponseBytes} bytes`
        throw malformedReply(service, 'RESPONSE_TOO_LARGE', what, status, false)
      }
    }
    throw malformedReply(service, 'MALFORMED_ENCODING', 'answered with a body that cannot be decompressed', status)
  }
  return {
    status,
    headers,
    text,
    async json() {
      const body = await text()
      try {
        return JSON.parse(body) as unknown
      } catch {
        // The parser's own message quotes the body.
        throw malformedReply(service, 'MALFORMED_JSON', 'answered with a body that is not JSON', status)
      }
    },
    stream: () => incoming.stream(known),
    discard: () => incoming.discard(),
  }
}

/** The caller's reason when the caller aborted; else one of our errors. */
export function knownError(error: unknown, service: string, signal: AbortSignal | undefined): unknown {
  return signal?.aborted ? signal.reason : networkFailure(service, error)
}

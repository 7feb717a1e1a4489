import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A request as the server got it. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A server on a port of its own that answers as a test says. */
export interface LocalServer {
  readonly url: string
  readonly requests: readonly Received[]
  /** Connections that are open now. */
  readonly open: number
  /** Resolves when `open` is this many; fails after two seconds. */
  openIs(count: number): Promise<void>
  /** Closes every connection, idle or not, as a restart does. */
  dropConnections(): void
  close(): Promise<void>
}

export type Handler = (request: Received, response: ServerResponse, raw: IncomingMessage) => unknown

/** Starts it on 127.0.0.1. */
export async function startServer(handler: Handler): Promise<LocalServer> {
  const sockets = new Set<Socket>()
  const requests: Received[] = []
  const answer = async (raw: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of raw) chunks.push(chunk as Buffer)
    } catch {
      return
    }
    const url = new URL(raw.url ?? '/', 'http://localhost')
    const request: Received = {
      method: raw.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: raw.headers,
      body: Buffer.concat(chunks).toString(),
    }
    requests.push(request)
    await handler(request, response, raw)
  }
  const server = createServer((raw, response) => void answer(raw, response))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get open() {
      return sockets.size
    },
    async openIs(count) {
      const until = performance.now() + 2_000
      while (sockets.size !== count) {
        if (performance.now() > until) throw new Error(`${sockets.size} connections are open, not ${count}`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    dropConnections() {
      for (const socket of sockets) socket.destroy()
    },
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** Answers with JSON. */
export function json(
  response: ServerResponse,
  value: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
  response.end(JSON.stringify(value))
}

/** Everything that is in an error and behind it, as text. */
export function everythingIn(error: unknown): string {
  const parts: string[] = []
  const seen = new Set<unknown>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return void parts.push(String(value))
    if (seen.has(value)) return
    seen.add(value)
    for (const key of Reflect.ownKeys(value)) {
      parts.push(String(key))
      const descriptor = Object.getOwnPropertyDescriptor(value, key)
      if (descriptor !== undefined && 'value' in descriptor) visit(descriptor.value)
    }
    if (value instanceof Error) parts.push(value.message, String(value.stack), JSON.stringify(value))
  }
  visit(error)
  return parts.join('\n')
}

/** What a promise was rejected with; fails when it was not. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    return error
  }
  throw new Error(`it resolved, with ${JSON.stringify(value)}`)
}

import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { hostHeaderValidation, originValidation, toNodeHandler } from '@modelcontextprotocol/node'
import type { McpHttpHandler } from '@modelcontextprotocol/server'
import type { ResolvedListen } from './options.ts'

/** A server that listens. */
export interface McpListening {
  /** `http://127.0.0.1:40123/mcp` */
  readonly url: string
  /** Takes nothing new, lets calls under way end for a moment, then ends them. */
  close(): Promise<void>
}

/** How long calls under way may go on when the server is closed, in ms. */
const GRACE_MS = 2_000

/** Serves over streamable HTTP. A page of somebody else's that runs in a browser on this machine gets no answer: its `Origin`, or the `Host` it calls, is not ours. */
export async function listen(
  handler: McpHttpHandler,
  options: ResolvedListen,
  onError: (error: unknown) => void,
): Promise<McpListening> {
  const { host, port, path, token, allowedHosts, allowedOrigins, maxBodyBytes } = options
  const serve = toNodeHandler(handler, { onerror: onError, maxRequestBodySize: maxBodyBytes })
  const isHostAllowed = allowedHosts === undefined ? () => true : hostHeaderValidation([...allowedHosts])
  const isOriginAllowed = originValidation([...allowedOrigins])
  const server = createServer((request, response) => {
    response.on('error', onError)
    if (!isHostAllowed(request, response) || !isOriginAllowed(request, response)) return
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== path) {
      refuse(response, 404, 'Not found')
      return
    }
    if (token !== undefined && !isBearer(request, token)) {
      response.setHeader('www-authenticate', 'Bearer')
      refuse(response, 401, 'Unauthorized')
      return
    }
    serve(request as Parameters<typeof serve>[0], response).catch(onError)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  server.on('error', onError)
  const { port: taken } = server.address() as { port: number }
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}${path}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, GRACE_MS)))
      await Promise.race([closed, late])
      clearTimeout(timer)
      await handler.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32_000, message } }))
}

/** Compared by digest, in a time that tells nothing of where they differ. */
function isBearer({ headers }: IncomingMessage, token: string): boolean {
  const [, sent = ''] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? []
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(sent), digest(token))
}

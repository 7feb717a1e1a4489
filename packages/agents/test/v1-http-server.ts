import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'

type Handler = (request: IncomingMessage, response: ServerResponse, body: { method?: string; id?: unknown }) => boolean

/** A server of the first generation, with sessions, as they are kept in memory; it can be made to misbehave. */
export interface V1HttpServer {
  readonly url: string
  /** What was sent, in order: `POST tools/call`, `DELETE`. */
  readonly received: string[]
  /** Answers in place of the server where it gives true. */
  before: Handler
  /** Forgets every session, as a restart does. */
  forget(): void
  /** Requests and streams that are open. */
  open(): number
  close(): Promise<void>
}

/** @param how the SDK's example answers an unknown session with 400, its transport with 404. */
export async function startV1(
  setUp: (server: McpServer) => void,
  how: 'status-400' | 'status-404' = 'status-404',
): Promise<V1HttpServer> {
  const sessions = new Map<string, StreamableHTTPServerTransport>()
  const received: string[] = []
  let open = 0
  const self = { before: (() => false) as Handler }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    open++
    response.on('close', () => open--)
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const body = (text === '' ? {} : JSON.parse(text)) as { method?: string; id?: unknown }
    received.push(`${request.method} ${body.method ?? ''}`.trim())
    if (self.before(request, response, body)) return
    const known = sessions.get(String(request.headers['mcp-session-id']))
    if (known !== undefined) return known.handleRequest(request, response, text === '' ? undefined : body)
    if (body.method !== 'initialize') {
      const message = how === 'status-400' ? 'Bad Request: No valid session ID provided' : 'Session not found'
      response.writeHead(how === 'status-400' ? 400 : 404, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32_000, message } }))
      return
    }
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, transport),
    })
    const server = new McpServer({ name: 'v1', version: '1.0.0' })
    setUp(server)
    await server.connect(transport)
    await transport.handleRequest(request, response, body)
  }

  const server: Server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return Object.assign(self, {
    url: `http://127.0.0.1:${port}/mcp`,
    received,
    forget: () => sessions.clear(),
    open: () => open,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

import { InMemoryTransport as V1InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { McpServer as V1McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { InMemoryTransport } from '@modelcontextprotocol/client'
import type { Transport } from '@modelcontextprotocol/client'
import { McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'

/** Servers in this process, one for each connection, and the way to them. */
export interface InMemoryServers<Server> {
  /** For `transport` of a server's options. */
  readonly connect: () => Promise<Transport>
  /** Those that were made, the latest last. */
  readonly made: Server[]
  /** Messages that the servers were sent. */
  readonly received: { readonly method?: string; readonly params?: Record<string, unknown> }[]
  /** Breaks the latest connection off, as the end of a child does. */
  end(): Promise<void>
}

/** Servers of the SDK's second generation. */
export function v2Servers(setUp: (server: McpServer) => void): InMemoryServers<McpServer> {
  const made: McpServer[] = []
  const received: InMemoryServers<McpServer>['received'] = []
  let latest: Transport | undefined
  return {
    made,
    received,
    connect() {
      const [ours, theirs] = InMemoryTransport.createLinkedPair()
      serveStdio(
        () => {
          const server = new McpServer({ name: 'v2', version: '2.0.0' })
          setUp(server)
          made.push(server)
          return server
        },
        { transport: theirs },
      )
      listen(theirs, received)
      latest = theirs
      return Promise.resolve(ours)
    },
    end: async () => latest?.close(),
  }
}

/** Servers of the SDK's first generation. */
export function v1Servers(setUp: (server: V1McpServer) => void): InMemoryServers<V1McpServer> {
  const made: V1McpServer[] = []
  const received: InMemoryServers<V1McpServer>['received'] = []
  return {
    made,
    received,
    async connect() {
      const [ours, theirs] = V1InMemoryTransport.createLinkedPair()
      const server = new V1McpServer({ name: 'v1', version: '1.0.0' })
      setUp(server)
      await server.connect(theirs)
      listen(theirs, received)
      made.push(server)
      return ours
    },
    end: async () => made.at(-1)?.close(),
  }
}

/** A server of the first generation that answers whatever it is told to; in a way that no SDK would let it. */
export function rawServer(results: Readonly<Record<string, object>>): Transport {
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  const usual: Record<string, object> = {
    initialize: {
      protocolVersion: '2025-06-18',
      serverInfo: { name: 'raw', version: '1' },
      capabilities: { tools: {} },
    },
    'tools/list': { tools: [{ name: 'tool', inputSchema: { type: 'object' } }] },
  }
  theirs.onmessage = (message) => {
    if (!('method' in message) || !('id' in message)) return
    const result = results[message.method] ?? usual[message.method]
    const { id } = message
    const reply = result === undefined ? { error: { code: -32_601, message: 'Method not found' } } : { result }
    void theirs.send({ jsonrpc: '2.0', id, ...reply } as never)
  }
  void theirs.start()
  return ours
}

function listen(transport: Transport, received: object[]): void {
  const { onmessage } = transport
  transport.onmessage = (message, extra) => {
    received.push(message)
    onmessage?.(message, extra)
  }
}

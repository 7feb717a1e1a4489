/** A connection to a server stands. */
export interface McpConnected {
  readonly type: 'mcp-connected'
  /** Wall time, in ms. */
  readonly at: number
  readonly server: string
  /** The version of the protocol that was agreed on: `2026-07-28`. */
  readonly protocolVersion: string
  /** What it took to start, connect and agree. */
  readonly durationMs: number
}

/** A connection is gone. */
export interface McpDisconnected {
  readonly type: 'mcp-disconnected'
  /** Wall time, in ms. */
  readonly at: number
  readonly server: string
  /** `ended`: the child ended or the transport closed; `session-lost`: the server knows the session no more; `closed`: by us. */
  readonly reason: 'ended' | 'session-lost' | 'closed'
}

/** The tools of a server have been read, for the first time or again. */
export interface McpToolsRead {
  readonly type: 'mcp-tools-read'
  /** Wall time, in ms. */
  readonly at: number
  readonly server: string
  readonly tools: number
  /** Whether names, descriptions or schemas are others than before. */
  readonly changed: boolean
}

/** What a registry reports of its own, beside the events of its integrations. */
export type McpEvent = McpConnected | McpDisconnected | McpToolsRead

/*
 * The Model Context Protocol: tools of other programs under guard, and tools of ours for other programs.
 *
 * Documented (modelcontextprotocol.io): revisions 2025-03-26 to 2025-11-25 and 2026-07-28; standard input and output, streamable HTTP; that a lost session is told by
 * 404; `isError`; `list_changed`; cancellation; annotations, which are hints.
 * Read in the SDK: which errors its client throws (`SdkError`, `SdkHttpError`, `ProtocolError`); that a request whose stream ends without a response waits for its timeout.
 * Tried on both generations of the SDK: 404 and `Session not found` after a restart, or 400 and `Server not initialized`.
 */
export { createMcpRegistry } from './client/registry.ts'
export type { McpRegistry, McpServerSnapshot } from './client/registry.ts'
export { MCP_POLICIES, MCP_SERVER_DEFAULTS } from './client/options.ts'
export { inProcess } from './client/in-process.ts'
export type {
  McpCustomServer,
  McpHeaders,
  McpHttpServer,
  McpPolicies,
  McpRegistryOptions,
  McpServerOptions,
  McpServerSettings,
  McpStdioServer,
} from './client/options.ts'
export type { McpCallOptions } from './client/guarded-server.ts'
export type { McpToolResult } from './client/result.ts'
export type { McpToolDescription } from './client/tool-list.ts'
export { MCP_TOOL_SET_DEFAULTS } from './client/tool-set.ts'
export type { McpToolSetOptions } from './client/tool-set.ts'
export { McpToolError } from './client/failures.ts'
export type { McpConnected, McpDisconnected, McpEvent, McpToolsRead } from './client/events.ts'
export { createMcpServer } from './server/create-server.ts'
export type { McpServing, McpToolServer } from './server/create-server.ts'
export type { McpListening } from './server/listen.ts'
export { MCP_LISTEN_DEFAULTS, MCP_TOOL_SERVER_DEFAULTS } from './server/options.ts'
export type { McpListenOptions, McpToolServerOptions } from './server/options.ts'
export { defineMcpTool } from './server/tool.ts'
export type { McpTool, McpToolAnnotations, McpToolContext } from './server/tool.ts'

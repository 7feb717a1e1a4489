import { createEvents, systemClock, systemRandom } from '@holdfast/core'
import type { CallOptions, CoreEvent, Integration, IntegrationSnapshot } from '@holdfast/core'
import type { HealthTarget } from '@holdfast/core/health'
import type { ToolSet } from 'ai'
import { checkNames, invalid } from '../shared/invalid.ts'
import type { McpEvent } from './events.ts'
import { unknownServer } from './failures.ts'
import { guardServer } from './guarded-server.ts'
import type { GuardedServer, McpCallOptions } from './guarded-server.ts'
import type { LinkState } from './link.ts'
import { resolveServer } from './options.ts'
import type { McpRegistryOptions } from './options.ts'
import type { McpToolResult } from './result.ts'
import type { McpToolDescription } from './tool-list.ts'
import { createToolSet } from './tool-set.ts'
import type { McpToolSetOptions } from './tool-set.ts'

/** What is known of one server. A frozen copy. */
export interface McpServerSnapshot {
  readonly name: string
  readonly connection: LinkState
  /** While it is connected. */
  readonly protocolVersion?: string
  /** How often it had to be started or connected again. */
  readonly reconnects: number
  /** Tools as they were last read; `undefined` before that. */
  readonly tools?: number
  readonly integration: IntegrationSnapshot
}

/** The MCP servers of a program, each under guard. */
export interface McpRegistry {
  /**
   * Calls a tool. The server is started or connected when that is needed. Unknown names and arguments that do not fit the tool's schema are refused without a round trip.
   *
   * A tool counts as a write, which is made once: it is repeated only where nothing can have taken effect, unless the tool says that it is read-only or idempotent, or the
   * call does (`idempotent`).
   * @throws HoldfastError, always and only (an {@link McpToolError} where the tool says that it failed), except that the caller's abort rejects with the caller's own reason
   */
  callTool(
    server: string,
    tool: string,
    args?: Readonly<Record<string, unknown>>,
    options?: McpCallOptions,
  ): Promise<McpToolResult>
  /**
   * Looks whether a call could be made, and makes none.
   * @throws HoldfastError `MCP_UNKNOWN_SERVER`, `MCP_UNKNOWN_TOOL`, `MCP_INVALID_ARGUMENTS`; what the server could not be asked for
   */
  checkCall(
    server: string,
    tool: string,
    args?: Readonly<Record<string, unknown>>,
    options?: CallOptions,
  ): Promise<void>
  /** What a server can do. @throws HoldfastError when nothing is known of it and it cannot be asked */
  listTools(server: string, options?: CallOptions): Promise<readonly McpToolDescription[]>
  /**
   * The tools of all servers, or of some, for the AI SDK: `<server>_<tool>`. Servers that nothing is known of and that cannot be asked are left out.
   * @throws HoldfastError `MCP_TOOL_COLLISION` when two tools would have the same name
   */
  tools(options?: McpToolSetOptions): Promise<ToolSet>
  /** One for each server, to show their health beside that of others. */
  readonly integrations: readonly Integration[]
  /** The same with a check each, for `createHealthMonitor`. A check connects a server that is not. */
  readonly healthTargets: readonly HealthTarget[]
  snapshot(): readonly McpServerSnapshot[]
  /** The end of what the child of a server wrote to its standard error, at most 4,000 characters, without the values of its `env`. It comes from outside. */
  stderr(server: string): string
  /** Ends every connection and child; calls under way fail. Resolves when they are gone. May be called twice. */
  close(): Promise<void>
}

/**
 * Makes an {@link McpRegistry}. Nothing is started before it is needed.
 *
 * @example
 * ```ts no-run
 * import { createMcpRegistry } from '@holdfast/agents/mcp'
 *
 * const mcp = createMcpRegistry({
 *   servers: { files: { command: 'npx', args: ['-y', '@modelcontextprotocol/server-filesystem', '/srv/files'] } },
 * })
 * const { text } = await mcp.callTool('files', 'read_text_file', { path: '/srv/files/terms.md' }, { deadlineMs: 5_000 })
 * await mcp.close()
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createMcpRegistry(options: McpRegistryOptions): McpRegistry {
  checkNames('createMcpRegistry', options, ['servers', 'client', 'events', 'clock', 'random'])
  if (typeof options.servers !== 'object' || options.servers === null) {
    throw invalid('servers', 'an object of servers by name', options.servers)
  }
  const { clock = systemClock, random = systemRandom, client = { name: 'holdfast', version: '0.0.0' } } = options
  const events = options.events ?? createEvents<CoreEvent | McpEvent>()
  const servers = new Map<string, GuardedServer>(
    Object.entries(options.servers).map(([name, server]) => [
      name,
      guardServer({ server: resolveServer(name, server), client, clock, random, events }),
    ]),
  )
  const serverOf = (name: string): GuardedServer => {
    const found = servers.get(name)
    if (found === undefined) throw unknownServer(name, [...servers.keys()])
    return found
  }
  let closing: Promise<void> | undefined
  return {
    async callTool(server, tool, args = {}, callOptions = {}) {
      return serverOf(server).callTool(tool, args, callOptions)
    },
    async checkCall(server, tool, args = {}, callOptions = {}) {
      await serverOf(server).checkCall(tool, args, callOptions)
    },
    async listTools(server, callOptions = {}) {
      const tools = await serverOf(server).tools(callOptions)
      return tools.map(({ description }) => description)
    },
    tools: (setOptions = {}) => createToolSet(servers, serverOf, setOptions),
    integrations: [...servers.values()].map(({ integration }) => integration),
    healthTargets: [...servers.values()].map(({ integration, check }) => ({ integration, check })),
    snapshot: () => Object.freeze([...servers].map(([name, server]) => snapshotOf(name, server))),
    stderr: (server) => serverOf(server).link.errors(),
    close() {
      closing ??= Promise.all([...servers.values()].map(({ link }) => link.close())).then(() => undefined)
      return closing
    },
  }
}

function snapshotOf(name: string, { link, list, integration }: GuardedServer): McpServerSnapshot {
  const { current } = link
  return Object.freeze({
    name,
    connection: link.state,
    reconnects: link.reconnects,
    integration: integration.snapshot(),
    ...(current === undefined ? {} : { protocolVersion: current.protocolVersion }),
    ...(list.isKnown ? { tools: list.tools.size } : {}),
  })
}

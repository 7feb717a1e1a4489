import { createMcpRegistry, createMcpServer, inProcess } from '@holdfast/agents/mcp'
import type { McpRegistry, McpServerOptions, McpToolResult } from '@holdfast/agents/mcp'
import type { WriteMemory } from '@holdfast/connectors/writes'
import { createIntegration } from '@holdfast/core'
import type { CoreEvent, Events, Integration } from '@holdfast/core'
import type { HoldfastConfig, ToolServerOptions } from '../config/options.ts'
import { writesAt } from '../connect/writes-at.ts'
import type { Environment } from '../environment/environment.ts'
import type { ServiceName } from '../environment/services.ts'
import type { Log } from '../http/context.ts'
import { serviceOf, TOOL_SETS } from '../mcp/names.ts'
import type { ToolSetName } from '../mcp/names.ts'
import { createToolSet } from '../mcp/sets.ts'
import { describeFailure } from '../routes/failures.ts'

/** The tools that desks call, each under guard. */
export interface ToolServers {
  /** Its writes with an idempotency key are remembered, whoever serves them. */
  readonly tools: Pick<McpRegistry, 'callTool' | 'listTools' | 'tools' | 'snapshot'>
  /** Those of the servers that are not ours, and of connectors that the configuration does not name. */
  readonly integrations: readonly Integration[]
  close(): Promise<void>
}

/** What {@link openToolServers} is made with. */
export interface ToolServersOptions {
  readonly config: Pick<HoldfastConfig, 'desks' | 'toolServers'>
  readonly environment: Pick<Environment, 'services' | 'toolServerValues'>
  readonly integrations: readonly Integration[]
  readonly events: Events<CoreEvent>
  readonly log: Log
  /** Where the connectors remember what they have written. Default: each in this process. */
  readonly writeMemory?: WriteMemory | undefined
}

/** Its connector's guard, retries and breaker stand behind each tool: another one before it would count everything twice. */
const OURS: Pick<McpServerOptions, 'policies'> = { policies: { retry: { maxRetries: 0 }, breaker: false } }

/** Makes tools of the connectors that the desks call, in this process, and reaches those servers that the configuration puts in their place. Connects when one is called. */
export function openToolServers(options: ToolServersOptions): ToolServers {
  const { config, environment, integrations, events, log, writeMemory } = options
  const { services, toolServerValues } = environment
  const { desks = [], toolServers = {} } = config
  const needed = new Set(desks.flatMap((desk) => desk.toolServers ?? []))
  const isOnTrial = [...needed].every(
    (name) => !Object.hasOwn(toolServers, name) && services[serviceOf(name as ToolSetName)].sandbox,
  )
  const optional = desks
    .flatMap((desk) => desk.optionalToolServers ?? [])
    .filter(
      (name) =>
        Object.hasOwn(toolServers, name) || (isToolSet(name) && (isOnTrial || !services[serviceOf(name)].sandbox)),
    )
  const servers: Record<string, McpServerOptions> = {}
  const closing: (() => Promise<void>)[] = []
  const added: Integration[] = []
  for (const name of new Set([...needed, ...optional])) {
    const given = toolServers[name]
    if (given !== undefined) {
      servers[name] = outside(given, toolServerValues)
      continue
    }
    const set = name as ToolSetName
    const guard = integrations.find((one) => one.name === serviceOf(set)) ?? ownGuard(serviceOf(set), events)
    if (!integrations.includes(guard)) added.push(guard)
    const { tools, instructions, close } = createToolSet(
      set,
      services,
      guard,
      writeMemory && writesAt(writeMemory, services[serviceOf(set)]),
    )
    const onError = (error: unknown, tool?: string): void =>
      log.debug({ ...describeFailure(error), tool }, 'a call of a tool failed')
    servers[name] = {
      ...inProcess(createMcpServer({ name: `holdfast-${name}`, version: '1.0.0', instructions, tools, onError })),
      ...OURS,
    }
    closing.push(close)
  }
  const registry = createMcpRegistry({ servers, events })
  const { integrations: all } = registry
  const guards = all.filter(({ name }) => Object.hasOwn(toolServers, name.replace(/^mcp-/, '')))
  return {
    tools: {
      ...registry,
      callTool(server, tool, args = {}, call = {}) {
        const { idempotencyKey: key, ...input } = args
        const make = (): Promise<McpToolResult> => registry.callTool(server, tool, args, call)
        // The connectors remember their own, and know which of them the service itself does once.
        if (writeMemory === undefined || typeof key !== 'string' || !Object.hasOwn(toolServers, server)) return make()
        return writeMemory.once({ service: `mcp-${server}`, key, input: { tool, ...input }, signal: call.signal }, make)
      },
    },
    integrations: [...added, ...guards],
    async close() {
      await registry.close()
      await Promise.all(closing.map((close) => close()))
    },
  }
}

function isToolSet(name: string): name is ToolSetName {
  return (TOOL_SETS as readonly string[]).includes(name)
}

function ownGuard(name: ServiceName, events: Events<CoreEvent>): Integration {
  return createIntegration({ name, kind: 'external-api', deadlineMs: 20_000, attemptTimeoutMs: 10_000, events })
}

/** How a server of the configuration is reached. */
export function outside(given: ToolServerOptions, values: Environment['toolServerValues']): McpServerOptions {
  if ('url' in given) {
    const { url, tokenVariable } = given
    const token = tokenVariable === undefined ? undefined : values[tokenVariable]
    return token === undefined ? { url } : { url, headers: { authorization: `Bearer ${token}` } }
  }
  const { command, args = [], variables = [] } = given
  return { command, args, env: Object.fromEntries(variables.map((name) => [name, values[name] ?? ''])) }
}

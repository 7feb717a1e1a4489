import type { DeskToolCall } from '@holdfast/agents/desks'
import { createMcpRegistry } from '@holdfast/agents/mcp'
import { HoldfastError } from '@holdfast/core'
import type { ToolServerOptions } from '../config/options.ts'
import { outside } from '../desks/tool-servers.ts'
import type { ToolServerValues } from '../environment/tool-server-values.ts'
import type { ProbeResult } from './probes.ts'

/**
 * Asks an MCP server that is not ours what it can do, and holds that against what desks call there. Nothing is called; a program that was started for it has ended at the end.
 * @param timeoutMs for the start, the connection and the list. A program has two seconds more to end.
 */
export async function probeToolServer(
  name: string,
  options: ToolServerOptions,
  values: ToolServerValues,
  calls: readonly DeskToolCall[],
  timeoutMs: number,
): Promise<ProbeResult> {
  const policies = {
    retry: { maxRetries: 0 },
    breaker: false,
    deadlineMs: timeoutMs,
    attemptTimeoutMs: timeoutMs,
  } as const
  const server = { ...outside(options, values), policies, connectTimeoutMs: timeoutMs }
  const registry = createMcpRegistry({ servers: { [name]: server } })
  try {
    const { length } = await registry.listTools(name)
    const own = calls.filter((call) => call.server === name)
    const problems: string[] = []
    for (const { tool, args } of own) {
      await registry.checkCall(name, tool, args).catch((error: unknown) => problems.push(problemOf(error, tool)))
    }
    if (problems.length > 0) return { well: false, finding: `answers, but ${problems.join('; ')}` }
    const has = own.length === 0 ? '' : ` and takes the ${own.length} calls that desks make`
    return { well: true, finding: `answers (${length} tools)${has}; none was made` }
  } finally {
    await registry.close()
  }
}

function problemOf(error: unknown, tool: string): string {
  if (!HoldfastError.isInstance(error)) throw error
  if (error.code === 'MCP_UNKNOWN_TOOL') return `has no ${tool}`
  if (error.code !== 'MCP_INVALID_ARGUMENTS') throw error
  // Parts of it are the server's own words.
  return `does not take the arguments of ${tool}: ${error.message.replaceAll(/\p{C}+/gu, ' ')}`
}

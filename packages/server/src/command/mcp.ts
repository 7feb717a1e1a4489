import process from 'node:process'
import { createMcpServer } from '@holdfast/agents/mcp'
import type { McpToolServer } from '@holdfast/agents/mcp'
import type { Environment } from '../environment/environment.ts'
import { createToolSet } from '../mcp/sets.ts'
import type { ToolSetName } from '../mcp/names.ts'
import { describeFailure } from '../routes/failures.ts'
import { VERSION } from '../start/start-server.ts'
import { createLog } from '../telemetry/log.ts'
import { createRedact } from '../telemetry/redact.ts'
import type { Output } from './output.ts'
import { sandboxFor } from './sandbox.ts'

/**
 * `holdfast mcp`: serves the tools of a connector to an MCP host, over standard input and output, or with a port over HTTP on this machine. Everything else it has to
 * say goes to standard error. Ends with the host, or on SIGTERM or SIGINT.
 */
export async function runMcp(
  name: ToolSetName,
  port: number | undefined,
  environment: Environment,
  output: Output,
): Promise<number> {
  for (const warning of environment.warnings) output.err(`Warning: ${warning}\n`)
  const log = createLog({
    level: 'info',
    redact: createRedact(environment.secrets),
    sink: process.stderr,
    pretty: process.stderr.isTTY,
  })
  // A host that has left reads no more; that is an end like any other.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  const stopAsked = new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })
  const set = createToolSet(name, environment.services)
  const sandbox = set.sandbox ? await sandboxFor(`the tools of ${name}`, environment, output.err) : undefined
  try {
    const server = createMcpServer({
      name: `holdfast-${name}`,
      version: VERSION,
      instructions: set.instructions,
      tools: set.tools,
      onError: (error, tool) => log.warn({ ...describeFailure(error), tool }, 'a call of a tool failed'),
    })
    await (port === undefined ? overStdio(server, stopAsked) : overHttp(server, port, stopAsked, output))
    return 0
  } finally {
    await Promise.all([set.close(), sandbox?.stop()])
  }
}

async function overStdio(server: McpToolServer, stopAsked: Promise<void>): Promise<void> {
  const serving = server.serveStdio()
  await Promise.race([serving.closed, stopAsked])
  await serving.close()
}

async function overHttp(server: McpToolServer, port: number, stopAsked: Promise<void>, output: Output): Promise<void> {
  const listening = await server.listen({ port })
  output.err(`The tools are served at ${listening.url}\n`)
  await stopAsked
  await listening.close()
}

import process from 'node:process'
import { createMcpServer } from '@holdfast/agents/mcp'
import type { McpToolServer } from '@holdfast/agents/mcp'
import { writesAt } from '../connect/writes-at.ts'
import type { Environment } from '../environment/environment.ts'
import { createToolSet } from '../mcp/sets.ts'
import { serviceOf } from '../mcp/names.ts'
import type { ToolSetName } from '../mcp/names.ts'
import { describeFailure } from '../routes/failures.ts'
import { VERSION } from '../start/start-server.ts'
import { createLog } from '../telemetry/log.ts'
import { createRedact } from '../telemetry/redact.ts'
import type { Output } from './output.ts'
import { sandboxFor } from './sandbox.ts'
import { hasStore } from './store-place.ts'
import type { StorePlace } from './store-place.ts'

/**
 * `holdfast mcp`: serves the tools of a connector to an MCP host, over standard input and output, or with a port over HTTP on this machine. Everything else it has to
 * say goes to standard error. What its tools write is remembered in the store, where there is one. Ends with the host, or on SIGTERM or SIGINT.
 */
export async function runMcp(
  name: ToolSetName,
  { port, account }: { readonly port?: number | undefined; readonly account?: string | undefined },
  place: StorePlace,
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
  // Nothing else of it needs a database.
  const { openMcpWrites } = hasStore(place) ? await import('./mcp-writes.ts') : { openMcpWrites: undefined }
  const warn = (message: string): void => output.err(`Warning: ${message}\n`)
  const writes = openMcpWrites?.(place, account ?? environment.storage.account, warn)
  const set = createToolSet(
    name,
    environment.services,
    undefined,
    writes && writesAt(writes, environment.services[serviceOf(name)]),
  )
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
    await Promise.all([set.close(), sandbox?.stop(), writes?.close()])
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

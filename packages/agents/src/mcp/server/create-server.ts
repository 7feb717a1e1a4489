import { HoldfastError } from '@holdfast/core'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import type { CallToolResult, ServerContext, Transport } from '@modelcontextprotocol/server'
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { listen } from './listen.ts'
import type { McpListening } from './listen.ts'
import { resolveListen, resolveToolServer } from './options.ts'
import type { McpListenOptions, McpToolServerOptions } from './options.ts'
import { failureOf, runTool } from './run-tool.ts'
import type { McpTool } from './tool.ts'

/** One connection that is served. */
export interface McpServing {
  /** Resolves when it has ended: for standard input and output, when the host has closed our input. */
  readonly closed: Promise<void>
  close(): Promise<void>
}

/** Tools that any MCP host can call. */
export interface McpToolServer {
  /**
   * Serves one host over this process's standard input and output, in whichever revision of the protocol it speaks. Nothing else may be written to standard output.
   */
  serveStdio(): McpServing
  /** Serves one connection of any kind. */
  connect(transport: Transport): McpServing
  /**
   * Serves many hosts over streamable HTTP, without sessions. Calls are answered only under a `Host` and, from a browser, an `Origin` that is allowed.
   * @throws HoldfastError `INVALID_OPTION`; the system's error when the port is taken
   */
  listen(options?: McpListenOptions): Promise<McpListening>
}

/**
 * Makes an {@link McpToolServer}.
 *
 * @example
 * ```ts
 * import { createMcpServer, defineMcpTool } from '@holdfast/agents/mcp'
 * import { z } from 'zod'
 *
 * const distance = defineMcpTool({
 *   name: 'distance',
 *   description: 'The distance between two points in kilometres.',
 *   input: z.object({ from: z.number(), to: z.number() }),
 *   output: z.object({ km: z.number() }),
 *   annotations: { readOnlyHint: true },
 *   run: ({ from, to }) => ({ km: Math.abs(to - from) }),
 * })
 * const server = createMcpServer({ name: 'maps', version: '1.0.0', tools: [distance] })
 * const { url, close } = await server.listen()
 * console.log(new URL(url).pathname) // /mcp
 * await close()
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createMcpServer(options: McpToolServerOptions): McpToolServer {
  const { name, version, instructions, tools, maxConcurrent, ...limits } = resolveToolServer(options)
  const onError = (error: unknown, tool?: string): void => {
    try {
      limits.onError?.(error, tool)
    } catch {
      // A listener must not touch a call.
    }
  }
  let running = 0

  const call = async (tool: McpTool, input: unknown, context: ServerContext): Promise<CallToolResult> => {
    if (running >= maxConcurrent) return failureOf(busy(maxConcurrent))
    running++
    try {
      return await runTool(tool, input, context, { ...limits, onError })
    } finally {
      running--
    }
  }

  const make = (): McpServer => {
    const server = new McpServer(
      { name, version },
      { capabilities: { tools: { listChanged: false } }, ...(instructions === undefined ? {} : { instructions }) },
    )
    for (const tool of tools) {
      server.registerTool(
        tool.name,
        {
          description: tool.description,
          inputSchema: tool.input,
          ...(tool.title === undefined ? {} : { title: tool.title }),
          ...(tool.output === undefined ? {} : { outputSchema: tool.output }),
          ...(tool.annotations === undefined ? {} : { annotations: tool.annotations }),
        },
        (input: unknown, context: ServerContext) => call(tool, input, context),
      )
    }
    return server
  }

  const connect = (transport: Transport): McpServing => {
    const handle = serveStdio(make, { transport, onerror: onError })
    let end: () => void = () => undefined
    const closed = new Promise<void>((resolve) => (end = resolve))
    const { onclose } = transport
    transport.onclose = () => {
      onclose?.()
      end()
    }
    return {
      closed,
      async close() {
        await handle.close()
        end()
      },
    }
  }

  return {
    connect,
    serveStdio: () => connect(new StdioServerTransport()),
    async listen(listenOptions = {}) {
      const resolved = resolveListen(listenOptions)
      const handler = createMcpHandler(make, { onerror: onError, maxRequestBodySize: resolved.maxBodyBytes })
      return listen(handler, resolved, onError)
    },
  }
}

function busy(maxConcurrent: number): HoldfastError {
  return new HoldfastError({
    code: 'MCP_BUSY',
    category: 'overloaded',
    message: `The server is busy with ${maxConcurrent} calls.`,
    retryable: true,
    retryAfterMs: 1_000,
    mayHaveTakenEffect: false,
  })
}

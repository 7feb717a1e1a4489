import type { Clock } from '@holdfast/core'
import { HoldfastError } from '@holdfast/core'
import { Client } from '@modelcontextprotocol/client'
import type { CallToolResult, PriorDiscovery, Progress, Tool, Transport } from '@modelcontextprotocol/client'
import { CfWorkerJsonSchemaValidator } from '@modelcontextprotocol/client/validators/cf-worker'
import { exchanges } from './exchange.ts'
import type { Exchange } from './exchange.ts'
import { connectTimeout, isSessionLost, mcpFailure } from './failures.ts'
import { HttpTransport } from './http-transport.ts'

/** One connection to a server, until it is lost. */
export interface Connection {
  readonly protocolVersion: string
  /** Of what generation the server is; `legacy` needs no probe the next time. */
  readonly era: 'modern' | 'legacy'
  readonly isOpen: boolean
  /** On the monotonic clock. */
  readonly openedAt: number
  /** Whether the server tells when its tools change. */
  readonly tellsChanges: boolean
  readonly hasTools: boolean
  callTool(name: string, args: Record<string, unknown>, options: ToolRequestOptions): Promise<CallToolResult>
  listTools(
    cursor: string | undefined,
    options: RequestOptions,
  ): Promise<{ tools: Tool[]; nextCursor?: string | undefined }>
  /** The cheapest question there is. */
  ping(options: RequestOptions): Promise<void>
  /** Whether this error says that the server knows the session no more. */
  lostSession(error: unknown): boolean
  /** Closes it once the requests under way have ended: some of them may still be answered. */
  retire(): Promise<void>
  close(): Promise<void>
}

/** What every request takes. */
export interface RequestOptions {
  readonly signal: AbortSignal
  /** The SDK's own timer comes after ours, which knows more. */
  readonly timeLeftMs: number
}

/** What a call of a tool takes beside it. */
export interface ToolRequestOptions extends RequestOptions {
  readonly tool: Tool | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/** What {@link openConnection} is made with. */
export interface ConnectionOptions {
  readonly server: string
  readonly transport: Transport
  readonly client: { readonly name: string; readonly version: string }
  /** What is known of the server from an earlier connection. */
  readonly prior: PriorDiscovery | undefined
  readonly limitMs: number
  /** Ends the attempt at once, with its reason. */
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly onToolsChanged: () => void
  readonly onClosed: () => void
}

/** How much longer the SDK waits than we do, in ms. */
const SDK_MARGIN_MS = 5_000

/** The share of the time to connect after which a child that does not answer the probe is taken for an old server. */
const PROBE_SHARE = 0.6

/**
 * Connects and agrees on a version: the newest, or what older servers speak. The transport is closed when that fails.
 * @throws HoldfastError that says that nothing has taken effect
 */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const { server, transport, clock, limitMs } = options
  const client = new Client(options.client, {
    capabilities: {},
    // Schemas come from outside: one that is interpreted runs no code that was made of them.
    jsonSchemaValidator: new CfWorkerJsonSchemaValidator(),
    versionNegotiation: { mode: 'auto', probe: { timeoutMs: Math.max(1, Math.round(limitMs * PROBE_SHARE)) } },
    listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: () => options.onToolsChanged() } },
    inputRequired: { autoFulfill: false },
  })
  let isOpen = true
  client.onclose = () => {
    if (!isOpen) return
    isOpen = false
    options.onClosed()
  }
  /** What made us end the connection. Else, what is out of place in the traffic is nothing that a call would not show. */
  let brokenBy: HoldfastError | undefined
  client.onerror = (error) => {
    if (HoldfastError.isInstance(error) && !(transport instanceof HttpTransport)) brokenBy = error
  }
  const exchange: Exchange = {}
  const giveUp = new AbortController()
  let expire: (error: unknown) => void = () => undefined
  const expired = new Promise<never>((_, reject) => (expire = reject))
  expired.catch(() => undefined)
  const end = (reason: unknown): void => {
    expire(reason)
    giveUp.abort('given up')
  }
  const timer = clock.schedule(limitMs, () => end(connectTimeout(server, limitMs)))
  const onAbort = (): void => end(options.signal.reason)
  options.signal.addEventListener('abort', onAbort, { once: true })
  if (options.signal.aborted) onAbort()
  const connecting = exchanges.run(exchange, () =>
    client.connect(transport, {
      signal: giveUp.signal,
      timeout: limitMs + SDK_MARGIN_MS,
      ...(options.prior === undefined ? {} : { prior: options.prior }),
    }),
  )
  try {
    await Promise.race([connecting, expired])
    if (!isOpen) throw new Error('Not connected')
  } catch (error) {
    connecting.catch(() => undefined)
    isOpen = false
    await transport.close().catch(() => undefined)
    throw mcpFailure(server, error, exchange)
  } finally {
    timer.cancel()
    options.signal.removeEventListener('abort', onAbort)
  }
  const capabilities = client.getServerCapabilities()
  const era = client.getProtocolEra() ?? 'legacy'

  let inFlight = 0
  let onIdle: (() => void) | undefined

  const request = async <T>(
    { signal, timeLeftMs }: RequestOptions,
    send: (sdk: { readonly signal: AbortSignal; readonly timeout: number }) => Promise<T>,
  ): Promise<T> => {
    // The reason of an abort goes to the server, and it is none of its business.
    const cancel = new AbortController()
    const onAbort = (): void => cancel.abort('cancelled')
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    const exchange: Exchange = {}
    inFlight++
    try {
      return await exchanges.run(exchange, () =>
        send({ signal: cancel.signal, timeout: Math.min(timeLeftMs + SDK_MARGIN_MS, 2 ** 31 - 1) }),
      )
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (!isOpen) exchange.failure ??= brokenBy
      throw exchange.failure ?? (exchange.retryAfter === undefined ? error : mcpFailure(server, error, exchange))
    } finally {
      signal.removeEventListener('abort', onAbort)
      if (--inFlight === 0) onIdle?.()
    }
  }

  const close = async (): Promise<void> => {
    isOpen = false
    await client.close().catch(() => undefined)
    // A client that has seen its transport close no longer closes it.
    await transport.close().catch(() => undefined)
  }

  return {
    protocolVersion: client.getNegotiatedProtocolVersion() ?? '',
    era,
    get isOpen() {
      return isOpen
    },
    openedAt: clock.now(),
    tellsChanges: capabilities?.tools?.listChanged === true,
    hasTools: capabilities?.tools !== undefined,
    callTool: (name, args, { tool, onProgress, ...options }) =>
      request(options, (sdk) =>
        client.callTool(
          { name, arguments: args },
          {
            ...sdk,
            // What comes out is checked by us, with all that is known of the tool.
            ...(tool === undefined ? {} : { toolDefinition: withoutOutput(tool) }),
            ...(onProgress === undefined ? {} : { onprogress: onProgress }),
          },
        ),
      ),
    listTools: (cursor, options) =>
      request(options, (sdk) =>
        client.request({ method: 'tools/list', ...(cursor === undefined ? {} : { params: { cursor } }) }, sdk),
      ),
    async ping(options) {
      await request<unknown>(options, (sdk) => (era === 'modern' ? client.discover(sdk) : client.ping(sdk)))
    },
    // One without sessions that suddenly speaks of them is another server, of the first generation, at the same address.
    lostSession: (error) =>
      transport instanceof HttpTransport && isSessionLost(error, transport.sessionId !== undefined || era === 'modern'),
    async retire() {
      isOpen = false
      if (inFlight > 0) await new Promise<void>((resolve) => (onIdle = resolve))
      await close()
    },
    close,
  }
}

function withoutOutput(tool: Tool): Tool {
  const { outputSchema: _, ...rest } = tool
  return rest
}

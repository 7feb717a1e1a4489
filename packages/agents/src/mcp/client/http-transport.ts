import {
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client'
import type { JSONRPCMessage, RequestId, Transport, TransportSendOptions } from '@modelcontextprotocol/client'
import { withBoundedBody } from './bounded-body.ts'
import { exchanges } from './exchange.ts'
import { headersFailed, resultTooLarge } from './failures.ts'
import type { McpHeaders } from './options.ts'

/** The SDK's own options say of an `undefined` that it must not be there. */
type SdkOptions = NonNullable<Parameters<StreamableHTTPClientTransport['send']>[1]>

/** How the server is reached. */
export interface HttpTransportOptions {
  readonly server: string
  readonly url: URL
  readonly headers: McpHeaders
  readonly fetch: typeof fetch
  readonly maxMessageBytes: number
}

/** How long the server may take to take note that a session is over, in ms. */
const FAREWELL_MS = 1_000

/** How long it may take to take note of a cancellation before the connection of the request itself is dropped, in ms. */
const CANCEL_MS = 1_000

/** The JSON-RPC code that peers use for a connection that is gone. */
const CONNECTION_LOST = -32_000

/**
 * The SDK's transport with what it leaves open: a request whose stream ends without its response fails at once (there it waits for its time to be over), one that
 * is cancelled lets its connection go, and replies have a limit.
 */
export class HttpTransport implements Transport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: Transport['onmessage']
  readonly hasPerRequestStream = true
  readonly #inner: StreamableHTTPClientTransport
  readonly #open: Map<RequestId, AbortController> = new Map()
  readonly #closing: AbortController = new AbortController()

  constructor({ server, url, headers, fetch, maxMessageBytes }: HttpTransportOptions) {
    this.#inner = new StreamableHTTPClientTransport(url, {
      async fetch(address, init) {
        const sent = new Headers(init?.headers)
        const own = typeof headers === 'function' ? await asked(headers, server) : headers
        for (const [name, value] of Object.entries(own)) sent.set(name, value)
        const response = await fetch(address, { ...init, headers: sent })
        const exchange = exchanges.getStore()
        const retryAfter = response.headers.get('retry-after')
        if (exchange !== undefined && !response.ok && retryAfter !== null) exchange.retryAfter = retryAfter
        return withBoundedBody(response, maxMessageBytes, () => resultTooLarge(server, maxMessageBytes))
      },
    })
    this.#inner.onclose = () => this.onclose?.()
    this.#inner.onerror = (error) => this.onerror?.(error)
    this.#inner.onmessage = (message) => {
      if ((isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) && message.id !== undefined) {
        this.#open.delete(message.id)
      }
      this.onmessage?.(message)
    }
  }

  get sessionId(): string | undefined {
    return this.#inner.sessionId
  }

  setProtocolVersion(version: string): void {
    this.#inner.setProtocolVersion(version)
  }

  start(): Promise<void> {
    return this.#inner.start()
  }

  async send(message: JSONRPCMessage, options: TransportSendOptions = {}): Promise<void> {
    if (isJSONRPCRequest(message)) return this.#request(message, message.id, options)
    const cancelled = 'method' in message && message.method === 'notifications/cancelled' ? message.params : undefined
    if (cancelled === undefined) return this.#inner.send(message, options as SdkOptions)
    const id = (cancelled as { requestId?: RequestId }).requestId
    const requestSignal = AbortSignal.any([AbortSignal.timeout(CANCEL_MS), this.#closing.signal])
    try {
      await this.#inner.send(message, { ...options, requestSignal } as SdkOptions)
    } finally {
      if (id !== undefined) {
        this.#open.get(id)?.abort()
        this.#open.delete(id)
      }
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    if (this.#inner.sessionId !== undefined) {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise((resolve) => (timer = setTimeout(resolve, FAREWELL_MS)))
      await Promise.race([this.#inner.terminateSession().catch(() => undefined), late])
      clearTimeout(timer)
    }
    this.#open.clear()
    await this.#inner.close()
  }

  async #request(message: JSONRPCMessage, id: RequestId, options: TransportSendOptions): Promise<void> {
    const given = options.requestSignal
    const own = new AbortController()
    this.#open.set(id, own)
    // Of a request that is given up so, nothing more is heard.
    given?.addEventListener('abort', () => this.#open.delete(id), { once: true })
    try {
      await this.#inner.send(message, {
        ...options,
        requestSignal: given === undefined ? own.signal : AbortSignal.any([given, own.signal]),
        onRequestStreamEnd: () => {
          options.onRequestStreamEnd?.()
          if (!this.#open.delete(id)) return
          this.onmessage?.({ jsonrpc: '2.0', id, error: { code: CONNECTION_LOST, message: 'The stream ended' } })
        },
      } as SdkOptions)
    } catch (error) {
      this.#open.delete(id)
      throw error
    }
  }
}

/** @throws HoldfastError that says that nothing was sent */
async function asked(
  headers: Extract<McpHeaders, Function>,
  server: string,
): Promise<Readonly<Record<string, string>>> {
  try {
    return await headers()
  } catch (error) {
    const failure = headersFailed(server, error)
    const exchange = exchanges.getStore()
    if (exchange !== undefined) exchange.failure = failure
    throw failure
  }
}

import { HoldfastError } from '@holdfast/core'
import { Agent } from 'undici'
import type { Dispatcher } from 'undici'
import { exchange } from './exchange.ts'
import type { Incoming } from './exchange.ts'
import { malformedReply, networkFailure, replyFailure } from './failure.ts'
import type { FailedReply, FailureHint } from './failure.ts'
import { queryString } from './query.ts'
import type { Query } from './query.ts'

/** How a connection pool behaves. */
export interface AgentOptions {
  /** Time to connect, TLS included, in ms. Default: 5,000. */
  readonly connectTimeoutMs?: number
  /** Connections at most per address; further requests wait for one. Default: 256. */
  readonly maxConnections?: number
  /** How long an idle connection is kept, in ms, where the peer does not say. Default: 4,000. */
  readonly keepAliveMs?: number
}

/** How to reach one service. */
export interface HttpClientOptions extends AgentOptions {
  /** Where paths are appended, `https://api.example.com/v1`. Must hold no user name or password. */
  readonly baseUrl: string
  /** The service's name in error messages. Default: the host. */
  readonly service?: string
  /** Sent with every request; the place for credentials. */
  readonly headers?: Readonly<Record<string, string>>
  /** A larger reply is refused, in bytes. Default: 8 MiB. */
  readonly maxResponseBytes?: number
  /** A connection pool to share. Default: one of its own, made with the options above, which `close` closes. */
  readonly dispatcher?: Dispatcher
}

/** One request. */
export interface HttpRequest {
  /** Default: `POST` with a body, else `GET`. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Appended to the base URL. Default: none. */
  readonly path?: string
  readonly query?: Query
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Aborts the request and destroys its connection, also while the body is being read. */
  readonly signal?: AbortSignal
  /**
   * Whether sending it twice does no harm. Then, and only then, a request that met an idle connection which the peer had just
   * closed is sent again at once. Default: true for `GET`, `HEAD`, `PUT` and `DELETE`.
   */
  readonly idempotent?: boolean
  /** A larger reply is refused, in bytes. Default: the client's. */
  readonly maxResponseBytes?: number
  /** Says what the service means by a reply that is not 2xx. */
  readonly explain?: (reply: FailedReply) => FailureHint | undefined
}

/** A reply with a 2xx status. Read its body with exactly one of the methods, once. */
export interface HttpReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** @throws HoldfastError `MALFORMED_JSON` */
  json(): Promise<unknown>
  text(): Promise<string>
  /** As it arrives. Cancelling it destroys the connection. */
  stream(): ReadableStream<Uint8Array>
  /** Gives the body up. */
  discard(): void
}

/** A door to one service. */
export interface HttpClient {
  readonly dispatcher: Dispatcher
  /**
   * Sends one request, once. Retries, timeouts and breakers are the integration's business.
   * @throws HoldfastError for a status that is not 2xx, for a reply that is too large, and for everything the network does; the
   * signal's own reason when it aborts.
   */
  request(request: HttpRequest): Promise<HttpReply>
  /** Waits for the requests under way and closes the connections, unless the pool was given from outside. May be called twice. */
  close(): Promise<void>
}

/** Defaults of {@link HttpClientOptions}. */
export const HTTP_DEFAULTS: Readonly<
  Required<Pick<HttpClientOptions, 'connectTimeoutMs' | 'maxConnections' | 'keepAliveMs' | 'maxResponseBytes'>>
> = Object.freeze({
  connectTimeoutMs: 5_000,
  maxConnections: 256,
  keepAliveMs: 4_000,
  maxResponseBytes: 8 * 1024 * 1024,
})

/** How much of a failed reply's body is read. */
const FAILED_REPLY_BYTES = 65_536

/**
 * Makes a connection pool. HTTP/1.1 only, so that an abort really closes the connection and the peer knows that nobody waits.
 * An idle connection is dropped before the peer would drop it: after `keepAliveMs`, or a second before the time that the
 * peer's `Keep-Alive` header announces.
 */
export function createAgent(options: AgentOptions = {}): Agent {
  return new Agent({
    allowH2: false,
    connections: options.maxConnections ?? HTTP_DEFAULTS.maxConnections,
    connect: { timeout: options.connectTimeoutMs ?? HTTP_DEFAULTS.connectTimeoutMs },
    keepAliveTimeout: options.keepAliveMs ?? HTTP_DEFAULTS.keepAliveMs,
    keepAliveTimeoutThreshold: 1_000,
    keepAliveMaxTimeout: 60_000,
  })
}

/**
 * Makes an {@link HttpClient} over undici's dispatcher (a quarter of the CPU time of the global `fetch`).
 *
 * A connection that the peer closed while it was idle is not an outage. The pool drops idle connections before the peer
 * does; where it still meets a closed one, a request that may be repeated is sent again at once on another connection. One that
 * may not be repeated fails with `mayHaveTakenEffect: true`, because nobody can know whether the peer read it.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const base = parseBase(options.baseUrl)
  const service = options.service ?? base.host
  const dispatcher = options.dispatcher ?? createAgent(options)
  const maxResponseBytes = options.maxResponseBytes ?? HTTP_DEFAULTS.maxResponseBytes
  let closing: Promise<void> | undefined

  return {
    dispatcher,
    async request(request) {
      const method = request.method ?? (request.json === undefined ? 'GET' : 'POST')
      const idempotent = request.idempotent ?? (method !== 'POST' && method !== 'PATCH')
      const headers: Record<string, string> = {
        accept: 'application/json',
        ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
        ...request.headers,
      }
      let incoming: Incoming
      try {
        incoming = await exchange(dispatcher, {
          origin: base.origin,
          path: base.path + (request.path ?? '') + queryString(request.query) || '/',
          method,
          headers,
          ...(request.json === undefined ? {} : { body: JSON.stringify(request.json) }),
          ...(request.signal === undefined ? {} : { signal: request.signal }),
          idempotent,
          maxResponseBytes: request.maxResponseBytes ?? maxResponseBytes,
        })
      } catch (error) {
        throw known(error, service, request.signal)
      }
      if (incoming.status >= 200 && incoming.status < 300) return reply(incoming, service, request.signal)
      throw await failed(incoming, service, request)
    },
    async close() {
      if (options.dispatcher === undefined) await (closing ??= dispatcher.close())
    },
  }
}

function reply(incoming: Incoming, service: string, signal: AbortSignal | undefined): HttpReply {
  const text = async (): Promise<string> => {
    try {
      return (await incoming.bytes()).toString('utf8')
    } catch (error) {
      throw known(error, service, signal)
    }
  }
  return {
    status: incoming.status,
    headers: incoming.headers,
    text,
    async json() {
      const body = await text()
      try {
        return JSON.parse(body) as unknown
      } catch {
        // The parser's own message quotes the body.
        throw malformedReply(service, 'MALFORMED_JSON', 'answered with a body that is not JSON', incoming.status)
      }
    },
    stream: () => incoming.stream(),
    discard: () => incoming.discard(),
  }
}

async function failed(incoming: Incoming, service: string, request: HttpRequest): Promise<HoldfastError> {
  if (request.explain === undefined) {
    incoming.discard()
    return replyFailure(service, incoming)
  }
  const { status, headers } = incoming
  const text = await firstText(incoming, request.signal)
  return replyFailure(service, incoming, request.explain({ status, headers, text }))
}

async function firstText(incoming: Incoming, signal: AbortSignal | undefined): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  try {
    for await (const chunk of incoming.stream()) {
      text += decoder.decode(chunk, { stream: true })
      bytes += chunk.byteLength
      if (bytes >= FAILED_REPLY_BYTES) break
    }
  } catch {
    if (signal?.aborted) throw signal.reason
    // The status is what matters; a body that breaks off takes nothing from it.
  }
  return text
}

function known(error: unknown, service: string, signal: AbortSignal | undefined): unknown {
  return signal?.aborted ? signal.reason : networkFailure(service, error)
}

function parseBase(baseUrl: string): { origin: string; host: string; path: string } {
  let url: URL | undefined
  try {
    url = new URL(baseUrl)
  } catch {
    // Told below, without the value: an address may hold a secret.
  }
  const wrong =
    url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')
      ? 'must be an http or https URL'
      : url.username !== '' || url.password !== ''
        ? 'must not hold a user name or password; use `headers`'
        : undefined
  if (url === undefined || wrong !== undefined) {
    throw new HoldfastError({
      code: 'INVALID_OPTIONS',
      category: 'configuration',
      message: `baseUrl ${wrong ?? ''}`,
      retryable: false,
      mayHaveTakenEffect: false,
    })
  }
  return { origin: url.origin, host: url.host, path: url.pathname.replace(/\/+$/, '') + url.search }
}

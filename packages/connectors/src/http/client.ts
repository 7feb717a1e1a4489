import { Agent } from 'undici'
import type { Dispatcher } from 'undici'
import { exchange } from './exchange.ts'
import type { Incoming } from './exchange.ts'
import { replyFailure } from './failure.ts'
import type { FailedReply, FailureHint } from './failure.ts'
import { firstText } from './first-text.ts'
import { checkHeaders, parseBase, withDefaults } from './options.ts'
import type { AgentOptions, HttpClientOptions } from './options.ts'
import { queryString } from './query.ts'
import type { Query } from './query.ts'
import { httpReply, knownError } from './reply.ts'
import type { HttpReply } from './reply.ts'

/** One request. */
export interface HttpRequest {
  /** Default: `POST` with a body (`json` or `form`), else `GET`. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Appended to the base URL. Default: none. */
  readonly path?: string
  readonly query?: Query
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as a form (`application/x-www-form-urlencoded`); not together with `json`. */
  readonly form?: Readonly<Record<string, string>>
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

/**
 * Makes a connection pool. HTTP/1.1 only, so that an abort really closes the connection and the peer knows that nobody waits.
 * An idle connection is dropped before the peer would drop it: after `keepAliveMs`, or a second before the time that the
 * peer's `Keep-Alive` header announces.
 */
export function createAgent(options: AgentOptions = {}): Agent {
  const { connectTimeoutMs, maxConnections, keepAliveMs } = withDefaults(options)
  return new Agent({
    allowH2: false,
    connections: maxConnections,
    connect: { timeout: connectTimeoutMs },
    keepAliveTimeout: keepAliveMs,
    keepAliveTimeoutThreshold: 1_000,
    keepAliveMaxTimeout: 60_000,
  })
}

/**
 * Makes an {@link HttpClient} over undici's dispatcher (a quarter of the CPU time of the global `fetch`).
 * @throws HoldfastError `INVALID_OPTION`
 *
 * A connection that the peer closed while it was idle is not an outage. The pool drops idle connections before the peer
 * does; where it still meets a closed one, a request that may be repeated is sent again at once on another connection. One that
 * may not be repeated fails with `mayHaveTakenEffect: true`, because nobody can know whether the peer read it.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const base = parseBase(options.baseUrl, options.service)
  const { maxResponseBytes } = withDefaults(options)
  checkHeaders(options.headers ?? {})
  const service = options.service ?? base.host
  const dispatcher = options.dispatcher ?? createAgent(options)
  let closing: Promise<void> | undefined

  return {
    dispatcher,
    async request(request) {
      const body = bodyOf(request)
      const method = request.method ?? (body === undefined ? 'GET' : 'POST')
      const idempotent = request.idempotent ?? (method !== 'POST' && method !== 'PATCH')
      const headers: Record<string, string> = {
        accept: 'application/json',
        'accept-encoding': 'identity',
        ...(body === undefined ? {} : { 'content-type': body.type }),
        ...options.headers,
        ...request.headers,
      }
      const limit = request.maxResponseBytes ?? maxResponseBytes
      let incoming: Incoming
      try {
        incoming = await exchange(dispatcher, {
          origin: base.origin,
          path: base.path + (request.path ?? '') + queryString(request.query) || '/',
          method,
          headers,
          ...(body === undefined ? {} : { body: body.text }),
          ...(request.signal === undefined ? {} : { signal: request.signal }),
          idempotent,
          maxResponseBytes: limit,
        })
      } catch (error) {
        throw knownError(error, service, request.signal)
      }
      if (incoming.status >= 200 && incoming.status < 300) return httpReply(incoming, service, request.signal, limit)
      throw await failed(incoming, service, request)
    },
    async close() {
      if (options.dispatcher === undefined) await (closing ??= dispatcher.close())
    },
  }
}

function bodyOf({ json, form }: HttpRequest): { readonly type: string; readonly text: string } | undefined {
  if (json !== undefined) return { type: 'application/json', text: JSON.stringify(json) }
  if (form === undefined) return undefined
  return { type: 'application/x-www-form-urlencoded', text: new URLSearchParams(form).toString() }
}

/** What to throw for a reply that is not 2xx. */
async function failed(incoming: Incoming, service: string, request: HttpRequest): Promise<unknown> {
  if (request.explain === undefined) {
    incoming.discard()
    return replyFailure(service, incoming)
  }
  const { status, headers } = incoming
  const text = await firstText(incoming.stream())
  if (request.signal?.aborted) return request.signal.reason
  return replyFailure(service, incoming, request.explain({ status, headers, text }))
}

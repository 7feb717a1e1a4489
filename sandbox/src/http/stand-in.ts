import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { failure, goodParts, malform, type VendorErrors } from '../faults/distort.ts'
import type { Switchboard, Strike } from '../faults/switchboard.ts'
import type { Journal } from '../journal/journal.ts'
import type { Service } from '../services.ts'
import type { Pacer } from './pacer.ts'
import { refuseGarbage } from './garbage.ts'
import { ReachablePort } from './reachable-port.ts'
import { BodyTooLarge, readBody, target, type Received } from './received.ts'
import { json, type Reply, type WholeReply } from './reply.ts'

/** The manners of one vendor: what it answers, and how it words a refusal. */
export interface Vendor {
  readonly service: Service
  readonly errors: VendorErrors
  /** Of one that shares a port: whether a request is for it, by its path and headers. */
  takes?(path: string, headers: IncomingHttpHeaders): boolean
  answer(request: Received): Reply | Promise<Reply>
}

/** What a stand-in shares with the others. */
export interface StandInOptions {
  readonly host: string
  /** 0 takes any free port and keeps it. */
  readonly port: number
  readonly switchboard: Switchboard
  readonly journal: Journal
  readonly pacer: Pacer
  /** Milliseconds before every reply, and between the parts of a stream. */
  readonly pace: () => { readonly latencyMs: number; readonly partDelayMs: number }
}

/** One vendor, and perhaps guests of it: a real HTTP server whose port can be closed and opened again. */
export class StandIn {
  readonly #vendor: Vendor
  readonly #guests: readonly Vendor[]
  readonly #options: StandInOptions
  readonly #port: ReachablePort
  readonly #unfinished = new Set<ServerResponse>()

  /** @param guests vendors at the same port, who are asked first whether they take a request. */
  constructor(vendor: Vendor, guests: readonly Vendor[], options: StandInOptions) {
    this.#vendor = vendor
    this.#guests = guests
    this.#options = options
    const server = createServer((request, response) => void this.#serve(request, response))
    // An idle connection closed by the server races with the client's next request; the sandbox fails only when told to.
    server.keepAliveTimeout = 600_000
    server.headersTimeout = 0
    server.requestTimeout = 0
    server.on('clientError', refuseGarbage)
    this.#port = new ReachablePort(server, options.host, options.port)
  }

  /** `http://host:port`. */
  get origin(): string {
    return this.#port.origin
  }

  /** Opens the port, or closes it and destroys every connection. */
  reachable(wanted: boolean): Promise<void> {
    if (!wanted) for (const response of this.#unfinished) broken.add(response)
    return this.#port.set(wanted)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { path, query } = target(request)
    const vendor = this.#guests.find((guest) => guest.takes?.(path, request.headers) === true) ?? this.#vendor
    const { service } = vendor
    const entry = this.#options.journal.arrived(service, request.method ?? 'GET', path)
    response.setHeader('x-holdfast-sandbox', 'true')
    const strike = this.#options.switchboard.strike(service, path)
    if (strike !== undefined) entry.faulted(strike.fault)
    const closed = new AbortController()
    this.#unfinished.add(response)
    response.once('close', () => {
      closed.abort()
      this.#unfinished.delete(response)
      const whole = response.writableFinished
      entry.ended({
        ...(response.headersSent ? { status: response.statusCode } : {}),
        aborted: !whole && !broken.has(response),
      })
    })
    try {
      if (strike?.fault === 'down' || strike?.fault === 'flap') {
        broken.add(response)
        response.socket?.resetAndDestroy()
        return
      }
      const body = await readBody(request)
      entry.kept(query.toString(), body, String(request.headers['x-request-id'] ?? ''))
      await this.#reply(
        vendor,
        { method: request.method ?? 'GET', path, query, headers: request.headers, body },
        response,
        strike,
        closed.signal,
      )
    } catch (error) {
      if (closed.signal.aborted) return
      if (error instanceof BodyTooLarge) {
        return whole(response, vendor.errors.tooLarge?.() ?? json(413, { message: error.message }))
      }
      console.error(`sandbox: ${service} ${request.method} ${path}:`, error)
      if (response.headersSent) breakOff(response)
      else whole(response, json(500, { message: `a bug in the sandbox: ${String(error)}` }))
    }
  }

  async #reply(
    vendor: Vendor,
    request: Received,
    response: ServerResponse,
    strike: Strike | undefined,
    gone: AbortSignal,
  ): Promise<void> {
    const { errors } = vendor
    const { latencyMs, partDelayMs } = this.#options.pace()
    if (strike?.fault === 'hang') return
    if (strike?.fault === 'error') return whole(response, failure(strike, errors, request.path))
    if (strike?.fault === 'rate-limit') {
      const seconds = strike.retryAfterSeconds ?? Math.max(1, Math.ceil((strike.windowEndsInMs ?? 0) / 1_000))
      const refusal = errors.rateLimited(request.path, seconds)
      return whole(response, { ...refusal, headers: { 'retry-after': String(seconds), ...refusal.headers } })
    }
    const waitMs = latencyMs + (strike?.fault === 'slow' ? strike.delayMs : 0)
    if (waitMs > 0) await delay(waitMs, undefined, { signal: gone })
    let reply = await vendor.answer(request)
    if (gone.aborted) return
    if (strike?.fault === 'malformed') reply = malform(reply, strike, errors)
    if (strike?.fault === 'silent') {
      response.writeHead(reply.status, reply.headers)
      response.flushHeaders()
      return
    }
    if (strike?.fault === 'cut') return this.#cut(response, reply, strike, partDelayMs)
    if (reply.kind === 'whole') return whole(response, reply)
    this.#stream(response, reply.status, reply.headers, reply.parts, partDelayMs, () => response.end())
  }

  #cut(response: ServerResponse, reply: Reply, strike: Extract<Strike, { fault: 'cut' }>, partDelayMs: number): void {
    const finish = strike.variant === 'end' ? () => response.end() : () => breakOff(response)
    if (reply.kind === 'streamed') {
      this.#stream(response, reply.status, reply.headers, goodParts(reply, strike.afterParts), partDelayMs, finish)
      return
    }
    const bytes = Buffer.from(reply.body)
    const length = strike.variant === 'end' ? {} : { 'content-length': String(bytes.length) }
    response.writeHead(reply.status, { ...reply.headers, ...length })
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), finish)
  }

  #stream(
    response: ServerResponse,
    status: number,
    headers: Readonly<Record<string, string>>,
    parts: readonly string[],
    partDelayMs: number,
    finish: () => void,
  ): void {
    response.writeHead(status, headers)
    response.flushHeaders()
    const stop = this.#options.pacer.start(parts, partDelayMs, (chunk) => response.write(chunk), finish)
    response.once('close', stop)
  }
}

/** Replies the sandbox itself broke off; the others that never finish were left by their client. */
const broken = new WeakSet<ServerResponse>()

function breakOff(response: ServerResponse): void {
  broken.add(response)
  // What is already written still has to leave the machine, or the client would see nothing of it.
  setImmediate(() => response.destroy())
}

function whole(response: ServerResponse, reply: WholeReply): void {
  response.writeHead(reply.status, { ...reply.headers, 'content-length': String(Buffer.byteLength(reply.body)) })
  response.end(reply.body)
}

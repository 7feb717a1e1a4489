import type { IncomingHttpHeaders } from 'node:http'
import { HoldfastError } from '@holdfast/core'
import type { Dispatcher } from 'undici'
import { failedOnReusedSocket, watchSockets } from './reused-socket.ts'

/** What goes out, ready for the wire. */
export interface Outgoing {
  readonly origin: string
  /** With its query. */
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly signal?: AbortSignal
  /** Sent again when it met an idle connection that the peer had closed. */
  readonly idempotent: boolean
  readonly maxResponseBytes: number
}

/** A reply whose body has not been read yet. Read it with exactly one of the three methods, once. */
export interface Incoming {
  readonly status: number
  readonly statusText: string
  readonly headers: Readonly<Record<string, string>>
  /** The whole body. */
  bytes(): Promise<Buffer>
  /** The body as it arrives, its errors as `known` makes them; cancelling it destroys the connection. */
  stream(known?: (error: unknown) => unknown): ReadableStream<Uint8Array>
  /** Gives the body up and destroys the connection. */
  discard(): void
}

/** How often a request may be sent again because the pool gave it a connection that the peer had already closed. */
const MAX_RESENDS = 3

/** Bytes kept of a body that nobody reads yet, before the peer is asked to wait. */
const BUFFERED_BYTES = 65_536

/**
 * Sends one request. Rejects with undici's or Node's own error, with the signal's reason, or with a HoldfastError when the
 * reply is larger than allowed.
 */
export async function exchange(dispatcher: Dispatcher, outgoing: Outgoing): Promise<Incoming> {
  watchSockets()
  for (let resends = 0; ; resends++) {
    try {
      return await new Promise<Incoming>((resolve, reject) => {
        const handler = new Exchange(outgoing, resolve, reject)
        if (handler.settled) return
        const { origin, path, method, headers, body, idempotent } = outgoing
        try {
          dispatcher.dispatch({ origin, path, method, headers, body: body ?? null, idempotent }, handler)
        } catch (error) {
          handler.onResponseError(undefined, error as Error)
        }
      })
    } catch (error) {
      if (!outgoing.idempotent || resends >= MAX_RESENDS || !failedOnReusedSocket(error)) throw error
    }
  }
}

type Body = ReadableStreamDefaultController<Uint8Array>

class Exchange implements Dispatcher.DispatchHandler, Incoming {
  status = 0
  statusText = ''
  headers: Readonly<Record<string, string>> = {}
  settled = false

  readonly #outgoing: Outgoing
  readonly #resolve: (incoming: Incoming) => void
  readonly #reject: (reason: unknown) => void
  readonly #onAbort: () => void
  #controller: Dispatcher.DispatchController | undefined
  #received = 0
  #chunks: Buffer[] = []
  #buffered = 0
  #ended = false
  #failed = false
  #failure: unknown
  #reader: 'none' | 'bytes' | 'stream' = 'none'
  #body: Body | undefined
  #known = (error: unknown): unknown => error
  #done: (() => void) | undefined

  constructor(outgoing: Outgoing, resolve: (incoming: Incoming) => void, reject: (reason: unknown) => void) {
    this.#outgoing = outgoing
    this.#resolve = resolve
    this.#reject = reject
    const signal = outgoing.signal
    this.#onAbort = () => this.#stop(signal?.reason)
    if (signal?.aborted) this.#stop(signal.reason)
    else signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#failed) controller.abort(asError(this.#failure))
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    statusText = '',
  ): void {
    if (status < 200 || this.settled) return
    this.#controller = controller
    this.status = status
    this.statusText = statusText
    this.headers = flatten(headers)
    this.settled = true
    if (Number(this.headers['content-length']) > this.#outgoing.maxResponseBytes) return this.#tooLarge(this.#reject)
    this.#resolve(this)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#failed) return
    this.#received += chunk.length
    if (this.#received > this.#outgoing.maxResponseBytes) return this.#tooLarge()
    if (this.#body !== undefined) {
      this.#body.enqueue(chunk)
      if ((this.#body.desiredSize ?? 0) <= 0) controller.pause()
      return
    }
    this.#chunks.push(chunk)
    this.#buffered += chunk.length
    if (this.#reader === 'none' && this.#buffered > BUFFERED_BYTES) controller.pause()
  }

  onResponseEnd(): void {
    this.#release()
    this.#ended = true
    if (!this.#failed) this.#body?.close()
    this.#done?.()
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (!this.#failed) this.#fail(error)
  }

  bytes(): Promise<Buffer> {
    this.#take('bytes')
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        if (this.#failed) reject(this.#failure)
        else resolve(this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks))
        this.#chunks = []
      }
      if (this.#failed || this.#ended) return finish()
      this.#done = finish
      this.#resume()
    })
  }

  stream(known: (error: unknown) => unknown = (error) => error): ReadableStream<Uint8Array> {
    this.#take('stream')
    this.#known = known
    return new ReadableStream<Uint8Array>(
      {
        start: (body) => {
          for (const chunk of this.#chunks) body.enqueue(chunk)
          this.#chunks = []
          if (this.#failed) body.error(known(this.#failure))
          else if (this.#ended) body.close()
          else this.#body = body
        },
        pull: () => this.#resume(),
        cancel: (reason) => this.#stop(reason ?? new Error('The reader left')),
      },
      { highWaterMark: BUFFERED_BYTES, size: (chunk) => chunk.byteLength },
    )
  }

  discard(): void {
    if (!this.#ended) this.#stop(new Error('The reply was discarded'))
  }

  #take(reader: 'bytes' | 'stream'): void {
    if (this.#reader !== 'none') throw new TypeError('The body of this reply is being read already')
    this.#reader = reader
  }

  #resume(): void {
    if (this.#controller?.paused && !this.#ended && !this.#failed) this.#controller.resume()
  }

  #stop(reason: unknown): void {
    if (this.#failed || this.#ended) return
    this.#fail(reason)
    this.#controller?.abort(asError(reason))
  }

  #tooLarge(also?: (reason: unknown) => void): void {
    const error = new HoldfastError({
      code: 'RESPONSE_TOO_LARGE',
      category: 'malformed',
      message: `The reply is larger than the allowed ${this.#outgoing.maxResponseBytes} bytes`,
      retryable: false,
      status: this.status,
    })
    this.#stop(error)
    also?.(error)
  }

  #fail(reason: unknown): void {
    this.#failed = true
    this.#failure = reason
    this.#release()
    if (!this.settled) {
      this.settled = true
      this.#reject(reason)
    }
    this.#body?.error(this.#known(reason))
    this.#done?.()
  }

  #release(): void {
    this.#outgoing.signal?.removeEventListener('abort', this.#onAbort)
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('Aborted', { cause: reason })
}

function flatten(headers: IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return flat
}

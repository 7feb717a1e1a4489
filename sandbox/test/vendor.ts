import type { Received } from '../src/http/received.ts'
import type { Reply } from '../src/http/reply.ts'
import type { Vendor } from '../src/http/stand-in.ts'

/** Any JSON, for tests that look deep into it. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = any

/** A vendor's answer, its body read. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The parts of a stream joined. */
  readonly text: string
  readonly json: Json
  readonly parts: readonly string[]
}

/** Asks a vendor without a socket. An object as body is sent as JSON. */
export function asker(vendor: Vendor, always: Readonly<Record<string, string>> = {}) {
  return async (
    method: string,
    target: string,
    options: { readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown } = {},
  ): Promise<Answer> => {
    const [path = '', query = ''] = target.split('?')
    const { body } = options
    const request: Received = {
      method,
      path,
      query: new URLSearchParams(query),
      headers: { host: '127.0.0.1:4700', ...always, ...options.headers },
      body: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
    }
    return read(await vendor.answer(request))
  }
}

function read(reply: Reply): Answer {
  const parts = reply.kind === 'streamed' ? reply.parts : [reply.body]
  const text = parts.join('')
  let json: Json
  try {
    json = JSON.parse(text)
  } catch {
    json = undefined
  }
  return { status: reply.status, headers: reply.headers, text, json, parts }
}

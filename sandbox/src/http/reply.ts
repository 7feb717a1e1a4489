/** What a stand-in answers, before any fault touches it. */
export type Reply = WholeReply | StreamedReply

/** A reply whose body is sent at once, with its length. */
export interface WholeReply {
  readonly kind: 'whole'
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A reply sent in parts, one after another, without a length. */
export interface StreamedReply {
  readonly kind: 'streamed'
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly parts: readonly string[]
}

/** A JSON reply. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): WholeReply {
  return {
    kind: 'whole',
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  }
}

/** A plain-text reply; pass a content type for anything else that is not JSON. */
export function text(status: number, body: string, contentType = 'text/plain; charset=utf-8'): WholeReply {
  return { kind: 'whole', status, headers: { 'content-type': contentType }, body }
}

/** The same reply with more headers. */
export function withHeaders<R extends Reply>(reply: R, headers: Readonly<Record<string, string>>): R {
  return { ...reply, headers: { ...reply.headers, ...headers } }
}

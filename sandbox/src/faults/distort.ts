import type { Reply, StreamedReply, WholeReply } from '../http/reply.ts'
import { json, text } from '../http/reply.ts'
import type { Fault } from './fault.ts'

/** How a vendor words its refusals. */
export interface VendorErrors {
  /** The body of an error with that status. */
  error(status: number, path: string): WholeReply
  /** The refusal of a caller who asks too often. */
  rateLimited(path: string, retryAfterSeconds: number): WholeReply
  /** The refusal of a body that is larger than a stand-in takes, where the vendor has words for it. */
  tooLarge?(): WholeReply
  /** The refusal of a prompt that is too long, where the vendor has such a thing. */
  contextLength?(): WholeReply
  /**
   * An error wrapped in a 200, as gateways in front of the vendor do it, or the vendor itself. A text is sent as it is.
   * @param isLimit whether it is that of a caller who asks too often, where the vendor has words for it there.
   */
  errorInBody(isLimit: boolean): unknown
  /** The same as a part of a stream, in the stream's own framing. */
  errorPart(isLimit: boolean): string
}

const PROXY_PAGE =
  '<!doctype html><html><head><title>Just a moment</title></head><body><h1>Checking your connection</h1></body></html>'

/** The reply of the `error` fault. */
export function failure(fault: Extract<Fault, { fault: 'error' }>, vendor: VendorErrors, path: string): WholeReply {
  const reply =
    fault.body === undefined
      ? ((fault.variant === 'context-length' ? vendor.contextLength?.() : undefined) ??
        vendor.error(fault.status, path))
      : typeof fault.body === 'string'
        ? text(fault.status, fault.body)
        : json(fault.status, fault.body)
  if (fault.retryAfterSeconds === undefined) return reply
  return { ...reply, headers: { ...reply.headers, 'retry-after': String(fault.retryAfterSeconds) } }
}

/** Makes a good reply malformed. */
export function malform(reply: Reply, fault: Extract<Fault, { fault: 'malformed' }>, vendor: VendorErrors): Reply {
  const variant = fault.variant
  switch (variant) {
    case 'html':
      return text(200, PROXY_PAGE, 'text/html; charset=utf-8')
    case 'empty':
      return { kind: 'whole', status: 200, headers: reply.headers, body: '' }
    case 'wrong-shape':
      return reply.kind === 'whole'
        ? json(reply.status, { status: 'ok', items: [[1, 2, 3]] })
        : {
            ...reply,
            parts: [...goodParts(reply, fault.afterParts), reframe(reply, '{"status":"ok","items":[[1,2,3]]}')],
          }
    case 'error-body':
    case 'rate-limit-body': {
      const isLimit = variant === 'rate-limit-body'
      return reply.kind === 'whole'
        ? said(vendor.errorInBody(isLimit))
        : { ...reply, parts: [...goodParts(reply, fault.afterParts), vendor.errorPart(isLimit)] }
    }
    case 'broken-json':
      return reply.kind === 'whole'
        ? {
            ...reply,
            headers: { ...reply.headers, 'content-type': 'application/json; charset=utf-8' },
            body: brokenJson(reply.body),
          }
        : { ...reply, parts: [...goodParts(reply, fault.afterParts), reframe(reply, '{"id":"broken","choi')] }
    default:
      return variant satisfies never
  }
}

function said(error: unknown): WholeReply {
  return typeof error === 'string' ? text(200, error) : json(200, error)
}

/** The parts of a stream that arrive before it goes wrong. */
export function goodParts(reply: StreamedReply, afterParts: number | undefined): readonly string[] {
  return reply.parts.slice(0, afterParts ?? Math.floor(reply.parts.length / 2))
}

function reframe(reply: StreamedReply, payload: string): string {
  return (reply.headers['content-type'] ?? '').startsWith('text/event-stream') ? `data: ${payload}\n\n` : `${payload}\n`
}

/** Half of a JSON text; a text that is no JSON gets an opening brace, so that it cannot be parsed either. */
function brokenJson(body: string): string {
  const half = body.slice(0, Math.ceil(body.length / 2))
  return /^[[{]/.test(body) ? half : `{"output":"${half.replaceAll('"', '')}`
}

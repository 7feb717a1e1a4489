/**
 * Resend's API. From its OpenAPI document and pages: `POST /emails`, bearer, `Idempotency-Key` of up to 256 characters that is kept for 24 hours and gives the first result back, 409 for another body with it,
 * `ratelimit-*`, errors by `name`, reading and listing what was sent. Not verified: the wording of errors. What is sent goes nowhere; the control API tells of it (`GET /arrived`).
 */
import { bearerOf, takesPath, withoutPrefix } from '../http/guest.ts'
import { parseJson, type Received } from '../http/received.ts'
import { json, withHeaders, type Reply, type WholeReply } from '../http/reply.ts'
import type { VendorErrors } from '../faults/distort.ts'
import type { Vendor } from '../http/stand-in.ts'
import type { Arrival, Outbox } from '../outbox/outbox.ts'

const KEPT_MS = 86_400_000
const MAX_KEYS = 10_000
const MAX_RECIPIENTS = 50

/** Makes the stand-in for Resend. */
export function resend(outbox: Outbox, { now }: { readonly now: () => number }): Vendor {
  const keys = new Map<string, { readonly body: string; readonly id: string; readonly at: number }>()
  let sent = 0

  const send = (request: Received): Reply => {
    const key = String(request.headers['idempotency-key'] ?? '')
    if (key.length > 256) return fail(400, 'invalid_idempotency_key', 'The key must be between 1-256 chars')
    const known = key === '' ? undefined : keys.get(key)
    if (known !== undefined && now() - known.at < KEPT_MS) {
      if (known.body === request.body) return json(200, { id: known.id })
      return fail(
        409,
        'invalid_idempotent_request',
        'This idempotency key has been used on a request with another body',
      )
    }
    const email = (parseJson(request.body) ?? {}) as Readonly<Record<string, unknown>>
    const wrong = faultOf(email)
    if (wrong !== undefined) return fail(422, 'validation_error', wrong)
    sent += 1
    const id = `5a4d80f3-0000-4000-8000-${String(sent).padStart(12, '0')}`
    outbox.add('resend', id, withoutContents(email))
    if (key !== '') {
      keys.delete(key)
      keys.set(key, { body: request.body, id, at: now() })
      for (const oldest of keys.keys()) {
        if (keys.size <= MAX_KEYS) break
        keys.delete(oldest)
      }
    }
    return json(200, { id })
  }

  const route = (request: Received): Reply => {
    const call = `${request.method} ${request.path}`
    if (call === 'POST /emails') return send(request)
    if (call === 'GET /emails') {
      const limit = Number(request.query.get('limit') ?? 20)
      const data = outbox.list('resend').slice(-limit).toReversed().map(shown)
      return json(200, { object: 'list', has_more: false, data })
    }
    const id = /^GET \/emails\/([\w-]+)$/.exec(call)?.[1]
    const arrival = id === undefined ? undefined : outbox.get('resend', id)
    return arrival === undefined ? resendErrors.error(404, request.path) : json(200, shown(arrival))
  }

  return {
    service: 'resend',
    errors: resendErrors,
    takes: takesPath('resend'),
    answer(request) {
      if (bearerOf(request) === '') return resendErrors.error(401, request.path)
      const reply = route(withoutPrefix('resend', request))
      // Far above the vendor's ten a second; the `rate-limit` fault is for meeting a limit on purpose.
      return withHeaders(reply, { 'ratelimit-limit': '10000', 'ratelimit-remaining': '9999', 'ratelimit-reset': '1' })
    },
  }
}

function faultOf(email: Readonly<Record<string, unknown>>): string | undefined {
  const { from, to, subject, text, html } = email
  const recipients = [to, email['cc'], email['bcc']].flat().filter((one) => one !== undefined)
  if (typeof from !== 'string' || !from.includes('@'))
    return 'Invalid `from` field. The email address needs to follow the `email@example.com` format.'
  if ([to].flat().length === 0 || to === undefined) return 'Missing `to` field.'
  if (!recipients.every((one) => typeof one === 'string' && one.includes('@'))) return 'Invalid `to` field.'
  if (recipients.length > MAX_RECIPIENTS) return 'The `to` field has too many items.'
  if (typeof subject !== 'string') return 'Missing `subject` field.'
  return typeof text === 'string' || typeof html === 'string' ? undefined : 'Missing `html` or `text` field.'
}

/** Attachments by their names. */
function withoutContents(email: Readonly<Record<string, unknown>>): unknown {
  const { attachments, ...rest } = email
  if (!Array.isArray(attachments)) return rest
  return { ...rest, attachments: (attachments as { filename?: unknown }[]).map(({ filename }) => ({ filename })) }
}

function shown({ id, at, content }: Arrival): object {
  const created = new Date(at).toISOString()
  return { object: 'email', id, created_at: created, last_event: 'delivered', ...(content as object) }
}

function fail(status: number, name: string, message: string): WholeReply {
  return json(status, { statusCode: status, name, message })
}

/** How Resend words its refusals. */
const resendErrors: VendorErrors = {
  error(status) {
    if (status === 401) return fail(401, 'missing_api_key', 'Missing API Key')
    if (status === 403) return fail(403, 'validation_error', 'The domain is not verified.')
    if (status === 404) return fail(404, 'not_found', 'The requested endpoint does not exist')
    if (status === 429) return resendErrors.rateLimited('', 1)
    return status >= 500
      ? fail(status, 'internal_server_error', 'An unexpected error occurred')
      : fail(status, 'validation_error', 'We found an error with one or more fields in the request.')
  },
  rateLimited: () => fail(429, 'rate_limit_exceeded', 'Too many requests. You can only make 10 requests per second.'),
  errorInBody: () => ({ statusCode: 500, name: 'internal_server_error', message: 'An unexpected error occurred' }),
  errorPart: () => '{"name":"internal_server_error"}',
}

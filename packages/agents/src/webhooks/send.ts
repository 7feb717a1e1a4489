import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { checkUrl, guardedLookup } from './target.ts'
import type { TargetRules } from './target.ts'

/** One message on its way. */
export interface Message {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Posts a message. The connection is a new one, to an address that was checked; redirects are not followed; of the answer nothing but its head is read.
 * @returns the status, and the time a refusal asks for.
 * @throws what went wrong on the way, `WEBHOOK_URL_REFUSED`, the reason of `signal`.
 */
export function post(
  { url, headers, body }: Message,
  rules: TargetRules,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly retryAfter: string | undefined }> {
  const target = checkUrl(url, rules)
  const request = target.protocol === 'https:' ? httpsRequest : httpRequest
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; retryAfter: string | undefined }>()
  const outgoing = request(target, {
    method: 'POST',
    agent: false,
    lookup: guardedLookup(rules),
    signal,
    headers: {
      ...headers,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'holdfast-webhooks',
      connection: 'close',
    },
  })
  outgoing.on('response', (response) => {
    resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] })
    // Whatever it says is nothing to us, and may have no end.
    response.destroy()
  })
  outgoing.on('error', (error) => reject(signal.aborted ? (signal.reason as Error) : error))
  outgoing.end(body)
  return promise
}

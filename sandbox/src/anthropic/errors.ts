import type { VendorErrors } from '../faults/distort.ts'
import { json, withHeaders, type WholeReply } from '../http/reply.ts'
import { event } from './message.ts'

/** What the vendor calls each status and says with it; a status that is not here is told by its hundred. */
const WORDS: Readonly<Record<number, readonly [type: string, message: string]>> = {
  400: ['invalid_request_error', 'Bad request'],
  401: ['authentication_error', 'invalid x-api-key'],
  402: ['billing_error', 'Your credit balance is too low to access the Anthropic API.'],
  403: ['permission_error', 'Your API key does not have permission to use the specified resource.'],
  404: ['not_found_error', 'Not Found'],
  413: ['request_too_large', 'Request exceeds the maximum size'],
  429: ['rate_limit_error', "This request would exceed your account's rate limit. Please try again later."],
  500: ['api_error', 'Internal server error'],
  504: ['timeout_error', 'Request timed out'],
  529: ['overloaded_error', 'Overloaded'],
}

/** How long a prompt may be, in tokens. */
export const CONTEXT_TOKENS = 200_000

const LIMITS = { requests: 4_000, tokens: 2_000_000, 'input-tokens': 1_600_000, 'output-tokens': 400_000 }

/** How the vendor refuses. */
export interface AnthropicErrors extends VendorErrors {
  /** With a message that is not the usual one for that status. */
  refused(status: number, message?: string): WholeReply
}

/** The headers that say how much may still be asked, and when all of it may be asked again. */
export function rateLimits(resetsAtMs: number, remainingShare = 0.999): Record<string, string> {
  const reset = new Date(Math.ceil(resetsAtMs / 1_000) * 1_000).toISOString().replace('.000Z', 'Z')
  return Object.fromEntries(
    Object.entries(LIMITS).flatMap(([what, limit]) => [
      [`anthropic-ratelimit-${what}-limit`, String(limit)],
      [`anthropic-ratelimit-${what}-remaining`, String(Math.floor(limit * remainingShare))],
      [`anthropic-ratelimit-${what}-reset`, reset],
    ]),
  )
}

/** Makes the refusals. Each names its request, in a header and in its body. */
export function anthropicErrors(options: {
  readonly now: () => number
  readonly nextRequestId: () => string
}): AnthropicErrors {
  const refused = (status: number, message?: string): WholeReply => {
    const requestId = options.nextRequestId()
    return json(status, { ...failure(status, message), request_id: requestId }, { 'request-id': requestId })
  }
  const rateLimited = (_path: string, retryAfterSeconds: number): WholeReply =>
    withHeaders(refused(429), {
      ...rateLimits(options.now() + retryAfterSeconds * 1_000, 0),
      'retry-after': String(retryAfterSeconds),
    })
  return {
    refused,
    error: (status, path) => (status === 429 ? rateLimited(path, 1) : refused(status)),
    rateLimited,
    tooLarge: () => refused(413),
    contextLength: () => refused(400, `prompt is too long: ${CONTEXT_TOKENS + 1} tokens > ${CONTEXT_TOKENS} maximum`),
    errorInBody: (isLimit) => failure(isLimit ? 429 : 500),
    errorPart: (isLimit) => event('error', { error: failure(isLimit ? 429 : 529).error }),
  }
}

function failure(status: number, message?: string): { type: 'error'; error: { type: string; message: string } } {
  const [type, usual] = WORDS[status] ?? WORDS[status < 500 ? 400 : 500]!
  return { type: 'error', error: { type, message: message ?? usual } }
}

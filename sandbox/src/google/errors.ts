import type { VendorErrors } from '../faults/distort.ts'
import { json, withHeaders, type WholeReply } from '../http/reply.ts'

const STATUSES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ALREADY_EXISTS',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
}

/** An error of the newer APIs (Sheets): a status in words. */
export function googleError(code: number, message: string, details?: readonly unknown[]): WholeReply {
  const status = STATUSES[code] ?? 'UNKNOWN'
  return json(code, { error: { code, message, status, ...(details === undefined ? {} : { details }) } })
}

/** How Google words the refusals of Sheets. */
export const googleErrors: VendorErrors = {
  error(status) {
    if (status === 401) {
      return googleError(401, 'Request had invalid authentication credentials. Expected OAuth 2 access token.')
    }
    if (status === 403) return googleError(403, 'The caller does not have permission')
    if (status === 404) return googleError(404, 'Requested entity was not found.')
    return googleError(status, status >= 500 ? 'Internal error encountered.' : 'Request contains an invalid argument.')
  },
  // No Retry-After: Google is not known to send one. The fault adds it when it is asked to.
  rateLimited: () =>
    googleError(
      429,
      "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user' of service 'sheets.googleapis.com'.",
      [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'RATE_LIMIT_EXCEEDED' }],
    ),
  errorInBody: () => ({ error: { code: 500, message: 'Internal error encountered.', status: 'INTERNAL' } }),
  errorPart: () => '{"error":{"code":500,"message":"Internal error encountered.","status":"INTERNAL"}}',
}

/** An error of the token endpoint. */
export function oauthError(status: number, error: string, description: string): WholeReply {
  return withHeaders(json(status, { error, error_description: description }), { 'cache-control': 'no-store' })
}

/** How the token endpoint words its refusals. */
export const oauthErrors: VendorErrors = {
  error(status) {
    if (status >= 500) return oauthError(status, 'internal_failure', 'Backend Error')
    return status === 401
      ? oauthError(401, 'invalid_client', 'The OAuth client was not found.')
      : oauthError(status, 'invalid_grant', 'Invalid JWT Signature.')
  },
  rateLimited: () => oauthError(429, 'rate_limit_exceeded', 'Rate Limit Exceeded'),
  errorInBody: () => ({ error: 'internal_failure', error_description: 'Backend Error' }),
  errorPart: () => '{"error":"internal_failure"}',
}

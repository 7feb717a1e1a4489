import type { VendorErrors } from '../faults/distort.ts'
import { json, type WholeReply } from '../http/reply.ts'

const CORRELATION_ID = 'aeb5f871-7f07-4993-9211-075dc63e7cbf'

/** A refusal. */
export function refuse(status: number, category: string, message: string): WholeReply {
  return json(status, { status: 'error', message, correlationId: CORRELATION_ID, category })
}

/** A refusal of what was sent. */
export function invalid(message: string): WholeReply {
  return refuse(400, 'VALIDATION_ERROR', message)
}

/** How HubSpot words its refusals. */
export const hubspotErrors: VendorErrors = {
  error(status) {
    switch (status) {
      case 401:
        return refuse(401, 'INVALID_AUTHENTICATION', 'Authentication credentials not found.')
      case 403:
        return refuse(403, 'MISSING_SCOPES', "This app hasn't been granted all required scopes to make this call.")
      case 404:
        return refuse(404, 'OBJECT_NOT_FOUND', 'Object not found.')
      case 429:
        return hubspotErrors.rateLimited('', 0)
      default:
        return status < 500
          ? refuse(status, 'VALIDATION_ERROR', 'Invalid input')
          : refuse(status, 'SERVER_ERROR', 'internal error')
    }
  },
  rateLimited: () =>
    json(429, {
      status: 'error',
      message: 'You have reached your ten_secondly_rolling limit.',
      errorType: 'RATE_LIMIT',
      correlationId: CORRELATION_ID,
      policyName: 'TEN_SECONDLY_ROLLING',
      groupName: 'publicapi:private-apps:api-calls-per-10-seconds',
    }),
  errorInBody: () => ({ status: 'error', message: 'internal error', correlationId: CORRELATION_ID }),
  errorPart: () => '{"status":"error","message":"internal error"}',
}

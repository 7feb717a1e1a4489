import type { VendorErrors } from '../faults/distort.ts'
import { json, text, type WholeReply } from '../http/reply.ts'

/** The refusal of a key that may not use an endpoint. */
export function forbidden(path: string): WholeReply {
  return json(403, {
    error: `This API key is not authorized to access ${path.replace(/^\//, '')}. Request an API key from your administrator that includes this endpoint in its configured scope.`,
    error_code: 'API_INACCESSIBLE',
  })
}

/** Wrong parameters. */
export function unprocessable(error: string): WholeReply {
  return json(422, { error })
}

/** How Apollo words its refusals. */
export const errors: VendorErrors = {
  error(status, path) {
    switch (status) {
      case 401:
        return text(
          401,
          'Invalid API key. See https://docs.apollo.io/reference/authentication for how to authenticate.',
        )
      case 403:
        return forbidden(path)
      case 404:
        return json(404, { error: 'Not found' })
      case 422:
        return unprocessable('Invalid parameters')
      case 429:
        return errors.rateLimited(path, 60)
      default:
        return json(status, { error: status === 503 ? 'Service unavailable' : 'An unexpected error of application' })
    }
  },
  rateLimited(path, retryAfterSeconds) {
    const message = `The maximum number of api calls allowed for ${path.replace(/^\//, '')} is 600 times per hour. Please upgrade your plan from https://app.apollo.io/#/settings/plans/upgrade.`
    return json(429, { message }, { 'retry-after': String(retryAfterSeconds) })
  },
  errorInBody: () => ({ error: 'An unexpected error of application', error_code: 'INTERNAL_ERROR' }),
  errorPart: () => '{"error":"An unexpected error of application"}',
}

import { STATUS_CODES } from 'node:http'

/** One kind of error that the HTTP API answers with: its status, OpenAI's word for the type, and what it says. */
interface ErrorKind {
  readonly status: number
  readonly type:
    'invalid_request_error' | 'authentication_error' | 'permission_error' | 'insufficient_quota' | 'server_error'
  readonly message: string
}

/** The code of an error of the HTTP API. */
export type ApiErrorCode =
  | 'invalid_json'
  | 'invalid_request'
  | 'empty_messages'
  | 'unsupported_parameter'
  | 'api_key_required'
  | 'invalid_api_key'
  | 'admin_token_required'
  | 'origin_not_allowed'
  | 'host_not_allowed'
  | 'role_required'
  | 'not_found'
  | 'model_not_found'
  | 'circuit_not_found'
  | 'sandbox_not_in_use'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'budget_exceeded'
  | 'headers_too_large'
  | 'internal_error'
  | 'request_incomplete'
  | 'nothing_to_decide'
  | 'decision_too_late'
  | 'conflict_changed'
  | 'idempotency_key_reused'
  | 'hook_token_required'
  | 'store_unavailable'
  | 'sandbox_unreachable'
  | 'no_answer'
  | 'overloaded'
  | 'shutting_down'
  | 'stream_failed'

/**
 * Every error of the HTTP API, by code. `docs/reference/server.md` lists the same; a test holds the two together.
 * A message may be made more exact where it is thrown; the code and the status never change.
 */
export const ERRORS: Readonly<Record<ApiErrorCode, ErrorKind>> = {
  invalid_json: { status: 400, type: 'invalid_request_error', message: 'The body is not valid JSON.' },
  invalid_request: { status: 400, type: 'invalid_request_error', message: 'The request cannot be understood.' },
  empty_messages: {
    status: 400,
    type: 'invalid_request_error',
    message: 'There is no message to answer: `messages` needs at least one with the role "user" and some text.',
  },
  unsupported_parameter: {
    status: 400,
    type: 'invalid_request_error',
    message: 'The request asks for something that this server does not do.',
  },
  api_key_required: {
    status: 401,
    type: 'authentication_error',
    message: 'An API key is required: send it as "Authorization: Bearer <key>".',
  },
  invalid_api_key: { status: 401, type: 'authentication_error', message: 'This API key is not known here.' },
  admin_token_required: {
    status: 401,
    type: 'authentication_error',
    message: 'The admin token is required: send it as "Authorization: Bearer <token>". It is printed at the start.',
  },
  hook_token_required: {
    status: 401,
    type: 'authentication_error',
    message:
      'The token for hooks is required: send it as the header x-holdfast-hook-token, or as `token` in the query.',
  },
  origin_not_allowed: {
    status: 403,
    type: 'permission_error',
    message: 'Requests from this origin are not allowed here.',
  },
  host_not_allowed: {
    status: 403,
    type: 'permission_error',
    message: 'This host name is not allowed here. Add it to `server.allowedHosts` if a proxy uses it.',
  },
  role_required: {
    status: 403,
    type: 'permission_error',
    message: 'This is for those who have the role "admin" in their tenant.',
  },
  not_found: { status: 404, type: 'invalid_request_error', message: 'There is nothing at this address.' },
  model_not_found: { status: 404, type: 'invalid_request_error', message: 'There is no assistant of this name.' },
  circuit_not_found: { status: 404, type: 'invalid_request_error', message: 'There is no circuit of this name.' },
  sandbox_not_in_use: {
    status: 404,
    type: 'invalid_request_error',
    message: 'The sandbox is not in use: every service is a real one.',
  },
  method_not_allowed: {
    status: 405,
    type: 'invalid_request_error',
    message: 'This address does not take this method.',
  },
  nothing_to_decide: {
    status: 409,
    type: 'invalid_request_error',
    message: 'There is nothing for you to decide about this request now.',
  },
  decision_too_late: {
    status: 409,
    type: 'invalid_request_error',
    message: 'The decision comes too late: its time is over, or what was asked has changed.',
  },
  conflict_changed: {
    status: 409,
    type: 'invalid_request_error',
    message: 'This conflict was resolved otherwise: look again.',
  },
  request_timeout: {
    status: 408,
    type: 'invalid_request_error',
    message: 'The request did not arrive in time.',
  },
  body_too_large: { status: 413, type: 'invalid_request_error', message: 'The body is too large.' },
  unsupported_media_type: {
    status: 415,
    type: 'invalid_request_error',
    message: 'The body must be JSON: send "Content-Type: application/json".',
  },
  request_incomplete: {
    status: 422,
    type: 'invalid_request_error',
    message: 'Something has to be known before the request can be taken.',
  },
  idempotency_key_reused: {
    status: 422,
    type: 'invalid_request_error',
    message: 'This idempotency key was used for another request.',
  },
  budget_exceeded: {
    status: 429,
    type: 'insufficient_quota',
    message: 'No budget has room for this request. Nothing was done.',
  },
  headers_too_large: { status: 431, type: 'invalid_request_error', message: 'The headers are too large.' },
  internal_error: { status: 500, type: 'server_error', message: 'Something went wrong inside the server.' },
  sandbox_unreachable: { status: 502, type: 'server_error', message: 'The sandbox does not answer.' },
  no_answer: { status: 503, type: 'server_error', message: 'No way to answer is left.' },
  store_unavailable: {
    status: 503,
    type: 'server_error',
    message: 'What keeps the requests cannot be reached. Nothing was taken; try again in a moment.',
  },
  overloaded: {
    status: 503,
    type: 'server_error',
    message: 'Too many conversations are under way. Try again in a moment.',
  },
  shutting_down: { status: 503, type: 'server_error', message: 'The server is shutting down.' },
  stream_failed: { status: 200, type: 'server_error', message: 'The answer broke off before it was whole.' },
}

/** The body of an error, in OpenAI's format. */
export interface ApiErrorBody {
  readonly error: {
    readonly message: string
    readonly type: string
    readonly param: string | null
    readonly code: string
  }
}

/** What an {@link ApiError} says beyond its code. */
export interface ApiErrorDetails {
  /** In place of the message of {@link ERRORS}. */
  readonly message?: string
  /** The part of the request that is wrong, such as `messages[0].content`. */
  readonly param?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** An error that the client is told as it is. Anything else that is thrown in a route becomes `internal_error`. */
export class ApiError extends Error {
  readonly code: ApiErrorCode
  readonly status: number
  readonly param: string | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ApiErrorCode, details: ApiErrorDetails = {}) {
    super(details.message ?? ERRORS[code].message)
    this.name = 'ApiError'
    this.code = code
    this.status = ERRORS[code].status
    this.param = details.param
    this.headers = details.headers ?? {}
  }

  /** The body to send. */
  toBody(): ApiErrorBody {
    return {
      error: { message: this.message, type: ERRORS[this.code].type, param: this.param ?? null, code: this.code },
    }
  }
}

/** Fastify's own errors in the words of the API; what is not known becomes `internal_error`, which tells nothing of it. */
export function toApiError(error: unknown, bodyLimitBytes?: number): ApiError {
  if (error instanceof ApiError) return error
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown }
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new ApiError(
        'body_too_large',
        bodyLimitBytes === undefined ? {} : { message: `The body is too large: allowed are ${bodyLimitBytes} bytes.` },
      )
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ApiError('unsupported_media_type')
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new ApiError('invalid_json')
    default:
  }
  if (error instanceof SyntaxError && statusCode === 400) return new ApiError('invalid_json')
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) return new ApiError('invalid_request')
  return new ApiError('internal_error')
}

/** What Node refuses before it is a request, as a whole reply; nothing for a connection that is gone already. */
export function rawErrorReply(
  code: string | undefined,
  headers: Readonly<Record<string, string>> = {},
): string | undefined {
  if (code === 'ECONNRESET' || code === 'EPIPE') return undefined
  const failure = new ApiError(
    code === 'HPE_HEADER_OVERFLOW'
      ? 'headers_too_large'
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'request_timeout'
        : 'invalid_request',
  )
  const body = JSON.stringify(failure.toBody())
  const head = [
    `HTTP/1.1 ${failure.status} ${STATUS_CODES[failure.status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

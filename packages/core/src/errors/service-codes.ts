import type { Verdict } from './verdict.ts'

function verdict(
  code: string,
  category: Verdict['category'],
  retryable: boolean,
  mayHaveTakenEffect: boolean,
  says: string,
): Verdict {
  return { code, category, retryable, mayHaveTakenEffect, says }
}

const RATE_LIMIT = verdict('TOO_MANY_REQUESTS', 'rate-limit', true, false, 'asks to be called less often')
const QUOTA = verdict('QUOTA_EXHAUSTED', 'quota', false, false, 'says that the account is used up')
const OVERLOADED = verdict('OVERLOADED', 'overloaded', true, true, 'is overloaded')
const SERVER = verdict('SERVICE_ERROR', 'server', true, true, 'failed')
const TIMEOUT = verdict('SERVICE_TIMEOUT', 'timeout', true, true, 'ran out of time')
const AUTH = verdict('NOT_AUTHORISED', 'auth', false, false, 'did not accept the credential')
const CONTEXT = verdict('CONTEXT_LENGTH', 'context-length', false, false, 'says that the prompt is too long')
const NO_MODEL = verdict('NOT_CONFIGURED', 'configuration', false, false, 'does not know the model')
const CLIENT = verdict('REQUEST_REFUSED', 'client', false, false, 'refused the request')

/** Words that services put into `error.code` or `error.type`, of a reply's body or in the band of a stream. */
const VERDICTS: ReadonlyMap<string, Verdict> = new Map([
  ['rate_limit_exceeded', RATE_LIMIT],
  ['rate_limit_error', RATE_LIMIT],
  ['too_many_requests', RATE_LIMIT],
  ['throttled', RATE_LIMIT],
  ['insufficient_quota', QUOTA],
  ['quota_exceeded', QUOTA],
  ['billing_error', QUOTA],
  ['billing_hard_limit_reached', QUOTA],
  ['overloaded_error', OVERLOADED],
  ['overloaded', OVERLOADED],
  ['service_unavailable', OVERLOADED],
  ['engine_overloaded', OVERLOADED],
  ['server_error', SERVER],
  ['api_error', SERVER],
  ['internal_error', SERVER],
  ['internal_server_error', SERVER],
  ['timeout_error', TIMEOUT],
  ['timeout', TIMEOUT],
  ['authentication_error', AUTH],
  ['permission_error', AUTH],
  ['invalid_api_key', AUTH],
  ['unauthorized', AUTH],
  ['context_length_exceeded', CONTEXT],
  ['string_above_max_length', CONTEXT],
  ['request_too_large', CLIENT],
  ['invalid_request_error', CLIENT],
  ['not_found_error', CLIENT],
  ['model_not_found', NO_MODEL],
])

/** What a service's own word for its error means. */
export function verdictOfServiceCode(code: string): Verdict | undefined {
  return VERDICTS.get(code.toLowerCase())
}

/** Statuses with which a service refuses before it does anything. */
const REFUSALS: ReadonlySet<number> = new Set([
  400, 401, 402, 403, 404, 405, 406, 410, 411, 413, 414, 415, 417, 421, 422, 426, 428, 429, 431,
])

/** What an HTTP status means; `undefined` for one that is no error. */
export function verdictOfStatus(status: number): Verdict | undefined {
  if (!Number.isInteger(status) || status < 400 || status > 599) return undefined
  const code = `HTTP_${status}`
  const says = `answered with HTTP status ${status}`
  const mayHaveTakenEffect = !REFUSALS.has(status)
  if (status === 401 || status === 403) return { code, category: 'auth', retryable: false, mayHaveTakenEffect, says }
  if (status === 402) return { code, category: 'quota', retryable: false, mayHaveTakenEffect, says }
  if (status === 408) return { code, category: 'timeout', retryable: true, mayHaveTakenEffect, says }
  if (status === 429) return { code, category: 'rate-limit', retryable: true, mayHaveTakenEffect, says }
  if (status === 503 || status === 529)
    return { code, category: 'overloaded', retryable: true, mayHaveTakenEffect, says }
  if (status < 500) return { code, category: 'client', retryable: status === 425, mayHaveTakenEffect, says }
  return { code, category: 'server', retryable: status !== 501 && status !== 505, mayHaveTakenEffect, says }
}

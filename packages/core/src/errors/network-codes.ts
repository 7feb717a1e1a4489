import type { Verdict } from './verdict.ts'

const refused: Verdict = {
  code: 'CONNECTION_REFUSED',
  category: 'network',
  retryable: true,
  mayHaveTakenEffect: false,
  says: 'refused the connection',
}
const unresolved: Verdict = {
  code: 'NAME_NOT_RESOLVED',
  category: 'network',
  retryable: true,
  mayHaveTakenEffect: false,
  says: 'could not be found by name',
}
const unreachable: Verdict = {
  code: 'UNREACHABLE',
  category: 'network',
  retryable: true,
  mayHaveTakenEffect: false,
  says: 'cannot be reached',
}
/** The connection ended before the reply did. */
export const CONNECTION_LOST: Verdict = {
  code: 'CONNECTION_LOST',
  category: 'network',
  retryable: true,
  mayHaveTakenEffect: true,
  says: 'broke the connection off',
}
const connectTimeout: Verdict = {
  code: 'CONNECT_TIMEOUT',
  category: 'timeout',
  retryable: true,
  mayHaveTakenEffect: false,
  says: 'did not accept a connection in time',
}
/** The request was sent, and no reply came in time. */
export const REPLY_TIMEOUT: Verdict = {
  code: 'REPLY_TIMEOUT',
  category: 'timeout',
  retryable: true,
  mayHaveTakenEffect: true,
  says: 'did not reply in time',
}
const insecure: Verdict = {
  code: 'TLS_FAILED',
  category: 'configuration',
  retryable: false,
  mayHaveTakenEffect: false,
  says: 'has a certificate that cannot be trusted',
}
const notHttp: Verdict = {
  code: 'INVALID_REPLY',
  category: 'malformed',
  retryable: true,
  mayHaveTakenEffect: true,
  says: 'sent a reply that is not valid HTTP',
}
/** The request could not even be sent. */
export const INVALID_REQUEST: Verdict = {
  code: 'INVALID_REQUEST',
  category: 'validation',
  retryable: false,
  mayHaveTakenEffect: false,
  says: 'was not asked: the request is not valid',
}

/** Codes of Node, undici and Bun. */
const VERDICTS: ReadonlyMap<string, Verdict> = new Map([
  ['ECONNREFUSED', refused],
  ['ConnectionRefused', refused],
  ['FailedToOpenSocket', refused],
  ['ENOTFOUND', unresolved],
  ['EAI_AGAIN', unresolved],
  ['EAI_FAIL', unresolved],
  ['EHOSTUNREACH', unreachable],
  ['ENETUNREACH', unreachable],
  ['EHOSTDOWN', unreachable],
  ['ENETDOWN', unreachable],
  ['EADDRNOTAVAIL', unreachable],
  ['ECONNRESET', CONNECTION_LOST],
  ['ECONNABORTED', CONNECTION_LOST],
  ['EPIPE', CONNECTION_LOST],
  ['UND_ERR_SOCKET', CONNECTION_LOST],
  ['UND_ERR_CLOSED', CONNECTION_LOST],
  ['UND_ERR_DESTROYED', CONNECTION_LOST],
  ['UND_ERR_ABORTED', CONNECTION_LOST],
  ['UND_ERR_INFO', CONNECTION_LOST],
  ['ERR_STREAM_PREMATURE_CLOSE', CONNECTION_LOST],
  ['ConnectionReset', CONNECTION_LOST],
  ['ConnectionClosed', CONNECTION_LOST],
  ['UND_ERR_CONNECT_TIMEOUT', connectTimeout],
  ['ETIMEDOUT', REPLY_TIMEOUT],
  ['ESOCKETTIMEDOUT', REPLY_TIMEOUT],
  ['UND_ERR_HEADERS_TIMEOUT', REPLY_TIMEOUT],
  ['UND_ERR_BODY_TIMEOUT', REPLY_TIMEOUT],
  ['ERR_HTTP_REQUEST_TIMEOUT', REPLY_TIMEOUT],
  ['EPROTO', insecure],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', insecure],
  ['SELF_SIGNED_CERT_IN_CHAIN', insecure],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', insecure],
  ['UNABLE_TO_GET_ISSUER_CERT', insecure],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', insecure],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', notHttp],
  ['UND_ERR_RES_EXCEEDED_MAX_SIZE', notHttp],
  ['UND_ERR_HEADERS_OVERFLOW', notHttp],
  ['ERR_INVALID_URL', INVALID_REQUEST],
  ['UND_ERR_INVALID_ARG', INVALID_REQUEST],
  ['UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', INVALID_REQUEST],
  ['ERR_INVALID_HTTP_TOKEN', INVALID_REQUEST],
  ['ERR_INVALID_CHAR', INVALID_REQUEST],
])

/**
 * What a system or transport error code means.
 * @param syscall what the system was doing: a time-out while connecting means that nothing was sent.
 */
export function verdictOfNetworkCode(code: string, syscall: unknown): Verdict | undefined {
  if (code === 'ETIMEDOUT' && syscall === 'connect') return connectTimeout
  const verdict = VERDICTS.get(code)
  if (verdict !== undefined) return verdict
  if (code.startsWith('HPE_')) return notHttp
  if (code.startsWith('ERR_TLS_') || code.startsWith('ERR_SSL_') || code.startsWith('CERT_')) return insecure
  return undefined
}

/** How fetch says "no connection" where it gives no code: Chromium, Firefox, Safari, Node, Deno. */
const FETCH_FAILED = /^(fetch failed|failed to fetch|networkerror|load failed|network error|error sending request)/i

/** What a `TypeError` of fetch means that carries no code; `undefined` for any other `TypeError`. */
export function verdictOfFetchMessage(message: string): Verdict | undefined {
  return FETCH_FAILED.test(message) || message === 'terminated' ? CONNECTION_LOST : undefined
}

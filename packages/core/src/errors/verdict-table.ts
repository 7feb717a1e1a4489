import type { ErrorCategory } from './category.ts'
import type { Verdict } from './verdict.ts'

/**
 * What each word means. A verdict is a line `CODE category retry|final safe|unsure: says`; `safe` means that nothing can have taken
 * effect. Below it, indented, stand the words it is told by:
 *
 * - codes of Node, undici, Bun, c-ares, postgres.js and JSON-RPC; with `/connect` they hold only while connecting;
 * - in small letters, what services put into `code`, `type` or `status` of an error, of a reply's body or in the band of a stream;
 * - names of errors, of the platform, the AI SDK, ioredis and node-redis; with `!` they count only if no cause says more;
 * - with `$`, SQLSTATE codes and their classes (PostgreSQL, appendix A); `$` itself stands for all others;
 * - with `-`, the first word of an error reply of Redis.
 */
const TABLE = `
CONNECTION_REFUSED network retry safe: refused the connection
 ECONNREFUSED ConnectionRefused FailedToOpenSocket $08001 $08004
NAME_NOT_RESOLVED network retry safe: could not be found by name
 ENOTFOUND ENODATA ESERVFAIL EREFUSED ETIMEOUT
UNREACHABLE network retry safe: cannot be reached
 EHOSTUNREACH ENETUNREACH EHOSTDOWN ENETDOWN EADDRNOTAVAIL EMFILE UND_ERR_PRX_CONN
 ClientClosedError ClientOfflineError RootNodesUnavailableError ClusterAllFailedError
CONNECTION_LOST network retry unsure: broke the connection off
 ECONNRESET ECONNABORTED EPIPE ConnectionReset ConnectionClosed ERR_NETWORK ERR_SOCKET_CLOSED ERR_STREAM_PREMATURE_CLOSE
 $08 $25P03 $57P01 $57P02 $57P05 -32000 MaxRetriesPerRequestError SocketClosedUnexpectedlyError !AI_DownloadError
ABORTED network retry unsure: broke the call off
 AbortError
CONNECT_TIMEOUT timeout retry safe: did not accept a connection in time
 ETIMEDOUT/connect UND_ERR_CONNECT_TIMEOUT CONNECT_TIMEOUT ConnectionTimeoutError
REPLY_TIMEOUT timeout retry unsure: did not reply in time
 ETIMEDOUT ESOCKETTIMEDOUT UND_ERR_HEADERS_TIMEOUT UND_ERR_BODY_TIMEOUT ERR_HTTP_REQUEST_TIMEOUT -32001 408
 TimeoutError SocketTimeoutError
SERVICE_TIMEOUT timeout retry unsure: ran out of time
 timeout timeout_error $57014
TOO_MANY_REQUESTS rate-limit retry safe: asks to be called less often
 rate_limit_exceeded rate_limit_error too_many_requests throttled 429
QUOTA_EXHAUSTED quota final safe: says that the account is used up
 insufficient_quota quota_exceeded billing_error billing_hard_limit_reached 402
NOT_READY overloaded retry safe: is not ready to serve
 $53 $57P03 $25006 -LOADING -BUSY -CLUSTERDOWN -MASTERDOWN -TRYAGAIN -READONLY -MOVED -ASK -OOM -MISCONF -NOREPLICAS
OVERLOADED overloaded retry unsure: is overloaded
 overloaded_error overloaded service_unavailable engine_overloaded 503 529
CONFLICT server retry safe: gave way to other work
 $40 $55P03
SERVICE_ERROR server retry unsure: failed
 server_error api_error internal_error internal_server_error $40003 $57 $58 $XX -32603
INVALID_REPLY malformed retry unsure: sent a reply that is not valid HTTP
 UND_ERR_RES_CONTENT_LENGTH_MISMATCH UND_ERR_RES_EXCEEDED_MAX_SIZE UND_ERR_HEADERS_OVERFLOW
INVALID_JSON malformed retry unsure: sent JSON that cannot be read
 SyntaxError AI_JSONParseError
MALFORMED_REPLY malformed retry unsure: sent a reply of the wrong shape
 AI_TypeValidationError AI_InvalidResponseDataError AI_InvalidStreamPartError AI_InvalidToolInputError AI_NoSuchToolError
 AI_ToolChoiceViolationError AI_ToolCallRepairError AI_UIMessageStreamError !AI_NoObjectGeneratedError
EMPTY malformed retry unsure: sent an empty reply
 AI_EmptyResponseBodyError
REQUEST_REFUSED client final safe: refused the request
 invalid_request_error not_found_error request_too_large $ -ERR -WRONGTYPE -NOSCRIPT -EXECABORT -CROSSSLOT
INVALID_REQUEST validation final safe: was not asked: the request is not valid
 ERR_INVALID_URL ERR_INVALID_ARG_TYPE ERR_INVALID_HTTP_TOKEN ERR_INVALID_CHAR ERR_UNESCAPED_CHARACTERS
 UND_ERR_INVALID_ARG UND_ERR_REQ_CONTENT_LENGTH_MISMATCH UND_ERR_NOT_SUPPORTED
NOT_AUTHORISED auth final safe: did not accept the credential
 authentication_error permission_error invalid_api_key unauthorized $28 $42501 -NOAUTH -WRONGPASS -NOPERM 401 403 407
CONTEXT_LENGTH context-length final safe: says that the prompt is too long
 context_length_exceeded string_above_max_length
NOT_CONFIGURED configuration final safe: is not set up
 model_not_found $3D $57P04 $F0
TLS_FAILED configuration final safe: has a certificate that cannot be trusted
 EPROTO UND_ERR_PRX_TLS
UNKNOWN unknown final unsure: could not be called
 !TypeError !ReferenceError !RangeError !EvalError`

/**
 * Words that are told by how they begin, and what they mean the same as; asked after the table. With `"` it is the message of an
 * error: how fetch says "no connection" where it gives no code (Chromium, Firefox, Safari, Node, Deno, Workers), and pg, ioredis.
 */
const BEGINNINGS: readonly (readonly [RegExp, string])[] = [
  [/^(CERT|ERR_TLS|ERR_SSL|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)_/, 'EPROTO'],
  [/^HPE_/, 'UND_ERR_HEADERS_OVERFLOW'],
  [/^EAI_/, 'ENOTFOUND'],
  [/^UND_ERR_SOCKS5|^"(client (was|has)|the client is) /i, 'EMFILE'],
  [/^"(connection terminated due to|timeout ex)/i, 'CONNECT_TIMEOUT'],
  [/^"(command timed out|query read timeout)/i, 'ETIMEDOUT'],
  [/^"error sending .+\(Connect\): dns /, 'ENOTFOUND'],
  [/^"error sending .+\(Connect\)/, 'ECONNREFUSED'],
  [/^"(invalid url|.*failed to parse url)/i, 'ERR_INVALID_URL'],
  [
    /^(UND_ERR|ERR_HTTP2_|CONNECTION_)|^"(fetch failed|failed to fetch|network ?(error|connection lost)|load failed|error (sending request|reading a body)|terminated$|socket hang up|connection (is closed|terminated))/i,
    'EPIPE',
  ],
  [/^AI_(NoSuch|Load)/, 'model_not_found'],
  [/^AI_\w+Refusal/, '-ERR'],
  [/^AI_(Invalid|Missing|Message|TooMany|ToolCallNot|\w*Unsupported)/, 'ERR_INVALID_URL'],
  [/^!AI_No\w+Generated/, 'AI_EmptyResponseBodyError'],
]

let verdicts: Map<unknown, Verdict> | undefined

/**
 * What a word means; see the tables above.
 * @param doing what the system was doing.
 */
export function verdictOf(word: string, doing: unknown = ''): Verdict | undefined {
  verdicts ??= read()
  return (
    verdicts.get(`${word}/${String(doing)}`) ??
    verdicts.get(word) ??
    verdicts.get(BEGINNINGS.find(([begins]) => begins.test(word))?.[1])
  )
}

/** Reads the table; done once, at the first error. */
function read(): Map<unknown, Verdict> {
  const read = new Map<unknown, Verdict>()
  for (const [, code = '', category, again, effect, says = '', words = ''] of TABLE.matchAll(
    /^(\S+) (\S+) (\S+) (\S+): (.*)((\n .*)+)/gm,
  )) {
    const verdict = {
      code,
      category: category as ErrorCategory,
      retryable: again === 'retry',
      mayHaveTakenEffect: effect === 'unsure',
      says,
    }
    for (const word of words.split(/\s+/)) if (word !== '') read.set(word, verdict)
  }
  return read
}

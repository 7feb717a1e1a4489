import { systemClock } from '../clock/system-clock.ts'
import type { Clock } from '../clock/clock.ts'
import { HoldfastError } from './holdfast-error.ts'
import {
  CONNECTION_LOST,
  INVALID_REQUEST,
  REPLY_TIMEOUT,
  verdictOfFetchMessage,
  verdictOfNetworkCode,
} from './network-codes.ts'
import { type HeadersLike, parseRetryAfter } from './retry-after.ts'
import { verdictOfServiceCode, verdictOfStatus } from './service-codes.ts'
import type { Verdict } from './verdict.ts'

/** How many causes deep to look for something that can be told. */
const DEEPEST_CAUSE = 5

const INVALID_JSON: Verdict = {
  code: 'INVALID_JSON',
  category: 'malformed',
  retryable: true,
  mayHaveTakenEffect: true,
  says: 'sent JSON that cannot be read',
}
const MALFORMED: Verdict = { ...INVALID_JSON, code: 'MALFORMED_REPLY', says: 'sent a reply of the wrong shape' }
const EMPTY: Verdict = { ...INVALID_JSON, code: 'EMPTY', says: 'sent an empty reply' }
const BROKEN_OFF: Verdict = { ...INVALID_JSON, code: 'ABORTED', category: 'network', says: 'broke the call off' }
const NOT_SET_UP: Verdict = {
  code: 'NOT_CONFIGURED',
  category: 'configuration',
  retryable: false,
  mayHaveTakenEffect: false,
  says: 'is not set up',
}
const BUG: Verdict = {
  code: 'UNKNOWN',
  category: 'unknown',
  retryable: false,
  mayHaveTakenEffect: true,
  says: 'could not be called',
}
const UNKNOWN: Verdict = { ...BUG, retryable: true, says: 'failed in a way that is not known' }

/** Errors that are told by their name: the platform's and the AI SDK's. */
const VERDICT_BY_NAME: ReadonlyMap<string, Verdict> = new Map([
  ['TimeoutError', REPLY_TIMEOUT],
  // By the time this is asked the caller's own abort is ruled out, so the other side broke off.
  ['AbortError', BROKEN_OFF],
  ['AI_JSONParseError', INVALID_JSON],
  ['AI_TypeValidationError', MALFORMED],
  ['AI_InvalidResponseDataError', MALFORMED],
  ['AI_EmptyResponseBodyError', EMPTY],
  ['AI_NoContentGeneratedError', EMPTY],
  ['AI_NoOutputGeneratedError', EMPTY],
  ['AI_LoadAPIKeyError', NOT_SET_UP],
  ['AI_LoadSettingError', NOT_SET_UP],
  ['AI_NoSuchModelError', NOT_SET_UP],
  ['AI_InvalidPromptError', INVALID_REQUEST],
  ['AI_InvalidArgumentError', INVALID_REQUEST],
  ['AI_UnsupportedFunctionalityError', INVALID_REQUEST],
])

/** Mistakes of a program, which another try does not mend. */
const BUG_NAMES: ReadonlySet<string> = new Set(['TypeError', 'ReferenceError', 'RangeError', 'EvalError'])

interface Seen {
  readonly verdict: Verdict
  readonly status?: number
  readonly retryAfterMs?: number
}

/**
 * Classifies anything that can be thrown. A {@link HoldfastError} comes back as it is. Otherwise it looks at codes of Node,
 * undici and Bun, at HTTP statuses and headers (errors with `status` or `statusCode`, such as the AI SDK's `APICallError`),
 * at the words services use for their errors, at well-known error names, and at the causes behind. The message is our own:
 * nothing of the original text goes into it, since that may hold a body, a URL or a key; the original is the `cause`.
 *
 * @example
 * ```ts
 * import { toHoldfastError } from '@holdfast/core'
 *
 * const error = toHoldfastError(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'crm')
 * console.log(error.code, error.category, error.retryable, error.mayHaveTakenEffect)
 * ```
 *
 * An `AbortError` is taken for the other side's (`ABORTED`, category `network`): ask the caller's signal first.
 *
 * @param integration the name of the integration whose call failed.
 * @param clock for a `Retry-After` that names a date. Default: the system clock.
 */
export function toHoldfastError(error: unknown, integration?: string, clock: Clock = systemClock): HoldfastError {
  if (HoldfastError.isInstance(error)) return error
  const { verdict, status, retryAfterMs } = classify(error, clock, DEEPEST_CAUSE) ?? { verdict: UNKNOWN }
  return new HoldfastError({
    code: verdict.code,
    category: verdict.category,
    message: `${integration ?? 'the service'} ${verdict.says}`,
    retryable: verdict.retryable,
    mayHaveTakenEffect: verdict.mayHaveTakenEffect,
    cause: error,
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(integration === undefined ? {} : { integration }),
  })
}

function classify(error: unknown, clock: Clock, depth: number): Seen | undefined {
  if (typeof error === 'string') {
    const verdict = verdictOfServiceCode(error)
    return verdict === undefined ? undefined : { verdict }
  }
  if (!isRecord(error)) return undefined
  return (
    ofHttp(error, clock) ??
    ofCode(error) ??
    ofName(error) ??
    (depth > 0 ? ofCause(error, clock, depth - 1) : undefined) ??
    ofMistake(error)
  )
}

/** An error reply: a status, perhaps headers, perhaps a word in the body that says more than the status. */
function ofHttp(error: Record<string, unknown>, clock: Clock): Seen | undefined {
  const inner = isRecord(error['error']) ? error['error'] : error
  const candidates = [error['statusCode'], error['status'], error['code'], inner['status'], inner['code']]
  const status = candidates.find((value) => typeof value === 'number')
  const ofStatus = typeof status === 'number' ? verdictOfStatus(status) : undefined
  if (typeof status !== 'number' || ofStatus === undefined) return undefined
  const ofWord = wordOf(error)
  const refined =
    ofWord !== undefined && (ofWord.category === 'quota' || ofWord.category === 'context-length') ? ofWord : ofStatus
  const headers = error['responseHeaders'] ?? error['headers']
  const retryAfterMs = isRecord(headers) ? parseRetryAfter(headers as HeadersLike, clock.wallTime()) : undefined
  return { verdict: refined, status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
}

function ofCode(error: Record<string, unknown>): Seen | undefined {
  const code = error['code']
  const ofNetwork = typeof code === 'string' ? verdictOfNetworkCode(code, syscallOf(error)) : undefined
  const verdict = ofNetwork ?? wordOf(error)
  return verdict === undefined ? undefined : { verdict }
}

/** What the system was doing. Node tries several addresses of a name, and says it only in the error of each of them. */
function syscallOf({ syscall, errors }: Record<string, unknown>): unknown {
  if (syscall !== undefined || !Array.isArray(errors) || errors.length === 0) return syscall
  return errors.every((error) => isRecord(error) && error['syscall'] === 'connect') ? 'connect' : undefined
}

/** The service's own word: on the error, in its `error`, or in the parsed body that the AI SDK keeps in `data`. */
function wordOf(error: Record<string, unknown>): Verdict | undefined {
  const data = error['data']
  for (const place of [error, error['error'], data, isRecord(data) ? data['error'] : undefined]) {
    if (!isRecord(place)) continue
    for (const word of [place['code'], place['type']]) {
      const verdict = typeof word === 'string' ? verdictOfServiceCode(word) : undefined
      if (verdict !== undefined) return verdict
    }
  }
  return undefined
}

function ofName(error: Record<string, unknown>): Seen | undefined {
  const name = error['name']
  if (typeof name !== 'string') return undefined
  if (name === 'SyntaxError') return { verdict: INVALID_JSON }
  const verdict = VERDICT_BY_NAME.get(name)
  return verdict === undefined ? undefined : { verdict }
}

function ofCause(error: Record<string, unknown>, clock: Clock, depth: number): Seen | undefined {
  const behind = [error['cause'], error['lastError'], Array.isArray(error['errors']) ? error['errors'][0] : undefined]
  for (const cause of behind) {
    if (cause === undefined || cause === error) continue
    if (HoldfastError.isInstance(cause)) return ofHoldfastError(cause)
    const seen = classify(cause, clock, depth)
    if (seen !== undefined) return seen
  }
  return undefined
}

/** Somebody wrapped one of ours: what it said still holds. */
function ofHoldfastError(error: HoldfastError): Seen {
  const { code, category, retryable, mayHaveTakenEffect, status, retryAfterMs } = error
  return {
    verdict: { code, category, retryable, mayHaveTakenEffect, says: `failed with ${code}` },
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

function ofMistake(error: Record<string, unknown>): Seen | undefined {
  const { name, message, isRetryable } = error
  if (name === 'TypeError' && typeof message === 'string') {
    const verdict = verdictOfFetchMessage(message)
    if (verdict !== undefined) return { verdict }
  }
  if (typeof name === 'string' && BUG_NAMES.has(name)) return { verdict: BUG }
  // The AI SDK's APICallError without a status: the request never got a reply.
  if (typeof isRetryable === 'boolean') return { verdict: isRetryable ? CONNECTION_LOST : UNKNOWN_FINAL }
  return undefined
}

const UNKNOWN_FINAL: Verdict = { ...UNKNOWN, retryable: false }

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import { HoldfastError } from './holdfast-error.ts'
import { verdictOfStatus } from './http-status.ts'
import { type HeadersLike, parseRetryAfter } from './retry-after.ts'
import { verdictOf } from './verdict-table.ts'
import type { Verdict } from './verdict.ts'

/** How many causes deep to look for something that can be told. */
const DEEPEST_CAUSE = 5

const UNKNOWN: Verdict = {
  code: 'UNKNOWN',
  category: 'unknown',
  retryable: true,
  mayHaveTakenEffect: true,
  says: 'failed in an unknown way',
}

type Fields = Record<string, unknown>

/**
 * What anything that can be thrown means, as a plain record. It looks at HTTP statuses and headers (of a `Response` too, or of
 * an error with `status` or `statusCode`, such as the AI SDK's `APICallError`), at codes of Node, undici, Bun and DNS, at PostgreSQL's
 * SQLSTATE (pg, PGlite, postgres.js, Bun), at the words services and Redis use for their errors, at well-known error names, and at the
 * causes behind. It never throws, and nothing of the original text goes into what comes back.
 *
 * @example
 * ```ts
 * import { classify } from '@holdfast/core'
 *
 * const { category, code, retryable, status, retryAfterMs } = classify(
 *   new Response('', { status: 503, headers: { 'retry-after': '2' } }),
 * )
 * console.log(category, code, retryable, status, retryAfterMs)
 * ```
 * @param clock for a `Retry-After` that names a date. Default: the system clock.
 */
export function classify(error: unknown, clock: Pick<Clock, 'wallTime'> = systemClock): Verdict {
  try {
    return look(error, clock, DEEPEST_CAUSE) ?? UNKNOWN
  } catch {
    // A property of the error threw.
    return UNKNOWN
  }
}

function look(error: unknown, clock: Pick<Clock, 'wallTime'>, depth: number): Verdict | undefined {
  if (typeof error === 'string') return verdictOf(error.toLowerCase())
  if (!isRecord(error)) return undefined
  if (HoldfastError.isInstance(error)) {
    const { code, category, retryable, mayHaveTakenEffect, status, retryAfterMs } = error
    return { code, category, retryable, mayHaveTakenEffect, says: `failed with ${code}`, status, retryAfterMs }
  }
  const { cause, lastError, errors, isRetryable } = error
  const name = nameOf(error)
  const behind = depth > 0 ? [cause, lastError, Array.isArray(errors) ? errors[0] : undefined] : []
  return (
    ofHttp(error, clock) ??
    ofCode(error, name) ??
    verdictOf(name) ??
    first(behind, (inner) => look(inner, clock, depth - 1)) ??
    ofMessage(error, name) ??
    verdictOf(`!${name}`) ??
    // The AI SDK's APICallError without a status: the request never got a reply.
    (typeof isRetryable === 'boolean'
      ? isRetryable
        ? verdictOf('EPIPE')
        : { ...UNKNOWN, retryable: false }
      : undefined)
  )
}

/** An error reply: a status, perhaps headers, perhaps a word in the body that says more than the status. */
function ofHttp(error: Fields, clock: Pick<Clock, 'wallTime'>): Verdict | undefined {
  const inner = isRecord(error['error']) ? error['error'] : error
  const status = [error['statusCode'], error['status'], error['code'], inner['status'], inner['code']].find(
    verdictOfStatus,
  ) as number | undefined
  const ofStatus = verdictOfStatus(status)
  if (ofStatus === undefined) return undefined
  const ofWord = wordOf(error)
  const headers = error['responseHeaders'] ?? error['headers']
  return {
    ...(ofWord !== undefined && /^(quota|con)/.test(ofWord.category) ? ofWord : ofStatus),
    status,
    retryAfterMs: isRecord(headers) ? parseRetryAfter(headers as HeadersLike, clock.wallTime()) : undefined,
  }
}

function ofCode(error: Fields, name: string): Verdict | undefined {
  const { code, errno, severity, syscall, errors } = error
  // Node tries several addresses of a name, and says what it was doing only in the error of each of them.
  const [first] = Array.isArray(errors) ? errors : []
  const state = [code, errno].find((state) => /^[\dA-Z]{5}$/.test(String(state)))
  return (
    verdictOf(String(code), syscall ?? (isRecord(first) ? first['syscall'] : undefined)) ??
    (typeof state === 'string' && (severity !== undefined || /^(error|PostgresError|DatabaseError)$/.test(name))
      ? (verdictOf(`$${state}`) ?? verdictOf(`$${state.slice(0, 2)}`) ?? verdictOf('$'))
      : wordOf(error))
  )
}

/** The service's own word: on the error, in its `error`, or in the parsed body that the AI SDK keeps in `data`. */
function wordOf(error: Fields): Verdict | undefined {
  const { error: inner, data } = error
  return first([error, inner, data, isRecord(data) ? data['error'] : undefined], (place) =>
    isRecord(place)
      ? first([place['code'], place['type'], place['status']], (word) =>
          typeof word === 'string' ? verdictOf(word.toLowerCase()) : undefined,
        )
      : undefined,
  )
}

/** Redis puts a word in capitals first; of the short ones, which anybody may use, only those that certainly are Redis's count. */
function ofMessage({ message }: Fields, name: string): Verdict | undefined {
  if (typeof message !== 'string') return undefined
  const [word = ''] = /^[A-Z]+(?= )/.exec(message) ?? []
  return (
    (word.length > 4 || /^(Reply|Simple|Blob)Error|^ErrorReply/.test(name) ? verdictOf(`-${word}`) : undefined) ??
    verdictOf(`"${message}`)
  )
}

/** Drivers often leave the name at `Error`, and only their class has one. */
function nameOf({ name, constructor }: Fields): string {
  return String(name === 'Error' && typeof constructor === 'function' ? constructor.name : name)
}

function first<Item>(items: readonly Item[], look: (item: Item) => Verdict | undefined): Verdict | undefined {
  for (const item of items) {
    const verdict = look(item)
    if (verdict !== undefined) return verdict
  }
  return undefined
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

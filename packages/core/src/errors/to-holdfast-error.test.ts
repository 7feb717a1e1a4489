import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { fakeClock } from '../testing/index.ts'
import { HoldfastError } from './holdfast-error.ts'
import { overtaken } from './overtaken.ts'
import { type Classify, toHoldfastError } from './to-holdfast-error.ts'

const thrown = (properties: object, name = 'Error'): Error =>
  Object.assign(new Error('the original text'), { name }, properties)

/** The shape of the AI SDK's error of the same name. */
const apiCallError = (properties: object): Error =>
  thrown({ url: 'https://user:key@host', ...properties }, 'AI_APICallError')

describe('classifying an error', () => {
  it('gives one of ours back as it is', () => {
    const ours = overtaken()
    expect(toHoldfastError(ours, 'crm')).toBe(ours)
  })

  it.each([
    [thrown({ code: 'ECONNREFUSED' }), 'CONNECTION_REFUSED', 'network', true, false],
    [thrown({ code: 'ENOTFOUND' }), 'NAME_NOT_RESOLVED', 'network', true, false],
    [thrown({ code: 'EAI_AGAIN' }), 'NAME_NOT_RESOLVED', 'network', true, false],
    [thrown({ code: 'EHOSTUNREACH' }), 'UNREACHABLE', 'network', true, false],
    [thrown({ code: 'ECONNRESET' }), 'CONNECTION_LOST', 'network', true, true],
    [thrown({ code: 'EPIPE' }), 'CONNECTION_LOST', 'network', true, true],
    [thrown({ code: 'UND_ERR_SOCKET' }), 'CONNECTION_LOST', 'network', true, true],
    [thrown({ code: 'ETIMEDOUT', syscall: 'connect' }), 'CONNECT_TIMEOUT', 'timeout', true, false],
    [thrown({ code: 'ETIMEDOUT', syscall: 'read' }), 'REPLY_TIMEOUT', 'timeout', true, true],
    [
      thrown({ code: 'ETIMEDOUT', errors: [thrown({ code: 'ETIMEDOUT', syscall: 'connect' })] }, 'AggregateError'),
      'CONNECT_TIMEOUT',
      'timeout',
      true,
      false,
    ],
    [thrown({ code: 'ETIMEDOUT', errors: [] }, 'AggregateError'), 'REPLY_TIMEOUT', 'timeout', true, true],
    [thrown({ code: 'UND_ERR_CONNECT_TIMEOUT' }), 'CONNECT_TIMEOUT', 'timeout', true, false],
    [thrown({ code: 'UND_ERR_HEADERS_TIMEOUT' }), 'REPLY_TIMEOUT', 'timeout', true, true],
    [thrown({ code: 'UND_ERR_BODY_TIMEOUT' }), 'REPLY_TIMEOUT', 'timeout', true, true],
    [thrown({ code: 'CERT_HAS_EXPIRED' }), 'TLS_FAILED', 'configuration', false, false],
    [thrown({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), 'TLS_FAILED', 'configuration', false, false],
    [thrown({ code: 'HPE_INVALID_CONSTANT' }), 'INVALID_REPLY', 'malformed', true, true],
    [thrown({ code: 'ERR_INVALID_URL' }, 'TypeError'), 'INVALID_REQUEST', 'validation', false, false],
    [
      new TypeError('fetch failed', { cause: thrown({ code: 'ECONNREFUSED' }) }),
      'CONNECTION_REFUSED',
      'network',
      true,
      false,
    ],
    [new AggregateError([thrown({ code: 'ECONNREFUSED' })]), 'CONNECTION_REFUSED', 'network', true, false],
    [new TypeError('Failed to fetch'), 'CONNECTION_LOST', 'network', true, true],
    [new TypeError('terminated'), 'CONNECTION_LOST', 'network', true, true],
    [new TypeError("Cannot read properties of undefined (reading 'then')"), 'UNKNOWN', 'unknown', false, true],
    [new SyntaxError('Unexpected token < in JSON'), 'INVALID_JSON', 'malformed', true, true],
    [new DOMException('too slow', 'TimeoutError'), 'REPLY_TIMEOUT', 'timeout', true, true],
    [new DOMException('gone', 'AbortError'), 'ABORTED', 'network', true, true],
    [thrown({}, 'AI_JSONParseError'), 'INVALID_JSON', 'malformed', true, true],
    [thrown({}, 'AI_TypeValidationError'), 'MALFORMED_REPLY', 'malformed', true, true],
    [thrown({}, 'AI_EmptyResponseBodyError'), 'EMPTY', 'malformed', true, true],
    [thrown({}, 'AI_LoadAPIKeyError'), 'NOT_CONFIGURED', 'configuration', false, false],
    [thrown({}, 'AI_InvalidPromptError'), 'INVALID_REQUEST', 'validation', false, false],
    [thrown({ lastError: apiCallError({ statusCode: 503 }) }, 'AI_RetryError'), 'HTTP_503', 'overloaded', true, true],
    [apiCallError({ statusCode: 500 }), 'HTTP_500', 'server', true, true],
    [apiCallError({ isRetryable: true }), 'CONNECTION_LOST', 'network', true, true],
    [apiCallError({ isRetryable: false }), 'UNKNOWN', 'unknown', false, true],
    [thrown({ status: 400 }), 'HTTP_400', 'client', false, false],
    [thrown({ status: 401 }), 'HTTP_401', 'auth', false, false],
    [thrown({ status: 402 }), 'HTTP_402', 'quota', false, false],
    [thrown({ status: 403 }), 'HTTP_403', 'auth', false, false],
    [thrown({ status: 404 }), 'HTTP_404', 'client', false, false],
    [thrown({ status: 408 }), 'HTTP_408', 'timeout', true, true],
    [thrown({ status: 409 }), 'HTTP_409', 'client', false, true],
    [thrown({ status: 429 }), 'HTTP_429', 'rate-limit', true, false],
    [thrown({ status: 501 }), 'HTTP_501', 'server', false, true],
    [thrown({ status: 529 }), 'HTTP_529', 'overloaded', true, true],
    [
      apiCallError({ statusCode: 429, data: { error: { code: 'insufficient_quota' } } }),
      'QUOTA_EXHAUSTED',
      'quota',
      false,
      false,
    ],
    [
      apiCallError({ statusCode: 400, data: { error: { code: 'context_length_exceeded' } } }),
      'CONTEXT_LENGTH',
      'context-length',
      false,
      false,
    ],
    [{ type: 'overloaded_error', message: 'x' }, 'OVERLOADED', 'overloaded', true, true],
    [{ error: { type: 'rate_limit_error' } }, 'TOO_MANY_REQUESTS', 'rate-limit', true, false],
    [{ error: { code: 429, message: 'x' } }, 'HTTP_429', 'rate-limit', true, false],
    ['server_error', 'SERVICE_ERROR', 'server', true, true],
    ['some words', 'UNKNOWN', 'unknown', true, true],
    [undefined, 'UNKNOWN', 'unknown', true, true],
    [null, 'UNKNOWN', 'unknown', true, true],
    [thrown({}), 'UNKNOWN', 'unknown', true, true],
  ])('tells %s', (error, code, category, retryable, mayHaveTakenEffect) => {
    const result = toHoldfastError(error, 'crm')
    expect(result).toMatchObject({ code, category, retryable, mayHaveTakenEffect, integration: 'crm' })
    expect(result.cause).toBe(error)
  })

  it('keeps the status and what Retry-After says', () => {
    const error = apiCallError({ statusCode: 503, responseHeaders: { 'Retry-After': '7' } })
    expect(toHoldfastError(error)).toMatchObject({ status: 503, retryAfterMs: 7_000 })
    const withHeaders = thrown({ status: 429, headers: new Headers({ 'retry-after-ms': '250' }) })
    expect(toHoldfastError(withHeaders)).toMatchObject({ status: 429, retryAfterMs: 250 })
  })

  it('reads a Retry-After date by the clock it is given', () => {
    const clock = fakeClock({ wallTime: 784_111_777_000 - 90_000 })
    const error = thrown({ status: 503, headers: { 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' } })
    expect(toHoldfastError(error, 'crm', clock).retryAfterMs).toBe(90_000)
  })

  it('finds one of ours behind a foreign error', () => {
    const ours = new HoldfastError({
      code: 'CIRCUIT_OPEN',
      category: 'rejected',
      message: 'x',
      retryable: true,
      mayHaveTakenEffect: false,
      retryAfterMs: 9,
    })
    expect(toHoldfastError(new Error('wrapped', { cause: ours }))).toMatchObject({
      code: 'CIRCUIT_OPEN',
      category: 'rejected',
      mayHaveTakenEffect: false,
      retryAfterMs: 9,
    })
  })

  it.each<[unknown, object]>([
    [Promise.resolve({ category: 'client' }), {}],
    ['client', {}],
    [{ category: 'overload' }, {}],
    [{ category: 'toString', code: 'MINE' }, { code: 'MINE' }],
    [{ retryAfterMs: -1, code: 'MINE' }, { code: 'MINE' }],
    [
      { retryAfterMs: Number.NaN, category: 'client' },
      { category: 'client', retryable: false },
    ],
    [{ code: undefined, category: undefined, retryable: undefined }, {}],
    [{ code: undefined, retryAfterMs: 0 }, { retryAfterMs: 0 }],
    [
      { category: 'timeout', retryable: false },
      { category: 'timeout', retryable: false },
    ],
  ])('takes of somebody’s own verdict what can be used: %j', (verdict, taken) => {
    const general = { code: 'HTTP_503', category: 'overloaded', retryable: true, retryAfterMs: undefined }
    const own = (() => verdict) as Classify
    expect(toHoldfastError({ status: 503 }, 'crm', undefined, own)).toMatchObject({ ...general, ...taken })
    const ours = new HoldfastError({ code: 'OURS', category: 'server', message: 'x', retryable: true })
    const isSaid = Object.keys(taken).length > 0
    expect(toHoldfastError(ours, 'crm', undefined, own) === ours).toBe(!isSaid)
  })

  it('comes to an end when causes form a circle', () => {
    const first = new Error('first')
    const second = new Error('second', { cause: first })
    first.cause = second
    expect(toHoldfastError(first)).toMatchObject({ code: 'UNKNOWN' })
  })

  it('lets nothing of the original text, body, URL or headers into the message or the JSON', () => {
    const secret = 'sk-live-123'
    const error = apiCallError({
      statusCode: 500,
      url: `https://user:${secret}@host/?key=${secret}`,
      responseBody: `{"key":"${secret}"}`,
      responseHeaders: { 'set-cookie': secret },
      requestBodyValues: { secret },
      message: secret,
    })
    for (const classified of [error, new Error(secret), new SyntaxError(`${secret} is not valid JSON`), secret]) {
      const result = toHoldfastError(classified, 'crm')
      expect(result.message).not.toContain(secret)
      expect(JSON.stringify(result)).not.toContain(secret)
    }
  })

  it('tells the errors of a real fetch', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/reset') request.socket.destroy()
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{"half":')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const codeOf = async (work: Promise<unknown>): Promise<string> => {
      try {
        await work
        return 'none'
      } catch (error) {
        return toHoldfastError(error).code
      }
    }
    expect(await codeOf(fetch(`${base}/reset`))).toBe('CONNECTION_LOST')
    expect(await codeOf(fetch(base).then((response) => response.json()))).toBe('INVALID_JSON')
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    expect(await codeOf(fetch(base))).toBe('CONNECTION_REFUSED')
    expect(await codeOf(fetch('http://'))).toBe('INVALID_REQUEST')
  })
})

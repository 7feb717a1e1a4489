import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fakeClock } from '../testing/index.ts'
import { CATEGORY_RULES } from './category-rules.ts'
import { classify } from './classify.ts'
import { HoldfastError } from './holdfast-error.ts'

const thrown = (properties: object, name = 'Error', message = 'the original text'): Error =>
  Object.assign(new Error(message), name === 'Error' ? {} : { name }, properties)

type Expected = readonly [code: string, category: string, retryable: boolean, mayHaveTakenEffect: boolean]

function told(error: unknown): Expected {
  const { code, category, retryable, mayHaveTakenEffect } = classify(error)
  return [code, category, retryable, mayHaveTakenEffect]
}

const LOST: Expected = ['CONNECTION_LOST', 'network', true, true]
const UNREACHABLE: Expected = ['UNREACHABLE', 'network', true, false]
const CONNECT_TIMEOUT: Expected = ['CONNECT_TIMEOUT', 'timeout', true, false]
const REPLY_TIMEOUT: Expected = ['REPLY_TIMEOUT', 'timeout', true, true]
const NOT_READY: Expected = ['NOT_READY', 'overloaded', true, false]
const CONFLICT: Expected = ['CONFLICT', 'server', true, false]
const SERVICE_ERROR: Expected = ['SERVICE_ERROR', 'server', true, true]
const REFUSED: Expected = ['REQUEST_REFUSED', 'client', false, false]
const INVALID: Expected = ['INVALID_REQUEST', 'validation', false, false]
const AUTH: Expected = ['NOT_AUTHORISED', 'auth', false, false]
const NOT_CONFIGURED: Expected = ['NOT_CONFIGURED', 'configuration', false, false]
const MALFORMED: Expected = ['MALFORMED_REPLY', 'malformed', true, true]
const EMPTY: Expected = ['EMPTY', 'malformed', true, true]
const UNKNOWN: Expected = ['UNKNOWN', 'unknown', true, true]

describe('an error of PostgreSQL', () => {
  it.each<[string, Expected]>([
    ['08006', LOST],
    ['08P01', LOST],
    ['08001', ['CONNECTION_REFUSED', 'network', true, false]],
    ['40001', CONFLICT],
    ['40P01', CONFLICT],
    ['40003', SERVICE_ERROR],
    ['55P03', CONFLICT],
    ['53100', NOT_READY],
    ['53300', NOT_READY],
    ['57014', ['SERVICE_TIMEOUT', 'timeout', true, true]],
    ['57P01', LOST],
    ['57P02', LOST],
    ['57P03', NOT_READY],
    ['25006', NOT_READY],
    ['23505', REFUSED],
    ['22P02', REFUSED],
    ['42P01', REFUSED],
    ['P0001', REFUSED],
    ['28P01', AUTH],
    ['42501', AUTH],
    ['3D000', NOT_CONFIGURED],
    ['58030', SERVICE_ERROR],
    ['XX000', SERVICE_ERROR],
  ])('with SQLSTATE %s is told', (state, expected) => {
    expect(told(thrown({ code: state, severity: 'ERROR', routine: 'exec' }, 'error'))).toEqual(expected) // pg, PGlite
    expect(told(thrown({ code: state, severity_local: 'ERROR' }, 'PostgresError'))).toEqual(expected) // postgres.js
    expect(told(thrown({ code: 'ERR_POSTGRES_SERVER_ERROR', errno: state }, 'PostgresError'))).toEqual(expected) // Bun
    expect(told(new Error('query failed', { cause: thrown({ code: state }, 'error') }))).toEqual(expected) // Drizzle
  })

  it('is none for a code of five characters alone', () => {
    for (const code of ['57014', '40001', 'XX000', 'E1234']) expect(told(thrown({ code }))).toEqual(UNKNOWN)
    expect(told(thrown({ code: 'EPIPE', severity: 'FATAL' }))).toEqual(LOST)
  })

  it.each<[string, Expected]>([
    ['Connection terminated unexpectedly', LOST],
    ['Connection terminated due to connection timeout', CONNECT_TIMEOUT],
    ['timeout exceeded when trying to connect', CONNECT_TIMEOUT],
    ['Query read timeout', REPLY_TIMEOUT],
    ['Client has encountered a connection error and is not queryable', UNREACHABLE],
  ])('without a code is told by "%s"', (message, expected) => expect(told(new Error(message))).toEqual(expected))

  it.each<[string, Expected]>([
    ['CONNECTION_CLOSED', LOST],
    ['CONNECTION_ENDED', LOST],
    ['CONNECTION_DESTROYED', LOST],
    ['CONNECT_TIMEOUT', CONNECT_TIMEOUT],
  ])('of postgres.js with code %s is told', (code, expected) => expect(told(thrown({ code }))).toEqual(expected))
})

describe('an error of Redis', () => {
  it.each<[string, Expected]>([
    ['LOADING Redis is loading the dataset in memory', NOT_READY],
    ['BUSY Redis is busy running a script.', NOT_READY],
    ['MOVED 3999 127.0.0.1:6381', NOT_READY],
    ['ASK 3999 127.0.0.1:6381', NOT_READY],
    ['CLUSTERDOWN The cluster is down', NOT_READY],
    ['TRYAGAIN Multiple keys request during rehashing of slot', NOT_READY],
    ["READONLY You can't write against a read only replica.", NOT_READY],
    ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", NOT_READY],
    ["OOM command not allowed when used memory > 'maxmemory'.", NOT_READY],
    ['NOAUTH Authentication required.', AUTH],
    ['WRONGPASS invalid username-password pair or user is disabled.', AUTH],
    ["NOPERM User alice has no permissions to run the 'get' command", AUTH],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', REFUSED],
    ['EXECABORT Transaction discarded because of previous errors.', REFUSED],
    ['NOSCRIPT No matching script.', REFUSED],
    ["ERR unknown command 'GETT'", REFUSED],
  ])('that replies "%s" is told', (message, expected) => {
    class SimpleError extends Error {}
    expect(told(thrown({ command: 'get' }, 'ReplyError', message))).toEqual(expected) // ioredis
    expect(told(new SimpleError(message))).toEqual(expected) // node-redis, which sets no name
  })

  it('is none for a short word in capitals of anybody else', () => {
    for (const message of ['ASK again later', 'OOM killed', 'BUSY', 'ERR 7', 'Loading failed']) {
      expect(told(new Error(message))).toEqual(UNKNOWN)
    }
  })

  it('is told by the class of the driver', () => {
    class ConnectionTimeoutError extends Error {}
    class SocketClosedUnexpectedlyError extends Error {}
    class ClientClosedError extends Error {}
    expect(told(new ConnectionTimeoutError('Connection timeout'))).toEqual(CONNECT_TIMEOUT)
    expect(told(new SocketClosedUnexpectedlyError('Socket closed unexpectedly'))).toEqual(LOST)
    expect(told(new ClientClosedError('The client is closed'))).toEqual(UNREACHABLE)
    expect(told(thrown({}, 'MaxRetriesPerRequestError'))).toEqual(LOST)
    expect(told(new Error('Connection is closed.'))).toEqual(LOST)
    expect(told(new Error('Command timed out'))).toEqual(REPLY_TIMEOUT)
  })
})

describe('an error of the network', () => {
  it.each(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'ESERVFAIL', 'ETIMEOUT', 'EREFUSED', 'ENODATA'])(
    'with the DNS code %s says that nothing was sent',
    (code) => expect(told(thrown({ code, syscall: 'queryA' }))).toEqual(['NAME_NOT_RESOLVED', 'network', true, false]),
  )

  it('with any code of undici is told', () => {
    for (const code of ['UND_ERR', 'UND_ERR_ABORT', 'UND_ERR_CLOSED', 'UND_ERR_INFO', 'UND_ERR_FROM_THE_FUTURE']) {
      expect(told(thrown({ code }))).toEqual(LOST)
    }
    for (const code of ['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED']) expect(told(thrown({ code }))).toEqual(INVALID)
    for (const code of ['UND_ERR_PRX_CONN', 'UND_ERR_SOCKS5_AUTH_FAILED'])
      expect(told(thrown({ code }))).toEqual(UNREACHABLE)
    expect(told(thrown({ code: 'UND_ERR_PRX_TLS' }))).toEqual(['TLS_FAILED', 'configuration', false, false])
    expect(told(thrown({ code: 'UND_ERR_RESPONSE', statusCode: 503 }))).toEqual(['HTTP_503', 'overloaded', true, true])
    expect(told(thrown({ code: 'UND_ERR_RES_EXCEEDED_MAX_SIZE' }))).toEqual(['INVALID_REPLY', 'malformed', true, true])
  })

  it.each([
    ['Chromium', 'Failed to fetch'],
    ['Firefox', 'NetworkError when attempting to fetch resource.'],
    ['Safari', 'Load failed'],
    ['Node', 'fetch failed'],
    ['Deno', 'error sending request for url (http://127.0.0.1/)'],
    ['Workers', 'Network connection lost.'],
  ])('of fetch in %s is told without a code', (_, message) => expect(told(new TypeError(message))).toEqual(LOST))

  it('of Bun is told by its code', () => {
    expect(told(thrown({ code: 'ConnectionRefused' }))).toEqual(['CONNECTION_REFUSED', 'network', true, false])
    expect(told(thrown({ code: 'ConnectionClosed' }))).toEqual(LOST)
  })
})

describe('an error of the AI SDK', () => {
  it.each<[string, Expected]>([
    ['InvalidDataContent', INVALID],
    ['MissingToolResults', INVALID],
    ['MessageConversion', INVALID],
    ['TooManyEmbeddingValuesForCall', INVALID],
    ['ToolCallNotFoundForApproval', INVALID],
    ['UnsupportedModelVersion', INVALID],
    ['DecisionUnsupportedQuestionType', INVALID],
    ['InvalidToolInput', MALFORMED],
    ['InvalidStreamPart', MALFORMED],
    ['NoSuchTool', MALFORMED],
    ['ToolChoiceViolation', MALFORMED],
    ['NoObjectGenerated', MALFORMED],
    ['NoOutputGenerated', EMPTY],
    ['NoImageGenerated', EMPTY],
    ['NoContentGenerated', EMPTY],
    ['NoSuchModel', NOT_CONFIGURED],
    ['NoSuchProvider', NOT_CONFIGURED],
    ['LoadAPIKey', NOT_CONFIGURED],
    ['ExtractionRefusal', REFUSED],
    ['Download', LOST],
    ['SomethingNew', UNKNOWN],
  ])('named AI_%sError is told', (name, expected) => expect(told(thrown({}, `AI_${name}Error`))).toEqual(expected))

  it('is told by what is behind it where that says more', () => {
    const busy = thrown({ statusCode: 503, isRetryable: true }, 'AI_APICallError')
    expect(told(thrown({ cause: busy }, 'AI_NoOutputGeneratedError'))).toEqual(['HTTP_503', 'overloaded', true, true])
    expect(told(thrown({ errors: [busy], lastError: undefined }, 'AI_RetryError'))).toEqual([
      'HTTP_503',
      'overloaded',
      true,
      true,
    ])
    const text = new SyntaxError('Unexpected end')
    expect(told(thrown({ cause: text }, 'AI_NoObjectGeneratedError'))).toEqual([
      'INVALID_JSON',
      'malformed',
      true,
      true,
    ])
  })

  it('of the gateway and of a stream is told by its status or its word', () => {
    expect(told(thrown({ statusCode: 429, type: 'rate_limit_exceeded' }, 'GatewayRateLimitError'))).toEqual([
      'HTTP_429',
      'rate-limit',
      true,
      false,
    ])
    expect(told(thrown({ type: 'overloaded_error', isRetryable: false }, 'AI_StreamProviderError'))).toEqual([
      'OVERLOADED',
      'overloaded',
      true,
      true,
    ])
  })

  it('for a model that does not exist is a matter of configuration, not of the request', () => {
    const error = thrown({ statusCode: 404, data: { error: { code: 'model_not_found' } } }, 'AI_APICallError')
    expect(told(error)).toEqual(NOT_CONFIGURED)
    expect(classify(error).status).toBe(404)
  })
})

describe('an error of JSON-RPC', () => {
  it.each<[number, Expected]>([
    [-32000, LOST],
    [-32001, REPLY_TIMEOUT],
    [-32603, SERVICE_ERROR],
  ])('with code %s is told', (code, expected) => expect(told(thrown({ code }, 'McpError'))).toEqual(expected))
})

describe('a reply of fetch', () => {
  it('is told by its status and its headers, and its body is left alone', async () => {
    const reply = new Response('later', { status: 503, headers: { 'retry-after': '7' } })
    expect(classify(reply)).toMatchObject({
      code: 'HTTP_503',
      category: 'overloaded',
      status: 503,
      retryAfterMs: 7_000,
    })
    expect(await reply.text()).toBe('later')
  })

  it('has its date compared with the clock it is given', () => {
    const clock = fakeClock({ wallTime: Date.UTC(2026, 0, 1) })
    const headers = { 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' }
    expect(classify(new Response('', { status: 429, headers }), clock).retryAfterMs).toBe(60_000)
  })

  it('means the same for every status as it always did', () => {
    for (let status = 100; status < 700; status++) {
      const verdict = classify({ status })
      if (status < 400 || status > 599) {
        expect(verdict.code, String(status)).toBe('UNKNOWN')
        continue
      }
      expect(verdict.code).toBe(`HTTP_${status}`)
      const again = [408, 425, 429].includes(status) || (status >= 500 && status !== 501 && status !== 505)
      expect(verdict.retryable, String(status)).toBe(again)
      if (status >= 500) expect(verdict.mayHaveTakenEffect).toBe(true)
    }
  })
})

describe('a verdict', () => {
  it('is a plain record with the fields of one of ours', () => {
    const options = {
      code: 'X',
      category: 'server',
      message: 'm',
      retryable: false,
      status: 599,
      retryAfterMs: 1,
    } as const
    const verdict = classify(new HoldfastError(options))
    expect(verdict).toEqual({
      code: 'X',
      category: 'server',
      retryable: false,
      mayHaveTakenEffect: true,
      status: 599,
      retryAfterMs: 1,
      says: 'failed with X',
    })
  })

  it('comes back for anything at all, hostile errors included', () => {
    const hostile = Object.defineProperty({}, 'status', {
      get() {
        throw new Error('no')
      },
    })
    expect(told(hostile)).toEqual(UNKNOWN)
    expect(told(thrown({ code: Symbol('no'), name: 7 }))).toEqual(UNKNOWN)
    expect(told(Object.create(null))).toEqual(UNKNOWN)
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withMap: true, withDate: true }), (value) => {
        const verdict = classify(value)
        expect(CATEGORY_RULES).toHaveProperty(verdict.category)
        expect(verdict.says).not.toBe('')
      }),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { CATEGORY_RULES, ruleOf } from './category-rules.ts'
import type { ErrorCategory } from './category.ts'
import { HoldfastError } from './holdfast-error.ts'
import { isOvertaken, overtaken } from './overtaken.ts'

const error = new HoldfastError({
  code: 'HTTP_503',
  category: 'overloaded',
  message: 'crm answered with HTTP status 503',
  retryable: true,
  retryAfterMs: 0,
  status: 503,
  integration: 'crm',
  labels: { tenant: 'acme' },
  cause: new Error('with a body'),
})

describe('a HoldfastError', () => {
  it('is recognised by its marker, across duplicate installs, and nothing else is', () => {
    class FromAnotherInstall extends Error {
      override readonly name = 'HoldfastError'
    }
    Object.defineProperty(FromAnotherInstall.prototype, Symbol.for('holdfast.error'), { value: true })
    expect(HoldfastError.isInstance(error)).toBe(true)
    expect(HoldfastError.isInstance(new FromAnotherInstall())).toBe(true)
    for (const other of [new Error('no'), null, undefined, 'HoldfastError', {}]) {
      expect(HoldfastError.isInstance(other)).toBe(false)
    }
  })

  it('turns into JSON without cause and stack, zero included (B41)', () => {
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'HoldfastError',
      code: 'HTTP_503',
      category: 'overloaded',
      message: 'crm answered with HTTP status 503',
      retryable: true,
      retryAfterMs: 0,
      status: 503,
      integration: 'crm',
      labels: { tenant: 'acme' },
    })
  })

  it('has a cause only if it was given one', () => {
    const options = { code: 'X', category: 'unknown', message: 'm', retryable: false } as const
    expect(Object.hasOwn(new HoldfastError({ ...options, cause: undefined }), 'cause')).toBe(false)
    expect(new HoldfastError({ ...options, cause: null }).cause).toBe(null)
    expect(Object.keys(new HoldfastError({ ...options, stack: false }))).not.toContain('stack')
  })

  it('may have taken effect unless it says otherwise', () => {
    expect(error.mayHaveTakenEffect).toBe(true)
    expect(overtaken().mayHaveTakenEffect).toBe(true)
  })

  it('records a stack unless it is told not to', () => {
    const options = { code: 'X', category: 'unknown', message: 'm', retryable: false } as const
    expect(new HoldfastError(options).stack?.split('\n').length).toBeGreaterThan(1)
    expect((new HoldfastError({ ...options, stack: false }).stack ?? '').split('\n')).toHaveLength(1)
    expect(new Error('of somebody else').stack?.split('\n').length).toBeGreaterThan(1)
  })
})

describe('the table of categories', () => {
  const rows = Object.entries(CATEGORY_RULES) as [ErrorCategory, (typeof CATEGORY_RULES)[ErrorCategory]][]

  it('is what it is', () => {
    const table = Object.fromEntries(
      rows.map(([name, rule]) => [
        name,
        `${rule.retry ? 'retry' : '-'} ${rule.breaker} ${rule.throttle} ${rule.fallback ? 'fallback' : '-'}`,
      ]),
    )
    expect(table).toEqual({
      timeout: 'retry failure not-accepted fallback',
      network: 'retry failure not-accepted fallback',
      'rate-limit': 'retry ignored not-accepted fallback',
      quota: '- failure accepted fallback',
      overloaded: 'retry failure not-accepted fallback',
      server: 'retry failure accepted fallback',
      malformed: 'retry failure accepted fallback',
      client: '- success accepted -',
      validation: '- ignored ignored -',
      auth: '- failure accepted fallback',
      configuration: '- failure accepted fallback',
      'context-length': '- success accepted -',
      cancelled: '- ignored ignored -',
      rejected: '- ignored ignored fallback',
      exhausted: '- ignored ignored fallback',
      unknown: 'retry failure accepted fallback',
    })
  })

  it('cannot be changed', () => {
    expect(Object.isFrozen(CATEGORY_RULES)).toBe(true)
    expect(rows.every(([, rule]) => Object.isFrozen(rule))).toBe(true)
  })

  it('takes a category it does not know for unknown', () => {
    expect(ruleOf('from-the-future' as ErrorCategory)).toBe(CATEGORY_RULES.unknown)
  })
})

describe('being overtaken', () => {
  it('is told by its code', () => {
    expect(isOvertaken(overtaken())).toBe(true)
    expect(overtaken()).not.toBe(overtaken())
    for (const reason of [error, undefined, 'OVERTAKEN', { code: 'OVERTAKEN' }]) expect(isOvertaken(reason)).toBe(false)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseHttpDate } from './http-date.ts'
import { parseRetryAfter } from './retry-after.ts'

const NOW = Date.UTC(2026, 0, 1)

describe('Retry-After', () => {
  it.each([
    [{ 'retry-after': '120' }, 120_000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': ' 1.5 ' }, 1_500],
    [{ 'Retry-After': '2' }, 2_000],
    [{ 'retry-after': ['3', '4'] }, 3_000],
    [{ 'retry-after': 5 }, 5_000],
    [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
    [{ 'retry-after-ms': 'soon', 'retry-after': '9' }, 9_000],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' }, 60_000],
    [{ 'retry-after': 'Wed, 31 Dec 2025 23:00:00 GMT' }, 0],
    [{ 'retry-after': 'Thu, 01 Jan 2026 05:01:00 GMT', date: 'Thu, 01 Jan 2026 05:00:30 GMT' }, 30_000],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': 'Infinity' }, undefined],
    [{ 'retry-after': '1e9' }, undefined],
    [{ 'retry-after': '' }, undefined],
    [{ 'retry-after': 'tomorrow' }, undefined],
    [{ 'retry-after': undefined }, undefined],
    [{}, undefined],
  ])('%j asks to wait %s ms', (headers, expected) => {
    expect(parseRetryAfter(headers, NOW)).toBe(expected)
  })

  it('is read from a Headers object', () => {
    expect(parseRetryAfter(new Headers({ 'Retry-After': '2' }), NOW)).toBe(2_000)
    expect(parseRetryAfter(new Headers(), NOW)).toBe(undefined)
  })
})

describe('an HTTP date', () => {
  it('is read in the three forms of RFC 9110', () => {
    for (const text of [
      'Sun, 06 Nov 1994 08:49:37 GMT',
      'Sunday, 06-Nov-94 08:49:37 GMT',
      'Sun Nov  6 08:49:37 1994',
    ]) {
      expect(parseHttpDate(text), text).toBe(784_111_777_000)
    }
  })

  it('is the same as the platform reads it, for every second from 1970 to 2200', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7_258_118_399 }), (seconds) => {
        expect(parseHttpDate(new Date(seconds * 1_000).toUTCString())).toBe(seconds * 1_000)
      }),
    )
  })

  it('with two digits for its year is at most 50 years ahead', () => {
    expect(parseHttpDate('Friday, 01-Jan-27 00:00:00 GMT')).toBe(Date.UTC(2027, 0, 1))
    expect(parseHttpDate('Friday, 01-Jan-99 00:00:00 GMT')).toBe(Date.UTC(1999, 0, 1))
  })

  it.each([
    '',
    'Sun, 99 Nov 1994 08:49:37 GMT',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 28:49:37 GMT',
    '1994-11-06',
  ])('is not %j', (text) => {
    expect(parseHttpDate(text)).toBe(NaN)
  })
})

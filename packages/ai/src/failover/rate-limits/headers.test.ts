import { describe, expect, it } from 'vitest'
import { limitsTold } from './headers.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')

describe('the limits in the headers of a reply', () => {
  it('are read as OpenAI writes them', () => {
    const told = limitsTold(
      {
        'x-ratelimit-limit-requests': '60',
        'x-ratelimit-remaining-requests': '59',
        'x-ratelimit-reset-requests': '1s',
        'x-ratelimit-limit-tokens': '150000',
        'x-ratelimit-remaining-tokens': '149984',
        'x-ratelimit-reset-tokens': '6m0s',
      },
      NOW,
    )
    expect(told).toEqual([
      { counted: 'requests', limit: 60, remaining: 59, resetMs: 1_000, refills: true },
      { counted: 'tokens', limit: 150_000, remaining: 149_984, resetMs: 360_000, refills: true },
    ])
  })

  it('are read as Anthropic writes them, with times that are compared with those of the reply', () => {
    const headers = {
      date: 'Sun, 01 Mar 2026 11:00:00 GMT',
      'anthropic-ratelimit-requests-limit': '50',
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '2026-03-01T11:00:30Z',
      'anthropic-ratelimit-input-tokens-remaining': '9000',
      'anthropic-ratelimit-input-tokens-reset': '2026-03-01T12:00:05+01:00',
      'anthropic-ratelimit-output-tokens-remaining': '0',
      'anthropic-ratelimit-output-tokens-reset': '2026-03-01T11:00:10.500Z',
    }
    // Our clock is an hour ahead of theirs.
    expect(limitsTold(headers, NOW)).toEqual([
      { counted: 'requests', limit: 50, remaining: 0, resetMs: 30_000, refills: true },
      { counted: 'input-tokens', limit: undefined, remaining: 9_000, resetMs: 5_000, refills: true },
      { counted: 'output-tokens', limit: undefined, remaining: 0, resetMs: 10_500, refills: true },
    ])
    const { date: _, ...undated } = headers
    expect(limitsTold(undated, NOW)[0]).toMatchObject({ resetMs: 0 })
  })

  for (const [text, ms] of [
    ['12ms', 12],
    ['7.66s', 7_660],
    ['2m59.56s', 179_560],
    ['1h2m3s', 3_723_000],
    ['1d', 86_400_000],
    ['30d', 86_400_000],
    ['8', 8_000],
    ['0', 0],
    [String(NOW + 2_500), 2_500],
    [String(NOW / 1_000 + 7), 7_000],
    [String(NOW - 5_000), 0],
    ['2026-03-01T12:00:01Z', 1_000],
    ['Sun, 01 Mar 2026 12:00:02 GMT', 2_000],
    ['soon', 10_000],
    ['-5', 10_000],
    ['', 10_000],
    ['s'.repeat(400), 10_000],
  ] as const) {
    it(`reset after ${ms} ms when they say "${text.slice(0, 40)}"`, () => {
      const [told] = limitsTold({ 'X-RateLimit-Remaining': '3', 'X-RateLimit-Reset': text }, NOW)
      expect(told?.resetMs).toBeCloseTo(ms, 6)
    })
  }

  it('are those of OpenRouter: a window that ends at a moment', () => {
    const headers = {
      'X-RateLimit-Limit': '20',
      'X-RateLimit-Remaining': '0',
      'X-RateLimit-Reset': String(NOW + 60_000),
    }
    expect(limitsTold(new Headers(headers), NOW)).toEqual([
      { counted: 'requests', limit: 20, remaining: 0, resetMs: 60_000, refills: false },
    ])
  })

  it('are those of the IETF in its newer form, where they count requests', () => {
    const headers = {
      'RateLimit-Policy': '"burst";q=100;w=60, "bytes";q=1000;qu="content-bytes";w=60, "daily";q=5000;w=86400',
      RateLimit: '"burst";r=0;t=30, "bytes";r=0;t=5, "daily";r=4000;t=3600',
    }
    expect(limitsTold(headers, NOW)).toEqual([
      { counted: 'requests', limit: 100, remaining: 0, resetMs: 30_000, refills: false },
      { counted: 'requests', limit: 5_000, remaining: 4_000, resetMs: 3_600_000, refills: false },
    ])
  })

  it('are those of the IETF in its older forms', () => {
    const told = { counted: 'requests', limit: 100, remaining: 50, resetMs: 30_000, refills: false }
    expect(limitsTold({ ratelimit: 'limit=100, remaining=50, reset=30' }, NOW)).toEqual([told])
    const apart = { 'ratelimit-limit': '100', 'ratelimit-remaining': '50', 'ratelimit-reset': '30' }
    expect(limitsTold(apart, NOW)).toEqual([told])
  })

  it('are none where a provider says nothing that can be counted on', () => {
    for (const headers of [
      undefined,
      {},
      { 'content-type': 'text/event-stream', date: 'Sun, 01 Mar 2026 12:00:00 GMT' },
      { 'x-ratelimit-remaining-requests': '-1', 'x-ratelimit-remaining-tokens': '' },
      { 'x-ratelimit-remaining-requests': 'many', ratelimit: '"a";r=-1;t=5, ;;=, "' },
      { 'x-ratelimit-reset-requests': '1s' },
      { 'x-ratelimit-remaining-requests': null as never },
    ]) {
      expect(limitsTold(headers, NOW)).toEqual([])
    }
  })

  it('are no more than eight', () => {
    const many = Array.from({ length: 50 }, (_, index) => `"p${index}";r=0;t=9`).join(', ')
    expect(limitsTold({ ratelimit: many }, NOW)).toHaveLength(8)
  })
})

import { describe, expect, it } from 'vitest'
import { createRedactor } from './redactor.ts'

const { redactDeep } = createRedactor()

describe('redacting a value that is to be logged', () => {
  it('redacts every string in it, names too, and leaves the rest', () => {
    const value = { n: 1, ok: true, none: null, list: ['a@b.it', { 'x@y.it': 'z' }], missing: undefined }
    expect(redactDeep(value)).toEqual({
      n: 1,
      ok: true,
      none: null,
      list: ['[email]', { '[email]': 'z' }],
      missing: undefined,
    })
    expect(value.list[0]).toBe('a@b.it')
  })

  it('takes out whatever is named like a secret', () => {
    const value = {
      password: 'x',
      cvv: 123,
      'X-Api-Key': 'y',
      headers: { Authorization: 'z', cookie: ['c'] },
      accessToken: 1,
      tokens: 3,
    }
    expect(redactDeep(value)).toEqual({
      password: '[secret]',
      cvv: '[secret]',
      'X-Api-Key': '[secret]',
      headers: { Authorization: '[secret]', cookie: '[secret]' },
      accessToken: '[secret]',
      tokens: 3,
    })
  })

  it('reads errors, maps, sets, dates, addresses, bytes and large numbers', () => {
    const error = new Error('a@b.it failed', { cause: new Error('at x@y.it') })
    expect(redactDeep(error)).toMatchObject({
      name: 'Error',
      message: '[email] failed',
      cause: { message: 'at [email]' },
    })
    expect(redactDeep(new Map([['k', 'a@b.it']]))).toEqual([['k', '[email]']])
    expect(redactDeep(new Set(['a@b.it']))).toEqual(['[email]'])
    expect(redactDeep(new Date(0))).toBe('1970-01-01T00:00:00.000Z')
    expect(redactDeep(new URL('https://u:pw@h.it/'))).toBe('https://u:[password]@h.it/')
    expect(redactDeep({ bytes: new Uint8Array(3), big: 10n, run: () => 1 })).toEqual({
      bytes: '[3 bytes]',
      big: '10',
      run: '[function]',
    })
  })

  it('comes to an end in circles, and says where', () => {
    const value: Record<string, unknown> = { name: 'x' }
    value['self'] = value
    value['twice'] = [value['name'], { value }]
    expect(redactDeep(value)).toEqual({ name: 'x', self: '[circular]', twice: ['x', { value: '[circular]' }] })
  })

  it('shows what stands in two places twice: that is no circle', () => {
    const shared = { a: 1 }
    expect(redactDeep({ one: shared, two: shared })).toEqual({ one: { a: 1 }, two: { a: 1 } })
  })

  it('stays within its bounds', () => {
    expect(redactDeep({ a: { b: { c: 1 } } }, { maxDepth: 2 })).toEqual({ a: { b: '[object]' } })
    expect(redactDeep([1, 2, 3, 4], { maxMembers: 2 })).toEqual([1, 2, '[2 more]'])
    expect(redactDeep({ a: 1, b: 2, c: 3 }, { maxMembers: 1 })).toEqual({ a: 1, '…': '[2 more]' })
    expect(redactDeep('x'.repeat(20), { maxText: 5 })).toBe('xxxxx… [15 characters more]')
  })

  it('shows no half of a secret that its bounds cut', () => {
    expect(redactDeep('key ghp_abcdefghijklmnopqrstuvwxyz0123456789', { maxText: 40 })).toMatch(/^key \[key\]… /)
  })

  it('survives what throws, and makes nobody a prototype', () => {
    const hostile = {
      get bad(): string {
        throw new Error('no')
      },
      good: 1,
    }
    expect(redactDeep(hostile)).toEqual({ bad: '[unreadable]', good: 1 })
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(redactDeep({ proxy })).toEqual({ proxy: '[unreadable]' })
    const parsed = JSON.parse('{"__proto__": {"admin": true}}') as unknown
    expect((redactDeep(parsed) as { admin?: boolean }).admin).toBeUndefined()
  })
})

import process from 'node:process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRedactor } from './redactor.ts'

const redactor = createRedactor()

function redacted(text: string): string {
  return redactor.redact(text).text
}

describe('a redactor', () => {
  it.each([
    ['Write to anna@example.com.', 'Write to [email].'],
    ['mail (j.o’brien@example.co.uk)', 'mail (j.o’[email])'],
    ['Call +1 (415) 555-0132, now', 'Call [phone], now'],
    ['tel:0255501987 oggi', 'tel:[phone] oggi'],
    ['+44 (0)20 7946 0958', '[phone]'],
    ['card 4242 4242 4242 4242 exp 12/27', 'card [card] exp 12/27'],
    ['IT60 X054 2811 1010 0000 0123 456', '[iban]'],
    ['CF RSSMRA85T10A562S.', 'CF [fiscal-code].'],
    ['card 4111.1111.1111.1111.', 'card [card].'],
    ['４１１１ １１１１ １１１１ １１１１', '[card]'],
    ['４１１１　１１１１　１１１１　１１１１', '[card]'],
    ['4111 1111 1111 1111, cvv 123', '[card], cvv [card]'],
    ['{"number":"4111111111111111","cvv":"1234"}', '{"number":"[card]","cvv":"[card]"}'],
    ['the CVV code is: 123.', 'the CVV code is: [card].'],
    ['CVC2 (3 digits) = 123, thanks', 'CVC2 (3 digits) = [card], thanks'],
    ['La carta è 4111111111111111 e il CVV è 123', 'La carta è [card] e il CVV è [card]'],
    ['4111-1111-1111-1111 exp 12/27 security code 123', '[card] exp 12/27 security code [card]'],
    ['Amex 3742 961412 73781, codice di sicurezza: 4821', 'Amex [card], codice di sicurezza: [card]'],
    ['4111111111111111|12|2027|123', '[card]|12|2027|[card]'],
    ['4111 1111 1111 1111 12/27 123', '[card] 12/27 [card]'],
    ['cvv １２３', 'cvv [card]'],
    ['my password is hunter2', 'my password is [password]'],
    ['La mia password è hunter2.', 'La mia password è [password].'],
    ['pw=abc123', 'pw=[password]'],
    ['//x:y@h', '//x:[password]@h'],
    ['redis://:s3cret@h:6379/0', 'redis://:[password]@h:6379/0'],
    ['{"client_secret": "abc123def456"}', '{"client_secret": "[key]"}'],
    ['authorization: Basic dXNlcjpwYXNzd29yZDEyMw==', 'authorization: Basic [bearer]'],
    [`Bearer ${'a1'.repeat(20)}. Then`, 'Bearer [bearer]. Then'],
  ])('makes of %s: %s', (text, expected) => {
    expect(redacted(text)).toBe(expected)
  })

  it('takes a private key out whole, also one whose line ends are escaped', () => {
    const body = `${'Ab3/'.repeat(16)}\n${'xY9+'.repeat(10)}==`
    const key = `-----BEGIN EC PRIVATE KEY-----\n${body}\n-----END EC PRIVATE KEY-----`
    expect(redacted(`key: ${key} end`)).toBe('key: [private-key] end')
    expect(redacted(`{"k":"${key.replaceAll('\n', '\\n')}"}`)).toBe('{"k":"[private-key]"}')
  })

  it('takes out a private key that breaks off', () => {
    expect(redacted(`-----BEGIN PRIVATE KEY-----\n${'Ab3/'.repeat(16)}`)).toBe('[private-key]')
  })

  it.each([
    '4242 4242 4242 4241',
    'IT61 X054 2811 1010 0000 0123 456',
    'RSSMRA85T10A562T',
    'order 3331234567',
    'pkg@1.2.3',
    'https://example.com:8080/a@b',
    'on 12/05/2025 at 10:30',
    'sk-learn-and-other-long-words-in-a-row',
    'password: ask the desk',
    'my password is wrong, and the flight is G650ER',
    'your password is required',
    '4111.1111.1111.1112',
    'The CVV has 3 digits, on the back.',
    'cvv 12345',
    'cvv 123.50 USD',
    'the security code of the gate is 4821',
    'flight CVC 10:30',
    'expires 12/27, 500 seats',
  ])('leaves %s as it is', (text) => {
    expect(redactor.redact(text)).toEqual({ text, found: [] })
  })

  it('says what it has found, and where', () => {
    const text = 'è a@b.it e 333 1234567'
    expect(redactor.redact(text).found).toEqual([
      { kind: 'email', start: 2, end: 8 },
      { kind: 'phone', start: 11, end: 22 },
    ])
  })

  it('finds only the kinds it is asked for, and says what it is told to in their place', () => {
    const text = 'a@b.it or +39 333 1234567'
    expect(createRedactor({ kinds: ['phone'], replacement: '***' }).redact(text).text).toBe('a@b.it or ***')
    expect(createRedactor({ replacement: (kind) => `<${kind}>` }).redact(text).text).toBe('<email> or <phone>')
  })

  it('knows national numbers of the countries it is told of, and international ones of all', () => {
    const text = '212-555-0143, 02 5551234, +81 3 1234 5678'
    expect(createRedactor({ countries: ['US'] }).redact(text).text).toBe('[phone], 02 5551234, [phone]')
    expect(createRedactor({ countries: ['IT'] }).redact(text).text).toBe('212-555-0143, [phone], [phone]')
    expect(createRedactor({ countries: [] }).redact(text).text).toBe('212-555-0143, 02 5551234, [phone]')
  })

  it('finds nothing in what it has made', () => {
    const text = 'a@b.it, +39 333 1234567, password=Winter2025!, api_key: abcdef123456, //u:pw@h'
    const once = redacted(text)
    expect(once).not.toContain('Winter')
    expect(redactor.redact(once)).toEqual({ text: once, found: [] })
  })

  it.each([
    [{ kinds: ['iris' as never] }, /kinds must be/],
    [{ countries: ['FR' as never] }, /countries must be/],
    [{ replacement: 1 as never }, /replacement must be/],
  ])('refuses options that it cannot use', (options, message) => {
    expect(() => createRedactor(options)).toThrow(message)
  })
})

const piece = fc.oneof(
  fc.constantFrom(
    'a@b.it',
    'x.y+z@',
    '@',
    '.',
    ' ',
    '  ',
    '\n',
    '+39 333',
    '1234567',
    '4242 4242',
    '4111 1111 1111 1111',
    'cvv ',
    'security code ',
    '12/27 ',
    '123',
    '4242',
    '-',
    '(',
    ')',
    '/',

    'IT60X0542811101000000123456',
    'RSSMRA85T10A562S',
    'sk-',
    'proj-',
    'abc1'.repeat(8),
    'eyJhbGciOiJI',
    '.eyJzdWIi',
    ':',
    'Bearer ',
    'password=',
    'api_key: ',
    '"',
    '//u:',
    '-----BEGIN PRIVATE KEY-----',
    'Ab3/'.repeat(9),
    '-----END ',

    'PRIVATE KEY-----',
    '😀',
    '\ud83d',
    'è',
    'ghp_',
    'AKIA',
    'ABCDEFGHIJKLMNOP',
    'tel ',
    'ordine ',
    '$',
    '€',
    '00',
    '3',
  ),
  fc.string({ maxLength: 6 }),
)

describe('a redactor of a stream', () => {
  it('gives what the whole text gives, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 24 }), fc.array(fc.nat(40), { maxLength: 40 }), (pieces, sizes) => {
        const text = pieces.join('')
        const stream = redactor.stream()
        let out = ''
        let at = 0
        for (const size of sizes) {
          out += stream.push(text.slice(at, at + size))
          at += size
        }
        out += stream.push(text.slice(at)) + stream.flush()
        expect(out).toBe(redacted(text))
      }),
      { numRuns: 2_000 },
    )
  })

  it('keeps back only what may be the beginning of something', () => {
    const stream = redactor.stream()
    expect(stream.push('Hello there, ')).toBe('Hello there, ')
    expect(stream.push('anna')).toBe('')
    expect(stream.push(' said')).toBe('anna ')
    expect(stream.push(': +39 333')).toBe('said: ')
    expect(stream.push(' is short.')).toBe('+39 333 is ')
    expect(stream.flush()).toBe('short.')
  })

  it('lets nothing of a secret out, and keeps nothing of it in memory, however long it is', () => {
    const stream = redactor.stream()
    let out = stream.push('key sk-')
    for (let at = 0; at < 50_000; at += 1) {
      out += stream.push('a1B2c3D4')
      if (at > 10) expect(stream.held).toBe(0)
    }
    out += stream.push(' done') + stream.flush()
    expect(out).toBe('key [key] done')
    expect([...stream.counts]).toEqual([['key', 1]])
  })

  it('never parts a character that takes two units', () => {
    const stream = redactor.stream()
    expect(stream.push('ok \ud83d')).toBe('ok ')
    expect(stream.push('\ude00')).toBe('\ud83d\ude00')
  })

  it('is a stream of strings, too', async () => {
    const source = new ReadableStream<string>({
      start(controller) {
        for (const part of ['mail a', '@b', '.it now']) controller.enqueue(part)
        controller.close()
      },
    })
    let out = ''
    for await (const part of source.pipeThrough(redactor.transform())) out += part
    expect(out).toBe('mail [email] now')
  })
})

/** Time on a processor: what else the machine does is not the redactor's. */
function cpuMs(): number {
  return process.cpuUsage().user / 1_000
}

describe('a megabyte of text made to be slow', () => {
  const size = 1 << 20
  // What took the square of its length would take minutes.
  const mostMs = 50_000
  it.each(
    Object.entries({
      letters: 'a',
      'letters and points': 'a.',
      'halves of addresses': 'a@b.',
      digits: '1 ',
      'groups of digits': '4444 ',
      'calling codes': '+39 33 ',
      'headers of tokens': 'eyJaaaaaaaaaaaaaaa.',
      'first lines of keys': '-----BEGIN PRIVATE KEY-----\n',
      'prefixes of keys': 'sk-aaaaaaaaaaaaaaaaaaaaaaaaa ',
      colons: ':',
      'users in addresses': '//a:b',
      'names of secrets': 'password= ',
      'beginnings of accounts': 'IT60 X054 ',
    }),
  )(
    'of %s takes no longer than any other',
    (_, unit) => {
      const text = unit.repeat(Math.ceil(size / unit.length))
      const started = cpuMs()
      expect(redacted(text).length).toBeGreaterThan(0)
      // In pieces it is looked at again and again from where something may have begun.
      const stream = redactor.stream()
      for (let at = 0; at < size / 32; at += 16) stream.push(text.slice(at, at + 16))
      stream.flush()
      expect(cpuMs() - started).toBeLessThan(mostMs)
    },
    60_000,
  )
})

import { describe, expect, it } from 'vitest'
import { isSecret, messageId, newSecret, signedHeaders } from './signature.ts'

describe('a signature', () => {
  it('is the one of the example in the specification of Standard Webhooks', () => {
    const headers = signedHeaders('msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, '{"test": 2432232314}', [
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    ])
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })

  it('is made by each of the secrets, the newest first', () => {
    const [first, second] = [newSecret(), newSecret()]
    const sign = (...secrets: string[]): string | undefined => signedHeaders('a', 1, 'b', secrets)['webhook-signature']
    expect(sign(first, second)).toBe(`${sign(first)} ${sign(second)}`)
    expect(sign(first)).not.toBe(sign(second))
  })
})

describe('a secret', () => {
  it('is new each time, and of 24 to 64 bytes in one way of writing', () => {
    expect(newSecret()).not.toBe(newSecret())
    const of = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 1).toString('base64')}`
    for (const text of [newSecret(), of(24), of(64)]) expect([text, isSecret(text)]).toEqual([text, true])
    for (const text of ['', 'whsec_', of(23), of(65), of(24).slice(6), `${of(24)}!`, of(25).replaceAll('=', '')])
      expect([text, isSecret(text)]).toEqual([text, false])
  })
})

describe('the id of a message', () => {
  it('is the same each time, another for each part, and has no dot, which would move the signature', () => {
    const ids = [
      messageId('a', 'b', 'c', 1),
      messageId('x', 'b', 'c', 1),
      messageId('a', 'x', 'c', 1),
      messageId('a', 'b', 'x', 1),
      messageId('a', 'b', 'c', 2),
      messageId('a', 'bc', '', 1),
    ]
    expect(new Set(ids).size).toBe(ids.length)
    expect(messageId('a', 'b', 'c', 1)).toBe(ids[0])
    for (const id of ids) expect(id).toMatch(/^msg_[\w-]{32}$/)
  })
})

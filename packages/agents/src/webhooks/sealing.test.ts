import { createDecipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createSealing } from './sealing.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const place = { tenant: 'acme', webhook: 'w1', id: 's1' }
const first = { id: '2026', key: Buffer.alloc(32, 1) }
const second = { id: '2027', key: Buffer.alloc(32, 2) }

describe('a secret in the store', () => {
  it('is AES-256-GCM, which others can open who have the key', () => {
    const kept = createSealing([first]).seal(SECRET, place)
    const [, id, written] = kept.split(':')
    expect(id).toBe('2026')
    const bytes = Buffer.from(written!, 'base64url')
    const decipher = createDecipheriv('aes-256-gcm', first.key, bytes.subarray(0, 12))
    decipher.setAAD(Buffer.from('["acme","w1","s1"]')).setAuthTag(bytes.subarray(-16))
    expect(decipher.update(bytes.subarray(12, -16)).toString() + decipher.final().toString()).toBe(SECRET)
  })

  it('is another text each time, and has nothing of the secret in it', () => {
    const { seal, open, isCurrent } = createSealing([first])
    const kept = [seal(SECRET, place), seal(SECRET, place)]
    expect(new Set(kept).size).toBe(2)
    for (const one of kept) {
      expect(one).not.toContain(SECRET.slice(6, 16))
      expect(isCurrent(one)).toBe(true)
      expect(open(one, place)).toBe(SECRET)
    }
  })

  it('is encrypted by the first key and opened by each', () => {
    const old = createSealing([first]).seal(SECRET, place)
    const { seal, open } = createSealing([second, first])
    expect(open(old, place)).toBe(SECRET)
    expect(seal(SECRET, place)).toMatch(/^sealed:2027:/)
    expect(createSealing([second, first]).isCurrent(old)).toBe(false)
  })

  it('is kept as it is without a key, and can be read as it is with one', () => {
    expect(createSealing().seal(SECRET, place)).toBe(SECRET)
    expect(createSealing().isCurrent(SECRET)).toBe(true)
    expect(createSealing([first]).isCurrent(SECRET)).toBe(false)
    expect(createSealing([first]).open(SECRET, place)).toBe(SECRET)
  })

  it.each([
    ['of a key that is not given', createSealing([second]), place],
    ['of a key that is another one', createSealing([{ ...second, id: first.id }]), place],
    ['without a key', createSealing(), place],
    ['of another tenant', createSealing([first]), { ...place, tenant: 'globex' }],
    ['of another webhook', createSealing([first]), { ...place, webhook: 'w2' }],
    ['in the place of another', createSealing([first]), { ...place, id: 's2' }],
  ])('cannot be read when it is %s, and the error shows nothing of it', (_what, sealing, where) => {
    const kept = createSealing([first]).seal(SECRET, place)
    const text = kept.split(':')[2]!
    expect(() => sealing.open(kept, where)).toThrow(
      expect.objectContaining({ code: 'SECRET_UNREADABLE', message: expect.not.stringContaining(text.slice(0, 16)) }),
    )
  })

  it('cannot be read once a byte of it is another, or it is cut short', () => {
    const { seal, open } = createSealing([first])
    const kept = seal(SECRET, place)
    const bytes = Buffer.from(kept.slice('sealed:2026:'.length), 'base64url')
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes)
      changed[at]! ^= 1
      expect(() => open(`sealed:2026:${changed.toString('base64url')}`, place)).toThrow(/cannot be read/)
    }
    for (const other of [
      'sealed:',
      'sealed:2026',
      'sealed:2026:',
      `${kept}=`,
      `${kept}\n`,
      kept.replace('2026', 'a b'),
    ])
      expect(() => open(other, place)).toThrow(/cannot be read/)
    for (const length of [1, 11, 27, bytes.length - 1])
      expect(() => open(`sealed:2026:${bytes.subarray(0, length).toString('base64url')}`, place)).toThrow(
        /cannot be read/,
      )
  })
})

describe('keys', () => {
  it.each<[unknown, RegExp]>([
    ['key', /encryptionKeys must be a list of at most 10/],
    [Array.from({ length: 11 }, () => first), /encryptionKeys must be a list of at most 10/],
    [[{ id: 'a:b', key: first.key }], /encryptionKeys\.0\.id must be 1 to 32 letters/],
    [[first, { id: 'x', key: Buffer.alloc(16, 65) }], /encryptionKeys\.1\.key must be 32 bytes$/],
    [[{ id: 'x', key: 'A'.repeat(32) }], /encryptionKeys\.0\.key must be 32 bytes$/],
    [[null], /encryptionKeys\.0\.id must be 1 to 32 letters/],
    [[first, first], /encryptionKeys\.1\.id must be another/],
  ])('are refused when they are none, and not shown: %#', (keys, message) => {
    expect(() => createSealing(keys as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringMatching(message) }),
    )
    expect(() => createSealing(keys as never)).not.toThrow(/AAAA/)
  })
})

import type { LookupAddress } from 'node:dns'
import type { lookup } from 'node:dns'
import { describe, expect, it } from 'vitest'
import { checkUrl, guardedLookup } from './target.ts'

const strict = { allowHttp: false, allowPrivateAddresses: false }

describe('the url of a webhook', () => {
  it.each([
    'https://example.com/hook?key=1',
    'https://example.com:8443/',
    'https://93.184.216.34/',
    'https://[2606:2800:220:1::1]/',
  ])('may be %s', (url) => {
    expect(checkUrl(url, strict).href).toBe(url)
  })

  it.each([
    'http://example.com/',
    'ftp://example.com/',
    'example.com',
    'https://user:password@example.com/',
    'https://example.com/#part',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://0x7f000001/',
    'https://2130706433/',
    'https://10.1.2.3/',
    'https://172.16.0.1/',
    'https://192.168.0.1/',
    'https://169.254.169.254/',
    'https://100.64.0.1/',
    'https://0.0.0.0/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://192.0.2.1/',
    'https://198.18.0.1/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[2001:0:1::1]/',
    'https://[fe80::1]/',
    'https://[fc00::1]/',
    'https://[fec0::1]/',
    'https://[ff02::1]/',
    'https://[::7f00:1]/',
    'https://[64:ff9b:1::7f00:1]/',
    'https://[4000::1]/',
  ])('is refused when it is %s', (url) => {
    expect(() => checkUrl(url, strict)).toThrow(expect.objectContaining({ code: 'WEBHOOK_URL_REFUSED' }))
  })

  it('is refused when it is longer than it may be', () => {
    expect(() => checkUrl(`https://example.com/${'x'.repeat(2_000)}`, strict)).toThrow(/at most 2000 characters/)
  })

  it('may be plain or private where that is allowed', () => {
    expect(checkUrl('http://127.0.0.1/', { allowHttp: true, allowPrivateAddresses: true }).port).toBe('')
    expect(() => checkUrl('http://127.0.0.1/', { allowHttp: true, allowPrivateAddresses: false })).toThrow(/private/)
    expect(() => checkUrl('http://127.0.0.1/', { allowHttp: false, allowPrivateAddresses: true })).toThrow(/https/)
  })

  it('is not repeated in the refusal, since there may be a key in it', () => {
    expect(() => checkUrl('http://example.com/?key=sesame', strict)).toThrow(/^(?!.*sesame)/)
  })
})

describe('a name', () => {
  const finding = (...addresses: string[]): typeof lookup =>
    ((_name: string, _options: unknown, callback: (error: null, found: LookupAddress[]) => void) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )) as typeof lookup

  async function look(all: boolean, ...addresses: string[]): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<unknown>()
    guardedLookup(strict, finding(...addresses))('name.example', { all }, (error, found) =>
      resolve(error === null ? found : (error as { readonly code?: string }).code),
    )
    return promise
  }

  it('leads to the very addresses that were checked', async () => {
    expect(await look(true, '93.184.216.34', '2606:2800:220:1::1')).toEqual([
      { address: '93.184.216.34', family: 4 },
      { address: '2606:2800:220:1::1', family: 6 },
    ])
    expect(await look(false, '93.184.216.34')).toBe('93.184.216.34')
  })

  it('leads nowhere when one of its addresses is not public, or there is none', async () => {
    expect(await look(true, '93.184.216.34', '127.0.0.1')).toBe('WEBHOOK_URL_REFUSED')
    expect(await look(false, '::ffff:10.0.0.1')).toBe('WEBHOOK_URL_REFUSED')
    expect(await look(true)).toBe('WEBHOOK_URL_REFUSED')
  })
})

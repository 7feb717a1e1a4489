import { describe, expect, it } from 'vitest'
import { REDIS_SIGNS_DEFAULTS, settingsOf } from './options.ts'
import type { RedisSignsOptions } from './options.ts'

const url = 'redis://127.0.0.1:6379'

describe('options of signs by Redis', () => {
  it('fall back to their defaults, also where they are undefined', () => {
    expect(settingsOf({ url })).toEqual({ url, ...REDIS_SIGNS_DEFAULTS })
    expect(settingsOf({ url, probeMs: undefined })).toEqual({ url, ...REDIS_SIGNS_DEFAULTS })
  })

  it.each([
    [{ url: 'http://user:secret-of-it@host' }, /^url must be an address like redis:\/\/host:6379; what came is not/],
    [{ url: undefined }, /url must be an address/],
    [{ url, prefix: '' }, /prefix must be 1 to 48 letters, digits, "-" and "_", but is ''/],
    [{ url, prefix: 'a:b' }, /prefix must be/],
    [{ url, connectTimeoutMs: 99 }, /connectTimeoutMs must be a whole number from 100 to 60,000, but is 99/],
    [{ url, answerTimeoutMs: 9 }, /answerTimeoutMs must be a whole number from 10 to 60,000/],
    [{ url, probeMs: 1.5 }, /probeMs must be a whole number from 100 to 600,000/],
    [{ url, onChange: 1 }, /onChange must be a function, but is 1/],
    [{ url, channel: 'x' }, /redisSigns must be an object with url, .*, but is 'with channel'/],
  ])('refuse %j', (options, message) => {
    const refused = (): unknown => settingsOf(options as RedisSignsOptions)
    expect(refused).toThrow(message)
    expect(refused).not.toThrow(/secret-of-it/)
  })
})

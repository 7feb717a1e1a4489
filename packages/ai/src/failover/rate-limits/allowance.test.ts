import { fakeClock } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { Allowance } from './allowance.ts'

function setUp() {
  const clock = fakeClock()
  const allowance = new Allowance(clock)
  return { clock, allowance, room: (tokens = 100) => allowance.roomInMs(() => tokens) }
}

/** A window of requests that is whole again after a time. */
const requests = (remaining: number, seconds: number) => ({
  'ratelimit-remaining': String(remaining),
  'ratelimit-reset': String(seconds),
})

describe('what a provider lets through', () => {
  it('is anything, as long as it has said nothing', () => {
    const { allowance, room } = setUp()
    expect(room()).toBe(0)
    allowance.send(() => 100).heard({ 'content-type': 'text/plain' })
    expect(room()).toBe(0)
  })

  it('is nothing without remaining requests, until the reset', async () => {
    const { clock, allowance, room } = setUp()
    allowance.send(() => 100).heard(requests(0, 20))
    expect(room()).toBe(20_000)
    await clock.advance(15_000)
    expect(room()).toBe(5_000)
    await clock.advance(5_000)
    expect(room()).toBe(0)
  })

  it('is one less with each request that is sent, also while its reply is awaited', () => {
    const { allowance, room } = setUp()
    allowance.send(() => 100).heard(requests(2, 20))
    const first = allowance.send(() => 100)
    expect(room()).toBe(0)
    const second = allowance.send(() => 100)
    expect(room()).toBe(20_000)
    // What the first reply says does not count the second yet.
    first.heard(requests(1, 20))
    expect(room()).toBe(20_000)
    second.heard(requests(5, 20))
    expect(room()).toBe(0)
  })

  it('stays one less after a reply that says nothing, and after none', () => {
    const { allowance, room } = setUp()
    allowance.send(() => 100).heard(requests(2, 20))
    allowance.send(() => 100).heard({})
    allowance.send(() => 100).forget(true)
    expect(room()).toBe(20_000)
  })

  it('is what it was when a request is not sent after all', () => {
    const { allowance, room } = setUp()
    const first = allowance.send(() => 1)
    const unsent = allowance.send(() => 1)
    first.heard(requests(1, 20))
    expect(room()).toBe(20_000)
    unsent.forget(false)
    unsent.forget(false)
    expect(room()).toBe(0)
  })

  it('is what the newest request was told, not a late reply to an older one', () => {
    const { allowance, room } = setUp()
    const older = allowance.send(() => 1)
    const newer = allowance.send(() => 1)
    newer.heard(requests(0, 20))
    older.heard(requests(9, 20))
    expect(room()).toBe(20_000)
  })

  it('depends on the size of the request where tokens are counted', () => {
    const { allowance, room } = setUp()
    allowance.send(() => 100).heard({ 'x-ratelimit-remaining-tokens': '600', 'x-ratelimit-reset-tokens': '6s' })
    // The estimate may be too high: at six tenths of it, it fits.
    expect(room(1_000)).toBe(0)
    expect(room(1_100)).toBe(6_000)
    allowance.send(() => 500)
    expect(room(200)).toBe(6_000)
    expect(room(150)).toBe(0)
  })

  it('comes back little by little where the reset is that of a bucket', async () => {
    const { clock, allowance, room } = setUp()
    allowance
      .send(() => 1)
      .heard({
        'x-ratelimit-limit-requests': '60',
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '1m0s',
      })
    expect(room()).toBe(1_000)
    await clock.advance(1_000)
    expect(room()).toBe(0)
    allowance.send(() => 1)
    expect(room()).toBe(1_000)
  })

  it('is nothing after a 429 until the time it says, and a shorter one later opens nothing', async () => {
    const { clock, allowance, room } = setUp()
    const [a, b] = [allowance.send(() => 1), allowance.send(() => 1)]
    a.refused({ 'retry-after': '30' }, true)
    b.refused({ 'retry-after': '5' }, true)
    expect(room()).toBe(30_000)
    await clock.advance(30_000)
    expect(room()).toBe(0)
  })

  it('is nothing after a 429 that names a reset, and again something when a later request gets through', () => {
    const { allowance, room } = setUp()
    const older = allowance.send(() => 1)
    const refused = allowance.send(() => 1)
    refused.refused({ 'x-ratelimit-remaining-requests': '7', 'x-ratelimit-reset-requests': '9s' }, true)
    expect(room()).toBe(9_000)
    older.heard({})
    expect(room()).toBe(9_000)
    allowance.send(() => 1).heard({})
    expect(room()).toBe(0)
  })

  it('is not touched by an error of another kind, or by a 429 that says nothing', () => {
    const { allowance, room } = setUp()
    allowance.send(() => 1).refused({ 'retry-after': '30' }, false)
    allowance.send(() => 1).refused({}, true)
    allowance.send(() => 1).refused(undefined, true)
    expect(room()).toBe(0)
  })

  it('is not touched by the machine’s clock', async () => {
    const { clock, allowance, room } = setUp()
    allowance.send(() => 1).heard(requests(0, 20))
    clock.setWallTime(0)
    await clock.advance(5_000)
    expect(room()).toBe(15_000)
  })
})

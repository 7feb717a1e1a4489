import { getEventListeners } from 'node:events'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { fakeClock, recordEvents } from '../testing/index.ts'
import { createCache } from './create-cache.ts'
import type { CacheOptions } from './options.ts'

function setUp(options: Partial<CacheOptions<string>> = {}) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const record = recordEvents(events)
  const cache = createCache<string>({ name: 'answers', clock, events, freshMs: 1_000, ...options })
  return { clock, record, cache }
}

const PERIODS = { freshMs: 1_000, staleWhileRevalidateMs: 2_000, staleIfErrorMs: 3_000 }
const fails = (): Promise<string> => Promise.reject(new Error('down'))

describe('a cache', () => {
  it('computes what it does not hold, and gives it as fresh until freshMs are over', async () => {
    const { clock, cache, record } = setUp()
    expect(await cache.get('k', () => 'a')).toEqual({ value: 'a', ageMs: 0, state: 'computed' })
    await clock.advance(999)
    expect(await cache.get('k', () => 'b')).toEqual({ value: 'a', ageMs: 999, state: 'fresh' })
    await clock.advance(1)
    expect(await cache.get('k', () => 'b')).toEqual({ value: 'b', ageMs: 0, state: 'computed' })
    expect(record.types).toEqual(['cache-miss', 'cache-refreshed', 'cache-hit', 'cache-miss', 'cache-refreshed'])
  })

  it('remembers undefined as a value', async () => {
    const cache = createCache<undefined>({ name: 'answers', clock: fakeClock() })
    let computed = 0
    for (let i = 0; i < 3; i++) await cache.get('k', () => void (computed += 1))
    expect(computed).toBe(1)
  })

  it('refuses a key that is no string, and a look-up that nothing could compute', async () => {
    const { cache } = setUp()
    await expect(cache.get({} as never, () => 'a')).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: 'call.key must be a string, but is an instance of Object',
    })
    await expect(cache.get('k', undefined as never)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: 'compute must be a function, but is undefined',
    })
    expect(cache.snapshot()).toMatchObject({ size: 0, misses: 0 })
  })

  it('never serves as fresh when freshMs is 0 (B41)', async () => {
    const { cache } = setUp({ freshMs: 0 })
    await cache.get('k', () => 'a')
    expect(await cache.get('k', () => 'b')).toMatchObject({ value: 'b', state: 'computed' })
  })

  it('serves a stale value at once while it is refreshed behind', async () => {
    const { clock, cache, record } = setUp(PERIODS)
    cache.set('k', 'old')
    await clock.advance(2_999)
    let signal: AbortSignal | undefined
    const slow = async (given: AbortSignal): Promise<string> => {
      signal = given
      await clock.sleep(500)
      return 'new'
    }
    expect(await cache.get('k', slow)).toEqual({ value: 'old', ageMs: 2_999, state: 'stale' })
    expect(cache.peek('k')?.value).toBe('old')
    await clock.advance(500)
    expect(cache.peek('k')).toEqual({ value: 'new', ageMs: 0, state: 'fresh' })
    expect(signal?.aborted).toBe(false)
    expect(record.all).toMatchObject([{ type: 'cache-stale', ageMs: 2_999 }, { type: 'cache-refreshed' }])
  })

  it('keeps serving the stale value when refreshing behind fails, and nothing is unhandled', async () => {
    const { clock, cache, record } = setUp({ ...PERIODS, retryAfterErrorMs: 0 })
    cache.set('k', 'old')
    await clock.advance(1_500)
    expect(await cache.get('k', fails)).toMatchObject({ value: 'old', state: 'stale' })
    await clock.settle()
    expect(await cache.get('k', fails)).toMatchObject({ value: 'old', state: 'stale' })
    await clock.settle()
    expect(record.types).toEqual(['cache-stale', 'cache-refresh-failed', 'cache-stale', 'cache-refresh-failed'])
  })

  it('serves an older value only when refreshing failed, and not for ever', async () => {
    const { clock, cache } = setUp(PERIODS)
    cache.set('k', 'old')
    await clock.advance(5_999)
    expect(await cache.get('k', fails)).toEqual({ value: 'old', ageMs: 5_999, state: 'stale' })
    await clock.advance(1)
    await expect(cache.get('k', fails)).rejects.toThrow('down')
  })

  it('rejects with what compute threw, by identity, also when it throws before it returns a promise', async () => {
    const { cache } = setUp()
    const error = new Error('down')
    await expect(cache.get('k', () => Promise.reject(error))).rejects.toBe(error)
    const throws = (): string => {
      throw error
    }
    await expect(cache.get('k', throws)).rejects.toBe(error)
    expect(cache.size).toBe(0)
  })

  it('peeks without computing and drops what is too old', async () => {
    const { clock, cache } = setUp(PERIODS)
    expect(cache.peek('k')).toBe(undefined)
    cache.set('k', 'a')
    await clock.advance(5_000)
    expect(cache.peek('k')).toEqual({ value: 'a', ageMs: 5_000, state: 'stale' })
    await clock.advance(1_000)
    expect(cache.size).toBe(1)
    expect(cache.peek('k')).toBe(undefined)
    expect(cache.size).toBe(0)
    expect(cache.bytes).toBe(0)
  })

  it('does not care when the wall clock is set back (B7)', async () => {
    const { clock, cache } = setUp()
    cache.set('k', 'a')
    clock.setWallTime(0)
    await clock.advance(1_000)
    expect(await cache.get('k', () => 'b')).toMatchObject({ value: 'b' })
  })
})

describe('callers of a cache who ask for the same', () => {
  it('share one computation', async () => {
    const { clock, cache } = setUp()
    let computed = 0
    const compute = async (): Promise<string> => {
      computed += 1
      await clock.sleep(100)
      return 'a'
    }
    const calls = Promise.all(Array.from({ length: 50 }, () => cache.get('k', compute)))
    await clock.advance(100)
    expect((await calls).every(({ value }) => value === 'a')).toBe(true)
    expect(computed).toBe(1)
  })

  it('share its failure too: 50 callers, one computation, nobody waits for another one (B32)', async () => {
    const { clock, cache } = setUp()
    let computed = 0
    const compute = async (): Promise<string> => {
      computed += 1
      await clock.sleep(100)
      throw new Error('down')
    }
    const calls = Array.from({ length: 50 }, () => cache.get('k', compute).catch(() => clock.now()))
    await clock.advance(1_000)
    expect(await Promise.all(calls)).toEqual(Array(50).fill(100))
    expect(computed).toBe(1)
  })

  it('compute again after a failure: only what is under way is shared (B35)', async () => {
    const { cache } = setUp()
    await expect(cache.get('k', fails)).rejects.toThrow('down')
    expect(await cache.get('k', () => 'up')).toMatchObject({ value: 'up' })
  })

  it('may leave one by one: the work ends only when the last one has left (B33)', async () => {
    const { clock, cache } = setUp()
    let signal: AbortSignal | undefined
    const compute = (given: AbortSignal): Promise<string> => {
      signal = given
      return clock.sleep(1_000, given).then(() => 'a')
    }
    const [first, second] = [new AbortController(), new AbortController()]
    const calls = [first, second].map((controller) => cache.get('k', compute, { signal: controller.signal }))
    const rejections = Promise.all([expect(calls[0]).rejects.toBe('first'), expect(calls[1]).rejects.toBe('second')])
    first.abort('first')
    await clock.settle()
    expect(signal?.aborted).toBe(false)
    second.abort('second')
    expect(signal?.reason).toBe('second')
    await rejections
    expect(clock.pending).toBe(0)
    expect(await cache.get('k', () => 'again')).toMatchObject({ value: 'again', state: 'computed' })
  })

  it('are not harmed by one who leaves (B33)', async () => {
    const { clock, cache } = setUp()
    const controller = new AbortController()
    const compute = (signal: AbortSignal): Promise<string> => clock.sleep(100, signal).then(() => 'a')
    const leaver = cache.get('k', compute, { signal: controller.signal }).catch((reason: unknown) => reason)
    const stayer = cache.get('k', compute)
    controller.abort('gone')
    expect(await leaver).toBe('gone')
    await clock.advance(100)
    expect(await stayer).toMatchObject({ value: 'a' })
    expect(cache.peek('k')).toMatchObject({ value: 'a' })
  })

  it('do not end a refresh that the cache wants for itself', async () => {
    const { clock, cache } = setUp({ ...PERIODS, staleWhileRevalidateMs: 1_000 })
    cache.set('k', 'old')
    await clock.advance(1_999)
    const compute = (signal: AbortSignal): Promise<string> => clock.sleep(1_000, signal).then(() => 'new')
    await cache.get('k', compute)
    await clock.advance(10)
    const controller = new AbortController()
    const waiter = cache.get('k', compute, { signal: controller.signal }).catch((reason: unknown) => reason)
    controller.abort('gone')
    expect(await waiter).toBe('gone')
    await clock.advance(1_000)
    expect(cache.peek('k')).toMatchObject({ value: 'new' })
  })

  it('are rejected at once by a signal that has aborted already, without computing', async () => {
    const { cache } = setUp()
    let computed = false
    const compute = (): string => ((computed = true), 'a')
    await expect(cache.get('k', compute, { signal: AbortSignal.abort('gone') })).rejects.toBe('gone')
    expect(computed).toBe(false)
  })

  it('leave at once also when the computation itself makes them, before it waits for anything', async () => {
    const { clock, cache } = setUp()
    const controller = new AbortController()
    const compute = async (signal: AbortSignal): Promise<string> => {
      controller.abort('gone')
      await clock.sleep(1_000, signal)
      return 'a'
    }
    const call = cache.get('k', compute, { signal: controller.signal }).catch((reason: unknown) => reason)
    await clock.settle()
    expect(await Promise.race([call, 'still waits'])).toBe('gone')
    expect(clock.pending).toBe(0)
  })

  it('from within the computation wait for it too', async () => {
    const { clock, cache } = setUp()
    let inner: unknown
    const compute = async (): Promise<string> => {
      inner = cache.get('k', () => 'not needed')
      await clock.sleep(10)
      return 'a'
    }
    const call = cache.get('k', compute)
    await clock.advance(10)
    expect(await call).toMatchObject({ value: 'a' })
    expect(await inner).toMatchObject({ value: 'a' })
  })

  it('leave no listener on their signals (B23)', async () => {
    const { cache } = setUp({ freshMs: 0 })
    const { signal } = new AbortController()
    for (let i = 0; i < 1_000; i++) await cache.get('k', () => Promise.resolve('a'), { signal })
    await cache.get('other', fails, { signal }).catch(() => undefined)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('after a delete or a set do not get, nor keep, the older result (B34)', async () => {
    for (const change of ['set', 'delete', 'clear'] as const) {
      const { clock, cache } = setUp()
      const older = cache.get('k', () => clock.sleep(100).then(() => 'older'))
      await clock.settle()
      if (change === 'set') cache.set('k', 'newer')
      else if (change === 'delete') cache.delete('k')
      else cache.clear()
      await clock.advance(100)
      expect(await older).toMatchObject({ value: 'older' })
      expect(cache.peek('k')?.value).toBe(change === 'set' ? 'newer' : undefined)
    }
  })
})

describe('a cache that is full', () => {
  it('lets the least recently used entry go', async () => {
    const { cache, record } = setUp({ maxEntries: 2 })
    cache.set('a', '1')
    cache.set('b', '2')
    await cache.get('a', () => 'not needed')
    cache.set('c', '3')
    expect(['a', 'b', 'c'].map((key) => cache.peek(key)?.value)).toEqual(['1', undefined, '3'])
    expect(record.of('cache-evicted')).toHaveLength(1)
  })

  it('holds no more bytes than it may, and not what alone is too big', () => {
    const { cache } = setUp({ maxBytes: 10, sizeOf: (value) => value.length })
    cache.set('a', '12345')
    cache.set('b', '12345')
    expect(cache.bytes).toBe(10)
    cache.set('c', '1')
    expect([cache.size, cache.bytes]).toEqual([2, 6])
    cache.set('b', 'too long for this')
    expect([cache.size, cache.bytes, cache.peek('b')]).toEqual([1, 1, undefined])
  })

  it('does not keep what has no size', async () => {
    const circular: { self?: unknown } = {}
    circular.self = circular
    const cache = createCache<unknown>({ name: 'answers', clock: fakeClock() })
    expect(await cache.get('k', () => circular)).toMatchObject({ value: circular })
    cache.set('big', 1n)
    expect(cache.size).toBe(0)
    const odd = createCache<string>({ name: 'answers', sizeOf: () => Number.NaN, clock: fakeClock() })
    odd.set('k', 'a')
    expect(odd.size).toBe(0)
  })

  it('keeps its books right when sizeOf changes what it holds', () => {
    let depth = 0
    const cache = createCache<string>({
      name: 'answers',
      clock: fakeClock(),
      maxEntries: 2,
      sizeOf: (value) => {
        if (depth++ === 0) cache.set('k', 'inner')
        return value.length
      },
    })
    cache.set('k', 'outermost')
    expect([cache.size, cache.bytes]).toEqual([1, 9])
    cache.delete('k')
    expect([cache.size, cache.bytes]).toEqual([0, 0])
  })

  it('walks over none of the failures it remembers to forget the oldest', async () => {
    const maxEntries = 1_000
    const { cache } = setUp({ maxEntries, negativeMs: 60_000 })
    let isCounting = false
    let walks = 0
    for (const way of [Symbol.iterator, 'entries', 'keys', 'values', 'forEach'] as const) {
      const original = Map.prototype[way] as (this: Map<unknown, unknown>, ...args: unknown[]) => unknown
      vi.spyOn(Map.prototype, way as 'entries').mockImplementation(function (this: Map<unknown, unknown>, ...args) {
        if (isCounting && this.size >= maxEntries) walks += 1
        return original.apply(this, args) as never
      })
    }
    try {
      for (let i = 0; i < 3 * maxEntries; i++) {
        isCounting = i >= maxEntries
        await cache.get(`k${i}`, fails).catch(() => undefined)
      }
    } finally {
      vi.restoreAllMocks()
    }
    expect(walks).toBe(0)
    const latest = cache.get(`k${3 * maxEntries - 1}`, () => 'a')
    await expect(latest).rejects.toMatchObject({ code: 'REMEMBERED_FAILURE' })
    expect(await cache.get('k0', () => 'a')).toMatchObject({ value: 'a' })
  })

  it('lets go in the order of the last use, whatever was asked for before', async () => {
    const action = fc.record({ key: fc.integer({ min: 0, max: 9 }), isGet: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 80 }), async (actions) => {
        const { cache } = setUp({ maxEntries: 4 })
        const expected: number[] = []
        for (const { key, isGet } of actions) {
          const place = expected.indexOf(key)
          if (place >= 0) expected.splice(place, 1)
          expected.push(key)
          if (expected.length > 4) expected.shift()
          if (isGet) await cache.get(String(key), () => 'a')
          else cache.set(String(key), 'a')
          const held = Array.from({ length: 10 }, (_, i) => i).filter((i) => cache.peek(String(i)) !== undefined)
          expect(held).toEqual(expected.toSorted((a, b) => a - b))
        }
      }),
    )
  })

  it('stays within its bounds however many keys come by, held or failed', async () => {
    const { cache } = setUp({ maxEntries: 100, negativeMs: 60_000 })
    for (let i = 0; i < 20_000; i++) cache.set(`k${i}`, 'value')
    await Promise.all(Array.from({ length: 2_000 }, (_, i) => cache.get(`f${i}`, fails).catch(() => undefined)))
    expect([cache.size, cache.bytes]).toEqual([100, 700])
    expect(cache.snapshot().evictions).toBe(19_900)
  })

  it('keeps its books right under any sequence of changes', () => {
    const change = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      size: fc.nat(12),
      action: fc.constantFrom('set', 'set', 'set', 'delete', 'clear'),
    })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const { cache } = setUp({ maxEntries: 3, maxBytes: 20, sizeOf: (value) => value.length })
        for (const { key, size, action } of changes) {
          if (action === 'set') cache.set(key, 'x'.repeat(size))
          else if (action === 'delete') cache.delete(key)
          else cache.clear()
          const held = ['a', 'b', 'c', 'd', 'e'].map((name) => cache.peek(name)).filter((entry) => entry !== undefined)
          expect(cache.size).toBe(held.length)
          expect(cache.bytes).toBe(held.reduce((sum, { value }) => sum + value.length, 0))
          expect(cache.size).toBeLessThanOrEqual(3)
          expect(cache.bytes).toBeLessThanOrEqual(20)
        }
      }),
    )
  })
})

describe('what a cache tells of itself', () => {
  it('counts what it did', async () => {
    const { clock, cache } = setUp({ ...PERIODS, retryAfterErrorMs: 0 })
    expect(cache.snapshot().hitRatio).toBe(0)
    await cache.get('k', () => 'a')
    await cache.get('k', () => 'a')
    await clock.advance(1_500)
    await cache.get('k', () => 'b')
    await clock.advance(3_500)
    await cache.get('k', fails)
    await cache.get('other', fails).catch(() => undefined)
    const snapshot = cache.snapshot()
    expect(snapshot).toEqual({
      name: 'answers',
      size: 1,
      bytes: 3,
      hits: 1,
      misses: 2,
      stale: 2,
      negativeHits: 0,
      refreshes: 2,
      refreshFailures: 2,
      evictions: 0,
      storeHits: 0,
      storeErrors: 0,
      hitRatio: 0.6,
    })
    expect(Object.isFrozen(snapshot)).toBe(true)
  })

  it('builds no event while nobody listens', async () => {
    const emitted: CoreEvent[] = []
    const events = { active: false, emit: (event: CoreEvent) => void emitted.push(event), on: () => () => undefined }
    const cache = createCache<string>({ name: 'answers', clock: fakeClock(), events, maxEntries: 1 })
    await cache.get('k', () => 'a')
    await cache.get('k', () => 'a')
    cache.set('other', 'a')
    expect(emitted).toEqual([])
    expect(cache.snapshot()).toMatchObject({ hits: 1, misses: 1, evictions: 1 })
  })
})

describe('the options of a cache', () => {
  it.each([
    [{ name: 'Answers' }, /cache\.name/],
    [{ freshMs: -1 }, 'cache.freshMs must be a number from 0 to 31,536,000,000, but is -1'],
    [{ maxEntries: 0 }, 'cache.maxEntries must be a whole number from 1 to 10,000,000, but is 0'],
    [{ ttl: 5 }, /cache\.ttl is not an option/],
  ])('refuse %j', (options, message) => {
    expect(() => createCache({ name: 'answers', ...options })).toThrow(message)
  })
})

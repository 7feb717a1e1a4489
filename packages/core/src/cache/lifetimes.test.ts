import { describe, expect, it } from 'vitest'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { fakeClock, memoryStore, recordEvents, seededRandom } from '../testing/index.ts'
import { createCache } from './create-cache.ts'
import type { CacheContext } from './cache.ts'
import type { CacheOptions } from './options.ts'

function setUp(options: Partial<CacheOptions<string>> = {}) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const record = recordEvents(events)
  const cache = createCache<string>({
    name: 'answers',
    clock,
    events,
    freshMs: 1_000,
    random: seededRandom(1),
    ...options,
  })
  let computed = 0
  const takes =
    (ms: number, value: string) =>
    async (signal: AbortSignal): Promise<string> => {
      computed += 1
      await clock.sleep(ms, signal)
      return value
    }
  const fails = async (): Promise<string> => {
    computed += 1
    throw new Error('down')
  }
  return { clock, record, cache, takes, fails, computed: () => computed }
}

describe('a soft timeout', () => {
  const STALE = { staleIfErrorMs: 100_000, softTimeoutMs: 200 }

  it('ends the wait of a caller for whom there is a stale value; the refresh goes on and is remembered', async () => {
    const { clock, cache, takes } = setUp(STALE)
    cache.set('k', 'old')
    await clock.advance(1_000)
    const call = cache.get('k', takes(500, 'new'))
    await clock.advance(200)
    expect(await call).toEqual({ value: 'old', ageMs: 1_200, state: 'stale' })
    await clock.advance(300)
    expect(cache.peek('k')).toEqual({ value: 'new', ageMs: 0, state: 'fresh' })
    expect(clock.pending).toBe(0)
  })

  it('does not matter without a stale value', async () => {
    const { clock, cache, takes } = setUp(STALE)
    const call = cache.get('k', takes(500, 'new'))
    await clock.advance(500)
    expect(await call).toMatchObject({ value: 'new', state: 'computed' })
  })

  it('makes nobody wait again for a refresh that hangs, until retryAfterErrorMs are over', async () => {
    const { clock, cache, takes, computed } = setUp({ ...STALE, retryAfterErrorMs: 2_000 })
    cache.set('k', 'old')
    await clock.advance(1_000)
    const first = cache.get('k', takes(50_000, 'new'))
    await clock.advance(200)
    await first
    expect(await cache.get('k', takes(0, 'other'))).toMatchObject({ value: 'old' })
    expect(computed()).toBe(1)
  })

  it('is followed by the rest of the hard one when the stale value is gone meanwhile', async () => {
    const { clock, cache, takes } = setUp({ ...STALE, staleIfErrorMs: 100, hardTimeoutMs: 400 })
    cache.set('k', 'old')
    await clock.advance(1_000)
    const calls = [cache.get('k', takes(300, 'new')), cache.get('k', takes(0, 'other'))]
    await clock.advance(300)
    expect(await Promise.all(calls)).toMatchObject([{ value: 'new' }, { value: 'new' }])

    await clock.advance(1_000)
    const late = cache.get('k', takes(900, 'later')).catch((error: unknown) => ({ error, at: clock.now() }))
    await clock.advance(1_000)
    expect(await late).toMatchObject({ error: { code: 'CACHE_TIMEOUT' }, at: 1_000 + 300 + 1_000 + 400 })
  })
})

describe('a hard timeout', () => {
  it('ends every wait with CACHE_TIMEOUT; the computation goes on and is remembered', async () => {
    const { clock, cache, takes, computed } = setUp({ hardTimeoutMs: 300 })
    const calls = [1, 2].map(() => cache.get('k', takes(500, 'new')).catch((error: unknown) => error))
    await clock.advance(300)
    const [first, second] = await Promise.all(calls)
    expect(first).toMatchObject({ code: 'CACHE_TIMEOUT', category: 'timeout', retryable: true })
    expect(second).not.toBe(first)
    await clock.advance(200)
    expect(cache.peek('k')).toMatchObject({ value: 'new' })
    expect(computed()).toBe(1)
    expect(clock.pending).toBe(0)
  })

  it('serves a stale value where there is one', async () => {
    const { clock, cache, takes } = setUp({ hardTimeoutMs: 300, staleIfErrorMs: 9_000 })
    cache.set('k', 'old')
    await clock.advance(1_000)
    const call = cache.get('k', takes(500, 'new'))
    await clock.advance(300)
    expect(await call).toMatchObject({ value: 'old', state: 'stale' })
  })

  it('of zero waits for nothing that takes time (B41)', async () => {
    const { clock, cache, takes } = setUp({ hardTimeoutMs: 0 })
    const call = cache.get('k', takes(1, 'new')).catch((error: unknown) => error)
    await clock.advance(0)
    expect(await call).toMatchObject({ code: 'CACHE_TIMEOUT' })
  })

  it('leaves no more computations behind than there may be entries', async () => {
    const { clock, cache } = setUp({ hardTimeoutMs: 10, maxEntries: 3 })
    let running = 0
    const hangs = (signal: AbortSignal): Promise<string> => {
      running += 1
      signal.addEventListener('abort', () => (running -= 1))
      return new Promise(() => undefined)
    }
    for (let i = 0; i < 20; i++) {
      const call = cache.get(`k${i}`, hangs).catch(() => undefined)
      await clock.advance(10)
      await call
    }
    expect(running).toBeLessThanOrEqual(4)
  })

  it('or not: no more refreshes hang behind than there may be entries', async () => {
    const { clock, cache } = setUp({ staleWhileRevalidateMs: 9_000, maxEntries: 3 })
    let running = 0
    for (let i = 0; i < 20; i++) {
      cache.set(`k${i}`, 'a')
      await clock.advance(1_000)
      const hangs = (): Promise<string> => ((running += 1), new Promise(() => undefined))
      expect(await cache.get(`k${i}`, hangs)).toMatchObject({ value: 'a', state: 'stale' })
    }
    expect(running).toBeLessThanOrEqual(4)
  })

  it('or not: nor when each has hung for leaseMs, or was overtaken, and another one was begun', async () => {
    const { clock, cache } = setUp({ staleWhileRevalidateMs: 1e9, leaseMs: 1_000 })
    let running = 0
    const hangs = (signal: AbortSignal): Promise<string> => {
      running += 1
      signal.addEventListener('abort', () => (running -= 1))
      return new Promise(() => undefined)
    }
    cache.set('k', 'old', { tags: ['t'] })
    for (const change of ['none', 'set', 'delete', 'delete-by-tag', 'clear'] as const) {
      for (let i = 0; i < 20; i++) {
        await clock.advance(1_000)
        await cache.get('k', hangs, { tags: ['t'] })
        if (change === 'delete') cache.delete('k')
        if (change === 'delete-by-tag') cache.deleteByTag('t')
        if (change === 'clear') cache.clear()
        if (change !== 'none') cache.set('k', 'old', { tags: ['t'] })
      }
      expect(running, change).toBeLessThanOrEqual(1)
    }
  })

  it('lets another computation begin when one has hung for leaseMs (B4); its late result does not count (B34)', async () => {
    const { clock, cache, takes } = setUp({ hardTimeoutMs: 100, leaseMs: 5_000, freshMs: 60_000 })
    const first = cache.get('k', takes(20_000, 'late')).catch(() => undefined)
    await clock.advance(4_999)
    await first
    const second = cache.get('k', takes(0, 'new')).catch((error: unknown) => error)
    await clock.advance(100)
    expect(await second).toMatchObject({ code: 'CACHE_TIMEOUT' })
    expect(await cache.get('k', () => 'new')).toMatchObject({ value: 'new' })
    await clock.advance(20_000)
    expect(cache.peek('k')).toMatchObject({ value: 'new' })
  })
})

describe('after a failed refresh a stale value', () => {
  it('is served for retryAfterErrorMs without asking again, and no longer than it may be served at all', async () => {
    const { clock, cache, fails, computed } = setUp({ staleIfErrorMs: 9_000 })
    cache.set('k', 'old')
    await clock.advance(1_000)
    for (let i = 0; i < 90; i++) {
      expect(await cache.get('k', fails)).toMatchObject({ value: 'old', state: 'stale', ageMs: 1_000 + i * 100 })
      await clock.advance(100)
    }
    expect(computed(), 'once a second').toBe(9)
    await expect(cache.get('k', fails)).rejects.toThrow('down')
  })

  it('gives way to a new one within a second of the end of the outage', async () => {
    const { clock, cache, fails } = setUp({ staleIfErrorMs: 60_000 })
    cache.set('k', 'old')
    await clock.advance(2_000)
    await cache.get('k', fails)
    await clock.advance(999)
    expect(await cache.get('k', () => 'new')).toMatchObject({ value: 'old' })
    await clock.advance(1)
    expect(await cache.get('k', () => 'new')).toMatchObject({ value: 'new', state: 'computed' })
  })

  it('rests also when it is fresh still, and was refreshed early', async () => {
    const { clock, cache, fails, computed } = setUp({ freshMs: 100_000, eagerRefreshRatio: 0.5 })
    cache.set('k', 'old')
    await clock.advance(99_000)
    for (let i = 0; i < 10; i++) await cache.get('k', fails)
    await clock.settle()
    for (let i = 0; i < 10; i++) expect(await cache.get('k', fails)).toMatchObject({ value: 'old', state: 'fresh' })
    expect(computed()).toBe(1)
  })
})

describe('a remembered failure', () => {
  it('is given to all who ask for negativeMs, as a new error each time with the failure as its cause (B29, B32)', async () => {
    const { clock, cache, fails, computed, record } = setUp({ negativeMs: 500 })
    const errors: unknown[] = []
    const ask = (): Promise<unknown> => cache.get('k', fails).catch((error: unknown) => void errors.push(error))
    await Promise.all([ask(), ask()])
    await clock.advance(499)
    await ask()
    await ask()
    expect(computed()).toBe(1)
    const [first, , third, fourth] = errors
    expect(third).toMatchObject({
      code: 'REMEMBERED_FAILURE',
      category: 'rejected',
      retryAfterMs: 1,
      mayHaveTakenEffect: false,
    })
    expect((third as Error).cause).toBe(first)
    expect((fourth as Error).cause).toBe(first)
    expect(fourth).not.toBe(third)
    await clock.advance(1)
    await ask()
    expect(computed()).toBe(2)
    expect(cache.snapshot()).toMatchObject({ negativeHits: 2, misses: 3, refreshFailures: 2, hitRatio: 0 })
    expect(record.of('cache-negative-hit')).toHaveLength(2)
  })

  it('ends with set, also when the value itself is over before negativeMs are', async () => {
    const { clock, cache, fails } = setUp({ negativeMs: 5_000, freshMs: 1_000 })
    await cache.get('k', fails).catch(() => undefined)
    cache.set('k', 'a')
    await clock.advance(1_000)
    expect(await cache.get('k', () => 'b')).toMatchObject({ value: 'b', state: 'computed' })
  })

  it('ends with set, delete and clear', async () => {
    for (const end of ['set', 'delete', 'clear'] as const) {
      const { cache, fails } = setUp({ negativeMs: 500 })
      await cache.get('k', fails).catch(() => undefined)
      if (end === 'set') cache.set('k', 'a')
      else if (end === 'delete') cache.delete('k')
      else cache.clear()
      expect(await cache.get('k', () => 'a')).toMatchObject({ value: 'a' })
    }
  })

  it('ends with a deletion by tag, also one that overtook the computation that failed', async () => {
    const { clock, cache, fails } = setUp({ negativeMs: 5_000 })
    const missing = async (_signal: AbortSignal, context: CacheContext<string>): Promise<string> => {
      context.tags = ['users']
      await clock.sleep(10)
      throw new Error('no such user')
    }
    const ask = async (deletesAt: number): Promise<void> => {
      const call = cache.get('k', missing).catch(() => undefined)
      await clock.advance(deletesAt)
      cache.deleteByTag('users')
      await clock.advance(10)
      await call
    }
    for (const deletesAt of [5, 10]) {
      await ask(deletesAt)
      expect(await cache.get('k', () => 'anna')).toMatchObject({ value: 'anna' })
      cache.delete('k')
    }
    await cache.get('k', fails, { tags: ['users'] }).catch(() => undefined)
    cache.deleteByTag('other')
    await expect(cache.get('k', () => 'anna')).rejects.toMatchObject({ code: 'REMEMBERED_FAILURE' })
  })

  it('never stands in the way of a stale value, nor comes from callers who left', async () => {
    const { clock, cache, fails, takes } = setUp({ negativeMs: 5_000, staleIfErrorMs: 9_000 })
    cache.set('k', 'old')
    await clock.advance(1_000)
    expect(await cache.get('k', fails)).toMatchObject({ value: 'old' })
    expect(await cache.get('k', fails)).toMatchObject({ value: 'old' })
    const controller = new AbortController()
    const leaver = cache.get('other', takes(100, 'a'), { signal: controller.signal }).catch((reason: unknown) => reason)
    controller.abort('gone')
    expect(await leaver).toBe('gone')
    await clock.settle()
    expect(await cache.get('other', () => 'b')).toMatchObject({ value: 'b' })
  })

  it('takes no entry out of memory, and there are never more than maxEntries', async () => {
    const { cache, fails, computed } = setUp({ negativeMs: 5_000, maxEntries: 2 })
    cache.set('a', '1')
    cache.set('b', '2')
    for (let i = 0; i < 10; i++) await cache.get(`k${i}`, fails).catch(() => undefined)
    expect(cache.size).toBe(2)
    for (const key of ['k9', 'k8', 'k7']) await cache.get(key, fails).catch(() => undefined)
    expect(computed()).toBe(11)
  })
})

describe('an eager refresh', () => {
  it('happens once per value and fresh time, before anybody has to wait', async () => {
    const { clock, cache, takes, computed } = setUp({ freshMs: 10_000, eagerRefreshRatio: 0.8 })
    await cache.get('k', () => 'first')
    for (let i = 0; i < 500; i++) {
      const calls = Promise.all([cache.get('k', takes(300, 'next')), cache.get('k', takes(300, 'next'))])
      await clock.advance(200)
      expect(await calls).toMatchObject([{ state: 'fresh' }, { state: 'fresh' }])
    }
    // 100 s, refreshed every 8 to 9 s and begun up to 0.2 s later, 0.3 s long.
    expect(computed()).toBeGreaterThanOrEqual(10)
    expect(computed()).toBeLessThanOrEqual(12)
  })

  it('is made by one of many processes that share a store: the others find its value there', async () => {
    const clock = fakeClock()
    const shared = { name: 'answers', clock, store: memoryStore(), random: seededRandom(7) }
    const herd = Array.from({ length: 5 }, () =>
      createCache<string>({ ...shared, freshMs: 60_000, eagerRefreshRatio: 0.5 }),
    )
    let computed = 0
    const compute = async (): Promise<string> => {
      computed += 1
      await clock.sleep(10)
      return 'a'
    }
    const states: string[] = []
    // Each asks every 5 s, at its own time.
    for (let second = 0; second < 330; second++) {
      const call = herd[second % 5]?.get('k', compute)
      await clock.advance(1_000)
      states.push((await call)?.state ?? 'none')
    }
    expect(states.filter((state) => state !== 'fresh')).toEqual(['computed'])
    // One at the start, then one in 30 to 45 s: not one per process.
    expect(computed).toBeGreaterThanOrEqual(8)
    expect(computed).toBeLessThanOrEqual(11)
  })

  it('spreads what was stored together', async () => {
    const { clock, cache, takes } = setUp({ freshMs: 10_000, eagerRefreshRatio: 0.5, maxEntries: 100 })
    for (let i = 0; i < 100; i++) cache.set(`k${i}`, 'a')
    await clock.advance(6_250)
    let refreshing = 0
    for (let i = 0; i < 100; i++) {
      await cache.get(`k${i}`, async (signal) => ((refreshing += 1), takes(0, 'b')(signal)))
    }
    expect(refreshing).toBeGreaterThan(30)
    expect(refreshing).toBeLessThan(70)
  })
})

describe('jitter', () => {
  it('cuts the fresh time by a random share, never lengthens it', async () => {
    const { clock, cache } = setUp({ freshMs: 10_000, jitter: 0.2, staleIfErrorMs: 10_000, maxEntries: 100 })
    for (let i = 0; i < 100; i++) cache.set(`k${i}`, 'a')
    const fresh = (): number =>
      Array.from({ length: 100 }, (_, i) => cache.peek(`k${i}`)?.state).filter((s) => s === 'fresh').length
    await clock.advance(8_000)
    expect(fresh()).toBe(100)
    await clock.advance(1_000)
    expect(fresh()).toBeGreaterThan(30)
    expect(fresh()).toBeLessThan(70)
    await clock.advance(1_000)
    expect(fresh()).toBe(0)
  })
})

describe('lifetimes', () => {
  const types = { greeting: { freshMs: 300_000 }, intent: { freshMs: 2_000, staleIfErrorMs: 5_000 } }

  it('are those of the type of data, or of the call, over those of the cache', async () => {
    const { clock, cache } = setUp({ types })
    await cache.get('greeting', () => 'hello', { type: 'greeting' })
    await cache.get('intent', () => 'book', { type: 'intent' })
    cache.set('call', 'a', { type: 'intent', freshMs: 7_000 })
    cache.set('own', 'a')
    const states = (): unknown[] => ['greeting', 'intent', 'call', 'own'].map((key) => cache.peek(key)?.state)
    expect(states()).toEqual(['fresh', 'fresh', 'fresh', 'fresh'])
    await clock.advance(1_999)
    expect(states()).toEqual(['fresh', 'fresh', 'fresh', undefined])
    await clock.advance(1)
    expect(states()).toEqual(['fresh', 'stale', 'fresh', undefined])
    await clock.advance(5_000)
    expect(states()).toEqual(['fresh', undefined, 'stale', undefined])
    await clock.advance(292_999)
    expect(states()).toEqual(['fresh', undefined, undefined, undefined])
  })

  it('can be changed by the computation, by what the answer says', async () => {
    const { clock, cache } = setUp()
    await cache.get('k', (_signal, context) => {
      context.freshMs = 9_000
      context.tags = ['prices']
      return 'a'
    })
    await clock.advance(8_999)
    expect(cache.peek('k')?.state).toBe('fresh')
    cache.deleteByTag('prices')
    expect(cache.peek('k')).toBe(undefined)
  })

  it('of a failure can be changed by the computation too: a thing that does not exist stays so longer', async () => {
    const { clock, cache } = setUp()
    const missing = (_signal: AbortSignal, context: CacheContext<string>): string => {
      context.negativeMs = 60_000
      throw new Error('no such quote')
    }
    await expect(cache.get('k', missing)).rejects.toThrow('no such quote')
    await clock.advance(59_999)
    await expect(cache.get('k', () => 'a')).rejects.toMatchObject({ code: 'REMEMBERED_FAILURE' })
  })

  it('do not matter for what the computation says is not to be kept', async () => {
    const { cache } = setUp({ store: memoryStore() })
    const partial = (_signal: AbortSignal, context: CacheContext<string>): string => {
      context.keep = false
      return 'half'
    }
    expect(await cache.get('k', partial)).toMatchObject({ value: 'half', state: 'computed' })
    expect(await cache.get('k', () => 'whole')).toMatchObject({ value: 'whole', state: 'computed' })
  })

  it('that a computation sets wrongly fail it', async () => {
    const { cache } = setUp()
    const wrong = (_signal: AbortSignal, context: CacheContext<string>): string => ((context.freshMs = Number.NaN), 'a')
    await expect(cache.get('k', wrong)).rejects.toThrow('context.freshMs must be a number from 0')
    expect(cache.size).toBe(0)
  })

  it('come with what is held, for a conditional request', async () => {
    const { clock, cache } = setUp({ staleIfErrorMs: 5_000 })
    cache.set('k', 'old')
    await clock.advance(1_500)
    const result = await cache.get(
      'k',
      (_signal, { held }) => `${held?.value} ${held?.ageMs} ${held?.state}, still right`,
    )
    expect(result.value).toBe('old 1500 stale, still right')
    expect(await cache.get('none', (_signal, { held }) => typeof held)).toMatchObject({ value: 'undefined' })
  })

  it.each([
    [{ type: 'unknown' }, "call.type must be one of greeting, intent, but is 'unknown'"],
    [{ freshMs: -1 }, 'call.freshMs must be a number from 0'],
    [{ tags: 'prices' }, 'call.tags must be a list of strings'],
    [{ tenant: 5 }, 'call.tenant must be a string, but is 5'],
    [{ ttl: 5 }, 'call.ttl is not an option; the options are freshMs, '],
    [{ signal: 'stop' }, 'call.signal must be an AbortSignal'],
  ])('that are wrong in a call are refused: %j', async (options, message) => {
    const { cache } = setUp({ types })
    const call = options as object
    await expect(cache.get('k', () => 'a', call)).rejects.toThrow(message)
    expect(() => cache.set('k', 'a', call)).toThrow(message)
  })

  it('that name a type where there are none are refused', () => {
    const { cache } = setUp()
    expect(() => cache.set('k', 'a', { type: 'nope' })).toThrow(
      "call.type must be a name there is, and there are none, but is 'nope'",
    )
  })

  it('that mean nothing are not looked at when a fresh value is served, and are refused when the key of a deletion depends on them', async () => {
    const { cache } = setUp()
    cache.set('k', 'a')
    const misspelt = { tennant: 'acme' } as object
    expect(await cache.get('k', () => 'b', misspelt)).toMatchObject({ value: 'a' })
    expect(() => cache.delete('k', misspelt)).toThrow('call.tennant is not an option')
    expect(cache.peek('k')?.value).toBe('a')
  })

  it('that a computation misspells fail it where it sets them', async () => {
    const { cache } = setUp()
    const misspelt = (_signal: AbortSignal, context: object): string => (Object.assign(context, { freshMS: 5 }), 'a')
    await expect(cache.get('k', misspelt)).rejects.toThrow(TypeError)
    expect(cache.size).toBe(0)
  })

  it('that are wrong in a type are refused', () => {
    expect(() => setUp({ types: { greeting: { freshMs: -1 } } })).toThrow('cache.types.greeting.freshMs')
  })
})

import { describe, expect, it } from 'vitest'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { type FakeClock, fakeClock, memoryStore, recordEvents } from '../testing/index.ts'
import { createCache } from './create-cache.ts'
import type { CacheOptions } from './options.ts'
import type { CacheStore, StoreCall, StoredEntry } from './store.ts'

const PERIODS = { freshMs: 1_000, staleWhileRevalidateMs: 2_000, staleIfErrorMs: 3_000 }

/** A store whose next operations fail, hang or are slow; it counts them. */
function unreliable(clock: FakeClock) {
  const good = memoryStore()
  const state = { mode: 'good' as 'good' | 'fails' | 'throws' | 'hangs', delayMs: 0, calls: [] as string[], aborted: 0 }
  const run = <T>(what: string, { signal }: StoreCall, operation: () => T): Promise<T> => {
    state.calls.push(what)
    if (state.mode === 'throws') throw new Error('no connection')
    if (state.mode === 'fails') return Promise.reject(new Error('no connection'))
    if (state.mode === 'hangs') {
      signal.addEventListener('abort', () => (state.aborted += 1))
      return new Promise(() => undefined)
    }
    return state.delayMs === 0 ? Promise.resolve(operation()) : clock.sleep(state.delayMs, signal).then(operation)
  }
  const store: CacheStore = {
    get: (key, call) => run(`get ${key}`, call, () => good.get(key)),
    set: (key, entry, call) => run(`set ${key} for ${call.ttlMs}`, call, () => good.set(key, entry)),
    delete: (key, call) => run(`delete ${key}`, call, () => good.delete(key)),
    deleteByTag: (tag, call) => run(`delete tag ${tag}`, call, () => good.deleteByTag(tag)),
  }
  return { good, store, state }
}

function setUp(options: Partial<CacheOptions<string>> = {}) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const record = recordEvents(events)
  const parts = unreliable(clock)
  /** A process; more of them share the store and the wall clock. */
  const make = (more: Partial<CacheOptions<string>> = {}) =>
    createCache<string>({
      name: 'answers',
      clock,
      events,
      store: parts.store,
      storeSkewMs: 0,
      ...PERIODS,
      ...options,
      ...more,
    })
  return { ...parts, clock, record, make, cache: make() }
}

const fails = (): Promise<string> => Promise.reject(new Error('down'))
const never = (): string => {
  throw new Error('must not be computed')
}

describe('a cache with a store', () => {
  it('asks it before it computes, and keeps what it finds in memory with its true age', async () => {
    const { clock, cache, make, state, record } = setUp()
    await cache.get('k', () => 'a', { tags: ['t'] })
    await clock.advance(400)
    const other = make()
    expect(await other.get('k', never)).toEqual({ value: 'a', ageMs: 400, state: 'fresh' })
    await clock.advance(599)
    expect(other.peek('k')).toEqual({ value: 'a', ageMs: 999, state: 'fresh' })
    expect(state.calls).toEqual([
      'get answers:k',
      'set answers:k for 6000',
      'get answers:k',
      'get @key:answers:k',
      'get @tag:t',
    ])
    expect(other.snapshot()).toMatchObject({ hits: 1, misses: 0, storeHits: 1, hitRatio: 1 })
    expect(record.types).toEqual(['cache-miss', 'cache-refreshed', 'cache-miss', 'cache-store-hit', 'cache-hit'])
  })

  it('keeps ages over a restart, where monotonic time begins anew', async () => {
    const { good, cache, clock } = setUp()
    cache.set('k', 'a')
    await clock.settle()
    const later = fakeClock({ now: 77, wallTime: clock.wallTime() + 2_500 })
    const restarted = createCache<string>({ name: 'answers', clock: later, store: good, ...PERIODS })
    expect(await restarted.get('k', () => later.sleep(10).then(() => 'new'))).toEqual({
      value: 'a',
      ageMs: 2_500,
      state: 'stale',
    })
    await later.advance(10)
    expect(restarted.peek('k')).toMatchObject({ value: 'new', state: 'fresh' })
  })

  it('takes a value from a clock that is ahead as new, and serves none that is too old', async () => {
    const { clock, good, make, cache } = setUp()
    cache.set('k', 'a')
    await clock.settle()
    const behind = fakeClock({ wallTime: clock.wallTime() - 3_600_000 })
    const options = { name: 'answers', store: good, ...PERIODS }
    expect(await createCache<string>({ ...options, clock: behind }).get('k', never)).toEqual({
      value: 'a',
      ageMs: 0,
      state: 'fresh',
    })
    await clock.advance(6_000)
    const late = make()
    expect(await late.get('k', () => 'new')).toMatchObject({ value: 'new', state: 'computed' })
    expect(late.snapshot().storeHits).toBe(0)
  })

  it('serves a stale value of the store when computing fails, and not before it was tried', async () => {
    const { clock, cache, make } = setUp()
    cache.set('k', 'old')
    await clock.advance(3_500)
    expect(await make().get('k', () => 'new')).toMatchObject({ value: 'new', state: 'computed' })
    cache.set('f', 'old')
    await clock.advance(3_500)
    expect(await make().get('f', fails)).toEqual({ value: 'old', ageMs: 3_500, state: 'stale' })
  })

  it('takes what another process has refreshed, and never what is older than its own (B34)', async () => {
    const { clock, cache, make } = setUp()
    const other = make()
    cache.set('k', 'first')
    await clock.advance(500)
    other.set('k', 'second')
    await clock.advance(600)
    expect(await cache.get('k', never)).toMatchObject({ value: 'first', state: 'stale' })
    await clock.settle()
    expect(await cache.get('k', never)).toEqual({ value: 'second', ageMs: 600, state: 'fresh' })
    await clock.advance(500)
    // Stale in memory and the same in the store: computed.
    expect(await cache.get('k', () => 'third')).toMatchObject({ value: 'second', state: 'stale' })
    await clock.settle()
    expect(cache.peek('k')?.value).toBe('third')
  })

  it('asks it, and computes, once for 1,000 callers', async () => {
    const { clock, cache, state } = setUp()
    state.delayMs = 50
    let computed = 0
    const compute = (): Promise<string> => ((computed += 1), clock.sleep(50).then(() => 'a'))
    const calls = Promise.all(Array.from({ length: 1_000 }, () => cache.get('k', compute)))
    await clock.advance(100)
    expect(new Set((await calls).map(({ value }) => value))).toEqual(new Set(['a']))
    expect([computed, state.calls.filter((call) => call.startsWith('get')).length]).toEqual([1, 1])
  })

  it('keeps tenants apart there too', async () => {
    const { clock, cache, make, state } = setUp()
    cache.set('k', 'of acme', { tenant: 'acme' })
    await clock.settle()
    expect(await make().get('k', () => 'own')).toMatchObject({ value: 'own' })
    expect(await make().get('k', () => 'own', { tenant: 'acm' })).toMatchObject({ value: 'own' })
    expect(await make().get('k', never, { tenant: 'acme' })).toMatchObject({ value: 'of acme' })
    expect(state.calls[0]).toBe('set answers:@4@acmek for 6000')
  })

  it('does not take what is not an entry', async () => {
    const entry = {
      value: 'x',
      storedAt: fakeClock().wallTime(),
      begunAt: fakeClock().wallTime(),
      freshMs: 1,
      staleWhileRevalidateMs: 1,
      staleIfErrorMs: 1,
      tags: [],
    }
    for (const odd of [
      'text',
      5,
      {},
      { ...entry, storedAt: '2026' },
      { ...entry, storedAt: null },
      { ...entry, storedAt: 1n },
      { ...entry, begunAt: undefined },
      { ...entry, freshMs: true },
      { ...entry, staleIfErrorMs: Infinity },
      { ...entry, tags: null },
      { ...entry, tags: [Symbol('tag')] },
      new Proxy(entry, {
        get(_target, key) {
          if (key === 'then') return undefined
          throw new Error('no more')
        },
      }),
    ]) {
      const { cache, store } = setUp()
      const get = (key: string): StoredEntry | undefined =>
        key === 'answers:k' ? (odd as unknown as StoredEntry) : undefined
      const reading = createCache<string>({ name: 'answers', clock: fakeClock(), store: { ...store, get } })
      expect(await reading.get('k', () => 'a')).toMatchObject({ value: 'a', state: 'computed' })
      expect(reading.snapshot().storeErrors).toBe(1)
      cache.clear()
    }
  })

  it('serves what is too big for memory, and refreshes it like anything else', async () => {
    const { clock, cache } = setUp({ maxBytes: 0 })
    await cache.get('k', () => 'a')
    await clock.settle()
    expect(await cache.get('k', never)).toMatchObject({ value: 'a', state: 'fresh' })
    await clock.advance(1_500)
    expect(await cache.get('k', () => 'b')).toMatchObject({ value: 'a', state: 'stale' })
    await clock.settle()
    expect(await cache.get('k', never)).toMatchObject({ value: 'b', state: 'fresh' })
  })
})

describe('a store that is in trouble', () => {
  it.each(['fails', 'throws', 'hangs'] as const)(
    'and %s delays a look-up by storeTimeoutMs at most, and fails none',
    async (mode) => {
      const { clock, cache, state, record } = setUp({ storeTimeoutMs: 100 })
      state.mode = mode
      const call = cache.get('k', () => 'a').then((result) => ({ ...result, at: clock.now() }))
      await clock.advance(100)
      expect(await call).toMatchObject({ value: 'a', state: 'computed', at: mode === 'hangs' ? 100 : 0 })
      await clock.advance(100)
      expect(cache.snapshot().storeErrors).toBe(2)
      expect(record.of('cache-store-failed')).toHaveLength(2)
      expect(state.aborted).toBe(mode === 'hangs' ? 2 : 0)
      expect(clock.pending).toBe(0)
    },
  )

  it('is left alone after three failures, then tried by one operation every storeRetryMs, and used again', async () => {
    const { clock, cache, state } = setUp({ storeTimeoutMs: 100, storeRetryMs: 5_000, maxBytes: 0 })
    cache.set('k', 'a')
    await clock.settle()
    state.mode = 'hangs'
    state.calls.length = 0
    for (let i = 0; i < 3; i++) {
      const call = cache.get('k', () => 'b')
      await clock.advance(200)
      await call
    }
    expect(state.calls).toHaveLength(3)
    await Promise.all(Array.from({ length: 50 }, (_, i) => cache.get(`k${i}`, () => 'b')))
    expect(state.calls).toHaveLength(3)
    await clock.advance(5_000)
    const calls = Array.from({ length: 50 }, (_, i) => cache.get(`l${i}`, () => 'b'))
    await clock.advance(100)
    await Promise.all(calls)
    expect(state.calls).toHaveLength(4)
    state.mode = 'good'
    await clock.advance(5_000)
    await cache.get('m', () => 'b')
    await clock.settle()
    expect(await cache.get('m', never)).toMatchObject({ value: 'b', state: 'fresh' })
  })

  it('is not believed about a key whose latest change it did not confirm', async () => {
    for (const change of ['set', 'delete'] as const) {
      const { clock, cache, state } = setUp({ maxEntries: 1 })
      cache.set('k', 'old')
      await clock.settle()
      state.mode = 'fails'
      if (change === 'set') cache.set('k', 'newer')
      else cache.delete('k')
      cache.set('other', 'takes the place')
      // Long enough that what is begun now was surely begun after the deletion, whoever looks at it.
      await clock.advance(201)
      state.mode = 'good'
      expect(await cache.get('k', () => 'newest')).toMatchObject({ value: 'newest', state: 'computed' })
      await clock.settle()
      cache.set('other', 'takes the place')
      expect(await cache.get('k', never)).toMatchObject({ value: 'newest', state: 'fresh' })
    }
  })

  it('is not believed about a key when the older of two changes is all that it confirmed', async () => {
    const { clock, cache, state } = setUp({ maxEntries: 1 })
    state.delayMs = 50
    cache.set('k', 'first')
    await clock.settle()
    cache.set('k', 'second')
    cache.set('other', 'takes the place')
    await clock.advance(49)
    state.mode = 'fails'
    await clock.advance(10)
    state.mode = 'good'
    const call = cache.get('k', () => 'third')
    await clock.advance(50)
    expect(await call).toMatchObject({ value: 'third', state: 'computed' })
  })

  it('is not believed at all about the time before, when it missed more changes than are told apart', async () => {
    const { clock, cache, state, make } = setUp({ maxEntries: 1 })
    cache.set('k', 'old')
    await clock.settle()
    state.mode = 'fails'
    for (let i = 0; i < 10_001; i++) cache.set(`k${i}`, 'x')
    await clock.advance(1)
    state.mode = 'good'
    expect(await cache.get('k', () => 'newest')).toMatchObject({ value: 'newest', state: 'computed' })
    expect(await make().get('k', never)).toMatchObject({ state: 'fresh' })
  })

  it('gets the changes of one key in their order, however slow the first is', async () => {
    const { clock, cache, state, good } = setUp()
    state.delayMs = 150
    cache.set('k', 'first')
    state.delayMs = 0
    cache.set('k', 'second')
    await clock.advance(200)
    expect(good.get('answers:k')?.value).toBe('second')
    expect(state.calls).toEqual(['set answers:k for 6000', 'set answers:k for 6000'])
  })

  it('that does not answer is not counted as failing when the only caller left', async () => {
    const { clock, cache, state } = setUp()
    state.mode = 'hangs'
    const controller = new AbortController()
    let computed = false
    const call = cache
      .get('k', () => ((computed = true), 'a'), { signal: controller.signal })
      .catch((reason: unknown) => reason)
    controller.abort('gone')
    expect(await call).toBe('gone')
    await clock.settle()
    expect([computed, state.aborted, cache.snapshot().storeErrors, clock.pending]).toEqual([false, 1, 0, 0])
  })
})

describe('what was deleted', () => {
  it('by key is gone from the store too', async () => {
    const { clock, cache, make, good } = setUp()
    cache.set('k', 'a')
    cache.delete('k')
    await clock.settle()
    expect(good.get('answers:k')).toBeUndefined()
    expect(await make().get('k', () => 'b')).toMatchObject({ value: 'b' })
  })

  it('by tag keeps out of the store what was being computed at that moment (B33)', async () => {
    const { clock, cache, make, good } = setUp()
    const old = cache.get('k', () => clock.sleep(30).then(() => 'old'), { tags: ['t'] })
    await clock.settle()
    cache.deleteByTag('t')
    await clock.advance(30)
    expect((await old).value).toBe('old')
    await clock.settle()
    expect(good.get('answers:k')).toBeUndefined()
    for (const each of [cache, make()]) {
      expect(await each.get('k', () => 'new', { tags: ['t'] })).toMatchObject({ value: 'new' })
    }
  })

  it('by tag is gone from the store too, and nobody believes what is left where the store cannot delete by tag', async () => {
    for (const hasTags of [true, false]) {
      const { clock, make, store, good } = setUp()
      const { deleteByTag: _, ...rest } = store
      const cache = make(hasTags ? {} : { store: rest, maxEntries: 1 })
      cache.set('k', 'old', { tags: ['t'] })
      cache.set('other', 'a')
      await clock.advance(10)
      cache.deleteByTag('t')
      await clock.settle()
      expect(good.get('answers:k') === undefined).toBe(hasTags)
      await clock.advance(201)
      expect(await cache.get('k', () => 'new', { tags: ['t'] })).toMatchObject({ value: 'new', state: 'computed' })
      await clock.advance(10)
      expect(await make(hasTags ? {} : { store: rest }).get('k', never)).toMatchObject({ value: 'new' })
    }
  })

  it('with everything else does not come back from the store', async () => {
    const { clock, cache } = setUp()
    cache.set('k', 'a')
    await clock.advance(10)
    cache.clear()
    expect(await cache.get('k', () => 'b')).toMatchObject({ value: 'b', state: 'computed' })
  })

  it('while the store was being asked does not come from it', async () => {
    const { clock, cache, make, state } = setUp()
    cache.set('k', 'old')
    await clock.settle()
    state.delayMs = 50
    const other = make()
    const call = other.get('k', () => 'computed')
    other.delete('k')
    await clock.advance(100)
    expect(await call).toMatchObject({ value: 'computed', state: 'computed' })
    expect(other.peek('k')).toBe(undefined)
  })

  it('is not kept: a value that has no size, or no time to live', async () => {
    const { clock, cache, good } = setUp({ sizeOf: (value) => (value === 'odd' ? Number.NaN : 1) })
    cache.set('k', 'a')
    await clock.settle()
    expect(good.size).toBe(1)
    cache.set('k', 'odd')
    await clock.settle()
    expect(good.size).toBe(0)
    cache.set('k', 'a', { freshMs: 0, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 })
    await clock.settle()
    expect(good.size).toBe(0)
  })
})

describe('the options of a cache with a store', () => {
  it.each([
    [{ store: {} as CacheStore }, 'cache.store must be an object with get, set, delete'],
    [{ storeTimeoutMs: -1 }, /cache\.storeTimeoutMs/],
    [{ storeRetryMs: Number.NaN }, /cache\.storeRetryMs/],
  ])('refuse %j', (options, message) => {
    expect(() => setUp(options)).toThrow(message)
  })
})

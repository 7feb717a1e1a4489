import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createAdaptiveConcurrency,
  createBulkhead,
  createCapacity,
  createRateLimiter,
  createThrottle,
} from '../src/admission/index.ts'
import { type CacheStore, createCache, createDedupe } from '../src/cache/index.ts'
import { createChaos } from '../src/chaos/index.ts'
import {
  type Admission,
  type AdmissionRequest,
  type CoreEvent,
  createEvents,
  createIntegration,
  type Events,
  fallback,
} from '../src/index.ts'
import { createMetrics } from '../src/metrics/index.ts'
import { createSessions } from '../src/sessions/index.ts'
import { type FakeClock, fakeClock, seededRandom } from '../src/testing/index.ts'

const NEVER = new Promise<never>(() => undefined)
const broken = (): never => {
  throw new Error('broken')
}
const rejects = (): Promise<never> => Promise.reject(new Error('broken'))

const unhandled: unknown[] = []
const note = (reason: unknown): void => void unhandled.push(reason)

beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', note)
})

afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

type Scenario = (clock: FakeClock, events: Events<CoreEvent>) => Promise<unknown>

/** Asks ten times, and settles what was given in turn; some leave, some go on for ever. @returns how each ended. */
async function useUp(clock: FakeClock, admission: Admission, ms = 200_000): Promise<unknown[]> {
  const controller = new AbortController()
  const answers = Array.from({ length: 10 }, async (_, call) => {
    const request: AdmissionRequest = { priority: call % 2 === 0 ? 'low' : 'high', caller: `caller ${call % 3}` }
    const answer = await admission.acquire(call === 5 ? { ...request, signal: controller.signal } : request)
    if (!answer.admitted) return answer.error.code
    await clock.sleep(10)
    if (call === 0) answer.settle('failure', { until: NEVER })
    else answer.settle('failure')
    return 'admitted'
  })
  const ends = Promise.allSettled(answers)
  await clock.settle()
  controller.abort('left')
  await clock.advance(ms)
  return (await ends).map((end) => (end.status === 'fulfilled' ? end.value : end.reason) as unknown)
}

/** What each policy is put through; it gives all that can be seen from outside in the end. */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  bulkhead: async (clock, events) => {
    const bulkhead = createBulkhead({ name: 'a', maxConcurrent: 1, maxQueued: 3, maxQueueMs: 100_000, clock, events })
    return [await useUp(clock, bulkhead), bulkhead.snapshot()]
  },
  'adaptive concurrency': async (clock, events) => {
    const options = { initialLimit: 2, minimumSamples: 1, windowMs: 10, maxQueued: 3, maxQueueMs: 100_000 }
    const limiter = createAdaptiveConcurrency({ name: 'a', ...options, clock, events })
    return [await useUp(clock, limiter), limiter.snapshot()]
  },
  'rate limiter': async (clock, events) => {
    const limiter = createRateLimiter({ name: 'a', limit: 2, maxWaitMs: 2_000, clock, events })
    return [await useUp(clock, limiter), limiter.snapshot()]
  },
  throttle: async (clock, events) => {
    const throttle = createThrottle({ name: 'a', minimumRequests: 1, clock, events, random: seededRandom(1) })
    return [await useUp(clock, throttle, 1_000), await useUp(clock, throttle, 1_000), throttle.snapshot()]
  },
  capacity: async (clock, events) => {
    const capacity = createCapacity({ name: 'a', clock, events })
    capacity.set(0.5)
    return [await useUp(clock, capacity), capacity.snapshot()]
  },
  cache: async (clock, events) => {
    const store: CacheStore = { get: broken, set: rejects, delete: rejects, deleteByTag: broken }
    const options = { freshMs: 10, staleWhileRevalidateMs: 10, staleIfErrorMs: 10, negativeMs: 10, maxEntries: 1 }
    const cache = createCache<number>({ name: 'a', ...options, clock, events, store })
    const ends: unknown[] = []
    for (const [key, compute] of [
      ['a', () => 1],
      ['a', () => 1],
      ['b', () => 2],
      ['b', broken],
      ['c', broken],
      ['c', broken],
      ['b', () => 3],
    ] as const) {
      ends.push(await cache.get(key, compute).catch(String))
      await clock.advance(5)
    }
    cache.deleteByTag('a')
    cache.delete('b')
    await clock.settle()
    return [ends, cache.snapshot()]
  },
  sessions: async (clock, events) => {
    const sessions = createSessions<string>({ name: 'a', idleMs: 10, maxSessions: 2, clock, events, onEvict: broken })
    for (const key of ['a', 'b', 'c', 'c']) sessions.create(key, key)
    await clock.advance(20)
    return [[...sessions.values()], sessions.snapshot()]
  },
  chaos: async (clock, events) => {
    const faults = [
      { inject: 'latency', latencyMs: 5 },
      { inject: 'fault', error: broken },
    ] as const
    const chaos = createChaos({ faults, clock, events, enabled: true })
    const crm = createIntegration({ name: 'crm', clock, events, chaos, retry: { maxRetries: 1, backoffMs: 1 } })
    const call = crm.call(() => 1).catch(String)
    await clock.advance(100)
    return [await call, chaos.injected]
  },
  fallback: async (clock, events) => {
    const { value, failures } = await fallback<number>(
      [
        { name: 'live', run: broken },
        { name: 'other', run: () => 1 },
      ],
      { clock, events },
    )
    return [value, failures.length]
  },
}

describe('a listener that throws, or rejects', () => {
  it.each(Object.keys(SCENARIOS))('changes nothing for a %s, and leaves nothing behind', async (name) => {
    const run = async (noisy: boolean): Promise<unknown> => {
      const clock = fakeClock()
      const events = createEvents<CoreEvent>()
      const types = new Set<string>()
      if (noisy) events.on(broken)
      // oxlint-disable-next-line typescript/no-misused-promises -- that is the case
      if (noisy) events.on(rejects)
      const metrics = createMetrics({ events, clock })
      events.on(({ type }) => void types.add(type))
      const end = await SCENARIOS[name]?.(clock, events)
      metrics.stop()
      return { end, types: [...types], pending: clock.pending, figures: Object.keys(metrics.summary()) }
    }
    const quiet = await run(false)
    expect(quiet).toMatchObject({ pending: 0, types: expect.arrayContaining([expect.any(String)]) as unknown })
    expect(await run(true)).toEqual(quiet)
  })
})

describe('a cache whose callbacks and store are broken', () => {
  const stores: Readonly<Record<string, CacheStore>> = {
    'throws at once': { get: broken, set: broken, delete: broken, deleteByTag: broken },
    rejects: { get: rejects, set: rejects, delete: rejects, deleteByTag: rejects },
    'has promises that throw': {
      get: () => ({ then: broken }),
      set: () => ({ then: broken }),
      delete: () => ({ then: broken }),
    },
    'gives what is no entry': { get: () => 7 as never, set: () => 7, delete: () => 7 },
  }

  it.each(Object.keys(stores))('serves and holds what is computed when the store %s', async (kind) => {
    const clock = fakeClock()
    const cache = createCache<number>({ name: 'a', clock, store: stores[kind] })
    for (const value of [1, 2, 3, 4, 5]) {
      expect(await cache.get(`key ${value}`, () => value)).toMatchObject({ value, state: 'computed' })
      expect(await cache.get(`key ${value}`, broken)).toMatchObject({ value, state: 'fresh' })
      cache.deleteByTag('any')
      cache.delete(`key ${value}`)
    }
    await clock.settle()
    expect([cache.size, clock.pending]).toEqual([0, 0])
  })

  it('serves, and does not hold, a value whose size cannot be told; the next look-up computes anew', async () => {
    const clock = fakeClock()
    const cache = createCache<number>({ name: 'a', clock, sizeOf: broken })
    expect((await cache.get('a', () => 1)).value).toBe(1)
    expect((await cache.get('a', () => 2)).value).toBe(2)
    expect([cache.size, cache.bytes]).toEqual([0, 0])
  })

  it('refuses what a computation puts into its context, and holds no key for it', async () => {
    const cache = createCache<number>({ name: 'a', clock: fakeClock() })
    const wrong = cache.get('a', (_signal, context) => {
      context.freshMs = -1
      return 1
    })
    await expect(wrong).rejects.toThrow('context.freshMs must be a number from 0')
    expect((await cache.get('a', () => 2)).value).toBe(2)
  })
})

describe('a signal that is none', () => {
  const signal = {} as AbortSignal

  it('is refused by whatever would wait with it, which keeps no timer and no place for it', async () => {
    const clock = fakeClock()
    const bulkhead = createBulkhead({ name: 'a', maxConcurrent: 0, maxQueued: 1, clock })
    const limiter = createRateLimiter({ name: 'a', limit: 1, maxWaitMs: 5_000, clock })
    const cache = createCache<number>({ name: 'a', hardTimeoutMs: 1_000, clock })
    const dedupe = createDedupe()
    limiter.tryAcquire()
    const ends = await Promise.allSettled([
      bulkhead.acquire({ signal }),
      limiter.acquire({ signal }),
      cache.get('a', () => 1, { signal }),
      dedupe.run('a', () => 1, { signal }),
    ])
    const errors = ends.map((end) => end.status === 'rejected' && (end.reason as Error & { code?: string }))
    const refusals = errors.map((error) => error !== false && (error.code ?? error.name))
    expect(refusals).toEqual(['TypeError', 'TypeError', 'INVALID_OPTION', 'INVALID_OPTION'])
    await clock.settle()
    expect([bulkhead.queued, limiter.snapshot().waiting, dedupe.size, clock.pending]).toEqual([0, 0, 0, 0])
  })
})

describe('work that goes on after its verdict', () => {
  it('gives its slot back when its promise is broken', async () => {
    const clock = fakeClock()
    for (const make of [createBulkhead, createAdaptiveConcurrency]) {
      const admission = make({ name: 'a', clock })
      for (const until of [
        { then: broken },
        {
          get then() {
            return broken()
          },
        },
        rejects(),
      ]) {
        const answer = admission.tryAcquire()
        if (answer.admitted) answer.settle('failure', { until })
      }
      await clock.settle()
      expect(admission.snapshot()).toMatchObject({ lingering: 0, queued: 0, totals: { admitted: 3, failure: 3 } })
    }
  })
})

describe('a permit of somebody else', () => {
  const broken = (): never => {
    throw new Error('broken')
  }
  const breaks: Admission = {
    tryAcquire: () => ({ admitted: true, settle: broken, undo: broken }),
    acquire: () => ({ admitted: true, settle: broken, undo: broken }),
  }

  it('that throws holds up neither the call nor the permits beside it', async () => {
    const clock = fakeClock()
    const before = createBulkhead({ name: 'before', clock })
    const after = createBulkhead({ name: 'after', clock })
    for (const admissions of [[breaks], [before, breaks, after], [breaks, before, after, breaks]]) {
      const crm = createIntegration({ name: 'crm', clock, admissions, retry: { maxRetries: 0 } })
      expect(await crm.call(async () => 'well')).toBe('well')
      await expect(crm.call(() => Promise.reject(new Error('down')))).rejects.toMatchObject({ code: 'UNKNOWN' })
      crm.circuit.isolate()
      await expect(crm.call(() => 1)).rejects.toMatchObject({ code: 'CIRCUIT_ISOLATED' })
      expect([before.running, after.running]).toEqual([0, 0])
    }
  })

  it('that throws when it is taken back does not keep the refusal from the caller', async () => {
    const clock = fakeClock()
    const before = createBulkhead({ name: 'before', clock })
    const full = createBulkhead({ name: 'full', maxConcurrent: 0, clock })
    const crm = createIntegration({ name: 'crm', clock, admissions: [before, breaks, full] })
    await expect(crm.call(() => 1)).rejects.toMatchObject({ code: 'BULKHEAD_FULL' })
    expect(before.running).toBe(0)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fakeClock, memoryStore, seededRandom } from '../testing/index.ts'
import { createCache } from './create-cache.ts'
import type { CacheStore, StoreCall } from './store.ts'

const KEYS = ['a', 'b'] as const

const action = fc.record({
  kind: fc.constantFrom(
    'get',
    'get',
    'get',
    'get',
    'set',
    'delete',
    'delete-by-tag',
    'clear',
    'store',
    'advance',
    'advance',
  ),
  key: fc.constantFrom(...KEYS),
  ms: fc.constantFrom(0, 1, 30, 100, 700, 3_000),
  fails: fc.boolean(),
  leavesAfterMs: fc.option(fc.constantFrom(0, 20, 500), { freq: 3 }),
  store: fc.constantFrom('good', 'slow', 'fails', 'hangs'),
})

/** A deletion by tag while a value is computed that a store then keeps: found by chance once. */
const overtakenByTag = (
  [
    ['get', 30],
    ['advance', 0],
    ['delete-by-tag', 0],
    ['advance', 100],
    ['get', 0],
  ] as const
).map(([kind, ms]) => ({ kind, ms, key: 'b', fails: false, leavesAfterMs: null, store: 'good' }) as const)

describe('whatever happens to a cache and its store', () => {
  it('nobody gets what was overtaken before he asked, everybody hears in time, and nothing is left behind (B33, B34)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), fc.integer(), async (actions, seed) => {
        const clock = fakeClock()
        const good = memoryStore()
        let mode = 'good'
        const run = async <T>({ signal }: StoreCall, operation: () => T): Promise<T> => {
          if (mode === 'fails') throw new Error('no connection')
          if (mode === 'hangs') return clock.sleep(1e9, signal).then(operation)
          if (mode === 'slow') await clock.sleep(60, signal)
          return operation()
        }
        const store: CacheStore = {
          get: (key, call) => run(call, () => good.get(key)),
          set: (key, entry, call) => run(call, () => good.set(key, entry)),
          delete: (key, call) => run(call, () => good.delete(key)),
          deleteByTag: (tag, call) => run(call, () => good.deleteByTag(tag)),
        }
        const cache = createCache<number>({
          name: 'answers',
          clock,
          store,
          random: seededRandom(seed),
          freshMs: 500,
          staleWhileRevalidateMs: 500,
          staleIfErrorMs: 5_000,
          eagerRefreshRatio: 0.5,
          negativeMs: 50,
          softTimeoutMs: 50,
          hardTimeoutMs: 400,
          storeTimeoutMs: 100,
          storeRetryMs: 300,
          maxEntries: 1,
        })
        // Values are numbered in the order in which the work for them began; a change overtakes all before it.
        let count = 0
        const overtaken = { a: 0, b: 0 }
        const waiting: Promise<void>[] = []
        let late = 0
        for (const { kind, key, ms, fails, leavesAfterMs, store: nextMode } of actions) {
          if (kind === 'get') {
            const least = overtaken[key]
            const askedAt = clock.now()
            const controller = new AbortController()
            if (leavesAfterMs !== null) clock.schedule(leavesAfterMs, () => controller.abort('gone'))
            const compute = async (signal: AbortSignal): Promise<number> => {
              const own = (count += 1)
              await clock.sleep(ms, signal)
              if (fails) throw new Error('down')
              return own
            }
            const options = { tags: ['all'], ...(leavesAfterMs === null ? {} : { signal: controller.signal }) }
            const call = cache.get(key, compute, options).then(
              ({ value }) => {
                expect(value).toBeGreaterThan(least)
              },
              () => undefined,
            )
            waiting.push(call.then(() => void (late = Math.max(late, clock.now() - askedAt))))
          } else if (kind === 'store') mode = nextMode
          else if (kind === 'advance') await clock.advance(ms)
          else if (kind === 'set') {
            overtaken[key] = count
            cache.set(key, (count += 1), { tags: ['all'] })
          } else if (kind === 'delete') {
            overtaken[key] = count
            cache.delete(key)
          } else {
            for (const each of KEYS) overtaken[each] = count
            if (kind === 'clear') cache.clear()
            else cache.deleteByTag('all')
          }
          expect(cache.size).toBeLessThanOrEqual(1)
        }
        await clock.advance(20_000)
        await Promise.all(waiting)
        expect(late).toBeLessThanOrEqual(400)
        expect(clock.pending).toBe(0)
      }),
      { numRuns: 150, examples: [[overtakenByTag, 0]] },
    )
  })
})

import { createCache } from '@holdfast/core/cache'
import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { LRUCache } from 'lru-cache'
import { compare } from '../harness/rounds.ts'
import { type Benchmark, ratio } from './benchmark.ts'

const KEYS = Array.from({ length: 512 }, (_, i) => `key ${i}`)
const FRESH_MS = 3_600_000
const CALLERS = 1_000

/** A value that lives longer than the benchmark. */
function caches(compute: (key: string) => Promise<string>) {
  const holdfast = createCache<string>({ name: 'bench', freshMs: FRESH_MS })
  const lru = new LRUCache<string, string>({ max: 1_000, ttl: FRESH_MS, fetchMethod: compute })
  const bento = new BentoCache({
    default: 'memory',
    stores: { memory: bentostore().useL1Layer(memoryDriver({ maxItems: 1_000 })) },
  })
  return {
    holdfast: (key: string) => holdfast.get(key, () => compute(key)),
    'lru-cache fetch': (key: string) => lru.fetch(key),
    bentocache: (key: string) => bento.getOrSet({ key, ttl: FRESH_MS, factory: () => compute(key) }),
  }
}

/** A hit: an asynchronous get-or-compute of what is there. */
export const cacheHit: Benchmark = async () => {
  const subjects = caches((key) => Promise.resolve(`value of ${key}`))
  let next = 0
  const turn = (get: (key: string) => Promise<unknown>) => () => get(KEYS[next++ % KEYS.length] ?? '')
  for (const get of Object.values(subjects)) for (const key of KEYS) await get(key)
  const figures = await compare(Object.fromEntries(Object.entries(subjects).map(([name, get]) => [name, turn(get)])), {
    measuresGarbage: true,
  })
  return {
    name: 'cache-hit',
    title: 'A cache hit, 512 keys in turn',
    figures,
    aims: [
      { what: "times lru-cache's fetch", value: ratio(figures, 'holdfast', 'lru-cache fetch'), limit: 2 },
      { what: "share of bentocache's time", value: ratio(figures, 'holdfast', 'bentocache'), limit: 1 },
    ],
  }
}

/** A thousand callers of one missing key: how often it is computed, and how long a caller's share takes. */
export const cacheMiss: Benchmark = async () => {
  let computed = 0
  const subjects = caches(async (key) => {
    computed += 1
    await new Promise((resolve) => void setImmediate(resolve))
    return `value of ${key}`
  })
  const calls: Record<string, number> = {}
  let next = 0
  const crowd = (name: string, get: (key: string) => Promise<unknown>) => async () => {
    const key = `missing ${next++}`
    const before = computed
    await Promise.all(Array.from({ length: CALLERS }, () => get(key)))
    calls[name] = Math.max(calls[name] ?? 0, computed - before)
  }
  const figures = await compare(
    Object.fromEntries(Object.entries(subjects).map(([name, get]) => [name, crowd(name, get)])),
  )
  return {
    name: 'cache-miss',
    title: 'A thousand callers of one missing key',
    figures,
    aims: [{ what: 'computations for a thousand callers', value: calls['holdfast'] ?? Number.NaN, limit: 1 }],
  }
}

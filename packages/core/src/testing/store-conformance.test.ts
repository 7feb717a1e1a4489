import { describe, expect, it } from 'vitest'
import type { CacheStore } from '../cache/store.ts'
import { memoryStore, storeConformance } from './index.ts'

/** What becomes of a good store when one thing is wrong with it. */
function broken(change: (good: CacheStore) => Partial<CacheStore>): () => CacheStore {
  return () => {
    const good = memoryStore()
    return { ...good, deleteByTag: good.deleteByTag, ...change(good) }
  }
}

async function failures(makeStore: () => CacheStore): Promise<string[]> {
  const failed: string[] = []
  for (const { name, run } of storeConformance(makeStore)) await run().catch(() => failed.push(name))
  return failed
}

describe('a memory store', () => {
  it.each(storeConformance(async () => memoryStore()).map(({ name, run }) => [name, run] as const))(
    '%s',
    async (_name, run) => {
      await expect(run()).resolves.toBe(undefined)
    },
  )

  it('tells how much it holds', () => {
    const store = memoryStore()
    store.set('a', {
      value: 1,
      storedAt: 0,
      begunAt: 0,
      freshMs: 1,
      staleWhileRevalidateMs: 0,
      staleIfErrorMs: 0,
      tags: [],
    })
    expect(store.size).toBe(1)
  })
})

describe('the cases for stores', () => {
  it('pass a good one, and one that cannot delete by tag', async () => {
    expect(await failures(broken(() => ({})))).toEqual([])
    const withoutTags = (): CacheStore => {
      const store = memoryStore()
      return { get: store.get, set: store.set, delete: store.delete }
    }
    expect(await failures(withoutTags)).toEqual([])
  })

  it.each<[string, (good: CacheStore) => Partial<CacheStore>]>([
    ['deletes nothing', () => ({ delete: () => undefined })],
    ['deletes nothing by tag', () => ({ deleteByTag: () => undefined })],
    ['fails for what it does not hold', () => ({ get: () => Promise.reject(new Error('no such key')) })],
    [
      'keeps the first entry',
      (good) => ({ set: async (key, entry, call) => (await good.get(key, call)) ?? good.set(key, entry, call) }),
    ],
    [
      'does not tell upper from lower case',
      (good) => ({
        get: (key, call) => good.get(key.toLowerCase(), call),
        set: (key, entry, call) => good.set(key.toLowerCase(), entry, call),
        delete: (key, call) => good.delete(key.toLowerCase(), call),
      }),
    ],
    [
      'goes by the times of an entry, not by what it is told',
      (good) => ({ set: (key, entry, call) => (entry.freshMs > 0 ? good.set(key, entry, call) : undefined) }),
    ],
    ['loses the tags', (good) => ({ set: (key, entry, call) => good.set(key, { ...entry, tags: [] }, call) })],
    [
      'cuts long values',
      (good) => ({
        set: (key, entry, call) =>
          good.set(
            key,
            typeof entry.value === 'string' ? { ...entry, value: entry.value.slice(0, 5_000) } : entry,
            call,
          ),
      }),
    ],
    [
      'deletes by the beginning of a tag',
      (good) => ({
        set: (key, entry, call) =>
          good.set(key, { ...entry, tags: entry.tags.map((tag) => tag.replace(/x$/, '')) }, call),
      }),
    ],
  ])('find out one that %s', async (_name, change) => {
    expect(await failures(broken(change))).not.toEqual([])
  })
})

import type { CacheStore, StoreCall, StoredEntry } from '../cache/store.ts'

/** One thing that a store must do. */
export interface StoreCase {
  /** A sentence about the store. */
  readonly name: string
  /** Rejects with what went wrong. */
  run(): Promise<void>
}

/** Text that keys, tags and values must bring back as it was. */
const ODD_TEXTS = [
  ' ',
  'a b',
  'a/b',
  'a:b',
  '../a',
  "a'; drop",
  '%61',
  '*',
  'ä',
  '日本',
  '😀',
  '@4@acmeb',
  '__proto__',
  'A',
  'x'.repeat(1_000),
]

const KEEP_MS = 600_000

function entryOf(value: unknown, tags: readonly string[] = []): StoredEntry {
  return {
    value,
    storedAt: 1_767_225_600_123,
    begunAt: 1_767_225_599_456,
    freshMs: 60_000,
    staleWhileRevalidateMs: 120_000,
    staleIfErrorMs: KEEP_MS - 180_000,
    tags,
  }
}

/** A store with the ceremony taken out. */
class Handle {
  readonly #store: CacheStore
  readonly #call: StoreCall = { signal: new AbortController().signal }

  constructor(store: CacheStore) {
    this.#store = store
  }

  get hasTags(): boolean {
    return this.#store.deleteByTag !== undefined
  }

  async get(key: string): Promise<StoredEntry | null | undefined> {
    return this.#store.get(key, this.#call)
  }

  async set(key: string, entry: StoredEntry): Promise<void> {
    await this.#store.set(key, entry, { ...this.#call, ttlMs: KEEP_MS })
  }

  async delete(key: string): Promise<void> {
    await this.#store.delete(key, this.#call)
  }

  async deleteByTag(tag: string): Promise<void> {
    await this.#store.deleteByTag?.(tag, this.#call)
  }

  async expect(key: string, entry: StoredEntry | undefined): Promise<void> {
    const found = (await this.get(key)) ?? undefined
    if (canonical(found) === canonical(entry)) return
    throw new Error(`for ${JSON.stringify(key)} the store gave ${canonical(found)}, not ${canonical(entry)}`)
  }
}

/** JSON in which the order of an object's keys does not matter. */
function canonical(value: unknown): string {
  const sorted = (_key: string, part: unknown): unknown =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part
  return value === undefined ? 'nothing' : JSON.stringify(value, sorted)
}

const CASES: Readonly<Record<string, (store: Handle) => Promise<void>>> = {
  'gives nothing for a key it was never given': (store) => store.expect('unknown', undefined),

  async 'gives an entry back as it was set, whatever JSON its value is'(store) {
    const values = [0, -1.5, '', 'text', true, false, null, [], [1, [2]], { a: { b: [null, 'c'] } }, ...ODD_TEXTS]
    for (const [index, value] of values.entries()) {
      await store.set(`value-${index}`, entryOf(value, ['one', 'two']))
      await store.expect(`value-${index}`, entryOf(value, ['one', 'two']))
    }
  },

  async 'keeps the newest entry of a key, and nothing of the older one'(store) {
    await store.set('key', entryOf({ old: true, only: 1 }, ['old']))
    await store.set('key', entryOf({ old: false }, ['new']))
    await store.expect('key', entryOf({ old: false }, ['new']))
    if (!store.hasTags) return
    await store.deleteByTag('old')
    await store.expect('key', entryOf({ old: false }, ['new']))
  },

  async 'keeps keys apart, however odd or alike they are'(store) {
    for (const key of ODD_TEXTS) await store.set(key, entryOf(key))
    await store.set('a', entryOf('lower case'))
    for (const key of ODD_TEXTS) await store.expect(key, entryOf(key))
    await store.expect('a', entryOf('lower case'))
  },

  async 'forgets a key that is deleted, and no other'(store) {
    await store.set('gone', entryOf(1))
    await store.set('stays', entryOf(2))
    await store.delete('gone')
    await store.expect('gone', undefined)
    await store.expect('stays', entryOf(2))
    await store.set('gone', entryOf(3))
    await store.expect('gone', entryOf(3))
  },

  'does not mind the deletion of what it does not hold': async (store) => {
    await store.delete('unknown')
    await store.deleteByTag('unknown')
  },

  // Deletions are kept as such entries.
  async 'keeps an entry for as long as it is told to, though nobody is served it'(store) {
    const deletion = { ...entryOf(null), freshMs: 0, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }
    await store.set('@key:a:b', deletion)
    await store.set('@tag:a', deletion)
    await store.delete('a:b')
    await store.deleteByTag('a')
    await store.expect('@key:a:b', deletion)
    await store.expect('@tag:a', deletion)
  },

  async 'takes several operations at once'(store) {
    const keys = Array.from({ length: 50 }, (_, index) => `key-${index}`)
    await Promise.all(keys.map((key) => store.set(key, entryOf(key))))
    await Promise.all(keys.map((key, index) => (index % 2 === 0 ? store.delete(key) : undefined)))
    await Promise.all(keys.map((key, index) => store.expect(key, index % 2 === 0 ? undefined : entryOf(key))))
  },

  async 'holds a value of 100 kB'(store) {
    const text = 'ä'.repeat(50_000)
    await store.set('big', entryOf(text))
    await store.expect('big', entryOf(text))
  },

  async 'forgets every entry with a tag, and no other, where it can delete by tag at all'(store) {
    if (!store.hasTags) return
    for (const tag of ODD_TEXTS) {
      await store.set('both', entryOf('both', ['other', tag]))
      await store.set('this', entryOf('this', [tag]))
      await store.set('other', entryOf('other', ['other', `${tag}x`]))
      await store.set('none', entryOf('none'))
      await store.deleteByTag(tag)
      await store.expect('both', undefined)
      await store.expect('this', undefined)
      await store.expect('other', entryOf('other', ['other', `${tag}x`]))
      await store.expect('none', entryOf('none'))
    }
  },

  async 'holds what is set again after a deletion by tag'(store) {
    await store.set('key', entryOf(1, ['tag']))
    await store.deleteByTag('tag')
    await store.set('key', entryOf(2, ['tag']))
    await store.expect('key', entryOf(2, ['tag']))
  },
}

/**
 * The cases that a store for a cache's second level must pass, for any test runner. Each makes a store of its own, which must be empty.
 *
 * @example
 * ```ts
 * import { memoryStore, storeConformance } from '@holdfast/core/testing'
 *
 * for (const { name, run } of storeConformance(() => memoryStore())) {
 *   await run()
 *   console.log('a store', name)
 * }
 * ```
 */
export function storeConformance(makeStore: () => CacheStore | PromiseLike<CacheStore>): readonly StoreCase[] {
  return Object.entries(CASES).map(([name, run]) => ({ name, run: async () => run(new Handle(await makeStore())) }))
}

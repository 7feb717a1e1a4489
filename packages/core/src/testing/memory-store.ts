import type { CacheStore, StoredEntry } from '../cache/store.ts'

/** A {@link memoryStore}, which tells how much it holds. */
export interface MemoryStore extends CacheStore {
  readonly size: number
  get(key: string): StoredEntry | undefined
  set(key: string, entry: StoredEntry): void
  delete(key: string): void
  deleteByTag(tag: string): void
}

/** A store for a cache's second level that forgets nothing by itself. Entries are kept as JSON, as a real store keeps them. */
export function memoryStore(): MemoryStore {
  const entries = new Map<string, string>()
  const read = (text: string): StoredEntry => JSON.parse(text) as StoredEntry
  return Object.freeze({
    get size(): number {
      return entries.size
    },
    get(key: string): StoredEntry | undefined {
      const text = entries.get(key)
      return text === undefined ? undefined : read(text)
    },
    set: (key: string, entry: StoredEntry) => void entries.set(key, JSON.stringify(entry)),
    delete: (key: string) => void entries.delete(key),
    deleteByTag(tag: string): void {
      for (const [key, text] of entries) if (read(text).tags.includes(tag)) entries.delete(key)
    },
  })
}

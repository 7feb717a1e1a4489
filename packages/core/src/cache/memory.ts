import { Link } from '../list/link.ts'
import type { Entry } from './entry.ts'

/** How much a {@link Memory} holds. */
export interface MemoryOptions<Value> {
  readonly maxEntries: number
  readonly maxBytes: number
  readonly sizeOf: (value: Value) => number
}

/** Entries in the order of their last use, bounded in number and in bytes. */
export class Memory<Value> {
  readonly #options: MemoryOptions<Value>
  readonly #onEvicted: () => void
  readonly #entries = new Map<string, Entry<Value>>()
  #list = new Link<never>()
  #bytes = 0

  constructor(options: MemoryOptions<Value>, onEvicted: () => void) {
    this.#options = options
    this.#onEvicted = onEvicted
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#bytes
  }

  get(id: string): Entry<Value> | undefined {
    return this.#entries.get(id)
  }

  /** Makes an entry the one used last. */
  touch(entry: Entry<Value>): void {
    if (this.#list.previous === entry) return
    entry.leave()
    entry.join(this.#list)
  }

  /** Takes an entry in, in place of one with its key. @returns false when its value has no size. */
  add(entry: Entry<Value>): boolean {
    this.drop(entry.id)
    const { maxBytes, maxEntries, sizeOf } = this.#options
    try {
      entry.bytes = sizeOf(entry.value)
    } catch {
      return false
    }
    if (!(entry.bytes >= 0)) return false
    if (entry.bytes > maxBytes) return true
    this.#entries.set(entry.id, entry)
    entry.join(this.#list)
    this.#bytes += entry.bytes
    while (this.#entries.size > maxEntries || this.#bytes > maxBytes) {
      this.drop((this.#list.next as Entry<Value>).id)
      this.#onEvicted()
    }
    return true
  }

  drop(id: string): boolean {
    const entry = this.#entries.get(id)
    if (entry === undefined) return false
    entry.leave()
    this.#bytes -= entry.bytes
    return this.#entries.delete(id)
  }

  clear(): void {
    this.#entries.clear()
    this.#list = new Link()
    this.#bytes = 0
  }
}

import { Link } from '../list/link.ts'

/** What is held by its key. It is its own place in the list of those used last. */
export class Item<Value> extends Link<never> {
  readonly id: string
  readonly value: Value
  bytes = 0

  constructor(id: string, value: Value) {
    super()
    this.id = id
    this.value = value
  }
}

/** How much a {@link Memory} holds. */
export interface MemoryOptions<Value> {
  readonly maxEntries: number
  /** Default: any number. */
  readonly maxBytes?: number
  /** Default: nothing has a size. */
  readonly sizeOf?: (value: Value) => number
}

/** Items in the order of their last use, bounded in number and in bytes. Nothing it does takes longer the more it holds. */
export class Memory<Kept extends Item<Value>, Value = Kept['value']> {
  readonly #options: MemoryOptions<Value>
  readonly #onEvicted: () => void
  readonly #items = new Map<string, Kept>()
  #list = new Link<never>()
  #bytes = 0

  constructor(options: MemoryOptions<Value>, onEvicted: () => void = () => undefined) {
    this.#options = options
    this.#onEvicted = onEvicted
  }

  get size(): number {
    return this.#items.size
  }

  get bytes(): number {
    return this.#bytes
  }

  get(id: string): Kept | undefined {
    return this.#items.get(id)
  }

  /** Makes an item the one used last. */
  touch(item: Kept): void {
    if (this.#list.previous === item) return
    item.leave()
    item.join(this.#list)
  }

  /** Takes an item in, in place of one with its key. @returns false when its value has no size. */
  add(item: Kept): boolean {
    const { maxBytes = Infinity, maxEntries, sizeOf } = this.#options
    try {
      item.bytes = sizeOf === undefined ? 0 : sizeOf(item.value)
    } catch {
      item.bytes = Number.NaN
    }
    // Only now: `sizeOf` may have added something itself.
    this.drop(item.id)
    if (!(item.bytes >= 0)) return false
    if (item.bytes > maxBytes) return true
    this.#items.set(item.id, item)
    item.join(this.#list)
    this.#bytes += item.bytes
    while (this.#items.size > maxEntries || this.#bytes > maxBytes) {
      this.drop((this.#list.next as Kept).id)
      this.#onEvicted()
    }
    return true
  }

  drop(id: string): boolean {
    const item = this.#items.get(id)
    if (item === undefined) return false
    item.leave()
    this.#bytes -= item.bytes
    return this.#items.delete(id)
  }

  clear(): void {
    this.#items.clear()
    this.#list = new Link()
    this.#bytes = 0
  }
}

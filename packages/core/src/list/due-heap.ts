/** Something with a time at which it is due. The heap keeps its place in it, so that it can be taken out. */
export interface Due {
  /** Monotonic, in ms. */
  readonly dueAt: number
  /** Its place in the heap; -1 when it is in none. */
  place: number
}

/** What is due, the earliest first: a binary heap, in which what comes later than everything else, as most does, is put in and taken out at once. */
export class DueHeap<Item extends Due> {
  readonly #items: Item[] = []

  get size(): number {
    return this.#items.length
  }

  get first(): Item | undefined {
    return this.#items[0]
  }

  add(item: Item): void {
    this.#rise(item, this.#items.length)
  }

  /** Takes out an item that is in the heap. */
  remove(item: Item): void {
    const { place } = item
    const last = this.#items.pop() as Item
    item.place = -1
    if (last === item) return
    if (place > 0 && last.dueAt < this.#at(parentOf(place)).dueAt) this.#rise(last, place)
    else this.#sink(last, place)
  }

  #rise(item: Item, from: number): void {
    let place = from
    while (place > 0) {
      const parent = this.#at(parentOf(place))
      if (parent.dueAt <= item.dueAt) break
      this.#put(parent, place)
      place = parentOf(place)
    }
    this.#put(item, place)
  }

  #sink(item: Item, from: number): void {
    let place = from
    for (;;) {
      const left = 2 * place + 1
      if (left >= this.#items.length) break
      const right = left + 1
      const child = right < this.#items.length && this.#at(right).dueAt < this.#at(left).dueAt ? right : left
      if (item.dueAt <= this.#at(child).dueAt) break
      this.#put(this.#at(child), place)
      place = child
    }
    this.#put(item, place)
  }

  #at(place: number): Item {
    return this.#items[place] as Item
  }

  #put(item: Item, place: number): void {
    this.#items[place] = item
    item.place = place
  }
}

function parentOf(place: number): number {
  return (place - 1) >> 1
}

/** So many lists at most; who fits at the end of none of them then has to be put in between. */
const MOST_LISTS = 8

/** Something with a time at which it is due. Its links live in it, so that adding it allocates nothing; they are `undefined` while it is in no list. */
export interface Due {
  /** Monotonic, in ms. */
  readonly dueAt: number
  previous: Due | undefined
  next: Due | undefined
}

/** The end of a list, which goes round: after it comes the first item, before it the last. Nothing is due before it, so that whoever walks back stops there. */
class End implements Due {
  readonly dueAt = -Infinity
  previous: Due = this
  next: Due = this
}

/**
 * What is due, in a few lists that are each sorted. What comes is put at the end of the first list it fits (patience sorting, with a bound on the
 * piles). Limits of one length come in order and so share a list: with no more lengths than lists, neither adding nor taking out depends on how many
 * limits there are.
 */
export class DueLists<Item extends Due> {
  readonly #ends: End[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The one that is due first. */
  get first(): Item | undefined {
    let first: Due | undefined
    for (const end of this.#ends) {
      if (end.next !== end && (first === undefined || end.next.dueAt < first.dueAt)) first = end.next
    }
    return first as Item | undefined
  }

  has(item: Item): boolean {
    return item.next !== undefined
  }

  /** Adds an item that is in no list. */
  add(item: Item): void {
    let before = this.#endFor(item).previous
    while (before.dueAt > item.dueAt) before = before.previous as Due
    const after = before.next as Due
    item.previous = before
    item.next = after
    before.next = item
    after.previous = item
    this.#size += 1
  }

  /** Takes out an item that is in one of the lists. */
  remove(item: Item): void {
    const before = item.previous as Due
    const after = item.next as Due
    before.next = after
    after.previous = before
    item.previous = undefined
    item.next = undefined
    this.#size -= 1
  }

  #endFor({ dueAt }: Item): End {
    for (const end of this.#ends) if (end.previous.dueAt <= dueAt) return end
    const last = this.#ends[MOST_LISTS - 1]
    if (last !== undefined) return last
    const end = new End()
    this.#ends.push(end)
    return end
  }
}

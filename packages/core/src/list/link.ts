/**
 * A place in a circular list. A list is a link without an item: `next.item` is its first item and `previous.item` its
 * last, both `undefined` when it is empty. Joining and leaving cost the same however long the list is.
 */
export class Link<Item> {
  readonly item: Item | undefined
  next: Link<Item> = this
  previous: Link<Item> = this

  constructor(item?: Item) {
    this.item = item
  }

  /** Whether it is in a list, or, for a list, whether it has items. */
  get joined(): boolean {
    return this.next !== this
  }

  /** Becomes the last of a list; it must not be in one. */
  join(list: Link<Item>): void {
    this.next = list
    this.previous = list.previous
    list.previous.next = this
    list.previous = this
  }

  /** Leaves its list; does nothing when it is in none. */
  leave(): void {
    this.previous.next = this.next
    this.next.previous = this.previous
    this.next = this
    this.previous = this
  }
}

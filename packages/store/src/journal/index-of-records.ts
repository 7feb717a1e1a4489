import type { Entry, Location } from './segment.ts'

/** What of the files is still needed: the records that wait, and the latest marks. No data; that stays on the disk. */
export class RecordIndex {
  /** By number, in order. */
  readonly pending: Map<number, Entry> = new Map()
  /** By scope, the oldest first. */
  readonly #remembered = new Map<string, Entry>()
  readonly #byScope = new Map<string, Entry>()
  readonly #rememberedKeys: number
  pendingBytes = 0
  rememberedBytes = 0

  constructor(rememberedKeys: number) {
    this.#rememberedKeys = rememberedKeys
  }

  get remembered(): number {
    return this.#remembered.size
  }

  find(scope: string): Entry | undefined {
    return this.#byScope.get(scope)
  }

  /** A record is on the disk. */
  add(entry: Entry): void {
    this.pending.set(entry.sequence, entry)
    this.#byScope.set(entry.scope, entry)
    this.pendingBytes += entry.length
    entry.segment.live.add(entry)
  }

  /** Its mark is on the disk, there. */
  complete(entry: Entry, mark: Location): void {
    this.drop(entry)
    this.remember({ sequence: entry.sequence, scope: entry.scope, check: entry.check, ...mark })
  }

  /** The newest of the marks. One whose key a waiting record has is not needed. */
  remember(mark: Entry): void {
    const before = this.#byScope.get(mark.scope)
    if (this.#rememberedKeys === 0 || (before !== undefined && this.#remembered.get(mark.scope) !== before)) return
    if (before !== undefined) this.drop(before)
    this.#remembered.set(mark.scope, mark)
    this.#byScope.set(mark.scope, mark)
    this.rememberedBytes += mark.length
    mark.segment.live.add(mark)
    for (const oldest of this.#remembered.values()) {
      if (this.#remembered.size <= this.#rememberedKeys) return
      this.drop(oldest)
    }
  }

  /** It is not needed any more. */
  drop(entry: Entry): void {
    entry.segment.live.delete(entry)
    if (this.#byScope.get(entry.scope) === entry) this.#byScope.delete(entry.scope)
    if (this.pending.get(entry.sequence) === entry) {
      this.pending.delete(entry.sequence)
      this.pendingBytes -= entry.length
    } else if (this.#remembered.get(entry.scope) === entry) {
      this.#remembered.delete(entry.scope)
      this.rememberedBytes -= entry.length
    }
  }

  /** The same line is at another place now. */
  move(entry: Entry, { segment, offset, length }: Location): void {
    if (this.pending.get(entry.sequence) === entry) this.pendingBytes += length - entry.length
    else this.rememberedBytes += length - entry.length
    entry.segment.live.delete(entry)
    entry.segment = segment
    entry.offset = offset
    entry.length = length
    segment.live.add(entry)
  }
}

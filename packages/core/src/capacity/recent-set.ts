/**
 * A set of at most `max` words, which forgets those that were not asked for lately: in two generations, so that nothing
 * is ever searched.
 */
export class RecentSet {
  readonly #max: number
  #recent = new Set<string>()
  #older = new Set<string>()

  constructor(max: number) {
    this.#max = max
  }

  has(word: string): boolean {
    if (this.#recent.has(word)) return true
    if (!this.#older.delete(word)) return false
    this.add(word)
    return true
  }

  add(word: string): void {
    this.#recent.add(word)
    if (this.#recent.size * 2 <= this.#max) return
    this.#older = this.#recent
    this.#recent = new Set([word])
    this.#older.delete(word)
  }

  delete(word: string): void {
    this.#recent.delete(word)
    this.#older.delete(word)
  }

  clear(): void {
    this.#recent.clear()
    this.#older.clear()
  }
}

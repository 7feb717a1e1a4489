import type { WindowCounts } from './rolling-window.ts'

type Counted = 'success' | 'failure' | 'slow'

/** The last `size` calls by how they went, whenever that was. */
export class CountWindow {
  readonly #size: number
  readonly #calls: Counted[] = []
  #next = 0
  #failures = 0
  #slow = 0

  constructor(size: number) {
    this.#size = size
  }

  add(outcome: Counted): void {
    this.#tally(this.#calls[this.#next], -1)
    this.#calls[this.#next] = outcome
    this.#tally(outcome, 1)
    this.#next = (this.#next + 1) % this.#size
  }

  counts(): WindowCounts {
    return { calls: this.#calls.length, failures: this.#failures, slow: this.#slow }
  }

  #tally(outcome: Counted | undefined, by: number): void {
    if (outcome === 'failure') this.#failures += by
    else if (outcome === 'slow') this.#slow += by
  }
}

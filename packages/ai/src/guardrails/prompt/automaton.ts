const ROOT = 0
const NOBODY = -1

/**
 * For each letter of the guarded text, how long a part of it that ends with this letter must be to count. Infinity: none does.
 */
export interface Marks {
  /** To be held back. */
  readonly hold: readonly number[]
  /** To be a leak, because it is so long. */
  readonly passage: readonly number[]
  /** To be a leak, because it is a word that must not come out. */
  readonly canary: readonly number[]
}

/** Follows one reading of a text along the guarded one. */
export interface Cursor {
  /** The next letter. */
  next(letter: number): void
  /** How many of the latest letters stand in the guarded text in a row. */
  readonly length: number
  readonly holds: boolean
  readonly leak: 'passage' | 'canary' | undefined
  reset(): void
}

/** A text of which no long part may be told. */
export interface GuardedLetters {
  cursor(): Cursor
}

/**
 * A suffix automaton (Blumer et al., "The smallest automaton recognizing the subwords of a text", 1985): for each letter that is read it
 * knows the longest part of the guarded text that ends with it, in constant time on average and in memory that grows with the guarded text only.
 * Every state also knows the smallest of the marks of all places its strings end at, so that a repeated passage is judged by the strictest.
 */
export function guardLetters(letters: string, marks: Marks): GuardedLetters {
  const most = 2 * letters.length + 1
  const length = new Int32Array(most)
  const link = new Int32Array(most).fill(NOBODY)
  const needs = { hold: infinite(most), passage: infinite(most), canary: infinite(most) }
  const edges = new Edges(3 * letters.length + 8)
  let states = 1
  let last = ROOT
  for (let index = 0; index < letters.length; index += 1) {
    const letter = letters.charCodeAt(index)
    const current = states
    states += 1
    length[current] = length[last]! + 1
    needs.hold[current] = marks.hold[index]!
    needs.passage[current] = marks.passage[index]!
    needs.canary[current] = marks.canary[index]!
    let from = last
    while (from !== NOBODY && edges.get(from, letter) === NOBODY) {
      edges.set(from, letter, current)
      from = link[from]!
    }
    if (from === NOBODY) link[current] = ROOT
    else {
      const to = edges.get(from, letter)
      if (length[from]! + 1 === length[to]!) link[current] = to
      else {
        const clone = states
        states += 1
        length[clone] = length[from]! + 1
        edges.copy(to, clone)
        link[clone] = link[to]!
        while (from !== NOBODY && edges.get(from, letter) === to) {
          edges.set(from, letter, clone)
          from = link[from]!
        }
        link[to] = link[current] = clone
      }
    }
    last = current
  }
  spread(states, length, link, needs)
  return { cursor: () => new Reading(edges, length, link, needs) }
}

type Needs = Readonly<Record<keyof Marks, Float64Array>>

function infinite(size: number): Float64Array {
  return new Float64Array(size).fill(Infinity)
}

/**
 * What ends at a state's places ends at those of its suffix, too: the marks go up from the longest to the shortest. And what a suffix reaches
 * by itself the longer match reaches with it: then they go down again.
 */
function spread(states: number, length: Int32Array, link: Int32Array, needs: Needs): void {
  const all = [needs.hold, needs.passage, needs.canary]
  const order = Array.from({ length: states }, (_, state) => state).sort((a, b) => length[b]! - length[a]!)
  for (const state of order) {
    const parent = link[state]!
    if (parent === NOBODY) continue
    for (const need of all) need[parent] = Math.min(need[parent]!, need[state]!)
  }
  for (const state of order.toReversed()) {
    const parent = link[state]!
    if (parent === NOBODY) continue
    for (const need of all) if (need[parent]! <= length[parent]!) need[state] = Math.min(need[state]!, need[parent]!)
  }
}

class Reading implements Cursor {
  readonly #edges: Edges
  readonly #length: Int32Array
  readonly #link: Int32Array
  readonly #needs: Needs
  #state: number = ROOT
  #matched: number = 0

  constructor(edges: Edges, length: Int32Array, link: Int32Array, needs: Needs) {
    this.#edges = edges
    this.#length = length
    this.#link = link
    this.#needs = needs
  }

  get length(): number {
    return this.#matched
  }

  get holds(): boolean {
    return this.#matched >= this.#needs.hold[this.#state]!
  }

  get leak(): 'passage' | 'canary' | undefined {
    if (this.#matched >= this.#needs.canary[this.#state]!) return 'canary'
    return this.#matched >= this.#needs.passage[this.#state]! ? 'passage' : undefined
  }

  next(letter: number): void {
    let to = this.#edges.get(this.#state, letter)
    while (to === NOBODY && this.#state !== ROOT) {
      this.#state = this.#link[this.#state]!
      this.#matched = this.#length[this.#state]!
      to = this.#edges.get(this.#state, letter)
    }
    if (to === NOBODY) return
    this.#state = to
    this.#matched += 1
  }

  reset(): void {
    this.#state = ROOT
    this.#matched = 0
  }
}

/** Where each letter leads from each state: a hash table of open addressing, and a list of the letters of each state. */
class Edges {
  readonly #mask: number
  readonly #states: Int32Array
  readonly #letters: Int32Array
  readonly #targets: Int32Array
  readonly #lists: number[][] = []

  constructor(most: number) {
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(16, most * 2)))
    this.#mask = capacity - 1
    this.#states = new Int32Array(capacity).fill(NOBODY)
    this.#letters = new Int32Array(capacity)
    this.#targets = new Int32Array(capacity)
  }

  get(state: number, letter: number): number {
    const slot = this.#slot(state, letter)
    return this.#states[slot] === NOBODY ? NOBODY : this.#targets[slot]!
  }

  set(state: number, letter: number, target: number): void {
    const slot = this.#slot(state, letter)
    if (this.#states[slot] === NOBODY) {
      this.#states[slot] = state
      this.#letters[slot] = letter
      ;(this.#lists[state] ??= []).push(letter)
    }
    this.#targets[slot] = target
  }

  copy(from: number, to: number): void {
    for (const letter of this.#lists[from] ?? []) this.set(to, letter, this.get(from, letter))
  }

  #slot(state: number, letter: number): number {
    let slot = (Math.imul(state, 0x9e3779b1) ^ Math.imul(letter, 0x85ebca6b)) >>> 0
    slot = (slot ^ (slot >>> 15)) & this.#mask
    while (this.#states[slot] !== NOBODY && (this.#states[slot] !== state || this.#letters[slot] !== letter)) {
      slot = (slot + 1) & this.#mask
    }
    return slot
  }
}

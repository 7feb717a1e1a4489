/** A stream of numbers that is the same for the same seed. */
export interface SeededRandom {
  /** From 0 up to, not including, 1. */
  next(): number
  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number
  /** One of the list. */
  pick<T>(list: readonly T[]): T
  /** True in that share of the cases. */
  chance(share: number): boolean
}

/** mulberry32 by Tommy Ettinger (public domain): 32 bits of state, good enough for made-up data. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    next,
    between: (min, max) => min + Math.floor(next() * (max - min + 1)),
    pick: (list) => list[Math.floor(next() * list.length)]!,
    chance: (share) => next() < share,
  }
}

/** A number from 0 up to, not including, 1 that depends on the words alone: for facts that must not change between calls. */
export function fate(...words: readonly (string | number)[]): number {
  let hash = 0x811c9dc5
  for (const character of words.join('\n')) {
    hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193)
  }
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x2c1b3c6d)
  hash ^= hash >>> 12
  return (hash >>> 0) / 4_294_967_296
}

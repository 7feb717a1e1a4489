import { describe, expect, it } from 'vitest'
import { RecentSet } from './recent-set.ts'

describe('a set of recent words', () => {
  it('keeps what is asked for, and forgets the rest', () => {
    const words = new RecentSet(10)
    words.add('kept')
    words.add('left')
    for (let index = 0; index < 100; index++) {
      words.add(`word ${index}`)
      expect(words.has('kept')).toBe(true)
      expect(words.has(`word ${Math.max(0, index - 1)}`)).toBe(true)
    }
    expect(words.has('left')).toBe(false)
  })

  it('never holds more than it may', () => {
    for (const max of [2, 3, 10, 11]) {
      const words = new RecentSet(max)
      const all = Array.from({ length: 50 }, (_, index) => `word ${index}`)
      for (const word of all) words.add(word)
      // The newest first, and each once: what is asked for may push others out.
      const held = all.toReversed().filter((word) => words.has(word))
      expect(held.length).toBeLessThanOrEqual(max)
      expect(held.length).toBeGreaterThanOrEqual(max / 2)
    }
  })

  it('forgets a word, or all of them, when told to', () => {
    const words = new RecentSet(4)
    for (const word of ['a', 'b', 'c']) words.add(word)
    words.delete('a')
    words.delete('c')
    expect(['a', 'b', 'c'].map((word) => words.has(word))).toEqual([false, true, false])
    words.clear()
    expect(words.has('b')).toBe(false)
  })
})
